"""The distribution of the risks of a file: a histogram on both sides of the threshold, with its message in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import plotly.graph_objects as go

from core.text.formats import format_number, format_probability, format_share
from dash_app.i18n import _, language, plural
from dash_app.views.comparison.figures.style import calm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash_app.shell.theme import Theme

_height: Final = 260
# Beyond this share of the rows the scale ends: the tail is long and thin.
_shown_share: Final = 0.995
_max_bars: Final = 60
_max_counted_singly: Final = 5
_most_ticks: Final = 6


def shown_bins(counts: Sequence[int]) -> int:
    """How many bins from 0 are worth showing: those that hold nearly all rows, and at least ten."""
    total, so_far = sum(counts), 0
    for place, count in enumerate(counts, 1):
        so_far += count
        if so_far >= _shown_share * total:
            return min(max(place + 1, 10), len(counts), _max_bars)
    return min(len(counts), _max_bars)


def histogram(counts: Sequence[int], threshold: float, theme: Theme) -> go.Figure:
    """Rows by probability of default.

    Args:
        counts: rows by bin; bins of equal width from 0 to 1.
        threshold: from which an application is refused; a line, and the colour and pattern of the bars.
    """
    lang, width = language(), 1 / len(counts)
    bars = shown_bins(counts)
    edges = [place * width for place in range(bars)]
    against = [edge + width / 2 >= threshold for edge in edges]
    texts = [
        plural(
            "{low} to {high}: {count} application",
            "{low} to {high}: {count} applications",
            count,
            low=format_probability(edge, lang),
            high=format_probability(edge + width, lang),
            count=format_number(count, lang),
        )
        for edge, count in zip(edges, counts, strict=False)
    ]
    figure = go.Figure(
        go.Bar(
            x=[edge + width / 2 for edge in edges],
            y=list(counts[:bars]),
            width=width * 0.9,
            marker={
                "color": [theme.against if is_refused else theme.supports for is_refused in against],
                "pattern": {
                    "shape": ["/" if is_refused else "" for is_refused in against],
                    "fgcolor": theme.surface,
                    "size": 5,
                },
            },
            customdata=texts,
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    calm(figure, theme, _height, l=52, b=44, t=26)
    figure.add_vline(x=threshold, line={"color": theme.ink, "width": 2, "dash": "dot"})
    figure.add_annotation(
        x=threshold,
        y=1,
        yref="paper",
        yanchor="bottom",
        xanchor="left",
        showarrow=False,
        text=_("refused from {threshold}", threshold=format_probability(threshold, lang)),
        font={"color": theme.ink, "size": 12},
    )
    ticks_at = _ticks(bars * width)
    figure.update_xaxes(
        title=_("Probability of default"),
        tickvals=ticks_at,
        ticktext=[format_share(tick, lang) for tick in ticks_at],
        range=[0, bars * width],
        title_font={"size": 12},
    )
    # Few applications are counted one by one: halves, shown as whole numbers, would come twice.
    ticks = {"dtick": 1} if max(counts, default=0) <= _max_counted_singly else {"nticks": 5}
    figure.update_yaxes(title=_("Applications"), title_font={"size": 12}, tickformat=",d", **ticks)
    figure.update_layout(separators=",\u202f" if lang == "fr" else ".,")
    return figure


def _ticks(end: float) -> list[float]:
    """From 0 to the end of the scale, a round percentage apart; few, as a phone has room for no more."""
    step = next(step for step in (0.01, 0.02, 0.05, 0.1, 0.2) if end / step < _most_ticks)
    return [place * step for place in range(int(end / step + 1e-9) + 1)]


def histogram_text(counts: Sequence[int], accepted: int, refused: int, threshold: float) -> str:
    """What the histogram says, for those who do not see it."""
    lang, total = language(), accepted + refused
    middle, so_far = 0.0, 0
    for place, count in enumerate(counts):
        so_far += count
        if so_far * 2 >= total:
            middle = (place + 0.5) / len(counts)
            break
    return _(
        "Histogram: half of the applications have a risk below about {middle}. Below the threshold of {threshold}, so "
        "accepted: {accepted}; refused: {refused}.",
        middle=format_probability(middle, lang),
        accepted=format_number(accepted, lang),
        refused=format_number(refused, lang),
        threshold=format_probability(threshold, lang),
    )
