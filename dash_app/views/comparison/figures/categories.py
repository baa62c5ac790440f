"""Categories of a population, with the client's, and how often each of them defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go

from dash_app.i18n import _
from dash_app.views.comparison.figures.distribution import shares
from dash_app.views.comparison.figures.slices import fewest
from dash_app.views.comparison.figures.style import calm, caption, shortened
from dash_app.views.comparison.values import people, share, share_ticks, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.comparison.choice import Group
    from core.contract.clients.comparison import ComparedCategory
    from dash_app.shell.theme import Theme
    from dash_app.views.comparison.figures.distribution import Marked

_row: Final = 46
_label: Final = 44
_most: Final = 10
_left: Final = (0.0, 0.56)
_right: Final = (0.66, 1.0)
_marks: Final = ("●", "◆")


@dataclass(frozen=True, slots=True)
class Category:
    """One category of the chosen group.

    Attributes:
        label: as the reader knows it.
        clients, part: how many are in it, and what share of the group.
        default_rate, risk: observed, and mean predicted; None where fewer than `slices.fewest` are in it.
        marks: which of the marked clients are in it, as places in their list.
    """

    label: str
    clients: int
    part: float
    default_rate: float | None
    risk: float | None
    marks: tuple[int, ...] = ()


def categories(of: ComparedCategory, group: Group, clients: Sequence[Marked]) -> tuple[Category, ...]:
    """The categories that anybody of all clients is in, the most frequent first."""
    parts = shares(of.counts[group])
    return tuple(
        Category(
            label=written(of.name, code or None),
            clients=of.counts[group][place],
            part=parts[place],
            default_rate=of.default_rate[place] if of.counts[group][place] >= fewest else None,
            risk=of.risk[place] if of.counts[group][place] >= fewest else None,
            marks=tuple(who for who, client in enumerate(clients) if (client.value or "") == code),
        )
        for place, code in enumerate(of.codes)
    )


def bars(rows: Sequence[Category], theme: Theme) -> go.Figure:
    """A bar for each category, its share of the group; beside it the observed and the predicted default rate.

    Args:
        rows: from top to bottom; beyond the first ten only those of marked clients are shown.
    """
    shown = [row for place, row in enumerate(rows) if place < _most or row.marks]
    at = [-float(place) for place in range(len(shown))]
    figure = go.Figure()
    figure.add_bar(
        x=[row.part for row in shown],
        y=at,
        orientation="h",
        width=0.24,
        marker={
            "color": [theme.data if row.marks else theme.data_soft for row in shown],
            "line": {"color": theme.data, "width": 1},
        },
        customdata=[[row.label, share(row.part), people(row.clients)] for row in shown],
        hovertemplate="%{customdata[0]}<br><b>%{customdata[1]}</b> · %{customdata[2]}<extra></extra>",
    )
    rates = (
        (_("observed"), [row.default_rate for row in shown], "circle", theme.against),
        (_("predicted"), [row.risk for row in shown], "diamond-open", theme.supports),
    )
    for name, values, symbol, colour in rates:
        figure.add_scatter(
            x=values,
            y=at,
            xaxis="x2",
            mode="markers",
            cliponaxis=False,
            marker={"symbol": symbol, "size": 9, "color": colour, "line": {"width": 2, "color": colour}},
            customdata=[[row.label, share(rate), name] for row, rate in zip(shown, values, strict=True)],
            hovertemplate="%{customdata[0]}<br><b>%{customdata[1]}</b> %{customdata[2]}<extra></extra>",
        )
    for place, row in zip(at, shown, strict=True):
        marks = "".join(f"{_marks[who]} " for who in row.marks)
        label = shortened(f"{marks}{row.label}", _label)
        figure.add_annotation(caption(f"<b>{label}</b>" if marks else label, 0, "left", place, theme.ink, yref="y"))
    calm(figure, theme, _row * len(shown) + 72, l=12, r=20, t=28, b=36)
    for text, domain in ((_("Share of the clients"), _left), (_("Default rate"), _right)):
        figure.add_annotation(caption(text, domain[0], "left", 1, theme.ink_muted, yref="paper", yshift=12))
    highest = max((rate for row in shown for rate in (row.default_rate, row.risk) if rate is not None), default=0.1)
    figure.update_layout(
        xaxis=_axis(_left, max([row.part for row in shown], default=1.0) * 1.02, 3),
        xaxis2=_axis(_right, highest * 1.1, 2) | {"showgrid": True, "gridcolor": theme.line, "anchor": "y"},
    )
    figure.update_yaxes(visible=False, range=[-len(shown) + 0.66, 0.74])
    return figure


def _axis(domain: tuple[float, float], top: float, most: int) -> dict[str, Any]:
    at, words = share_ticks(top, most + 1)
    return {
        "domain": domain,
        "range": [0, top],
        "tickvals": at,
        "ticktext": words,
        "fixedrange": True,
        "zeroline": False,
        "ticks": "",
    }
