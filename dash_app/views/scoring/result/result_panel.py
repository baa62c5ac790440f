"""The result side of the Scoring page: the verdict, what a change does, and the reasons on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dash import html

from core import catalogue
from core.catalogue import UnknownEntry
from dash_app.components.marks import aria, data, icon, unseen
from dash_app.i18n import _, language
from dash_app.views.scoring import text
from dash_app.views.scoring.result import information
from dash_app.views.scoring.result.gauge import gauge
from dash_app.words import out_of_hundred, risk, risk_name, threshold, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from core.contract.prediction import FeatureContribution
    from dash_app.service import Assessment
    from dash_app.words import ModelDecision

_reasons_a_side = 5


@dataclass(frozen=True, slots=True)
class ChangedField:
    """One field that was changed: its name, and its value before and after, as sentences show them."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ShownResult:
    """What the page shows of an application.

    Attributes:
        now: the assessment of what the form says.
        before: the decision on the client as known; None where nothing is changed, and for a new application.
    """

    now: Assessment
    before: ModelDecision | None = None
    changes: tuple[ChangedField, ...] = ()


def banner(outcome: ShownResult) -> list[Component]:
    """The verdict in large, the gauge beside it."""
    now, before = outcome.now, outcome.before
    against, share = bool(now.prediction), information.share(now)
    words = html.Div(
        [
            html.Div(
                [
                    html.H2(_("Decision of the model") if before is None else _("Decision after the change")),
                    html.Span([icon("sliders"), html.Span(_("Simulation"))], className="pill", hidden=before is None),
                ],
                className="verdict-top",
            ),
            html.P(
                [icon("x-octagon-fill" if against else "check-circle-fill"), html.Span(verdict(now.decision))],
                className="verdict-word",
            ),
            html.P(text.headline(now), className="verdict-headline"),
            _before(before),
            html.Dl(
                [
                    _fact(_("Distance"), text.distance(now)),
                    _fact(_("Risk"), risk_name(now.risk_category)),
                    *([_fact(_("Known"), share)] if share else []),
                ],
                className="verdict-facts",
            ),
            information.missing_note(now),
            html.P(
                [icon("hdd-network" if outcome.now.source == "api" else "cpu"), text.origin(outcome.now)],
                className="verdict-origin",
            ),
        ],
        className="verdict-words",
    )
    return [html.Div([words, _gauge(now, before)], className=f"verdict-body {'is-against' if against else 'is-for'}")]


def changes(outcome: ShownResult) -> Component | None:
    """What a simulated change does, with the fields that were changed; nothing where none was."""
    if outcome.before is None:
        return None
    rows = [
        html.Li(
            [
                html.Span(change.label, className="change-label"),
                html.Span([unseen(_("before:")), html.Del(change.before)], className="change-before"),
                icon("arrow-right"),
                html.Span([unseen(_("after:")), html.Ins(change.after)], className="change-after"),
            ]
        )
        for change in outcome.changes
    ]
    return html.Section(
        [
            html.H2(_("Simulation")),
            html.P(text.comparison(outcome.now, outcome.before), className="change-effect"),
            html.Ul(rows, className="change-list"),
        ],
        className="card changes",
    )


def live(outcome: ShownResult) -> Component | None:
    """Old against new in one line, which stays in sight of the fields; nothing for a new application."""
    now, before = outcome.now, outcome.before
    against = bool(now.prediction)
    word = html.Span(
        [icon("x-octagon-fill" if against else "check-circle-fill"), html.Span(verdict(now.decision))],
        className=f"tag {'against' if against else 'for'}",
    )
    shown: list[Component] = [html.Strong(risk(now, before))]
    if before is not None:
        old = html.Del([unseen(_("before:")), risk(before, now)])
        shown = [old, icon("arrow-right"), html.Ins([unseen(_("after:")), *shown])]
    return html.P([html.Span(_("Risk of default"), className="live-name"), *shown, word], className="live-line")


def reasons(assessment: Assessment) -> list[Component]:
    """The strongest reasons, those in favour beside those against."""
    strongest = max((abs(reason.contribution) for reason in assessment.top_features), default=0.0)
    favour = [reason for reason in assessment.top_features if reason.contribution < 0]
    against = [reason for reason in assessment.top_features if reason.contribution > 0]
    return [
        _column(_("In favour"), "for", "hand-thumbs-up", favour, strongest),
        _column(_("Against"), "against", "hand-thumbs-down", against, strongest),
    ]


def awaiting(instruction: str) -> list[Component]:
    """In the place of a verdict that nothing is known for yet."""
    return [
        html.Div(
            [icon("file-earmark-plus"), html.P(_("No decision yet"), className="empty-title"), html.P(instruction)],
            className="empty",
        )
    ]


def _fact(name: str, value: str) -> Component:
    return html.Div([html.Dt(name), html.Dd(value)])


def _before(before: ModelDecision | None) -> Component | None:
    if before is None:
        return None
    said = f"{verdict(before.decision)}, {out_of_hundred(before.probability)}"
    return html.P([html.Span(_("Before")), html.Strong(said)], className="verdict-before")


def _gauge(now: ModelDecision, before: ModelDecision | None) -> Component:
    caption = [
        html.Span(className="threshold-mark", **aria(hidden="true")),
        html.Span(_("Threshold: {threshold}", threshold=threshold(now, before))),
    ]
    return html.Figure([gauge(now, before), html.Figcaption(caption)], className="verdict-gauge")


def _column(title: str, tone: str, icon_name: str, reasons: list[FeatureContribution], strongest: float) -> Component:
    families = _families(reasons[:_reasons_a_side])
    body: Any = (
        html.Div([_family(name, members, tone, strongest) for name, members in families], className="reason-families")
        if families
        else html.P(_("Nothing that weighs."), className="muted")
    )
    return html.Div(
        [
            html.H2([icon(icon_name), html.Span(title)], className=f"reason-title {tone}"),
            body,
        ],
        className="card reason-column",
    )


def _families(reasons: Sequence[FeatureContribution]) -> list[tuple[str, list[FeatureContribution]]]:
    """The reasons by family: the family of the strongest first, the reasons within each as they come."""
    families: dict[str, list[FeatureContribution]] = {}
    for reason in reasons:
        families.setdefault(_group(reason.group), []).append(reason)
    return list(families.items())


def _family(name: str, reasons: Sequence[FeatureContribution], tone: str, strongest: float) -> Component:
    listed = html.Ol([_reason(reason, tone, strongest) for reason in reasons], className="reason-list")
    return html.Div([html.H3(name or _("Others"), className="reason-family"), listed])


def _reason(reason: FeatureContribution, tone: str, strongest: float) -> Component:
    share = abs(reason.contribution) / strongest if strongest else 0.0
    bar = html.Span(className=f"reason-bar {tone}", style={"--share": f"{max(share, 0.03):.0%}"}, **aria(hidden="true"))
    summary = [
        html.Span(reason.text, className="reason-text"),
        bar,
        html.Span(text.strength(reason, strongest), className="reason-foot"),
    ]
    explained = [html.Strong(reason.label), html.Span(_help(reason.feature))]
    return html.Li(
        html.Details(
            [html.Summary(summary), html.P(explained, className="reason-help")],
            className="reason",
            **data(key=reason.feature),
        )
    )


def _group(group: str) -> str:
    try:
        return catalogue.group_label(group, language())
    except UnknownEntry:
        # A newer API may know families that this dashboard does not.
        return ""


def _help(feature: str) -> str:
    try:
        return catalogue.entry(feature).help(language())
    except UnknownEntry:
        return ""
