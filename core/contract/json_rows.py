"""Rows of an answer as JSON, written column by column: what all rows say alike is written once."""

from __future__ import annotations

from itertools import repeat
from operator import is_
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic_core import to_json

from core.columnar.sequences import Repeated

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

Thing = TypeVar("Thing", bound="Hashable")

_numbers: Final = frozenset({int, float, bool, type(None)})


def json_rows(columns: Mapping[str, Sequence[Any]], count: int) -> bytes:
    """A JSON array of objects, as `pydantic_core.to_json` writes it; numbers that JSON cannot say become null.

    Args:
        columns: the fields in their order, with the value of each row.
        count: how many rows.

    >>> json_rows({"id": [7, 8], "said": ["yes", "yes"], "share": [0.5, None]}, 2)
    b'[{"id":7,"said":"yes","share":0.5},{"id":8,"said":"yes","share":null}]'
    """
    if not count:
        return b"[]"
    parts, varying = [], []
    for name, values in columns.items():
        texts = _texts(values)
        key = _escaped(to_json(name))
        if isinstance(texts, bytes):
            parts.append(b"%b:%b" % (key, _escaped(texts)))
        else:
            parts.append(key + b":%b")
            varying.append(texts)
    row = b"{" + b",".join(parts) + b"}"
    if not varying:
        return b"[" + b",".join([row % ()] * count) + b"]"
    return b"[" + b",".join([row % texts for texts in zip(*varying, strict=True)]) + b"]"


def said_of(things: Sequence[Thing], say: Callable[[Thing], Mapping[str, Any]]) -> dict[str, Sequence[Any]]:
    """What is said of things, one or more, field by field: of many the same is said, which is made once.

    >>> said_of([1, 2, 1], lambda number: {"odd": number % 2 == 1})
    {'odd': [True, False, True]}
    """
    said = {thing: say(thing) for thing in ({things.value} if isinstance(things, Repeated) else set(things))}
    first = next(iter(said.values()))
    if len(said) == 1:
        return {name: Repeated(value, len(things)) for name, value in first.items()}
    return {name: [said[thing][name] for thing in things] for name in first}


def _texts(values: Sequence[Any]) -> list[bytes] | bytes:
    """The JSON of each value; of all of them where it is the same object."""
    if isinstance(values, Repeated) or all(map(is_, values, repeat(values[0]))):
        return to_json(values[0], inf_nan_mode="null")
    kinds = set(map(type, values))
    if kinds <= _numbers:
        return to_json(values, inf_nan_mode="null")[1:-1].split(b",")
    if kinds == {str}:
        # Within a text a quote has a backslash before it: only between two texts there is none.
        return [b'"%b"' % text for text in to_json(values)[2:-2].split(b'","')]
    # Many rows have the same object.
    distinct = {id(value): value for value in values}
    texts = {key: to_json(value, inf_nan_mode="null") for key, value in distinct.items()}
    return [texts[id(value)] for value in values]


def _escaped(text: bytes) -> bytes:
    return text.replace(b"%", b"%%")
