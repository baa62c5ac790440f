"""Spellings of names and values, so that callers' and files' are read by the same rule."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from core.catalogue.entries import columns, features, read_rows

# What programs put between the words of a name, and signs that nobody sees.
_between: Final = re.compile(r"[\s_.\u00ad\u200b\ufeff-]+")
# `FLAG_DOCUMENT_2.1` is not `FLAG_DOCUMENT_21`.
_not_between_digits: Final = re.compile(r"(?<!\d)_|_(?!\d)")

# What the earlier system's clients send for `CODE_GENDER`, as 0 or 1.
legacy_gender: Final = "CODE_GENDER_M"


def known_name(name: str) -> str | None:
    """The catalogue's name of an application column or history feature, by any name of the same `name_key`.

    None where there is no such name. `CODE_GENDER_M` is the earlier name of `CODE_GENDER`.
    """
    return _names_by_key().get(name_key(name))


def name_key(name: str) -> str:
    """What names have in common that differ in case and in what stands between their words.

    >>> name_key("AMT_CREDIT") == name_key("amt.credit") == name_key("Amt Credit") == name_key("amtCredit")
    True
    """
    return _not_between_digits.sub("", _between.sub("_", name.upper()))


def spelling(name: str) -> str:
    """A name in the one spelling in which the catalogue writes all of its own."""
    return _between.sub("_", name.strip().upper())


@cache
def spellings() -> dict[str, tuple[str, ...]]:
    """What files write for what is missing, yes, no, male, female and currencies: in small letters, by meaning."""
    by_meaning: dict[str, tuple[str, ...]] = {}
    for row in read_rows("spellings.csv"):
        by_meaning[row["meaning"]] = (*by_meaning.get(row["meaning"], ()), row["spelling"])
    return by_meaning


@cache
def _names_by_key() -> dict[str, str]:
    names = [column.name for column in columns()]
    names += [feature.name for feature in features() if feature.table != "application"]
    return {name_key(name): name for name in names} | {name_key(legacy_gender): "CODE_GENDER"}
