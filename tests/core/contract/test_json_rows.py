"""Rows written column by column: the bytes are those of the rows written as they are."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from core.contract.json_rows import json_rows

texts = st.text(st.sampled_from('a",\\%b é\n\x00😀[]{}:'), max_size=6)
numbers = st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats())
values = st.sampled_from([texts, numbers, st.lists(texts, max_size=2).map(tuple), st.one_of(texts, numbers)])


@st.composite
def columns(draw: st.DrawFn) -> tuple[dict[str, list[Any]], int]:
    """Columns of a few rows, some with the same object in all of them."""
    count = draw(st.integers(0, 4))
    found = {}
    for name in draw(st.lists(texts, max_size=4, unique=True)):
        kind = draw(values)
        found[name] = [draw(kind)] * count if draw(st.booleans()) else [draw(kind) for _ in range(count)]
    return found, count


@given(columns())
def test_the_bytes_are_those_of_the_rows(given_columns: tuple[dict[str, list[Any]], int]) -> None:
    by_name, count = given_columns
    rows = [{name: by_name[name][place] for name in by_name} for place in range(count)]
    assert json_rows(by_name, count) == to_json(rows, inf_nan_mode="null")


def test_what_json_cannot_say_is_null() -> None:
    assert json_rows({"a": [math.nan, 1.0], "b": [math.inf] * 2}, 2) == b'[{"a":null,"b":null},{"a":1.0,"b":null}]'
