"""Columnar sequences: many things of a kind held by their attributes, one of which is made only where it is asked for.

To make a thousand applications and a thousand decisions, and to take them apart again, takes longer than to decide.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Any, TypeVar, overload

Thing = TypeVar("Thing")


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


def column_of(things: Sequence[Any], name: str) -> Sequence[Any]:
    """An attribute of each, in their order; not to be changed.

    >>> column_of([3, 4j], "real")
    [3, 0.0]
    """
    return things.column(name) if isinstance(things, Columnar) else [getattr(thing, name) for thing in things]
