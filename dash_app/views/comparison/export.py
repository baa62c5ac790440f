"""The statistics of a comparison as files: CSV and Excel, numbers as plain numbers."""

from __future__ import annotations

import base64
import csv
import io
from typing import TYPE_CHECKING, Final

from core.batch.rejections import no_formula
from core.comparison.comparison_columns import axis
from core.comparison.placing import NumberComparison
from dash_app.i18n import _
from dash_app.views.comparison.text import decision, population
from dash_app.views.comparison.values import label, written
from dash_app.words import verdict

if TYPE_CHECKING:
    from core.comparison.placing import CategoryComparison
    from dash_app.service import ComparisonView

Cell = str | float | int | None

# So that Excel takes the file for what it is.
_byte_order_mark: Final = "\ufeff"
_widest: Final = 44


def csv_file(view: ComparisonView) -> bytes:
    """The statistics as CSV: UTF-8, commas between, points in numbers; no cell is taken for a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerows([[_safe(each) for each in row] for row in rows(view)])
    return (_byte_order_mark + out.getvalue()).encode()


def xlsx_file(view: ComparisonView) -> bytes:
    """The statistics as an Excel workbook: one sheet with them, one that says who is compared with whom."""
    import xlsxwriter  # type: ignore[import-untyped]  # only where a reader exports

    out = io.BytesIO()
    # Text stays text: neither formulas nor links are made of what a cell says.
    with xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    ) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        sheet = book.add_worksheet(_("Comparison")[:31])
        table = rows(view)
        for place, row in enumerate(table):
            sheet.write_row(place, 0, [_safe(each) for each in row], bold if place == 0 else None)
        for column, cells in enumerate(zip(*table, strict=True)):
            width = max(len(str(each)) for each in cells[1:]) if len(table) > 1 else 0
            sheet.set_column(column, column, min(max(width, 12) + 2, _widest))
        sheet.freeze_panes(1, 1)
        about = book.add_worksheet(_("Clients compared")[:31])
        for place, line in enumerate((population(view), view.peers.text, decision(view))):
            about.write_string(place, 0, str(_safe(line)))
        about.set_column(0, 0, 100)
    return out.getvalue()


def download(content: bytes, filename: str) -> dict[str, str | bool]:
    """A file as `dcc.Download` takes it."""
    return {"content": base64.b64encode(content).decode(), "filename": filename, "base64": True}


def rows(view: ComparisonView) -> list[list[Cell]]:
    """A header, then one row for each column or feature; shares and percentiles from 0 to 1.

    The decisions on the client are the same in each row, so that the file stays one table.
    """
    both = view.against is not None
    header: list[Cell] = [
        _("Column"),
        _("Variable"),
        _("Unit"),
        _("Client {number}", number=view.client_id),
        _("Percentile"),
        *([_("Client {number}", number=view.against), _("Percentile of the other")] if both else []),
        _("Clients"),
        _("Mean"),
        _("5% have less"),
        _("25% have less"),
        _("Median"),
        _("25% have more"),
        _("5% have more"),
        _("Most frequent"),
        _("Missing"),
        _("Decision of the model"),
        _("Final decision"),
        _("Decided by"),
        _("Decided on"),
    ]
    decided = _decided(view)
    others = {each.name: each for each in view.places}
    found = []
    for each in view.features:
        other = others.get(each.name)
        second: list[Cell] = [_value(each.name, other.value), other.percentiles[view.group]] if other else []
        found.append(
            [
                each.name,
                label(each.name),
                axis(each.name).unit,
                _value(each.name, each.value),
                *_told(each, view, second),
                *decided,
            ]
        )
    return [header, *found]


def _decided(view: ComparisonView) -> list[Cell]:
    """What the model says, and what an officer decided last, by whom and when (ISO 8601)."""
    if view.final is None:
        return [verdict(view.decision), None if view.current else _("cannot be read now"), None, None]
    when = view.final.time.isoformat(timespec="seconds")
    return [verdict(view.decision), verdict(view.final.decision), view.final.officer, when]


def _told(each: NumberComparison | CategoryComparison, view: ComparisonView, second: list[Cell]) -> list[Cell]:
    size = view.sizes[view.group]
    if isinstance(each, NumberComparison):
        found = each.spreads[view.group]
        statistics = [found.mean, found.p5, found.p25, found.median, found.p75, found.p95]
        return [found.percentile, *second, size, *statistics, None, found.missing_share]
    counts = dict(zip(each.codes, each.counts[view.group], strict=True))
    missing, total = counts.pop("", 0), sum(each.counts[view.group])
    most = max(counts, key=lambda code: counts[code]) if any(counts.values()) else None
    said = None if most is None else written(each.name, most)
    return [None, *second, size, *[None] * 6, said, missing / total if total else None]


def _value(name: str, value: float | str | None) -> Cell:
    """Numbers as they are; codes as words; nothing where there is none."""
    return written(name, value) if isinstance(value, str) else value


def _safe(cell: Cell) -> Cell:
    safe = no_formula(cell)
    return safe if isinstance(safe, str | float | int) else None
