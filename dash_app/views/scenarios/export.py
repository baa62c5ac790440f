"""The comparison of scenarios as files: CSV and Excel, numbers as plain numbers."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final, Literal

from core.batch.rejections import no_formula
from dash_app.i18n import _
from dash_app.views.comparison.export import download
from dash_app.views.scenarios import definitions, rule_words, stored_run, text
from dash_app.views.scenarios.text import accepted_share

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.scenarios.outcomes import DecisionOutcome
    from core.scenarios.rules import Rule
    from dash_app.service.scenarios import TrialView
    from dash_app.views.scenarios.definitions import SavedScenario

Cell = str | float | int | None

# So that Excel takes the file for what it is.
_byte_order_mark: Final = "\ufeff"
_widest: Final = 60


def asked(kind: Literal["csv", "xlsx"], data: Mapping[str, Any], scenarios: Iterable[SavedScenario]) -> dict[str, Any]:
    """The comparison that the browser holds, for `dcc.Download`.

    Args:
        scenarios: those that are kept, for what each changes.
    """
    view, rules = stored_run.read(data), {each.key: each.rules for each in scenarios}
    changes = [rules.get(key, ()) for key in data["keys"]]
    content = xlsx_file(view, changes) if kind == "xlsx" else csv_file(view, changes)
    return download(content, _named(kind))


def definitions_file(scenarios: Iterable[SavedScenario]) -> dict[str, Any]:
    """The scenarios themselves as JSON, for `dcc.Download`."""
    return download(definitions.to_file(scenarios).encode(), _named("json"))


def csv_file(view: TrialView, changes: Sequence[Sequence[Rule]]) -> bytes:
    """The comparison as CSV: UTF-8, commas between, points in numbers; no cell is taken for a formula."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([[_safe(each) for each in row] for row in rows(view, changes)])
    return (_byte_order_mark + out.getvalue()).encode()


def xlsx_file(view: TrialView, changes: Sequence[Sequence[Rule]]) -> bytes:
    """The comparison as an Excel workbook: one sheet with it, one that says on whom it was tried."""
    import xlsxwriter  # type: ignore[import-untyped]  # only where a reader exports

    out = io.BytesIO()
    # Text stays text: neither formulas nor links are made of what a cell says.
    with xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    ) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        sheet = book.add_worksheet(_("Scenarios")[:31])
        table = rows(view, changes)
        for place, row in enumerate(table):
            sheet.write_row(place, 0, [_safe(each) for each in row], bold if place == 0 else None)
        for column, cells in enumerate(zip(*table, strict=True)):
            width = max(len(str(each)) for each in cells[1:])
            sheet.set_column(column, column, min(max(width, 12) + 2, _widest))
        sheet.freeze_panes(1, 1)
        about = book.add_worksheet(_("Simulated on"))
        for place, line in enumerate(text.population(view.population)):
            about.write_string(place, 0, str(_safe(line)))
        about.set_column(0, 0, 100)
    return out.getvalue()


def rows(view: TrialView, changes: Sequence[Sequence[Rule]]) -> list[list[Cell]]:
    """A header, things as they are, then a row for each scenario; shares and risks from 0 to 1, costs for one.

    Args:
        changes: the rules of each scenario, in the order of the view.
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
    unchanged: list[Cell] = [_("No change"), "", *_numbers(view.outcome, view.population.mean_probability), 0, 0, 0]
    found: list[list[Cell]] = [
        [
            each.name,
            rule_words.sentences(rules),
            *_numbers(each.outcome, each.mean_probability),
            each.become_refused,
            each.become_accepted,
            each.touched,
        ]
        for each, rules in zip(view.scenarios, changes, strict=True)
    ]
    return [header, unchanged, *found]


def _named(kind: str) -> str:
    return _("scenarios") + f".{kind}"


def _numbers(of: DecisionOutcome, mean: float) -> list[Cell]:
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
