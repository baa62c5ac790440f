"""The style sheets: what a change of one place costs, which every page pays, as all of them have all sheets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from core.settings import root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

sheets = sorted((root / "assets" / "css").glob("*.css"))
# What a browser finds elements by; a selector that ends without one is looked at for all of them.
name = re.compile(r"^[a-z]|[.#\[]|:(?:is|where)\([a-z]")
state = re.compile(r":has\(|\[")


def selectors(text: str) -> Iterator[str]:
    plain = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    for prelude in re.findall(r"([^{};]+)\{", plain):
        if not prelude.strip().startswith("@"):
            yield from (part.strip() for part in outside_brackets(prelude, ","))


def outside_brackets(text: str, separators: str) -> list[str]:
    """The parts of a text between separators, other than those within brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "([") - (character in ")]")
        if depth == 0 and character in separators:
            parts.append("")
        else:
            parts[-1] += character
    return [part for part in parts if part.strip()]


def restyles_all_below(selector: str) -> bool:
    """Whether a state of an element is told to whatever is below it, each time that it changes."""
    *above, last = outside_brackets(re.sub(r"\s*([>+~])\s*", r"\1", selector), " >")
    # What follows beside an element is few.
    last = outside_brackets(last, "+~")[-1]
    own = re.sub(r":(?:not|has)\((?:[^()]|\([^()]*\))*\)", "", last)
    return any(map(state.search, above)) and not name.search(own)


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        (".row:has([open]) > *", True),
        (".page[data-state] .part > :last-child", True),
        (".page[data-state] .part > :not(.other)", True),
        (".page[data-state] .part > .last", False),
        (".row:has([open]) > :is(th, td)", False),
        (".filled > [data-filled] + *", False),
        (".part > :last-child", False),
    ],
)
def test_it_is_seen_which_selectors_do(selector: str, found: bool) -> None:
    assert restyles_all_below(selector) is found


@pytest.mark.parametrize("sheet", sheets, ids=lambda sheet: sheet.name)
def test_no_change_of_a_state_has_the_whole_page_looked_at(sheet: Path) -> None:
    """Each such selector cost 5 ms of every step of a slider, and one of them stood in the sheet of another page."""
    assert [each for each in selectors(sheet.read_text(encoding="utf-8")) if restyles_all_below(each)] == []
