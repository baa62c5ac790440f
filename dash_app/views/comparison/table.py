"""The figures as tables: the statistics of the page, and what stands behind each chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import html

from core.contract.clients.comparison import ComparedCategory, ComparedNumber
from dash_app.components.marks import aria
from dash_app.i18n import _
from dash_app.views.comparison.figures.distribution import between
from dash_app.views.comparison.values import axis_title, label, people, percentile, row_title, share, statistic, written
from dash_app.words import client_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from dash_app.service import ComparisonView
    from dash_app.views.comparison.figures.categories import Category
    from dash_app.views.comparison.figures.density import CellBlock
    from dash_app.views.comparison.figures.slices import Slice


def statistics(view: ComparisonView) -> list[Component]:
    """The numbers, then the categories, that the client is compared by."""
    numbers = [feature for feature in view.features if isinstance(feature, ComparedNumber)]
    categories = [feature for feature in view.features if isinstance(feature, ComparedCategory)]
    return [
        *([_numbers(view, numbers)] if numbers else []),
        *([_categories(view, categories)] if categories else []),
    ]


def slices_table(name: str, rows: Sequence[Slice]) -> Component:
    """Default rates along a number."""
    total = sum(row.clients for row in rows) or 1
    return plain(
        label(name),
        (label(name), _("Clients"), _("Share"), _("Observed default"), _("Predicted default")),
        [
            (
                between(name, row.low, row.high),
                people(row.clients),
                share(row.clients / total),
                share(row.default_rate),
                share(row.risk),
            )
            for row in rows
        ],
    )


def categories_table(name: str, rows: Sequence[Category]) -> Component:
    """Default rates by category."""
    return plain(
        label(name),
        (label(name), _("Clients"), _("Share"), _("Observed default"), _("Predicted default")),
        [(row.label, people(row.clients), share(row.part), share(row.default_rate), share(row.risk)) for row in rows],
    )


def blocks_table(x: str, y: str, rows: Sequence[CellBlock]) -> Component:
    """Two numbers against each other, in blocks."""
    return plain(
        _("{x} and {y}", x=label(x), y=label(y)),
        (axis_title(x), axis_title(y), _("Clients"), _("Observed default")),
        [(between(x, *row.x), between(y, *row.y), people(row.clients), share(row.default_rate)) for row in rows],
    )


def plain(caption: str, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> Component:
    """A table whose first column names the row; it scrolls by itself where it is wider than its place."""
    return html.Div(
        html.Table(
            [
                html.Caption(caption, className="unseen"),
                html.Thead(html.Tr([html.Th(title, scope="col") for title in header])),
                html.Tbody(
                    [html.Tr([html.Th(row[0], scope="row"), *(html.Td(cell) for cell in row[1:])]) for row in rows]
                ),
            ],
            className="comparison-table",
        ),
        className="comparison-scroll",
        tabIndex=0,
        role="region",
        **aria(label=caption),
    )


def _numbers(view: ComparisonView, numbers: Sequence[ComparedNumber]) -> Component:
    others = {place.name: place for place in view.places}
    header = [
        _("Variable"),
        *_clients(view),
        _("Percentile"),
        *([_("Percentile of the other")] if view.against is not None else []),
        _("Mean"),
        _("5% have less"),
        _("25% have less"),
        _("Median"),
        _("25% have more"),
        _("5% have more"),
        _("Missing"),
    ]
    rows = []
    for column in numbers:
        spread, other = column.spreads[view.group], others.get(column.name)
        rows.append(
            (
                row_title(column.name),
                written(column.name, column.value),
                *([written(column.name, other.value)] if other else []),
                percentile(spread.percentile),
                *([percentile(other.percentiles[view.group])] if other else []),
                *(
                    statistic(column.name, number)
                    for number in (spread.mean, spread.p5, spread.p25, spread.median, spread.p75, spread.p95)
                ),
                share(spread.missing_share),
            )
        )
    return plain(_("Statistics of the numbers"), header, rows)


def _categories(view: ComparisonView, categories: Sequence[ComparedCategory]) -> Component:
    others = {place.name: place for place in view.places}
    header = (_("Variable"), *_clients(view), _("As the client"), _("Most frequent"), _("Share"), _("Missing"))
    rows = []
    for category in categories:
        counts, other = dict(zip(category.codes, category.counts[view.group], strict=True)), others.get(category.name)
        total = sum(counts.values())
        named = {code: count for code, count in counts.items() if code}
        most = max(named, key=lambda code: named[code], default=None) if any(named.values()) else None
        parts = (counts.get(category.value or "", 0), named.get(most or "", 0), counts.get("", 0))
        same, frequent, missing = (share(part / total if total else None) for part in parts)
        rows.append(
            (
                label(category.name),
                written(category.name, category.value),
                *([written(category.name, other.value)] if other else []),
                same,
                written(category.name, most) if most is not None else "—",
                frequent,
                missing,
            )
        )
    return plain(_("Statistics of the categories"), header, rows)


def _clients(view: ComparisonView) -> list[str]:
    return [client_name(view.client_id), *([client_name(view.against.client_id)] if view.against is not None else [])]
