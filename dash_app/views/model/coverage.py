"""How many outcomes of each month are known, and how many decisions wait for theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.text.formats import format_number, format_probability
from dash_app.components.marks import notice
from dash_app.i18n import _, language
from dash_app.views.comparison.table import plain
from dash_app.views.drift.parts import month
from dash_app.views.model import figures
from dash_app.views.model.parts import drawn, facts

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.contract.record.outcomes import MonthCoverage, OutcomeCoverage
    from dash_app.shell.theme import Theme


def section(answer: OutcomeCoverage, theme: Theme) -> list[Component]:
    """The figures in all, then by month."""
    if not answer.decisions:
        return [
            notice(
                _("Nothing has been decided yet."),
                _("As soon as applications are decided, this says of how many the outcome is known."),
                tone="plain",
            )
        ]
    rows: list[tuple[str, str | Component]] = [
        (_("Decisions on record"), _count(answer.decisions)),
        (_("Outcome known"), _count(answer.with_outcome)),
        (_("Wait for their outcome"), _count(answer.waiting)),
        (_("Refused, without outcome"), _count(answer.refused)),
    ]
    keys = [("known", _("outcome known")), ("awaited", _("outcome awaited")), ("refused", _("refused, no outcome"))]
    return [
        facts(rows),
        drawn(keys, figures.by_month(answer.months, theme), figures.alternative(answer.months)),
        table(answer.months),
    ]


def table(months: list[MonthCoverage]) -> Component:
    """Each month of decision, oldest first."""
    heads = (
        _("Month of decision"),
        _("Decisions"),
        _("Outcome known"),
        _("Awaited"),
        _("Refused, without outcome"),
        _("Known of those due"),
    )
    rows = [
        (
            month(each.month),
            _count(each.decisions),
            _count(each.with_outcome),
            _count(each.waiting),
            _count(each.refused),
            _known(each),
        )
        for each in months
    ]
    return plain(_("Coverage of outcomes by month of decision"), heads, rows)


def _known(of: MonthCoverage) -> str:
    due = of.with_outcome + of.waiting
    return format_probability(of.with_outcome / due, language()) if due else "–"


def _count(value: int) -> str:
    return format_number(value, language())
