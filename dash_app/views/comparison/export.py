"""The statistics of a comparison as files: CSV and Excel, numbers as plain numbers."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from core.comparison.comparison_columns import axis
from core.contract.clients.comparison import ComparedNumber
from core.exports import csv_text, workbook
from dash_app.i18n import _, language
from dash_app.views.comparison.text import decision, population
from dash_app.views.comparison.values import label, written
from dash_app.words import verdict

if TYPE_CHECKING:
    from core.contract.clients.comparison import ComparedCategory
    from core.exports.workbook import Cell
    from dash_app.service import ComparisonView

_widest: Final = 44


def csv_file(view: ComparisonView) -> bytes:
    """The statistics as CSV, as the spreadsheets of its reader open it."""
    return csv_text.csv_file(rows(view), csv_text.convention_of(language()))


def xlsx_file(view: ComparisonView) -> bytes:
    """The statistics as an Excel workbook: one sheet with them, one that says who is compared with whom."""
    about = [population(view), view.peers.text, decision(view)]
    return workbook.xlsx_file(workbook.Sheet(_("Comparison"), rows(view), _widest), (_("Clients compared"), about))


def download(content: bytes, filename: str) -> dict[str, str | bool]:
    """A file as `dcc.Download` takes it."""
    return {"content": base64.b64encode(content).decode(), "filename": filename, "base64": True}


def rows(view: ComparisonView) -> list[list[Cell]]:
    """A header, then one row for each column or feature; shares and percentiles from 0 to 1.

    The decisions on the client are the same in each row, so that the file stays one table.
    """
    header: list[Cell] = [
        _("Column"),
        _("Variable"),
        _("Unit"),
        _("Client {number}", number=view.client_id),
        _("Percentile"),
        *([_("Client {number}", number=view.against.client_id), _("Percentile of the other")] if view.against else []),
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
    others = {place.name: place for place in view.places}
    lines = []
    for feature in view.features:
        other = others.get(feature.name)
        second: list[Cell] = [_value(feature.name, other.value), other.percentiles[view.group]] if other else []
        lines.append(
            [
                feature.name,
                label(feature.name),
                axis(feature.name).unit,
                _value(feature.name, feature.value),
                *_told(feature, view, second),
                *decided,
            ]
        )
    return [header, *lines]


def _decided(view: ComparisonView) -> list[Cell]:
    """What the model says, and what an officer decided last, by whom and when (ISO 8601)."""
    if view.final_decision is None:
        return [verdict(view.decision), None if view.current_decision else _("cannot be read now"), None, None]
    when = view.final_decision.time.isoformat(timespec="seconds")
    return [verdict(view.decision), verdict(view.final_decision.decision), view.final_decision.officer, when]


def _told(column: ComparedNumber | ComparedCategory, view: ComparisonView, second: list[Cell]) -> list[Cell]:
    size = view.sizes[view.group]
    if isinstance(column, ComparedNumber):
        spread = column.spreads[view.group]
        statistics = [spread.mean, spread.p5, spread.p25, spread.median, spread.p75, spread.p95]
        return [spread.percentile, *second, size, *statistics, None, spread.missing_share]
    counts = dict(zip(column.codes, column.counts[view.group], strict=True))
    missing, total = counts.pop("", 0), sum(column.counts[view.group])
    most = max(counts, key=lambda code: counts[code]) if any(counts.values()) else None
    frequent = None if most is None else written(column.name, most)
    return [None, *second, size, *[None] * 6, frequent, missing / total if total else None]


def _value(name: str, value: float | str | None) -> Cell:
    """Numbers as they are; codes as words; nothing where there is none."""
    return written(name, value) if isinstance(value, str) else value
