"""Column matching: names of a file to those of the catalogue, by names they also go by, or not at all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core import catalogue
from core.tables.errors import UnusableFile
from core.text.names import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

# The longest part of a file's own column name that is repeated to a reader, and how many of them are in a refusal.
_longest_shown: Final = 64


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """What the columns of a file are.

    Attributes:
        names: the name in the catalogue of each column that is used, by its position in the file.
        exact: names that stand in the file as in the catalogue.
        aliases: the file's name of a column that goes by another, and the catalogue's.
        unknown: names that are in no catalogue; these columns are not used.
        missing: application columns that the file lacks; they count as missing values.
    """

    names: dict[int, str]
    exact: tuple[str, ...]
    aliases: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]


def match_columns(header: Sequence[str]) -> ColumnMatch:
    """Finds each column of a file in the catalogue.

    Args:
        header: the names in the file, in its order.

    Raises:
        UnusableFile: where a column is there twice, or none is an application column.
    """
    names: dict[int, str] = {}
    aliases: list[tuple[str, str]] = []
    unknown: list[str] = []
    for place, given in enumerate(header):
        name = catalogue.known_name(given)
        if name is None:
            unknown.append(shown(given))
            continue
        names[place] = name
        if name != given:
            aliases.append((shown(given), name))
    found = list(names.values())
    # Without a name, a column can be there as often as it likes.
    others = (given for place, given in enumerate(header) if place not in names and given)
    twice = sorted({shown(name) for name, count in Counter((*found, *others)).items() if count > 1})
    wanted = [each.name for each in catalogue.columns() if each.name != "TARGET"]
    present = set(found)
    # Before anything of the first line is repeated: without a known name it may be a row.
    if not present & (set(wanted) - {"SK_ID_CURR", "CODE_GENDER"}):
        raise UnusableFile("file_no_header" if any(_is_value(given) for given in header) else "file_no_known_column")
    if twice:
        raise UnusableFile("file_column_twice", columns=listed(twice))
    renamed = {name for _, name in aliases}
    return ColumnMatch(
        names,
        tuple(each for each in found if each not in renamed),
        tuple(aliases),
        tuple(unknown),
        tuple(each for each in wanted if each not in present),
    )


def _is_value(text: str) -> bool:
    """Whether a cell of the first line is a number, which no name is."""
    return text.strip().lstrip("+-").replace(",", ".").replace(".", "", 1).isdigit()


def shown(name: str) -> str:
    """A name that comes from a file, as it may be repeated to a reader."""
    return name if len(name) <= _longest_shown else name[:_longest_shown] + "…"
