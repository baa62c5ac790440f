"""Small charts as figures of inline SVG; shapes and patterns tell the sides apart, not colour alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.drift.report.templating import chart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

_width: Final = 560
_height: Final = 150
_margin: Final = 8
_bar: Final = 9
_label_width: Final = 210
_longest_label: Final = 34


def outlines(
    edges: Sequence[float], reference: Sequence[float], current: Sequence[float], described: str, ends: tuple[str, str]
) -> Markup:
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

    return chart(
        "outlines",
        described=described,
        width=_width,
        height=_height + 20,
        left=_margin,
        right=_width - _margin,
        base=_height,
        reference=f"{path(reference)}Z",
        current=path(current),
        ends=ends,
    )


def bars(parts: Sequence[tuple[str, float, float]], described: str) -> Markup:
    """Pairs of bars: the reference solid, the current rows hatched.

    Args:
        parts: name, share of the reference, share of the current rows.
        described: as for `outlines`.
    """
    highest = max(max(before, after) for _, before, after in parts) or 1.0
    room = _width - _label_width - _margin
    pairs = [
        {
            "name": name if len(name) <= _longest_label else name[: _longest_label - 1] + "…",
            "top": _margin + place * (2 * _bar + 10),
            "reference": f"{before / highest * room:.1f}",
            "current": f"{after / highest * room:.1f}",
        }
        for place, (name, before, after) in enumerate(parts)
    ]
    height = _margin + len(parts) * (2 * _bar + 10)
    return chart(
        "bars", described=described, width=_width, height=height, left=_label_width, thickness=_bar, pairs=pairs
    )


def boxes(reference: Sequence[float], current: Sequence[float], described: str, names: tuple[str, str]) -> Markup:
    """The 5, 25, 50, 75 and 95 % quantiles of both sides, one above the other.

    Args:
        reference, current: five ascending numbers each.
        described: as for `outlines`.
        names: what the sides are called.
    """
    low, high = min(reference[0], current[0]), max(reference[-1], current[-1])
    sides = []
    for place, (side, values, name) in enumerate(
        (("reference", reference, names[0]), ("current", current, names[1])),
    ):
        at = [_across(value, low, high) for value in values]
        box = f"{max(at[3] - at[1], 1):.1f}"
        sides.append({"class": side, "name": name, "middle": 24 + place * 44, "at": at, "box": box})
    return chart("boxes", described=described, width=_width, height=84, left=_margin, sides=sides)


def calibration(
    reference: Sequence[tuple[float, float]], current: Sequence[tuple[float, float]], described: str, top: str
) -> Markup:
    """Predicted against observed shares: circles for the reference, diamonds for the current rows.

    Args:
        reference, current: predicted and observed share of each tenth.
        described: as for `outlines`.
        top: the highest share drawn, as it is written.
    """
    size = 240
    highest = max((max(point) for point in (*reference, *current)), default=1.0) or 1.0

    def place(point: tuple[float, float]) -> tuple[float, float]:
        room = size - 2 * _margin
        return round(_margin + point[0] / highest * room, 1), round(size - _margin - point[1] / highest * room, 1)

    return chart(
        "calibration",
        described=described,
        size=size,
        near=_margin,
        far=size - _margin,
        circles=[place(point) for point in reference],
        diamonds=[place(point) for point in current],
        top=top,
    )


def _across(value: float, low: float, high: float) -> float:
    # Halved first: the distance of the largest numbers there are would overflow.
    span = high / 2 - low / 2
    share = (value / 2 - low / 2) / span if span > 0 else 0.5
    return round(_margin + share * (_width - 2 * _margin), 1)
