"""The overview of a client in several numbers at once: as dots along tracks, or as a radar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import plotly.graph_objects as go

from core.contract.clients.comparison import ComparedNumber
from dash_app.i18n import _
from dash_app.views.comparison.figures.style import calm, caption, client_mark, second_mark, shortened
from dash_app.views.comparison.values import label, share, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash_app.service import ComparisonView
    from dash_app.shell.theme import Theme

_row: Final = 54
_label: Final = 36
_spoke: Final = 16
fewest_spokes: Final = 3


@dataclass(frozen=True, slots=True)
class ColumnStanding:
    """One number of the client among the chosen group.

    Attributes:
        label, value: as sentences show them.
        percentile: share of the group below the client, 0 to 1.
        second: that of the other client; None where there is none, or no value.
    """

    label: str
    value: str
    percentile: float
    second: float | None = None


def standings(view: ComparisonView) -> tuple[ColumnStanding, ...]:
    """The numbers of a comparison that the client has a value for, in their order."""
    others = {other.name: other.percentiles[view.group] for other in view.places}
    return tuple(
        ColumnStanding(label(feature.name), written(feature.name, feature.value), place, others.get(feature.name))
        for feature in view.features
        if isinstance(feature, ComparedNumber) and (place := feature.spreads[view.group].percentile) is not None
    )


def dots(rows: Sequence[ColumnStanding], theme: Theme) -> go.Figure:
    """A track for each number, from the lowest client to the highest: the middle half thick, the client a dot.

    Args:
        rows: what to show, from top to bottom.
    """
    at = [-float(place) for place in range(len(rows))]
    tracks: list[dict[str, object]] = []
    words: list[dict[str, object]] = []
    for place, row in zip(at, rows, strict=True):
        end = 0.5 if row.second is None else row.second
        tracks += [
            _bar(place, 0, 1, 0.022, theme.line),
            _bar(place, 0.25, 0.75, 0.1, theme.data_soft),
            _bar(place, min(end, row.percentile), max(end, row.percentile), 0.03, theme.data),
            _bar(place, 0.498, 0.502, 0.16, theme.data),
        ]
        words += [
            caption(f"<b>{shortened(row.label, _label)}</b>", 0, "left", place, theme.ink, yshift=20, size=13),
            caption(row.value, 1, "right", place, theme.ink_muted, yshift=20, size=13),
        ]
    # All at once: each one that is added by itself has the figure check all the others again.
    figure = go.Figure(layout={"shapes": tracks, "annotations": words})
    others = [(row.second, place) for row, place in zip(rows, at, strict=True) if row.second is not None]
    figure.add_scatter(
        x=[spot for spot, _place in others],
        y=[place for _each, place in others],
        mode="markers",
        marker=second_mark(theme, 17),
        cliponaxis=False,
    )
    figure.add_scatter(
        x=[row.percentile for row in rows], y=at, mode="markers", marker=client_mark(theme), cliponaxis=False
    )
    calm(figure, theme, _row * len(rows) + 44, l=14, r=22, t=0, b=44)
    figure.update_xaxes(
        range=[0, 1],
        tickvals=[0, 0.25, 0.5, 0.75, 1],
        ticktext=[share(quarter / 4) for quarter in range(5)],
        ticks="",
        title={"text": _("Share of the clients who are below"), "font": {"size": 12}, "standoff": 8},
    )
    # Room for the first row's words, which stand above its track.
    figure.update_yaxes(visible=False, range=[-len(rows) + 0.62, 0.62])
    return figure


def radar(rows: Sequence[ColumnStanding], theme: Theme) -> go.Figure:
    """The same as spokes from the lowest client, in the centre, to the highest; the middle half is a ring."""
    spokes = [_broken(row.label) for row in rows]
    closed = [*spokes, spokes[0]]
    figure = go.Figure()
    for radius, fill in ((0.75, theme.data_soft), (0.25, theme.surface)):
        figure.add_scatterpolar(
            r=[radius] * len(closed), theta=closed, mode="lines", fill="toself", fillcolor=fill, line={"width": 0}
        )
    figure.add_scatterpolar(
        r=[0.5] * len(closed), theta=closed, mode="lines", line={"color": theme.data, "width": 1, "dash": "dot"}
    )
    second = [row.second for row in rows]
    if all(value is not None for value in second):
        figure.add_scatterpolar(
            r=[*second, second[0]],
            theta=closed,
            mode="lines+markers",
            line={"color": theme.second, "width": 2, "dash": "dash"},
            marker=second_mark(theme, 11),
        )
    own = [row.percentile for row in rows]
    figure.add_scatterpolar(
        r=[*own, own[0]],
        theta=closed,
        mode="lines+markers",
        line={"color": theme.ink, "width": 2},
        marker=client_mark(theme, 10),
    )
    calm(figure, theme, 400, l=76, r=76, t=44, b=44)
    figure.update_polars(
        bgcolor="rgba(0,0,0,0)",
        gridshape="linear",
        radialaxis={
            "range": [0, 1],
            "tickvals": [0.25, 0.5, 0.75],
            "ticktext": [share(quarter / 4) for quarter in (1, 2, 3)],
            "tickfont": {"size": 10, "color": theme.ink_muted},
            "gridcolor": theme.line,
            "showline": False,
            "angle": 90,
            "tickangle": 90,
        },
        angularaxis={
            "rotation": 90,
            "direction": "clockwise",
            "gridcolor": theme.line,
            "linecolor": theme.line,
            "tickfont": {"size": 11, "color": theme.ink},
        },
    )
    return figure


def _bar(at: float, start: float, end: float, half: float, colour: str) -> dict[str, object]:
    return {
        "type": "rect",
        "x0": start,
        "x1": end,
        "y0": at - half,
        "y1": at + half,
        "fillcolor": colour,
        "line": {"width": 0},
        "layer": "below",
    }


def _broken(text: str) -> str:
    """The text over at most three lines."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= _spoke:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join([*lines[:2], shortened(" ".join(lines[2:]), _spoke)] if len(lines) > 2 else lines)
