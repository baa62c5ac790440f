"""The density of two numbers: where the clients are, or how often they default, with the client's place."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import plotly.graph_objects as go

from core.text.formats import format_number
from dash_app.i18n import _, language
from dash_app.views.comparison.figures.distribution import between
from dash_app.views.comparison.figures.slices import fewest
from dash_app.views.comparison.figures.style import calm, client_mark, second_mark
from dash_app.views.comparison.values import axis_title, people, share, share_ticks, tick, ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.contract.clients.comparison import DensityAnswer
    from dash_app.shell.theme import Theme

Colour = Literal["clients", "default"]
# Cells are joined two by two, four by four... until most clients are in one that says something.
_joined: Final = (1, 2, 4, 8)
_max_of_them: Final = 0.8
_few_to_a_cell: Final = 3
_coarse_enough: Final = 10

_height: Final = 460
_coarse: Final = 4


@dataclass(frozen=True, slots=True)
class CellBlock:
    """A rectangle of cells.

    Attributes:
        x, y: what it reaches from and to.
        clients: how many are in it.
        default_rate: observed; None where fewer than `slices.fewest` are in it, or no outcome is known.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    clients: int
    default_rate: float | None


def heatmap(of: DensityAnswer, colour: Colour, theme: Theme, second: tuple[float, float] | None = None) -> go.Figure:
    """The grid, coloured by the number of clients or by their observed default rate; the client's place on it.

    Args:
        of: the grid; its cells are joined where there are few clients to a cell, and stay empty without any.
        colour: `clients` on a logarithmic scale, `default` where `slices.fewest` clients or more are in a cell.
        second: the two values of another client; None where there is none, or a value is missing.
    """
    of = _readable(of, colour)
    counts = np.array(of.counts, dtype=float)
    rates = np.array(of.default_rate, dtype=float)
    shown = np.where(counts > 0, counts, np.nan)
    if colour == "default":
        shown = np.where(counts >= fewest, rates, np.nan)
    figure = go.Figure(
        go.Heatmap(
            x=list(of.x_edges),
            y=list(of.y_edges),
            z=_plain(np.log10(shown) if colour == "clients" else shown),
            customdata=_told(of),
            hovertemplate="%{customdata}<extra></extra>",
            hoverongaps=False,
            xgap=0.5,
            ygap=0.5,
            **_scale(shown, colour, theme),
        )
    )
    if second is not None:
        _add_second(figure, of, second, theme)
    if of.place is not None:
        _add_place(figure, of, theme)
    calm(figure, theme, _height, l=64, r=12, t=52, b=48)
    for axis, name, edges, most in (("xaxis", of.x, of.x_edges, 5), ("yaxis", of.y, of.y_edges, 7)):
        at, words = ticks(name, edges[0], edges[-1], most)
        figure.layout[axis].update(
            tickvals=at,
            ticktext=words,
            range=[edges[0], edges[-1]],
            showgrid=False,
            showline=True,
            linecolor=theme.line,
        )
    figure.update_xaxes(title={"text": axis_title(of.x), "standoff": 6, "font": {"size": 12}})
    figure.add_annotation(
        text=axis_title(of.y), x=0, xref="paper", xanchor="left", xshift=-56, y=1, yref="paper", yanchor="bottom"
    )
    figure.layout.annotations[-1].update(yshift=6, showarrow=False, font={"size": 12, "color": theme.ink_muted})
    return figure


def blocks(of: DensityAnswer) -> tuple[CellBlock, ...]:
    """The grid summed up in at most four by four rectangles, from the lowest x on, then from the lowest y on."""
    coarse = joined(of, -(-len(of.counts[0]) // _coarse), -(-len(of.counts) // _coarse))
    return tuple(
        CellBlock(
            x=x,
            y=y,
            clients=coarse.counts[row][column],
            default_rate=coarse.default_rate[row][column] if coarse.counts[row][column] >= fewest else None,
        )
        for column, x in enumerate(pairwise(coarse.x_edges))
        for row, y in enumerate(pairwise(coarse.y_edges))
    )


def joined(of: DensityAnswer, across: int, upwards: int) -> DensityAnswer:
    """The same grid with so many cells taken together along x and along y; the last ones may be fewer."""
    counts = np.array(of.counts, dtype=int)
    rates = np.array(of.default_rate, dtype=float)
    rows, columns = np.arange(0, counts.shape[0], upwards), np.arange(0, counts.shape[1], across)
    known = np.where(np.isnan(rates), 0, counts)
    together = [
        np.add.reduceat(np.add.reduceat(grid, rows, axis=0), columns, axis=1)
        for grid in (counts, known, np.nan_to_num(rates) * known)
    ]
    with np.errstate(invalid="ignore"):
        rate = together[2] / together[1]
    return of.model_copy(
        update={
            "x_edges": [*of.x_edges[:-1:across], of.x_edges[-1]],
            "y_edges": [*of.y_edges[:-1:upwards], of.y_edges[-1]],
            "counts": together[0].tolist(),
            "default_rate": [[None if np.isnan(cell) else cell for cell in row] for row in rate.tolist()],
        }
    )


def _readable(of: DensityAnswer, colour: Colour) -> DensityAnswer:
    """The finest grid in which most clients are in cells that say something."""
    grid = of
    for factor in _joined:
        # A few whole numbers stay apart.
        grid = joined(of, *(factor if size > _coarse_enough else 1 for size in (len(of.counts[0]), len(of.counts))))
        counts = np.array(grid.counts)
        telling = counts >= (fewest if colour == "default" else _few_to_a_cell)
        if counts[telling].sum() >= _max_of_them * counts.sum():
            return grid
    return grid


def share_of_rarer(of: DensityAnswer) -> float | None:
    """The share of the clients, 0 to 1, who are where fewer are than around the client; None without a place.

    A cell is compared by itself and its eight neighbours, since the next cell is as near as this one.
    """
    counts = np.array(of.counts, dtype=float)
    total = counts.sum()
    if of.place is None or not total:
        return None
    padded = np.pad(counts, 1)
    height, width = counts.shape
    around = sum(padded[down : down + height, right : right + width] for down in range(3) for right in range(3))
    here = np.asarray(around)[_cell(of.y_edges, of.place[1]), _cell(of.x_edges, of.place[0])]
    return float(counts[np.asarray(around) < here].sum() / total)


def clients_here(of: DensityAnswer) -> int | None:
    """How many clients are in the cell of the client; None without a place."""
    return None if of.place is None else of.counts[_cell(of.y_edges, of.place[1])][_cell(of.x_edges, of.place[0])]


def _cell(edges: Sequence[float], value: float) -> int:
    return int(np.clip(np.searchsorted(edges, value, side="right") - 1, 0, len(edges) - 2))


def _told(of: DensityAnswer) -> list[list[str]]:
    """What each cell says when pointed at; nothing where there is nobody."""
    # Each row and each column is said once: to write a number takes longer than all else that a cell needs.
    across = [between(of.x, low, high) for low, high in pairwise(of.x_edges)]
    upwards = [between(of.y, low, high) for low, high in pairwise(of.y_edges)]
    clients = {count: f"<b>{people(count)}</b>" for count in {count for row in of.counts for count in row}}
    return [
        [
            _told_of(f"{across[column]}<br>{upwards[row]}<br>{clients[count]}", count, rate) if count else ""
            for column, (count, rate) in enumerate(zip(counts, rates, strict=True))
        ]
        for row, (counts, rates) in enumerate(zip(of.counts, of.default_rate, strict=True))
    ]


def _told_of(cell: str, count: int, rate: float | None) -> str:
    if rate is None or count < fewest:
        return cell
    words = _("default rate {rate}", rate=share(rate))
    return f"{cell}<br>{words}"


def _scale(shown: Any, colour: Colour, theme: Theme) -> dict[str, Any]:
    known = shown[~np.isnan(shown)]
    top = float(known.max()) if known.size else 1.0
    if colour == "clients":
        # One tick for each power of ten.
        powers = range(math.floor(math.log10(top)) + 1)
        at, words = [float(power) for power in powers], [tick_of_count(10**power) for power in powers]
        low, high, ends = 0.0, max(math.log10(top), 0.3), (theme.supports_soft, theme.supports)
    else:
        low, high, ends = 0.0, max(top, 0.1), (theme.against_soft, theme.against)
        at, words = share_ticks(high)
    return {
        "zmin": low,
        "zmax": high,
        "colorscale": [[0, ends[0]], [1, ends[1]]],
        "colorbar": {
            "orientation": "h",
            "x": 1,
            "xanchor": "right",
            "y": 1,
            "yanchor": "bottom",
            "ypad": 6,
            "len": 0.5,
            "thickness": 8,
            "outlinewidth": 0,
            "tickvals": at,
            "ticktext": words,
            "tickfont": {"size": 11, "color": theme.ink_muted},
            "title": {
                "text": _("Clients in each cell") if colour == "clients" else _("Default rate"),
                "side": "top",
                "font": {"size": 12, "color": theme.ink_muted},
            },
        },
    }


def tick_of_count(count: int) -> str:
    """A number of clients along a scale."""
    return format_number(count, language())


def _add_place(figure: go.Figure, of: DensityAnswer, theme: Theme) -> None:
    if of.place is None:
        return
    x = min(max(of.place[0], of.x_edges[0]), of.x_edges[-1])
    y = min(max(of.place[1], of.y_edges[0]), of.y_edges[-1])
    line = {"color": theme.ink, "width": 1, "dash": "dot"}
    figure.add_shape(type="line", x0=x, x1=x, yref="y domain", y0=0, y1=1, line=line)
    figure.add_shape(type="line", xref="x domain", x0=0, x1=1, y0=y, y1=y, line=line)
    client = _("The client")
    text = f"<b>{client}</b><br>{tick(of.x, of.place[0])} · {tick(of.y, of.place[1])}"
    figure.add_scatter(
        x=[x],
        y=[y],
        mode="markers",
        marker=client_mark(theme, 15),
        cliponaxis=False,
        customdata=[text],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _add_second(figure: go.Figure, of: DensityAnswer, second: tuple[float, float], theme: Theme) -> None:
    other = _("The other client")
    text = f"<b>{other}</b><br>{tick(of.x, second[0])} · {tick(of.y, second[1])}"
    figure.add_scatter(
        x=[min(max(second[0], of.x_edges[0]), of.x_edges[-1])],
        y=[min(max(second[1], of.y_edges[0]), of.y_edges[-1])],
        mode="markers",
        marker=second_mark(theme, 16),
        cliponaxis=False,
        customdata=[text],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _plain(grid: Any) -> list[list[float | None]]:
    return [[None if np.isnan(cell) else round(float(cell), 4) for cell in row] for row in grid]
