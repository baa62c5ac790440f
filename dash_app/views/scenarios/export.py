"""The comparison of scenarios as files: CSV and Excel, numbers as plain numbers."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from core.batch.rejections import no_formula
from dash_app.i18n import _
from dash_app.views.scenarios import rule_words, text
from dash_app.views.scenarios.text import accepted_share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.scenarios.outcomes import Outcome
    from dash_app.service.scenarios import TrialView
    from dash_app.views.scenarios.definitions import Kept

Cell = str | float | int | None

# So that Excel takes the file for what it is.
_byte_order_mark: Final = "\ufeff"
_widest: Final = 60


def csv_file(view: TrialView, scenarios: Sequence[Kept]) -> bytes:
    """The comparison as CSV: UTF-8, commas between, points in numbers; no cell is taken for a formula."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([[_safe(each) for each in row] for row in rows(view, scenarios)])
    return (_byte_order_mark + out.getvalue()).encode()


def xlsx_file(view: TrialView, scenarios: Sequence[Kept]) -> bytes:
    """The comparison as an Excel workbook: one sheet with it, one that says on whom it was tried."""
    import xlsxwriter  # type: ignore[import-untyped]  # only where a reader exports

    out = io.BytesIO()
    # Text stays text: neither formulas nor links are made of what a cell says.
    with xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    ) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        sheet = book.add_worksheet(_("Scenarios")[:31])
        table = rows(view, scenarios)
        for place, row in enumerate(table):
            sheet.write_row(place, 0, [_safe(each) for each in row], bold if place == 0 else None)
        for column, cells in enumerate(zip(*table, strict=True)):
            width = max(len(str(each)) for each in cells[1:])
            sheet.set_column(column, column, min(max(width, 12) + 2, _widest))
        sheet.freeze_panes(1, 1)
        about = book.add_worksheet(_("On whom"))
        for place, line in enumerate(text.population(view.population)):
            about.write_string(place, 0, str(_safe(line)))
        about.set_column(0, 0, 100)
    return out.getvalue()


def rows(view: TrialView, scenarios: Sequence[Kept]) -> list[list[Cell]]:
    """A header, things as they are, then a row for each scenario; shares and risks from 0 to 1, costs for one.

    Args:
        scenarios: those that were tried, for what they change.
    """
    header: list[Cell] = [
        _("Scenario"),
        _("What it changes"),
        _("Threshold"),
        _("Applications"),
        _("Applications accepted"),
        _("Acceptance rate"),
        _("Mean risk"),
        _("Expected defaults"),
        _("Expected cost of an application"),
        _("Become refused"),
        _("Become accepted"),
        _("Applications changed"),
    ]
    changes = {each.title: rule_words.sentences(each.rules) for each in scenarios}
    today: list[Cell] = [_("Today"), "", *_numbers(view.outcome, view.population.mean_probability), 0, 0, 0]
    found: list[list[Cell]] = [
        [
            each.name,
            changes.get(each.name, ""),
            *_numbers(each.outcome, each.mean_probability),
            each.become_refused,
            each.become_accepted,
            each.touched,
        ]
        for each in view.scenarios
    ]
    return [header, today, *found]


def _numbers(of: Outcome, mean: float) -> list[Cell]:
    return [
        of.threshold,
        of.accepted + of.refused,
        of.accepted,
        accepted_share(of),
        mean,
        of.expected_defaults,
        of.cost,
    ]


def _safe(cell: Cell) -> Cell:
    safe = no_formula(cell)
    return safe if isinstance(safe, str | float | int) else None
