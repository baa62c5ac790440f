"""Small charts as figures of inline SVG; shapes and patterns tell the sides apart, not colour alone."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_width: Final = 560
_height: Final = 150
_margin: Final = 8
_bar: Final = 9
_label_width: Final = 210
_longest_label: Final = 34


def outlines(
    edges: Sequence[float], reference: Sequence[float], current: Sequence[float], described: str, ends: tuple[str, str]
) -> str:
    """Two histograms over one another: the reference filled, the current rows as a dashed line.

    Args:
        edges: ascending, one more than there are bins.
        reference, current: shares by bin.
        described: what a reader who does not see the chart is told.
        ends: the first and the last edge, as they are written below.
    """
    highest = max(*reference, *current) or 1.0
    low, high = edges[0], edges[-1]

    def path(values: Sequence[float]) -> str:
        points = [f"M{_margin} {_height}"]
        for value, left, right in zip(values, edges, edges[1:], strict=False):
            top = _height - value / highest * (_height - _margin)
            points.append(f"L{_across(left, low, high)} {top:.1f}L{_across(right, low, high)} {top:.1f}")
        return "".join([*points, f"L{_width - _margin} {_height}"])

    return _svg(
        _height + 20,
        described,
        f'<path class="reference" d="{path(reference)}Z"/><path class="current" d="{path(current)}"/>'
        f'<line class="axis" x1="{_margin}" x2="{_width - _margin}" y1="{_height}" y2="{_height}"/>'
        f'<text x="{_margin}" y="{_height + 15}">{escape(ends[0])}</text>'
        f'<text x="{_width - _margin}" y="{_height + 15}" text-anchor="end">{escape(ends[1])}</text>',
    )


def bars(parts: Sequence[tuple[str, float, float]], described: str) -> str:
    """Pairs of bars: the reference solid, the current rows hatched.

    Args:
        parts: name, share of the reference, share of the current rows.
        described: as for `outlines`.
    """
    highest = max(max(before, after) for _, before, after in parts) or 1.0
    room, drawn = _width - _label_width - _margin, []
    for place, (name, before, after) in enumerate(parts):
        top = _margin + place * (2 * _bar + 10)
        shown = name if len(name) <= _longest_label else name[: _longest_label - 1] + "…"
        drawn.append(
            f'<text x="{_label_width - 6}" y="{top + _bar + 4}" text-anchor="end">{escape(shown)}</text>'
            f'<rect class="reference" x="{_label_width}" y="{top}" height="{_bar}"'
            f' width="{before / highest * room:.1f}"/>'
            f'<rect class="current hatched" x="{_label_width}" y="{top + _bar}" height="{_bar}"'
            f' width="{after / highest * room:.1f}"/>'
        )
    return _svg(_margin + len(parts) * (2 * _bar + 10), described, "".join(drawn))


def boxes(reference: Sequence[float], current: Sequence[float], described: str, names: tuple[str, str]) -> str:
    """The 5, 25, 50, 75 and 95 % quantiles of both sides, one above the other.

    Args:
        reference, current: five ascending numbers each.
        described: as for `outlines`.
        names: what the sides are called.
    """
    low, high = min(reference[0], current[0]), max(reference[-1], current[-1])
    drawn = []
    for place, (side, values, name) in enumerate(
        (("reference", reference, names[0]), ("current", current, names[1])),
    ):
        middle = 24 + place * 44
        at = [_across(each, low, high) for each in values]
        drawn.append(
            f'<text x="{_margin}" y="{middle - 13}">{escape(name)}</text>'
            f'<line class="axis" x1="{at[0]}" x2="{at[4]}" y1="{middle}" y2="{middle}"/>'
            f'<rect class="{side}" x="{at[1]}" y="{middle - 8}" width="{max(at[3] - at[1], 1):.1f}" height="16"/>'
            f'<line class="median" x1="{at[2]}" x2="{at[2]}" y1="{middle - 10}" y2="{middle + 10}"/>'
        )
    return _svg(84, described, "".join(drawn))


def calibration(
    reference: Sequence[tuple[float, float]], current: Sequence[tuple[float, float]], described: str, top: str
) -> str:
    """Predicted against observed shares: circles for the reference, diamonds for the current rows.

    Args:
        reference, current: predicted and observed share of each tenth.
        described: as for `outlines`.
        top: the highest share drawn, as it is written.
    """
    size = 240
    highest = max((max(each) for each in (*reference, *current)), default=1.0) or 1.0

    def place(point: tuple[float, float]) -> tuple[float, float]:
        room = size - 2 * _margin
        return round(_margin + point[0] / highest * room, 1), round(size - _margin - point[1] / highest * room, 1)

    circles = "".join(
        f'<circle class="reference" cx="{x}" cy="{y}" r="5"/>' for x, y in (place(each) for each in reference)
    )
    diamonds = "".join(
        f'<path class="current hatched" d="M{x} {y - 6:.1f}l6 6l-6 6l-6-6Z"/>'
        for x, y in (place(each) for each in current)
    )
    far = size - _margin
    return _svg(
        size + 18,
        described,
        f'<line class="axis" x1="{_margin}" y1="{far}" x2="{far}" y2="{_margin}"/>{circles}{diamonds}'
        f'<text x="{_margin}" y="{size + 12}">0</text>'
        f'<text x="{far}" y="{size + 12}" text-anchor="end">{escape(top)}</text>',
        size,
    )


def _across(value: float, low: float, high: float) -> float:
    # Halved first: the distance of the largest numbers there are would overflow.
    span = high / 2 - low / 2
    share = (value / 2 - low / 2) / span if span > 0 else 0.5
    return round(_margin + share * (_width - 2 * _margin), 1)


def _svg(height: int, described: str, drawn: str, width: int = _width) -> str:
    said = escape(described)
    return (
        f'<figure><svg role="img" aria-label="{said}" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}">{drawn}</svg><figcaption aria-hidden="true">{said}</figcaption></figure>'
    )
