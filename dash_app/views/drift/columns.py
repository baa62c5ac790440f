"""The table of the columns, those that drift and that the model leans on first, and what a column opens to."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from dash import html

from core.drift.measures.thresholds import measures
from core.drift.report.labels import bin_label
from core.drift.verdict import measured_level
from dash_app.components.marks import aria, data, notice, unseen
from dash_app.i18n import _, language, plural
from dash_app.views.comparison.table import plain
from dash_app.views.drift import figures, ids, text
from dash_app.views.drift.parts import bar, level_mark, panel
from dash_app.views.drift.values import label, measured, number, p_value, rate, said, value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from dash.development.base_component import Component

    from core.drift.measures.measure import Limits
    from core.drift.measures.thresholds import Thresholds
    from core.drift.results.columns import ColumnDrift, Statistic
    from core.drift.results.drift_report import DriftReport
    from dash_app.shell.theme import Theme

Order = Literal["importance", "weight", "psi", "name", "missing"]
# Each component costs the browser time with every change of the page (dash-renderer asks all of them): never hundreds
# of rows at once.
rows_per_page: Final = 20
# The cells that a narrow screen has room for.
_narrow: Final = 2
orders: Final[tuple[Order, ...]] = ("importance", "weight", "psi", "missing", "name")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which columns, in which order.

    Attributes:
        search: part of a name or label, accents and case aside.
        level: `all`, `drifted` or `major`.
        kind: `all`, `number` or `category`.
        order: `importance`: as the report has them, those that drift first, by the model's weight.
    """

    search: str = ""
    level: str = "drifted"
    kind: str = "all"
    order: Order = "importance"


def chosen(report: DriftReport, column_filter: Wanted) -> list[ColumnDrift]:
    """The columns that are wanted."""
    typed = _plain(column_filter.search.strip())
    columns = [
        column
        for column in report.columns
        if (
            column_filter.level == "all"
            or column.level == "major"
            or (column_filter.level == "drifted" and column.drifted)
        )
        and column_filter.kind in ("all", column.kind)
        and (not typed or typed in _plain(f"{column.name} {label(column.name)}"))
    ]
    keys = {
        "weight": lambda column: -(column.importance or 0.0),
        "psi": lambda column: -column.psi,
        "missing": lambda column: -abs(column.missing.difference),
        "name": lambda column: _plain(label(column.name)),
    }
    return columns if column_filter.order == "importance" else sorted(columns, key=keys[column_filter.order])


def count(columns: Sequence[ColumnDrift], report: DriftReport, page: int = 1) -> str:
    """How many columns are found, and which of them the page shows."""
    said_of_it = plural(
        "{count} column of {total}", "{count} columns of {total}", len(columns), total=len(report.columns)
    )
    if pages(columns) == 1:
        return said_of_it
    first, last = (page - 1) * rows_per_page + 1, min(page * rows_per_page, len(columns))
    return " · ".join([said_of_it, _("{first} to {last}", first=first, last=last)])


def pages(columns: Sequence[ColumnDrift]) -> int:
    """How many pages they fill."""
    return max((len(columns) + rows_per_page - 1) // rows_per_page, 1)


def table(report: DriftReport, column_filter: Wanted, page: int = 1) -> Component:
    """One page of the columns as a table, each with a row below it that it opens to."""
    everything = chosen(report, column_filter)
    if not everything:
        return _nothing(report, column_filter)
    shown = everything[(page - 1) * rows_per_page : page * rows_per_page]
    most = max((column.importance or 0.0 for column in report.columns), default=0.0) or 1.0
    heads = [
        (name, "is-wide" if at > _narrow + 1 else "")
        for at, name in enumerate(("column", "level", "importance", *measures, "p_value"))
    ]
    rows: list[Component] = []
    for column in shown:
        rows += [_row(column, report.thresholds, most), _opened(column.name, len(heads))]
    return html.Div(
        html.Table(
            [
                html.Caption(_("The columns, with how far each has moved"), className="unseen"),
                html.Thead(html.Tr([html.Th(said(name), scope="col", className=look) for name, look in heads])),
                html.Tbody(rows),
            ],
            className="comparison-table drift-table",
        ),
        className="comparison-scroll",
        tabIndex=0,
        role="region",
        **aria(label=_("The columns, with how far each has moved")),
    )


def detail(report: DriftReport, name: str, theme: Theme) -> Component:
    """A column opened: what moved, both distributions, the quantiles, every measure with its limits, the bins."""
    of = report.column(name)
    histogram = of.numbers.histogram if of.numbers else None
    drawn = figures.paired(of, theme) if histogram is None else figures.overlaid(name, histogram, theme)
    keys = [("bar", said("reference")), ("current" if histogram else "hatched", said("current"))]
    parts: list[Component] = [
        html.Section(
            [
                html.H3(said("bins") if histogram is None else _("Distribution")),
                *panel(text.distribution(of), keys, drawn, _bins(of)),
            ],
            className="drift-part",
        )
    ]
    if of.numbers and of.numbers.quantiles:
        boxes = figures.quantiles(name, of.numbers.quantiles, theme)
        quantile_keys = [("box", said("reference")), ("dashed-box", said("current")), ("median", said("median"))]
        parts.append(
            html.Section(
                [html.H3(_("Quantiles")), *panel(text.quantiles(of), quantile_keys, boxes, _quantiles(of))],
                className="drift-part",
            )
        )
    return html.Div(
        [
            html.P(text.column(of), className="panel-said"),
            html.Div(parts, className="drift-pair"),
            html.Section([html.H3(_("Every measure")), _measures(of, report.thresholds)], className="drift-part"),
        ],
        className="drift-detail",
    )


def _row(of: ColumnDrift, limits: Thresholds, most: float) -> Component:
    opener = html.Button(
        [html.Span(label(of.name), className="drift-name"), html.Code(of.name)],
        id=ids.opener(of.name),
        type="button",
        className="drift-opener",
        **aria(expanded="false", controls=ids.detail(of.name)),
        **data(column=of.name),
    )
    weight = "–" if of.importance is None else bar(of.importance / most, rate(of.importance))
    cells: list[tuple[Any, Statistic | None]] = [
        (level_mark(of.level), None),
        (weight, None),
        *((_cell(of, name, limits), name) for name in measures),
        (p_value(of.chi_squared.corrected), None),
    ]
    return html.Tr(
        [
            html.Th(opener, scope="row"),
            *(
                html.Td(cell, className=_look(at, reason, of), **data(head=_head(at)))
                for at, (cell, reason) in enumerate(cells)
            ),
        ],
        className="drift-row",
    )


def _cell(of: ColumnDrift, name: Statistic, limits: Thresholds) -> Any:
    """A measure; the PSI, by which columns are put in order, with a bar."""
    if name != "psi":
        return text.size(of, name)
    return bar(of.psi / (2 * limits.psi.major or 1.0), number(of.psi), limits.psi.level(of.psi))


def _head(at: int) -> str:
    """What a cell is called where the heads of the table have no room."""
    return {1: _("Weight"), 2: said("psi")}.get(at, "")


def _look(at: int, statistic: Statistic | None, of: ColumnDrift) -> str:
    reason = statistic is not None and statistic in of.reasons
    return f"{'is-wide' if at > _narrow else ''} {'is-reason' if reason else ''}".strip()


def _opened(name: str, cells: int) -> Component:
    body = html.Td(_("One moment…"), id=ids.detail_body(name), colSpan=cells)
    return html.Tr(body, id=ids.detail(name), hidden=True, className="drift-detail-row")


def _nothing(report: DriftReport, column_filter: Wanted) -> Component:
    if column_filter.search or column_filter.kind != "all":
        return notice(
            _("No column is called like this."), _("Search for something else, or show all columns."), "plain"
        )
    title = said("none_drifted") if column_filter.level == "drifted" else _("No column drifts strongly.")
    return notice(
        title,
        _("Show all {count} columns to look at those that hold still.", count=len(report.columns)),
        tone="for" if not report.drifted else "plain",
    )


def _bins(of: ColumnDrift) -> Component:
    top = max((bin_.psi for bin_ in of.bins), default=0.0) or 1.0
    return plain(
        said("bins_caption", label=label(of.name)),
        (said("bin"), said("reference"), said("current"), said("adds")),
        [
            (
                bin_label(of.name, bin_, language()),
                rate(bin_.reference),
                rate(bin_.current),
                bar(bin_.psi / top, number(bin_.psi)),
            )
            for bin_ in of.bins
        ],
    )


def _quantiles(of: ColumnDrift) -> Component:
    numbers = of.numbers
    rows = [
        (figures.quantile(quantile.share), value(of.name, quantile.reference), value(of.name, quantile.current))
        for quantile in (numbers.quantiles if numbers else ())
    ]
    if numbers and numbers.reference_mean is not None and numbers.current_mean is not None:
        rows.append((said("mean"), value(of.name, numbers.reference_mean), value(of.name, numbers.current_mean)))
    caption = said("quantiles_caption", label=label(of.name))
    return plain(caption, (said("quantile"), said("reference"), said("current")), rows)


def _measures(of: ColumnDrift, limits: Thresholds) -> Component:
    rows: list[tuple[Any, ...]] = [
        (
            html.Span([said(name), html.Span(said(f"{name}_help"), className="drift-means")]),
            text.size(of, name),
            _limits(name, getattr(limits, name)),
            p_value(test.corrected),
            level_mark(measured_level(of, name, limits)),
        )
        for name, measure in measures.items()
        if of.kind in measure.kinds and (test := of.test(measure.test)) is not None
    ]
    rows.append(
        (
            html.Span([_("Chi-squared"), html.Span(_("the test behind the first ones"), className="drift-means")]),
            number(of.chi_squared.statistic),
            "–",
            p_value(of.chi_squared.corrected),
            html.Span("–"),
        )
    )
    heads = (said("statistic"), _("Value"), _("Limits"), said("p_value"), said("level"))
    return plain(_("Every measure of {label}", label=label(of.name)), heads, rows)


def _limits(name: str, limits: Limits) -> Component:
    moderate, major = (measured(name, limit) for limit in (limits.moderate, limits.major))
    return html.Span([f"◐ {moderate}", " · ", f"● {major}", unseen(_("moderate from, major from"))])


def _plain(words: str) -> str:
    taken_apart = unicodedata.normalize("NFD", words.casefold())
    return "".join(character for character in taken_apart if not unicodedata.combining(character))
