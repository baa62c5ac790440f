"""Columnar sequences: many things of a kind held by their attributes, one of which is made only where it is asked for.

To make a thousand applications and a thousand decisions, and to take them apart again, takes longer than to decide.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property
from itertools import repeat
from typing import TYPE_CHECKING, Any, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Thing = TypeVar("Thing")
Other = TypeVar("Other")


class Columnar(Sequence[Thing]):
    """A sequence that knows what an attribute is of all that are in it, without making them."""

    @abstractmethod
    def column(self, name: str) -> Sequence[Any]:
        """An attribute of each, in their order; not to be changed."""

    @abstractmethod
    def rows(self) -> list[Thing]:
        """All of them, made anew."""

    @cached_property
    def _rows(self) -> list[Thing]:
        return self.rows()

    @overload
    def __getitem__(self, place: int) -> Thing: ...

    @overload
    def __getitem__(self, place: slice) -> list[Thing]: ...

    def __getitem__(self, place: int | slice) -> Thing | list[Thing]:
        return self._rows[place]

    def __eq__(self, other: object) -> bool:
        """As a list of the same things."""
        return isinstance(other, Sequence) and self._rows == list(other)

    __hash__ = None  # type: ignore[assignment]


class Repeated(Sequence[Thing]):
    """The same thing so many times: whoever reads it may look at it once.

    >>> list(Repeated("a", 3)), Repeated("a", 3) == ["a", "a", "a"]
    (['a', 'a', 'a'], True)
    """

    __slots__ = ("_count", "value")

    def __init__(self, value: Thing, count: int) -> None:
        self.value = value
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Thing]:
        return repeat(self.value, self._count)

    @overload
    def __getitem__(self, place: int) -> Thing: ...

    @overload
    def __getitem__(self, place: slice) -> list[Thing]: ...

    def __getitem__(self, place: int | slice) -> Thing | list[Thing]:
        places = range(self._count)[place]
        return self.value if isinstance(places, int) else [self.value] * len(places)

    def __eq__(self, other: object) -> bool:
        """As a list of the same things."""
        return isinstance(other, Sequence) and len(other) == self._count and all(self.value == each for each in other)

    __hash__ = None  # type: ignore[assignment]


def column_of(things: Sequence[Any], name: str) -> Sequence[Any]:
    """An attribute of each, in their order; not to be changed.

    >>> column_of([3, 4j], "real")
    [3, 0.0]
    """
    return things.column(name) if isinstance(things, Columnar) else [getattr(thing, name) for thing in things]


def mapped(function: Callable[[Thing], Other], things: Sequence[Thing]) -> Sequence[Other]:
    """What a function makes of each, in their order; it is asked once of what is repeated.

    >>> mapped(abs, [-1, 2]), list(mapped(abs, Repeated(-3, 2)))
    ([1, 2], [3, 3])
    """
    if isinstance(things, Repeated):
        return Repeated(function(things.value), len(things))
    return [function(thing) for thing in things]
