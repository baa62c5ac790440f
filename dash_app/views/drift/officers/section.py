"""What officers decide otherwise than the model, and whether that was right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dash import html

from core.catalogue.concepts import concepts
from core.text.formats import format_number, format_probability
from dash_app.i18n import _, language, mark, plural, translated
from dash_app.views.comparison.table import plain
from dash_app.views.drift.officers.alarms import alarm
from dash_app.views.drift.parts import month
from dash_app.views.drift.values import segment, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from core.contract.record.overrides import OverrideChecks, OverrideDimension, OverrideGroup, Verdict
    from core.contract.record.performance import PerformanceAnswer

# The tables: what each is called, and the dimensions whose groups it lists.
_tables: Final[tuple[tuple[str, tuple[OverrideDimension, ...]], ...]] = (
    (mark("By month"), ("all", "month")),
    (mark("By officer"), ("officer",)),
    (mark("By segment of the applicants"), ("contract_type", "income_type", "age_band", "gender")),
    (mark("By the model’s first reason"), ("model_reason",)),
    (mark("By reason of the officer, as it was written"), ("reason",)),
)
_verdicts: Final[dict[Verdict, str]] = {
    "right": mark("To accept them was cheaper than to refuse them."),
    "wrong": mark("To refuse them would have been cheaper."),
    "open": mark("Whether it was right to accept them, the outcomes do not tell yet."),
}


def section(answer: PerformanceAnswer) -> list[Component]:
    """How often officers decide otherwise than the model, and what is to be looked at; nothing where none decided."""
    if not answer.overrides:
        return []
    whole, checks = answer.overrides[0], answer.override_checks
    words = plural(
        "Officers decided on {count} application, on {overrides} of them otherwise than the model: {rate}.",
        "Officers decided on {count} applications, on {overrides} of them otherwise than the model: {rate}.",
        whole.decisions,
        count=_count(whole.decisions),
        overrides=_count(whole.overrides),
        rate=within(whole.rate, whole.rate_low, whole.rate_high),
    )
    said = [html.Li(sentence) for sentence in sentences(whole, checks)] if checks else []
    banner = [*_period(checks), *(alarm(found) for found in checks.alarms)] if checks else []
    notes = [html.Ul(said, className="drift-notes")] if said else []
    return [html.H3(_("Officers and the model")), html.P(words), *banner, *notes, *tables(answer.overrides, checks)]


def _period(checks: OverrideChecks) -> list[Component]:
    """Since when decisions are looked at for what stands out."""
    if checks.since is None or not (checks.alarms or checks.officers_tested + checks.groups_tested):
        return []
    return [html.P(_("What stands out is looked for in the decisions since {month}.", month=month(checks.since)))]


def sentences(whole: OverrideGroup, checks: OverrideChecks) -> list[str]:
    """What outcomes say of those accepted against the model, what nobody knows, and what was tested in vain."""
    said = []
    if whole.accepted:
        said.append(_accepted(whole, checks))
    if whole.refused:
        said.append(
            plural(
                "They refused {count} applicant whom the model accepts; how that would have ended, nobody knows.",
                "They refused {count} applicants whom the model accepts; how that would have ended, nobody knows.",
                whole.refused,
                count=_count(whole.refused),
            )
        )
    tested = checks.officers_tested + checks.groups_tested
    if tested and not checks.alarms:
        said.append(_of_tests(checks))
    return said


def tables(groups: Sequence[OverrideGroup], checks: OverrideChecks | None) -> list[Component]:
    """The groups with their figures, by what they are groups of; those that nobody is in are left out."""
    shown: list[Component] = []
    for title, dimensions in _tables:
        rows = [_row(group, groups[0]) for dimension in dimensions for group in groups if group.dimension == dimension]
        if dimensions == ("officer",) and checks and checks.officers_with_few:
            rows.append(_of_few(checks))
        if rows:
            heads = _heads(_("Share of all overrides") if dimensions == ("reason",) else _("Against the model"))
            table = plain(translated(title), heads, rows)
            shown.append(html.Details([html.Summary(translated(title)), table], className="past-table"))
    return shown


def name(group: OverrideGroup) -> str:
    """What a group is called."""
    if group.dimension == "all":
        return _("all decisions")
    if group.dimension == "month":
        return month(group.value)
    if group.dimension == "model_reason":
        known = concepts().get(group.value)
        return known.label(language()) if known else group.value
    return group.value if group.dimension in ("officer", "reason") else segment(group.dimension, group.value)


def _accepted(whole: OverrideGroup, checks: OverrideChecks) -> str:
    words = plural(
        "They accepted {count} applicant whom the model refuses.",
        "They accepted {count} applicants whom the model refuses.",
        whole.accepted,
        count=_count(whole.accepted),
    )
    verdict = checks.verdict(whole)
    if verdict is None or whole.paid_rate is None or whole.paid_rate_low is None or whole.paid_rate_high is None:
        unknown = _("Too few outcomes of these are known to say whether that was right.")
        return f"{words} {unknown}"
    paid = _(
        "Of {known} from months whose outcomes are in, {rate} paid; accepting costs less from {even} on.",
        known=_count(whole.paid_known),
        rate=within(whole.paid_rate, whole.paid_rate_low, whole.paid_rate_high),
        even=_rate(checks.break_even_paid),
    )
    return f"{words} {paid} {translated(_verdicts[verdict])}"


def _of_tests(checks: OverrideChecks) -> str:
    """That nothing was found, and among how many it was looked for."""
    return _(
        "Nobody stands out who agrees with everything, and no group that is overruled more than another. Tested: "
        "{officers}, {groups}.",
        officers=plural(
            "{count} officer", "{count} officers", checks.officers_tested, count=_count(checks.officers_tested)
        ),
        groups=plural(
            "{count} comparison of groups",
            "{count} comparisons of groups",
            checks.groups_tested,
            count=_count(checks.groups_tested),
        ),
    )


def _row(group: OverrideGroup, whole: OverrideGroup) -> tuple[Any, ...]:
    if group.dimension == "reason":
        rate = f"{_count(group.overrides)} ({_rate(group.overrides / whole.overrides)})"
    else:
        rate = _few() if group.few else within(group.rate, group.rate_low, group.rate_high)
    return name(group), _count(group.decisions), rate, _count(group.accepted), _paid(group)


def _heads(against: str) -> tuple[str, ...]:
    return (_("Decisions of officers"), _("Decided by them"), against, _("Accepted against it"), _("Of these paid"))


def _paid(group: OverrideGroup) -> str:
    if group.paid_rate is None or group.paid_rate_low is None or group.paid_rate_high is None:
        return _few() if group.accepted else "–"
    return within(group.paid_rate, group.paid_rate_low, group.paid_rate_high)


def _of_few(checks: OverrideChecks) -> tuple[str, ...]:
    officers = plural(
        "{count} officer with fewer than 20 decisions",
        "{count} officers with fewer than 20 decisions each",
        checks.officers_with_few,
        count=_count(checks.officers_with_few),
    )
    return officers, _count(checks.decisions_of_few), _few(), "–", "–"


def _few() -> str:
    return _("too few")


def _rate(value: float) -> str:
    return format_probability(value, language())


def _count(value: int) -> str:
    return format_number(value, language())
