"""The distribution of one number over a population, with the client's place, and how often such clients default."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go

from dash_app.i18n import _
from dash_app.views.comparison.figures.slices import slices
from dash_app.views.comparison.figures.style import calm, client_mark, second_mark
from dash_app.views.comparison.values import axis_title, people, share, share_ticks, statistic, ticks, written
from dash_app.words import client_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.comparison.choice import Group
    from core.contract.clients.comparison import ComparedNumber
    from dash_app.shell.theme import Theme
    from dash_app.views.comparison.figures.slices import Slice

_height: Final = 440
_upper: Final = (0.47, 1.0)
_lower: Final = (0.0, 0.33)


@dataclass(frozen=True, slots=True)
class Marked:
    """A client to be marked in a figure; the value is None where it is missing."""

    client_id: int
    value: float | str | None


def spread(of: ComparedNumber, group: Group, clients: Sequence[Marked], theme: Theme) -> go.Figure:
    """Above, the share of the group in each bin, with lines at the clients' values; below, both default rates.

    Args:
        of: the number.
        group: whose bars are shown; all clients are a dotted outline where it is another.
        clients: the client, then the other one where there is one.
    """
    figure = go.Figure()
    bars, everybody = shares(of.counts[group]), shares(of.counts["all"]) if group != "all" else []
    top = max([*bars, *everybody, 0.01]) * 1.06
    _add_bars(figure, of, group, bars, theme)
    if everybody:
        _add_outline(figure, of.edges, everybody, theme)
    joined = slices(of, group)
    _add_rates(figure, of.name, joined, theme)
    calm(figure, theme, _height, l=48, r=12, t=76, b=48)
    for place, client in enumerate(clients):
        if isinstance(client.value, float | int):
            _add_client(figure, of, client, place, top, theme)
    for text, height, shift in ((_("Share of the clients"), 1.0, 50), (_("Default rate"), _lower[1], 8)):
        figure.add_annotation(
            text=text, x=0, xref="paper", xanchor="left", xshift=-40, y=height, yref="paper", yanchor="bottom"
        )
        figure.layout.annotations[-1].update(yshift=shift, showarrow=False, font={"size": 12, "color": theme.ink_muted})
    low, high = of.edges[0], of.edges[-1]
    aside = (high - low) * 0.012
    at, words = ticks(of.name, low, high)
    figure.update_xaxes(
        range=[low - aside, high + aside],
        tickvals=at,
        ticktext=words,
        showline=True,
        anchor="y2",
        title={"text": axis_title(of.name), "standoff": 6, "font": {"size": 12}},
    )
    highest = max((rate for part in joined for rate in (part.default_rate, part.risk) if rate is not None), default=0.1)
    figure.update_layout(
        yaxis=_shares_axis(_upper, top, theme), yaxis2=_shares_axis(_lower, highest * 1.15, theme), bargap=0
    )
    return figure


def shares(counts: Sequence[int]) -> list[float]:
    """Counts as shares of their sum; zeros where there is nobody."""
    total = sum(counts)
    return [count / total if total else 0.0 for count in counts]


def between(name: str, low: float, high: float) -> str:
    """From one number to another, in words."""
    return _("{low} to {high}", low=statistic(name, low), high=statistic(name, high))


def _add_bars(figure: go.Figure, of: ComparedNumber, group: Group, bars: Sequence[float], theme: Theme) -> None:
    hovers = [
        [between(of.name, low, high), people(count), share(part)]
        for (low, high), count, part in zip(pairwise(of.edges), of.counts[group], bars, strict=True)
    ]
    figure.add_bar(
        x=[(low + high) / 2 for low, high in pairwise(of.edges)],
        y=list(bars),
        width=[(high - low) * 0.92 for low, high in pairwise(of.edges)],
        marker={"color": theme.data_soft, "line": {"color": theme.data, "width": 1}},
        customdata=hovers,
        hovertemplate="%{customdata[0]}<br><b>%{customdata[2]}</b> · %{customdata[1]}<extra></extra>",
    )


def _add_outline(figure: go.Figure, edges: Sequence[float], bars: Sequence[float], theme: Theme) -> None:
    figure.add_scatter(
        x=list(edges),
        y=[*bars, bars[-1]],
        mode="lines",
        line={"shape": "hv", "color": theme.ink_muted, "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
    )


def _add_rates(figure: go.Figure, name: str, joined: Sequence[Slice], theme: Theme) -> None:
    hovers = [[between(name, part.low, part.high), people(part.clients)] for part in joined]
    lines = (
        (_("observed"), [part.default_rate for part in joined], "circle", "solid", theme.against),
        (_("predicted"), [part.risk for part in joined], "diamond-open", "dash", theme.supports),
    )
    for kind, rates, symbol, dash, colour in lines:
        figure.add_scatter(
            x=[part.middle for part in joined],
            y=rates,
            yaxis="y2",
            mode="lines+markers",
            line={"color": colour, "width": 2, "dash": dash, "shape": "linear"},
            marker={"symbol": symbol, "size": 7, "color": colour},
            customdata=[[*words, share(rate), kind] for words, rate in zip(hovers, rates, strict=True)],
            hovertemplate="%{customdata[0]} · %{customdata[1]}<br><b>%{customdata[2]}</b> %{customdata[3]}"
            "<extra></extra>",
        )


def _add_client(figure: go.Figure, of: ComparedNumber, client: Marked, place: int, top: float, theme: Theme) -> None:
    colour, mark = (theme.second, second_mark(theme)) if place else (theme.ink, client_mark(theme))
    low, high = of.edges[0], of.edges[-1]
    # What lies beyond the outer bins is counted in them, and marked at their edge.
    at = min(max(float(client.value or 0.0), low), high)
    for axis, end in (("y", top), ("y2", None)):
        figure.add_shape(
            type="line",
            x0=at,
            x1=at,
            yref=axis if end is not None else "y2 domain",
            y0=0,
            y1=end if end is not None else 1,
            line={"color": colour, "width": 2 if end is not None else 1, "dash": "dash" if place else "solid"},
        )
    figure.add_scatter(x=[at], y=[0], mode="markers", marker=mark, cliponaxis=False, hoverinfo="skip")
    right = at > (low + high) / 2
    figure.add_annotation(
        text=f"<b>{client_name(client.client_id)}</b> · {written(of.name, client.value)}",
        x=at,
        xanchor="right" if right else "left",
        y=1,
        yref="paper",
        yanchor="bottom",
        yshift=2 + 20 * place,
        showarrow=False,
        font={"size": 12, "color": colour},
    )


def _shares_axis(domain: tuple[float, float], top: float, theme: Theme) -> dict[str, Any]:
    at, words = share_ticks(top)
    return {
        "domain": domain,
        "range": [0, top],
        "tickvals": at,
        "ticktext": words,
        "gridcolor": theme.line,
        "zeroline": False,
        "fixedrange": True,
    }
