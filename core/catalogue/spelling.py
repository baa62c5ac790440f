"""Spellings of names and values, so that callers' and files' are read by the same rule."""

from __future__ import annotations

from functools import cache
from typing import Final

from core.catalogue.entries import columns, features, read_rows

# What the earlier system's clients send for `CODE_GENDER`, as 0 or 1.
legacy_gender: Final = "CODE_GENDER_M"


def known_name(name: str) -> str | None:
    """The catalogue's name of an application column or history feature: in any case, spaces or hyphens for underscores.

    None where there is no such name. `CODE_GENDER_M` is the earlier name of `CODE_GENDER`.
    """
    return _names_by_spelling().get(spelling(name))


def spelling(name: str) -> str:
    """A name in the one spelling in which the catalogue writes all of its own."""
    return name.strip().upper().replace(" ", "_").replace("-", "_")


@cache
def spellings() -> dict[str, tuple[str, ...]]:
    """What files write for what is missing, yes, no, male, female and currencies: in small letters, by meaning."""
    by_meaning: dict[str, tuple[str, ...]] = {}
    for row in read_rows("spellings.csv"):
        by_meaning[row["meaning"]] = (*by_meaning.get(row["meaning"], ()), row["spelling"])
    return by_meaning


@cache
def _names_by_spelling() -> dict[str, str]:
    names = [column.name for column in columns()]
    names += [feature.name for feature in features() if feature.table != "application"]
    return {spelling(name): name for name in names} | {legacy_gender: "CODE_GENDER"}
