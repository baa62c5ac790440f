"""What is repeated reads like the list that it stands for, and is looked at once."""

from __future__ import annotations

import pytest

from core.columnar.sequences import Repeated, mapped
from core.contract.json_rows import json_rows


def test_it_reads_like_a_list() -> None:
    repeated, listed = Repeated("a", 3), ["a"] * 3
    assert (len(repeated), list(repeated), repeated[1], repeated[-1]) == (3, listed, "a", "a")
    assert (repeated[1:], repeated.count("a"), "b" in repeated) == (listed[1:], 3, False)
    assert repeated == listed
    assert repeated not in (listed[1:], ["a", "b", "a"], 3)
    assert Repeated(None, 0) == []
    assert not Repeated(None, 0)
    for place in (3, -4):
        with pytest.raises(IndexError):
            repeated[place]


def test_a_function_is_asked_once_of_what_is_repeated() -> None:
    asked = []
    assert list(mapped(lambda thing: asked.append(thing) or len(asked), Repeated("a", 3))) == [1, 1, 1]  # type: ignore[func-returns-value]
    assert asked == ["a"]


def test_its_json_is_that_of_the_list() -> None:
    for value in (None, 0.5, float("nan"), "50 % « d'elle »", ["a"], ()):
        columns = {"id": [7, 8], "said": Repeated(value, 2)}
        assert json_rows(columns, 2) == json_rows(columns | {"said": [value, value]}, 2)
