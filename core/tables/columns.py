"""Column matching: names of a file to those of the catalogue, by names they also go by, or not at all."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from core import catalogue
from core.catalogue.similar_names import similar_names
from core.catalogue.spelling import spelling
from core.tables.errors import UnusableFile
from core.tables.header.one_hot import OneHot, one_hot_columns, places_apart
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
        one_hot: categories that are in several columns; `aliases` names these, `names` does not.
        similar: of `unknown` names that are one slip away from a column which the file lacks, and that column's.
    """

    names: dict[int, str]
    exact: tuple[str, ...]
    aliases: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    similar: tuple[tuple[str, str], ...] = ()
    one_hot: tuple[OneHot, ...] = ()

    def read(self) -> dict[int, str]:
        """Under which name each column is read that is used, by its position, until `collapse` has made them one."""
        return self.names | {place: key for group in self.one_hot for place, key in group.keys().items()}

    def known(self) -> tuple[str, ...]:
        """The names in the catalogue of what the file has."""
        return (*self.names.values(), *(group.name for group in self.one_hot))


def match_columns(header: Sequence[str]) -> ColumnMatch:
    """Finds each column of a file in the catalogue.

    Args:
        header: the names in the file, in its order.

    Raises:
        UnusableFile: where a column is there twice, or none is an application column; or where it is not clear which
            column a name means, and without that column nobody should be decided on.
    """
    names: dict[int, str] = {}
    aliases: list[tuple[str, str]] = []
    rest: list[int] = []
    merged = _merged_names(header)
    for place, heading in enumerate(header):
        name = catalogue.known_name(heading) or merged.get(place)
        if name is None:
            rest.append(place)
            continue
        names[place] = name
        if name != heading:
            aliases.append((shown(heading), name))
    known_names = list(names.values())
    # Without a name, a column can be there as often as it likes.
    others = (heading for place, heading in enumerate(header) if place not in names and heading)
    twice = sorted({shown(name) for name, count in Counter((*known_names, *others)).items() if count > 1})
    catalogue_names = [column.name for column in catalogue.columns() if column.name != "TARGET"]
    one_hot = one_hot_columns(header, rest, set(known_names))
    parts = {place: group.name for group in one_hot for place, _ in group.codes}
    aliases += [(shown(header[place]), name) for place, name in parts.items()]
    unknown = [shown(header[place]) for place in rest if place not in parts]
    present = {*known_names, *parts.values()}
    # Before anything of the first line is repeated: without a known name it may be a row.
    if not present & (set(catalogue_names) - {"SK_ID_CURR", "CODE_GENDER"}):
        raise UnusableFile(
            "file_no_header" if any(_is_value(heading) for heading in header) else "file_no_known_column"
        )
    if twice:
        raise UnusableFile("file_column_twice", columns=listed(twice))
    if unclear := _unclear_names(unknown, present):
        raise UnusableFile("file_names_unclear", columns=listed(unclear))
    renamed = {name for _, name in aliases}
    return ColumnMatch(
        names,
        tuple(name for name in known_names if name not in renamed),
        tuple(aliases),
        tuple(unknown),
        tuple(name for name in catalogue_names if name not in present),
        tuple(similar_names(unknown, present)),
        one_hot,
    )


@cache
def number_columns() -> frozenset[str]:
    """Names in the catalogue of what an application's file has in numbers, whose text nobody needs.

    That of the client is none: a float keeps fifteen digits.
    """
    columns = (column.name for column in catalogue.columns() if column.type not in ("category", "id"))
    history = (feature.name for feature in catalogue.features() if feature.table != "application")
    return frozenset((*columns, *history))


def _merged_names(header: Sequence[str]) -> dict[int, str]:
    """The columns that a join of two tables has given a suffix (`AMT_CREDIT_x`), by their position in the file.

    Only where nothing else in the file goes by the name.

    Raises:
        UnusableFile: where several do, one of which pandas has marked `_x` or `_y`: each may be the one that is meant.
    """
    places: dict[str, list[int]] = {}
    apart = places_apart(header)
    for place, heading in enumerate(header):
        suffix = _suffix.search(heading)
        if suffix is not None and place not in apart and catalogue.known_name(heading) is None:
            name = catalogue.known_name(heading[: suffix.start()])
            if name is not None:
                places.setdefault(name, []).append(place)
    if not places:
        return {}
    plain = {name for heading in header if (name := catalogue.known_name(heading)) is not None}
    of_pandas = {
        name for name, positions in places.items() for place in positions if header[place].lower()[-2:] in ("_x", "_y")
    }
    several = {name for name, positions in places.items() if len(positions) > 1 or name in plain} & of_pandas
    if several:
        unclear = (shown(header[place]) for name in sorted(several) for place in places[name])
        raise UnusableFile("file_names_unclear", columns=listed(list(unclear)))
    return {positions[0]: name for name, positions in places.items() if len(positions) == 1 and name not in plain}


def _unclear_names(unknown: Sequence[str], present: set[str]) -> list[str]:
    """Unknown names that begin as that of an essential column does which the file lacks."""
    lacking = tuple(f"{column.name}_" for column in catalogue.essential_columns() if column.name not in present)
    return [heading for heading in unknown if lacking and spelling(heading).startswith(lacking)]


# What pandas and Polars add to a name that both tables of a join have, or that is there twice.
_suffix: Final = re.compile(r"(?:_[xy]|_left|_right|\.\d+)\s*$", re.IGNORECASE)


def _is_value(text: str) -> bool:
    """Whether a cell of the first line is a number, which no name is."""
    return text.strip().lstrip("+-").replace(",", ".").replace(".", "", 1).isdigit()


def shown(name: str) -> str:
    """A name that comes from a file, as it may be repeated to a reader."""
    return name if len(name) <= _longest_shown else name[:_longest_shown] + "…"
