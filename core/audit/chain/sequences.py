"""Numbers of entries as a text of ranges, as a statement on the record names them: "1-2000,2003"."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Range = tuple[int, int]


def ranges_text(numbers: Iterable[int]) -> str:
    """The text of numbers that rise."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(f"{first}-{last}" if first < last else f"{first}" for first, last in ranges)


def ranges_of(text: str) -> tuple[Range, ...]:
    """The ranges of a text, first and last number of each. Raises `ValueError` where it is none."""
    ranges = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        ranges.append((int(first), int(last or first)))
    return tuple(ranges)


def is_within(number: int, ranges: Sequence[Range]) -> bool:
    """Whether a number is in one of the ranges, which rise."""
    place = bisect_right(ranges, (number, number)) - 1
    # A range that begins with the number and ends after it sorts behind it.
    return any(first <= number <= last for first, last in ranges[max(place, 0) : place + 2])
