"""The figures of the Documentation page: dataclass in, figure out; every mark has a shape of its own."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go

from core import catalogue
from core.text.formats import format_value
from dash_app.i18n import _, language
from dash_app.views.comparison.figures.style import calm, shortened
from dash_app.views.documentation.values import decimals, dimension_name, rate, segment_name, share
from dash_app.views.drift.values import ticks, value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.contract.glossary import CategoryDistribution, NumberDistribution
    from core.contract.model import ModelEvaluation, SegmentAnswer
    from dash_app.shell.theme import Theme

max_codes: Final = 8
_row_height: Final = 44


def cost_curve(report: ModelEvaluation, theme: Theme) -> go.Figure:
    """The mean cost of deciding at each threshold, with the one in use, and what no decision at all would cost."""
    metrics = report.evaluation
    at = [threshold for threshold, _cost in report.cost_curve]
    costs = [cost for _at, cost in report.cost_curve]
    figure = go.Figure(
        go.Scatter(
            x=at,
            y=costs,
            mode="lines",
            line={"color": theme.supports, "width": 2.5},
            customdata=[[rate(one), decimals(cost, 3)] for one, cost in report.cost_curve],
            hovertemplate=_("refusing from {threshold} on", threshold="%{customdata[0]}")
            + "<br><b>"
            + _("cost {cost}", cost="%{customdata[1]}")
            + "</b><extra></extra>",
        )
    )
    top, low = max(metrics.cost_refuse_all, metrics.cost_accept_all) * 1.1, 0.0
    right = at[-1]
    for cost, words in (
        (metrics.cost_refuse_all, _("refusing everybody: {cost}", cost=decimals(metrics.cost_refuse_all, 2))),
        (metrics.cost_accept_all, _("accepting everybody: {cost}", cost=decimals(metrics.cost_accept_all, 2))),
    ):
        figure.add_shape(
            type="line", x0=0, x1=right, y0=cost, y1=cost, line={"color": theme.line_strong, "width": 1, "dash": "dot"}
        )
        figure.add_annotation(
            x=right, y=cost, text=words, xanchor="right", yanchor="bottom", showarrow=False, font={"size": 12}
        )
    best = metrics.threshold
    cost_there = _("cost {cost}", cost=decimals(metrics.business_cost, 2))
    figure.add_shape(
        type="line",
        x0=best,
        x1=best,
        y0=low,
        y1=metrics.business_cost,
        line={"color": theme.ink, "width": 1, "dash": "dash"},
    )
    figure.add_scatter(
        x=[best],
        y=[metrics.business_cost],
        mode="markers",
        marker={"size": 13, "color": theme.ink, "line": {"color": theme.surface, "width": 2}},
        hoverinfo="skip",
    )
    figure.add_annotation(
        x=best,
        y=metrics.business_cost,
        text=f"<b>{rate(best)}</b> · {cost_there}",
        xanchor="left",
        xshift=10,
        yshift=-16,
        showarrow=False,
        font={"color": theme.ink, "size": 13},
    )
    # Over two lines: on a phone there is little room below the threshold.
    for x, words in ((best / 2, _("too many refused")), ((best + right) / 2, _("too many accepted"))):
        text = "<br>".join(words.rsplit(" ", 1))
        figure.add_annotation(x=x, y=low, yanchor="bottom", yshift=4, text=text, showarrow=False, font={"size": 12})
    calm(figure, theme, 380, l=44, r=12, t=12, b=52)
    figure.update_xaxes(
        range=[0, right], **_shares(right), showline=True, title=_title(_("Threshold: refused from this risk on"))
    )
    figure.update_yaxes(range=[low, top], nticks=5, title=None)
    figure.update_yaxes(tickvals=(steps := _steps(top)), ticktext=[decimals(step, 1) for step in steps])
    return figure


def reliability(report: ModelEvaluation, theme: Theme) -> go.Figure:
    """Predicted against observed default rate; honest probabilities lie on the diagonal."""
    top = max(max(pair) for pair in report.reliability) * 1.06
    figure = go.Figure(
        go.Scatter(
            x=[0, top],
            y=[0, top],
            mode="lines",
            line={"color": theme.line_strong, "width": 1, "dash": "dot"},
            hoverinfo="skip",
        )
    )
    figure.add_scatter(
        x=[predicted for predicted, _observed in report.reliability],
        y=[observed for _predicted, observed in report.reliability],
        mode="lines+markers",
        line={"color": theme.supports, "width": 1.75},
        marker={"size": 9, "color": theme.supports, "line": {"color": theme.surface, "width": 1.5}},
        customdata=[[rate(predicted), rate(observed)] for predicted, observed in report.reliability],
        hovertemplate=_("predicted")
        + " %{customdata[0]}<br>"
        + _("observed")
        + " <b>%{customdata[1]}</b><extra></extra>",
    )
    calm(figure, theme, 320, l=52, r=12, t=8, b=48)
    axis = _shares(top) | {"range": [0, top]}
    figure.update_xaxes(**axis, showline=True, title=_title(_("Predicted defaults")))
    figure.update_yaxes(**axis, title=_title(_("Observed defaults")))
    return figure


def approvals(by: Mapping[str, Sequence[SegmentAnswer]], theme: Theme) -> go.Figure:
    """The share of each segment that is accepted, as bars, below the name of what the segments are cut by."""
    rows, headings = _places(by)
    segments = [member for members in by.values() for member in members]
    figure = go.Figure(
        go.Bar(
            y=rows,
            x=[segment.approval_rate for segment in segments],
            orientation="h",
            width=0.3,
            marker={"color": theme.supports_soft, "line": {"color": theme.supports, "width": 1}},
            customdata=[[segment_name(segment), rate(segment.approval_rate)] for segment in segments],
            hovertemplate="%{customdata[0]}<br><b>%{customdata[1]}</b><extra></extra>",
        )
    )
    for row, segment in zip(rows, segments, strict=True):
        words = f"<b>{rate(segment.approval_rate)}</b>"
        figure.add_annotation(**_above(row, segment_name(segment), theme))
        figure.add_annotation(**(_above(row, words, theme) | {"x": 1, "xanchor": "right"}))
    figure.update_xaxes(
        range=[0, 1], tickvals=[0, 0.25, 0.5, 0.75, 1], ticktext=[share(quarter / 4) for quarter in range(5)]
    )
    return _grouped(figure, rows, headings, theme)


def honesty(by: Mapping[str, Sequence[SegmentAnswer]], theme: Theme) -> go.Figure:
    """What was predicted of each segment (diamond) against what happened (full circle)."""
    rows, headings = _places(by)
    segments = [member for members in by.values() for member in members]
    figure = go.Figure()
    for row, segment in zip(rows, segments, strict=True):
        line = {"color": theme.data, "width": 3}
        figure.add_shape(type="line", x0=segment.mean_probability, x1=segment.default_rate, y0=row, y1=row, line=line)
        figure.add_annotation(**_above(row, segment_name(segment), theme))
    hovers = [
        [segment_name(segment), rate(segment.mean_probability), rate(segment.default_rate)] for segment in segments
    ]
    hover = _("predicted") + " %{customdata[1]} · " + _("observed") + " <b>%{customdata[2]}</b>"
    for values, marker in (
        (
            [segment.default_rate for segment in segments],
            {"symbol": "circle", "size": 11, "color": theme.against, "line": {"width": 1, "color": theme.surface}},
        ),
        (
            [segment.mean_probability for segment in segments],
            {"symbol": "diamond-open", "size": 12, "color": theme.supports, "line": {"width": 2}},
        ),
    ):
        figure.add_scatter(
            x=values,
            y=rows,
            mode="markers",
            marker=marker,
            customdata=hovers,
            hovertemplate="%{customdata[0]}<br>" + hover + "<extra></extra>",
        )
    top = max(max(segment.default_rate, segment.mean_probability) for segment in segments) * 1.15
    figure.update_xaxes(range=[0, top], **_shares(top), showgrid=True, gridcolor=theme.line)
    return _grouped(figure, rows, headings, theme)


def _places(by: Mapping[str, Sequence[SegmentAnswer]]) -> tuple[list[float], list[tuple[float, str]]]:
    """Where each segment stands, from the top down, and where the name above each set of them."""
    rows: list[float] = []
    headings: list[tuple[float, str]] = []
    at = 0.0
    for dimension, members in by.items():
        headings.append((at - 0.3, dimension_name(dimension)))
        at += 0.6
        rows += [at + place for place in range(len(members))]
        at += len(members) + 0.15
    return rows, headings


def _grouped(figure: go.Figure, rows: list[float], headings: list[tuple[float, str]], theme: Theme) -> go.Figure:
    for at, name in headings:
        figure.add_annotation(**(_above(at, f"<b>{name}</b>", theme) | {"yshift": 0, "font": {"size": 13}}))
    end = rows[-1] + 0.4
    calm(figure, theme, round(40 + _row_height * (end + 0.8)), l=4, r=14, t=8, b=24)
    figure.update_yaxes(visible=False, range=[end, -0.8])
    return figure


def spread(name: str, of: NumberDistribution, theme: Theme) -> go.Figure:
    """How a number is spread: bars for the applications, a line for the share of each bar that defaulted."""
    total = sum(of.counts) or 1
    middles = [(low + high) / 2 for low, high in pairwise(of.edges)]
    between = [f"{value(name, low)} – {value(name, high)}" for low, high in pairwise(of.edges)]
    figure = go.Figure()
    figure.add_bar(
        x=middles,
        y=[count / total for count in of.counts],
        width=[(high - low) * 0.92 for low, high in pairwise(of.edges)],
        marker={"color": theme.data_soft, "line": {"color": theme.data, "width": 1}},
        customdata=[[where, share(count / total)] for where, count in zip(between, of.counts, strict=True)],
        hovertemplate="%{customdata[0]}<br><b>%{customdata[1]}</b><extra></extra>",
    )
    known = [(x, y, where) for x, y, where in zip(middles, of.default_rate, between, strict=True) if y is not None]
    figure.add_scatter(
        x=[x for x, _y, _where in known],
        y=[y for _x, y, _where in known],
        yaxis="y2",
        mode="lines+markers",
        line={"color": theme.against, "width": 1.75},
        marker={"size": 5, "color": theme.against},
        customdata=[[where, rate(y)] for _x, y, where in known],
        hovertemplate="%{customdata[0]}<br>" + _("default observed") + " <b>%{customdata[1]}</b><extra></extra>",
    )
    top = max((count / total for count in of.counts), default=0.1) * 1.1
    high = max((y for _x, y, _where in known), default=0.1) * 1.15
    calm(figure, theme, 220, l=40, r=40, t=8, b=28)
    at, words = ticks(name, of.edges[0], of.edges[-1], 4)
    figure.update_xaxes(range=[of.edges[0], of.edges[-1]], tickvals=at, ticktext=words, showline=True)
    figure.update_layout(
        yaxis=_shares(top, 4) | {"range": [0, top]},
        yaxis2=_shares(high, 4)
        | {
            "range": [0, high],
            "overlaying": "y",
            "side": "right",
            "showgrid": False,
            "fixedrange": True,
            "tickfont": {"color": theme.against},
        },
    )
    return figure


def codes(name: str, of: CategoryDistribution, theme: Theme) -> go.Figure:
    """How often each code is met, the most frequent first, as bars; what of each defaulted stands beside it."""
    shown = commonest(of)
    figure = go.Figure(
        go.Bar(
            x=[part for _code, part, _rate in shown],
            y=list(range(len(shown))),
            orientation="h",
            width=0.26,
            marker={"color": theme.data_soft, "line": {"color": theme.data, "width": 1}},
            customdata=[[code_name(name, code), share(part)] for code, part, _rate in shown],
            hovertemplate="%{customdata[0]}<br><b>%{customdata[1]}</b><extra></extra>",
        )
    )
    top = max(part for _code, part, _rate in shown)
    for row, (code, part, defaults) in enumerate(shown):
        figure.add_annotation(**_above(row, shortened(code_name(name, code), 30), theme))
        words = share(part)
        if defaults is not None:
            words += " · " + _("default {rate}", rate=rate(defaults))
        figure.add_annotation(x=top, y=row, yshift=17, text=words, xanchor="right", showarrow=False, font={"size": 11})
    calm(figure, theme, 12 + 42 * len(shown), l=2, r=2, t=14, b=4)
    figure.update_xaxes(visible=False, range=[0, top])
    figure.update_yaxes(visible=False, range=[len(shown) - 0.6, -0.6])
    return figure


def commonest(of: CategoryDistribution) -> list[tuple[str, float, float | None]]:
    """The codes that are drawn: code, share, default rate."""
    rows = zip(of.codes, of.shares, of.default_rate, strict=True)
    return sorted(rows, key=lambda row: -row[1])[:max_codes]


def code_name(name: str, code: str) -> str:
    """What a code is called."""
    try:
        entry = catalogue.column(name)
    except catalogue.UnknownEntry:
        return code
    flag = entry.type == "flag" and code in ("0", "1")
    return format_value(entry, int(code) if flag else code, language())


def _above(row: float, words: str, theme: Theme) -> dict[str, Any]:
    return {
        "x": 0,
        "y": row,
        "yshift": 18,
        "text": words,
        "xanchor": "left",
        "showarrow": False,
        "font": {"size": 12, "color": theme.ink},
    }


def _title(text: str) -> dict[str, Any]:
    return {"text": text, "standoff": 6, "font": {"size": 12}}


def _steps(top: float) -> list[float]:
    return [fifth / 5 for fifth in range(int(top * 5 + 1e-9) + 1)]


def _shares(top: float, most: int = 6) -> dict[str, Any]:
    step = next(
        (width for width in (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25) if top / width <= most), 0.5
    )
    at = [round(multiple * step, 10) for multiple in range(int(top / step + 1e-9) + 1)]
    return {"tickvals": at, "ticktext": [share(tick) for tick in at]}
