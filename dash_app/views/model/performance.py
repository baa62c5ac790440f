"""Back-testing, challenger and officers in short: the figures and the way to the page that shows them in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from core.text.formats import format_number, format_probability
from dash_app import addresses
from dash_app.components.marks import notice
from dash_app.i18n import _, language, plural
from dash_app.views.drift import challenger as of_challenger
from dash_app.views.drift import outcomes
from dash_app.views.drift.waiting import estimate
from dash_app.views.model.parts import drawn, facts, more, sentences

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.contract.record.challenger import ChallengerComparison
    from core.contract.record.overrides import OverrideGroup
    from core.contract.record.performance import PerformanceAnswer
    from dash_app.shell.theme import Theme


def section(answer: PerformanceAnswer, theme: Theme) -> list[Component]:
    """How good the decisions were whose outcome is known."""
    whole = answer.whole
    if whole is None:
        waiting = plural(
            "{count} decision waits for its outcome.",
            "{count} decisions wait for their outcome.",
            answer.waiting,
            count=format_number(answer.waiting, language()),
        )
        how = _("Import them: python3 run.py outcomes import FILE. To try it: python3 run.py data traffic.")
        nothing = notice(_("No outcome is known yet."), f"{waiting} {how}", tone="plain")
        return [nothing, *estimate.section(answer.estimate)]
    months = [group for group in answer.groups if group.dimension == "month"]
    keys = [("observed", _("observed, with its 95% interval")), ("predicted", _("predicted"))]
    return [
        html.P(_("Figures of all versions of the model on record, not only of the one in use.")),
        facts(outcomes.facts(answer, whole)),
        *sentences(outcomes.sayings(answer)),
        drawn(keys, outcomes.by_month(months, theme), outcomes.alternative(months)),
        outcomes.table([whole, *months]),
        *estimate.section(answer.estimate),
        more(_("By version, decider and segment: the Drift page"), addresses.of_outcomes()),
    ]


def challenger(compared: ChallengerComparison | None) -> list[Component]:
    """The challenger last asked, beside the version that decided then."""
    if compared is None:
        return [
            notice(
                _("No challenger was asked."),
                _("CHALLENGER_URI names a model that is asked of each application in shadow."),
                tone="plain",
            )
        ]
    versions = _(
        "Version {challenger} beside version {champion}, on {count} applications.",
        challenger=compared.challenger_version,
        champion=compared.champion_version,
        count=format_number(compared.applications, language()),
    )
    return [
        html.P(versions),
        facts(of_challenger.facts(compared)),
        *sentences(of_challenger.said(compared)),
        more(_("Distribution of both scores: the Drift page"), addresses.of_outcomes()),
    ]


def officers(groups: list[OverrideGroup]) -> list[Component]:
    """How often officers decide otherwise than the model."""
    if not groups:
        nothing = _("As soon as somebody records a final decision, this says how often it is not the model’s.")
        return [notice(_("No officer has decided yet."), nothing, tone="plain")]
    whole = groups[0]
    # Whether that is chance, the check says; of few decisions it is.
    agreeing = sum(group.dimension == "officer" and not group.few and not group.overrides for group in groups)
    rate = _(
        "{rate}, 95%: {low} to {high}",
        rate=_rate(whole.rate),
        low=_rate(whole.rate_low),
        high=_rate(whole.rate_high),
    )
    confirming = _("{count}, of all decisions on record", count=format_number(agreeing, language()))
    known = _(
        "{defaults} of the {known} whose outcome is known",
        defaults=format_number(whole.accepted_defaults, language()),
        known=format_number(whole.accepted_known, language()),
    )
    return [
        facts(
            [
                (_("Decided by officers"), format_number(whole.decisions, language())),
                (_("Otherwise than the model"), rate),
                (_("Accepted against the model"), format_number(whole.accepted, language())),
                (_("Of these defaulted"), known),
                (_("Officers who confirm everything"), confirming),
            ]
        ),
        more(_("By month, officer and reason: the Drift page"), addresses.of_outcomes()),
    ]


def _rate(value: float) -> str:
    return format_probability(value, language())
