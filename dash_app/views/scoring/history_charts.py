"""The charts of a client's history, by month before the application, as drawings that the style sheet colours.

Nothing is asked of them but a look: as text they are there at once, in either theme, and no script has to be fetched
and run for them (0.3 s of a core with each client).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from dash import html

from core.text.formats import format_number, format_share, format_years
from dash_app.components.marks import aria
from dash_app.components.markup import Drawn
from dash_app.i18n import _, language

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dash.development.base_component import Component

    from core.contract.clients.history import CardMonthAnswer, PaymentMonthAnswer

months_shown: Final = 36
# Lines across a chart, at most.
_steps: Final = 3
# Of the place of a month.
_bar_width: Final = 0.75
# What is left free above the highest bar, as a part of it.
_headroom: Final = 0.05
# Today stands half a month from the end of the scale.
_last: Final = 0.5
_hatch: Final = Drawn(
    "pattern",
    {
        "id": "past-hatch",
        "width": "5",
        "height": "5",
        "patternUnits": "userSpaceOnUse",
        "patternTransform": "rotate(45)",
    },
    (
        Drawn("rect", {"class": "past-late", "width": "5", "height": "5"}),
        Drawn("rect", {"class": "past-stripe", "width": "1.5", "height": "5"}),
    ),
)


def payments_chart(months: Sequence[PaymentMonthAnswer], label: str) -> Component:
    """Instalments by month: on time below, late on top and hatched; `label` says the same in words."""
    shown = [month for month in months if month.month >= -months_shown]
    at = [month.month for month in shown]
    most = max([1, *(month.instalments for month in shown)])
    top = most * (1 + _headroom)
    bars: list[Drawn] = []
    for month in shown:
        in_time = month.instalments - month.late
        bars += _bar("past-in-time", at, month.month, 0, in_time / top)
        bars += _bar("past-hatched", at, month.month, in_time / top, month.late / top)
    # Whole instalments only, four steps at most.
    ticks = [(tick / top, format_number(tick, language())) for tick in range(0, most + 1, math.ceil(most / _steps))]
    return _chart([_hatch, *bars], ticks, at, label)


def cards_chart(months: Sequence[CardMonthAnswer], label: str) -> Component:
    """The share of the card limit that was used, by month, with a line at all of it; `label` says the same in words."""
    shown = [month for month in months if month.month >= -months_shown and month.limit > 0]
    at = [month.month for month in shown]
    # What a client has to the good is no use of the limit.
    used = [max(month.balance / month.limit, 0.0) for month in shown]
    top = max([1 + _headroom, *used])
    ticks = [place / 2 for place in range(math.floor(2 * top) + 1)] if top < _steps else [0, 1, math.floor(top)]
    points = [f"{_across(at, month):.2f} {100 * (1 - share / top):.2f}" for month, share in zip(at, used, strict=True)]
    # A single month is a line to itself, of which its round ends are seen.
    line = f"M{'L'.join(points * 2 if len(points) == 1 else points)}" if points else ""
    name = "past-used past-alone" if len(points) == 1 else "past-used"
    area = f"{line}L{_across(at, at[-1]):.2f} 100L{_across(at, at[0]):.2f} 100Z" if points else ""
    drawn = Drawn(
        "svg",
        # As wide as its place, whatever that is: shares of both, which no line gets thicker by.
        {"width": "100%", "height": "100%", "viewBox": "0 0 100 100", "preserveAspectRatio": "none"},
        (Drawn("path", {"class": "past-area", "d": area}), Drawn("path", {"class": name, "d": line})),
    )
    ends = [(tick / top, format_share(tick, language())) for tick in ticks]
    return _chart([drawn, _line("past-limit", 1 / top)], ends, at, label)


def _chart(marks: Iterable[Drawn], ticks: Sequence[tuple[float, str]], at: Sequence[int], label: str) -> Component:
    """Marks over lines at the ticks, whose words stand to the left, and a tick a year below."""
    lines = [_line("past-line", tick) for tick, _words in ticks]
    drawing = Drawn("svg", {"class": "past-plot", "focusable": "false"}, (*lines, *marks))
    scale = [html.Span(words, style={"bottom": f"{100 * tick:.2f}%"}) for tick, words in ticks]
    # Beside the drawing and as wide, so that its places are theirs.
    frame: list[Any] = [drawing, html.Div(_years(at), className="past-years")]
    return html.Div(
        [html.Div(scale, className="past-scale"), html.Div(frame, className="past-frame")],
        className="past-chart",
        role="img",
        **aria(label=label),
    )


def _years(at: Sequence[int]) -> list[Component]:
    # A tick a year: today stands at the right.
    first = min(at, default=-12)
    years = range(-(-first // 12) * 12, 1, 12)
    return [
        html.Span(
            _("today") if year == 0 else _("{duration} ago", duration=format_years(-year // 12, language())),
            style={"left": f"{_across(at, year):.2f}%"},
            className="past-today" if year == 0 else None,
        )
        for year in years
    ]


def _line(name: str, share: float) -> Drawn:
    """Across the chart, where a share of its height is."""
    return Drawn("line", {"class": name, "x1": "0", "x2": "100%", "y1": _down(share), "y2": _down(share)})


def _bar(name: str, at: Sequence[int], month: int, foot: float, height: float) -> list[Drawn]:
    if height <= 0:
        return []
    width = _across(at, month + _bar_width) - _across(at, month)
    place = {"x": f"{_across(at, month) - width / 2:.2f}%", "y": _down(foot + height)}
    return [Drawn("rect", {"class": name, **place, "width": f"{width:.2f}%", "height": f"{100 * height:.2f}%"})]


def _across(at: Sequence[int], month: float) -> float:
    """Where a month is between the first that is shown and today, in hundredths."""
    first = min(at, default=-12) - 1
    return 100 * (month - first) / (_last - first)


def _down(share: float) -> str:
    return f"{100 * (1 - share):.2f}%"
