"""An order of the tests by a seed, to find those that stand on what an earlier one left."""

from __future__ import annotations

from random import Random, SystemRandom
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def seed(text: str) -> int:
    """The seed that is meant: a whole number, or another each time for `new`. Raises `ValueError`."""
    return SystemRandom().randrange(2**32) if text == "new" else int(text)


def shuffle(items: list[pytest.Item], chosen: int) -> None:
    """Puts the files in another order, the classes and functions within a file, and the tests within a class.

    A file and a class stay together: their tests share what is dear to make, and a file runs on one core.
    """
    Random(chosen).shuffle(items)  # noqa: S311 - an order is no secret
    for whole in (_class_of, _file_of):
        places: dict[object, int] = {}
        for item in items:
            places.setdefault(whole(item), len(places))
        items.sort(key=lambda item: places[whole(item)])


def _class_of(item: pytest.Item) -> object:
    return getattr(item, "cls", None) or item


def _file_of(item: pytest.Item) -> object:
    return item.path
