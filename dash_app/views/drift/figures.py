"""The figures of the Drift page: dataclass in, figure out; the sides differ by shape and pattern, not colour alone."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go

from core.drift.report.labels import bin_label
from dash_app.i18n import _, language
from dash_app.views.comparison.figures.style import calm, shortened
from dash_app.views.drift.values import rate, said, share, side, ticks, value, verdict_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.contract.drift import DriftLine
    from core.drift.results.columns import BinShift, ColumnDrift, PairedHistogram, QuantileShift
    from core.drift.results.scores import ScorePerformance
    from dash_app.shell.theme import Theme

_max_bars: Final = 10
_symbols: Final = {"stable": "circle", "watch": "triangle-up", "alert": "x"}


def overlaid(name: str, of: PairedHistogram, theme: Theme, height: int = 250) -> go.Figure:
    """Both distributions of a number: the reference as bars, the current rows as a dashed line over them."""
    figure = go.Figure()
    between = [f"{value(name, low)} – {value(name, high)}" for low, high in pairwise(of.edges)]
    figure.add_bar(
        x=[(low + high) / 2 for low, high in pairwise(of.edges)],
        y=list(of.reference),
        width=[(high - low) * 0.94 for low, high in pairwise(of.edges)],
        marker={"color": theme.data_soft, "line": {"color": theme.data, "width": 1}},
        customdata=[
            [where, rate(was), rate(now)] for where, was, now in zip(between, of.reference, of.current, strict=True)
        ],
        hovertemplate="%{customdata[0]}<br>" + _told() + "<extra></extra>",
    )
    figure.add_scatter(
        x=[of.edges[0], *of.edges, of.edges[-1]],
        y=[0, *of.current, of.current[-1], 0],
        mode="lines",
        line={"shape": "hv", "color": theme.second, "width": 2.25, "dash": "dash"},
        hoverinfo="skip",
    )
    top = max(*of.reference, *of.current, 0.01) * 1.08
    low, high = of.edges[0], of.edges[-1]
    at, words = ticks(name, low, high)
    calm(figure, theme, height, l=44, r=12, t=8, b=32)
    figure.update_xaxes(
        range=[low - (high - low) * 0.012, high + (high - low) * 0.012], tickvals=at, ticktext=words, showline=True
    )
    figure.update_yaxes(range=[0, top], **share_axis(top))
    figure.update_layout(bargap=0)
    return figure


def paired(column: ColumnDrift, theme: Theme) -> go.Figure:
    """Both shares of each code, the largest first: the reference plain, the current rows hatched below it."""
    shown = largest(column)
    names = [bin_label(column.name, bin_, language()) for bin_ in shown]
    figure = go.Figure()
    hovers = [[name, rate(bin_.reference), rate(bin_.current)] for name, bin_ in zip(names, shown, strict=True)]
    sides: tuple[tuple[list[float], dict[str, Any]], ...] = (
        (
            [bin_.current for bin_ in shown],
            {
                "color": theme.surface,
                "pattern": {"shape": "/", "fgcolor": theme.second, "bgcolor": theme.surface, "size": 6},
                "line": {"color": theme.second, "width": 1.5},
            },
        ),
        (
            [bin_.reference for bin_ in shown],
            {"color": theme.data_soft, "line": {"color": theme.data, "width": 1}},
        ),
    )
    for values, marker in sides:
        figure.add_bar(
            y=list(range(len(shown))),
            x=values,
            orientation="h",
            marker=marker,
            customdata=hovers,
            hovertemplate="%{customdata[0]}<br>" + _told() + "<extra></extra>",
        )
    for at, name in enumerate(names):
        figure.add_annotation(
            x=0,
            y=at,
            text=shortened(name, 44),
            xanchor="left",
            yanchor="bottom",
            yshift=13,
            showarrow=False,
            font={"size": 12, "color": theme.ink},
        )
    top = max(max(bin_.reference, bin_.current) for bin_ in shown) * 1.05
    calm(figure, theme, 36 + 56 * len(shown), l=4, r=12, t=12, b=28)
    figure.update_layout(barmode="group", bargap=0.52)
    figure.update_xaxes(range=[0, top], showline=True, **share_axis(top))
    figure.update_yaxes(visible=False, range=[len(shown) - 0.5, -0.75])
    return figure


def largest(column: ColumnDrift) -> list[BinShift]:
    """The bins that are drawn as bars: those that hold most on either side."""
    return sorted(column.bins, key=lambda bin_: -max(bin_.reference, bin_.current))[:_max_bars]


def quantiles(name: str, shifts: Sequence[QuantileShift], theme: Theme) -> go.Figure:
    """Both sides as boxes: from 5 to 95 %, the middle half, the median."""
    figure = go.Figure()
    both = ([shift.reference for shift in shifts], [shift.current for shift in shifts])
    looks = ((theme.data, theme.data_soft, "solid"), (theme.second, theme.surface, "dash"))
    for row, (values, (line, fill, dash)) in enumerate(zip(both, looks, strict=True)):
        figure.add_shape(
            type="line", x0=values[0], x1=values[-1], y0=row, y1=row, line={"color": line, "width": 2, "dash": dash}
        )
        figure.add_shape(
            type="rect",
            x0=values[1],
            x1=values[3],
            y0=row - 0.22,
            y1=row + 0.22,
            line={"color": line, "width": 2, "dash": dash},
            fillcolor=fill,
        )
        figure.add_scatter(
            x=[values[2]],
            y=[row],
            mode="markers",
            marker={"symbol": "line-ns", "size": 26, "line": {"width": 3, "color": theme.ink}},
            hoverinfo="skip",
        )
        figure.add_scatter(
            x=list(values),
            y=[row] * len(values),
            mode="markers",
            marker={"size": 14, "opacity": 0},
            customdata=[
                [value(name, quantile_value), quantile(shift.share)]
                for quantile_value, shift in zip(values, shifts, strict=True)
            ],
            hovertemplate="%{customdata[1]} · <b>%{customdata[0]}</b><extra></extra>",
        )
        figure.add_annotation(
            x=0,
            xref="paper",
            xanchor="left",
            y=row,
            yanchor="bottom",
            yshift=17,
            text=(said("reference"), said("current"))[row],
            showarrow=False,
            font={"size": 12, "color": theme.ink},
        )
    low, high = min(both[0][0], both[1][0]), max(both[0][-1], both[1][-1])
    aside = (high - low or 1.0) * 0.04
    at, words = ticks(name, low, high) if high > low else ([low], [value(name, low)])
    calm(figure, theme, 190, l=12, r=12, t=28, b=32)
    figure.update_xaxes(range=[low - aside, high + aside], tickvals=at, ticktext=words, showline=True)
    figure.update_yaxes(visible=False, range=[1.5, -0.55])
    return figure


def quantile(part: float) -> str:
    """What a quantile is called: `médiane`, `5 %`."""
    return said("median") if part == 0.5 else share(part)


def calibration(reference: ScorePerformance, current: ScorePerformance, theme: Theme) -> go.Figure:
    """Predicted against observed defaults by tenth of the rows; honest probabilities lie on the diagonal."""
    figure = go.Figure()
    sides = (
        (reference, said("reference"), "circle", theme.data, "solid"),
        (current, said("current"), "diamond-open", theme.second, "dash"),
    )
    top = max((max(bin_.predicted, bin_.observed) for one, *_rest in sides for bin_ in one.reliability), default=0.1)
    top *= 1.06
    figure.add_scatter(
        x=[0, top],
        y=[0, top],
        mode="lines",
        line={"color": theme.line_strong, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )
    for one, name, symbol, colour, dash in sides:
        figure.add_scatter(
            x=[bin_.predicted for bin_ in one.reliability],
            y=[bin_.observed for bin_ in one.reliability],
            mode="lines+markers",
            line={"color": colour, "width": 1.75, "dash": dash},
            marker={"symbol": symbol, "size": 9, "color": colour, "line": {"width": 2, "color": colour}},
            customdata=[[name, rate(bin_.predicted), rate(bin_.observed)] for bin_ in one.reliability],
            hovertemplate="%{customdata[0]}<br>"
            + _("predicted")
            + " %{customdata[1]} · "
            + _("observed")
            + " %{customdata[2]}<extra></extra>",
        )
    calm(figure, theme, 300, l=52, r=12, t=8, b=48)
    axis = share_axis(top) | {"range": [0, top]}
    figure.update_xaxes(**axis, showline=True, title=_title(_("Predicted defaults")))
    figure.update_yaxes(**axis, title=_title(_("Observed defaults")))
    return figure


def history(lines: Sequence[DriftLine], theme: Theme, shown: str | None) -> go.Figure:
    """The share of columns that drift in each report that was made, in the order of time, marked by its verdict.

    Args:
        lines: the newest first.
        shown: the id of the report on the page, which is ringed.
    """
    ascending = list(reversed(lines))
    at = list(range(len(ascending)))
    colours = {"stable": theme.supports, "watch": theme.ink_muted, "alert": theme.against}
    figure = go.Figure()
    figure.add_scatter(
        x=at,
        y=[line.drifted_share for line in ascending],
        mode="lines",
        line={"color": theme.line_strong, "width": 1.5},
        hoverinfo="skip",
    )
    ringed = [place for place, line in zip(at, ascending, strict=True) if line.id == shown]
    figure.add_scatter(
        x=ringed,
        y=[ascending[place].drifted_share for place in ringed],
        mode="markers",
        marker={"symbol": "circle-open", "size": 22, "color": theme.ink, "line": {"width": 2}},
        hoverinfo="skip",
        cliponaxis=False,
    )
    figure.add_scatter(
        x=at,
        y=[line.drifted_share for line in ascending],
        mode="markers",
        marker={
            "symbol": [_symbols[line.verdict] for line in ascending],
            "size": 11,
            "color": [colours[line.verdict] for line in ascending],
            "line": {"width": 1.5, "color": theme.surface},
        },
        customdata=[
            [line.made_at[:16].replace("T", " "), verdict_name(line.verdict), share(line.drifted_share), _pair(line)]
            for line in ascending
        ],
        hovertemplate="<b>%{customdata[1]}</b> · %{customdata[2]}<br>%{customdata[3]}<br>%{customdata[0]} UTC"
        "<extra></extra>",
        cliponaxis=False,
    )
    top = max(0.1, *(line.drifted_share for line in ascending)) * 1.15
    calm(figure, theme, 180, l=44, r=20, t=12, b=28)
    places = sorted({0, len(at) // 2, len(at) - 1})
    figure.update_xaxes(
        range=[-0.5, len(at) - 0.5],
        showline=True,
        tickvals=places,
        ticktext=_days([ascending[place].made_at for place in places]),
    )
    figure.update_yaxes(range=[0, top], **share_axis(top))
    return figure


def _days(moments: Sequence[str]) -> list[str]:
    """The day of each, or its time of day where the one before is of the same day."""
    days = [moment[:10] for moment in moments]
    return [moment[11:16] if at and days[at] == days[at - 1] else days[at] for at, moment in enumerate(moments)]


def _pair(line: DriftLine) -> str:
    return said("sides", current=side(line.current), reference=side(line.reference))


def _told() -> str:
    return f"{said('reference')} %{{customdata[1]}}<br>{said('current')} <b>%{{customdata[2]}}</b>"


def _title(text: str) -> dict[str, Any]:
    return {"text": text, "standoff": 6, "font": {"size": 12}}


def share_axis(top: float) -> dict[str, Any]:
    """The ticks of an axis of shares from 0 to `top`, as the reader writes them."""
    step = next((width for width in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5) if top / width <= 5), 0.5)
    at = [round(multiple * step, 10) for multiple in range(int(top / step + 1e-9) + 1)]
    return {"tickvals": at, "ticktext": [share(tick) for tick in at]}
