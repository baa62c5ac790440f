"""Similar names: of a column that no catalogue knows, the one that was probably meant, for its sender to say."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

from core.catalogue.entries import columns, features
from core.catalogue.spelling import spelling

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_digits: Final = re.compile(r"\d+")


def similar_names(unknown: Iterable[str], present: Collection[str]) -> list[tuple[str, str]]:
    """Names of a file that are one slip away from a name of the catalogue which the file lacks.

    A slip is an accent, an invisible sign, or one character that is wrong, missing, too many or out of place. Digits
    are never slips: `EXT_SOURCE_4` and `FLAG_DOCUMENT_22` are other columns. Names are looked up by what is left of
    them without one character, so that the time grows as their number does and not as its square.

    Args:
        unknown: names as they stand in the file.
        present: names of the catalogue that the file has.

    Returns:
        The name in the file and the catalogue's, where just one can be meant; in the order of the file.
    """
    index, longest = _index()
    pairs = []
    for unknown_name in unknown:
        name = _plain(unknown_name)
        if not name or len(name) > longest + 1:
            continue
        numbers = _digits.findall(name)
        near = {
            known
            for key in _without_one(name)
            for known in index.get(key, ())
            if known not in present and _digits.findall(known) == numbers
        }
        if len(near) == 1:
            pairs.append((unknown_name, near.pop()))
    return pairs


def _plain(name: str) -> str:
    """A name without accents and signs that nobody sees, in the spelling of the catalogue."""
    letters = unicodedata.normalize("NFKD", name)
    return spelling("".join(letter for letter in letters if unicodedata.category(letter) not in ("Mn", "Cf", "Cc")))


def _without_one(name: str) -> Iterator[str]:
    """A name, and what is left of it without each of its characters."""
    yield name
    for place in range(len(name)):
        yield name[:place] + name[place + 1 :]


@cache
def _index() -> tuple[dict[str, tuple[str, ...]], int]:
    """The names of the catalogue by themselves and by what is left of them; the length of the longest."""
    names = [column.name for column in columns()]
    names += [feature.name for feature in features() if feature.table != "application"]
    index: dict[str, tuple[str, ...]] = {}
    for name in names:
        for key in set(_without_one(spelling(name))):
            index[key] = (*index.get(key, ()), name)
    return index, max(map(len, names))
