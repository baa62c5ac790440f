"""The figures of the Simulation page: the cost of every threshold, and who changes sides."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal

import plotly.graph_objects as go

from core.decision import risk_bands
from core.text.formats import format_number, format_probability, format_share
from dash_app.i18n import _, language
from dash_app.views.comparison.figures.style import calm
from dash_app.words import risk_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.contract.scenarios import CurveAnswer, ScenarioOutcome
    from dash_app.shell.theme import Theme

By = Literal["decision", "band"]

# The slider below the curve has the same ends, and these margins.
margin_left: Final = 52
margin_right: Final = 20
_min_reach: Final = 0.3
curve_height: Final = 300
_flow_height: Final = 380
# Costs are said for so many applications: for one they are small numbers.
per: Final = 100
_tint: Final = 0.5
# A flow of less than this share of all is a line, which no name is on.
_thin: Final = 0.02
# The shape that the browser moves with the threshold: the first.
_marker_size: Final = 13


def reach(view: CurveAnswer) -> float:
    """Up to which threshold the curve is drawn: beyond what anybody would choose."""
    most = max(view.today.threshold, view.best.threshold, view.best_observed.threshold if view.best_observed else 0)
    return min(max(_min_reach, math.ceil(most * 20) / 10), 1.0)


def cost_curve(view: CurveAnswer, theme: Theme) -> go.Figure:
    """What each threshold costs, for a hundred applications, with today's and the best one marked.

    Its first shape is the line of the threshold that is tried, and its last trace the point on it; both are where
    today's threshold is until the browser moves them.
    """
    end, lang = reach(view), language()
    shown = [place for place, at in enumerate(view.curve.threshold) if at <= end]
    at = [view.curve.threshold[place] for place in shown]
    figure = go.Figure()
    looks = (
        ("observed_cost", {"color": theme.second, "width": 2, "dash": "dash"}, _("by what became of them")),
        ("cost", {"color": theme.data, "width": 2.5}, _("expected")),
    )
    highest = 0.0
    for name, line, words in looks:
        values = [getattr(view.curve, name)[place] for place in shown]
        if None in values:
            continue
        costs = [(value or 0) * per for value in values]
        highest = max(highest, *costs)
        figure.add_scatter(
            x=at,
            y=costs,
            mode="lines",
            line=line,
            customdata=[
                [format_probability(where, lang), format_number(cost, lang)]
                for where, cost in zip(at, costs, strict=True)
            ],
            hovertemplate="%{customdata[0]} · <b>%{customdata[1]}</b> (" + words + ")<extra></extra>",
        )
    marked = [(view.best.threshold, view.best.cost, "star", theme.supports)]
    if view.best_observed is not None and view.best_observed.observed_cost is not None:
        marked.append((view.best_observed.threshold, view.best_observed.observed_cost, "star-diamond", theme.second))
    for where, cost, symbol, colour in marked:
        figure.add_scatter(
            x=[where],
            y=[cost * per],
            mode="markers",
            marker={
                "symbol": symbol,
                "size": _marker_size + 3,
                "color": colour,
                "line": {"color": theme.surface, "width": 1.5},
            },
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=[view.today.threshold],
        y=[view.today.cost * per],
        mode="markers",
        marker={
            "symbol": "circle",
            "size": _marker_size,
            "color": theme.ink,
            "line": {"color": theme.surface, "width": 2},
        },
        hoverinfo="skip",
    )
    calm(figure, theme, curve_height, l=margin_left, r=margin_right, t=26, b=34)
    figure.add_vline(x=view.today.threshold, line={"color": theme.ink, "width": 1.5})
    figure.add_vline(x=view.today.threshold, line={"color": theme.ink_muted, "width": 1.5, "dash": "dot"})
    figure.add_annotation(
        x=view.today.threshold,
        y=1,
        yref="paper",
        yanchor="bottom",
        showarrow=False,
        text=_("today {threshold}", threshold=format_probability(view.today.threshold, lang)),
        font={"color": theme.ink_muted, "size": 12},
    )
    ticks = [step / 20 for step in range(round(end * 20) + 1)]
    figure.update_xaxes(
        range=[0, end], tickvals=ticks, ticktext=[format_share(tick, lang) for tick in ticks], showline=True
    )
    figure.update_yaxes(range=[0, highest * 1.06], nticks=5, separatethousands=True)
    figure.update_layout(separators=",\u202f" if lang == "fr" else ".,")
    return figure


def flow(outcome: ScenarioOutcome, by: By, theme: Theme) -> go.Figure:
    """Who is where without change (left), and where the scenario takes them (right).

    Flows that change the decision cross the others, so that colour is not all that tells; wide ones are pale, since
    names stand on them.
    """
    lang, matrix, names, turned = language(), flows(outcome, by), sides(by), refused_from(by)
    count = len(names)
    before = [sum(row) for row in matrix]
    after = [sum(row[place] for row in matrix) for place in range(count)]
    nodes = [place for place in range(count) if before[place]] + [
        count + place for place in range(count) if after[place]
    ]
    places = {node: place for place, node in enumerate(nodes)}
    labels = [
        f"{names[node % count]} · {format_number((before if node < count else after)[node % count], lang)}"
        for node in nodes
    ]
    links = [(was, now, matrix[was][now]) for was in range(count) for now in range(count) if matrix[was][now]]

    def colour(was: int, now: int, many: int) -> str:
        if (was < turned) == (now < turned):
            return theme.data_soft
        full = theme.against if now >= turned else theme.supports
        return full if many < _thin * sum(before) else tinted(full)

    figure = go.Figure(
        go.Sankey(
            arrangement="snap",
            node={
                "label": labels,
                "color": [theme.supports if node % count < turned else theme.against for node in nodes],
                "x": [0.001 if node < count else 0.999 for node in nodes],
                "y": _heights(nodes, before, after),
                "pad": 22,
                "thickness": 14,
                "line": {"width": 0},
                "hoverinfo": "skip",
            },
            link={
                "source": [places[was] for was, _now, _many in links],
                "target": [places[count + now] for _was, now, _many in links],
                "value": [many for _was, _now, many in links],
                "color": [colour(*link) for link in links],
                "customdata": [
                    _(
                        "{before} → {after}: {count}",
                        before=names[was],
                        after=names[now],
                        count=format_number(many, lang),
                    )
                    for was, now, many in links
                ],
                "hovertemplate": "%{customdata}<extra></extra>",
            },
            textfont={"family": theme.font, "size": 13, "color": theme.ink},
        )
    )
    calm(figure, theme, _flow_height, l=4, r=4, t=28, b=12)
    for x, anchor, words in ((0, "left", _("No change")), (1, "right", _("With the scenario"))):
        figure.add_annotation(
            x=x,
            y=1,
            xref="paper",
            yref="paper",
            xanchor=anchor,
            yanchor="bottom",
            yshift=8,
            showarrow=False,
            text=words,
            font={"size": 12, "color": theme.ink_muted},
        )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure


def tinted(colour: str) -> str:
    """A colour of the palette, `#rrggbb`, so pale that ink can be read on it in either theme."""
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({', '.join(map(str, parts))}, {_tint})"


def flows(outcome: ScenarioOutcome, by: By) -> Sequence[Sequence[int]]:
    """Applications by side before (rows) and after (columns)."""
    if by == "band":
        return outcome.bands
    flow = outcome.flows
    return (flow.stay_accepted, flow.become_refused), (flow.become_accepted, flow.stay_refused)


def sides(by: By) -> list[str]:
    """What the sides are called, from the lowest risk to the highest."""
    if by == "band":
        return [risk_name(name) for _multiple, name in risk_bands]
    return [_("Accepted"), _("Refused")]


def refused_from(by: By) -> int:
    """The first side of those who are refused."""
    return sum(multiple <= 1 for multiple, _name in risk_bands) if by == "band" else 1


def _heights(nodes: list[int], before: list[int], after: list[int]) -> list[float]:
    """Where the nodes stand, so that they keep their order: the middle of each, from the top."""
    total, count = sum(before) or 1, len(before)
    heights = []
    for node in nodes:
        sizes = before if node < count else after
        place = node % count
        heights.append(min(max((sum(sizes[:place]) + sizes[place] / 2) / total, 0.001), 0.999))
    return heights
