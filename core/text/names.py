"""Names that a caller sends, as an answer repeats them: short ones, and no more of them than anybody reads.

An answer that grew with what was sent would let a small body cost much, and hide what matters among what does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Item = TypeVar("Item")

max_errors: Final = 100
"""So many fields that cannot be used are named in an answer."""
max_fields: Final = 20
"""So many fields that were not used are named of an application."""
max_columns: Final = 200
"""So many columns of a file that were not used are named."""
max_listed_columns: Final = 20
"""So many columns are listed of which something is to be known in rows of a file; all of them are counted."""

_longest: Final = 64


def short(name: str) -> str:
    """The name of a field as it may be repeated to whoever sent it: 64 characters at most."""
    return name if len(name) <= _longest else name[:_longest] + "…"


def capped(items: Iterable[Item], most: int) -> tuple[Sequence[Item], int]:
    """The first items, and how many there are beyond them."""
    all_items = list(items)
    return all_items[:most], max(0, len(all_items) - most)


def listed(names: Iterable[str], most: int = max_fields) -> str:
    """Names for a sentence of any language: `A, B, C`, or `A, B, … (+4)` where there are more."""
    first, more = capped(names, most)
    text = ", ".join(map(short, first))
    return f"{text}, … (+{more})" if more else text
