"""One-hot columns: a category that a file has as one column of 0 and 1 for each of its codes, made one column again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import polars as pl

from core import catalogue
from core.tables.checking import in_order, listed_problems
from core.tables.errors import UnusableFile
from core.tables.values import read_numbers
from core.text.names import listed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

# What `pandas.get_dummies(dummy_na=True)` calls the column of the missing values.
_missing_name: Final = "nan"


@dataclass(frozen=True, slots=True)
class OneHot:
    """A category in several columns.

    Attributes:
        name: of the category, in the catalogue.
        codes: of each column that says yes or no to a code, its place in the file and the code; None: a missing value.
        whole: whether all codes of the category are there, so that no more than a missing value is left for a row in
            which all say no; else it may also be of a code whose column was left out, as `drop_first` does.
    """

    name: str
    codes: tuple[tuple[int, str | None], ...]
    whole: bool

    def keys(self) -> dict[int, str]:
        """Under which name each of its columns is read, by place: none is a name of the catalogue."""
        return {place: f"{self.name}={_missing_name if code is None else code}" for place, code in self.codes}


@dataclass(frozen=True, slots=True)
class Collapsed:
    """A frame whose one-hot columns are categories.

    Attributes:
        frame: with one column of codes for each category, behind the others.
        problems, readings: what is said of their values, by `core.tables.checking.errors_schema`.
    """

    frame: pl.DataFrame
    problems: pl.DataFrame
    readings: pl.DataFrame


def one_hot_columns(header: Sequence[str], places: Iterable[int], present: Collection[str]) -> tuple[OneHot, ...]:
    """The categories that a file has in several columns.

    Args:
        header: names in the file.
        places: of those that are in no catalogue.
        present: names of the catalogue that the file has otherwise.

    Raises:
        UnusableFile: two columns are of the same code.
    """
    categories: dict[str, dict[str | None, list[int]]] = {}
    for place in places:
        meaning = _meanings().get(_letters(header[place]))
        if meaning is not None and meaning[0] not in present:
            categories.setdefault(meaning[0], {}).setdefault(meaning[1], []).append(place)
    # The column of the missing values alone is no category.
    categories = {name: codes for name, codes in categories.items() if set(codes) != {None}}
    twice = [
        header[place] for codes in categories.values() for same in codes.values() if len(same) > 1 for place in same
    ]
    if twice:
        raise UnusableFile("file_column_twice", columns=listed(twice))
    return tuple(
        OneHot(
            name,
            tuple((same[0], code) for code, same in codes.items()),
            {code.code for code in catalogue.column(name).codes} <= set(codes),
        )
        for name, codes in categories.items()
    )


def places_apart(header: Sequence[str]) -> frozenset[int]:
    """Where columns are of a category of which two codes have one: `FLAG_OWN_CAR_Y` is no name of a join then."""
    places: dict[str, dict[str | None, int]] = {}
    for place, heading in enumerate(header):
        meaning = _meanings().get(_letters(heading))
        if meaning is not None:
            places.setdefault(meaning[0], {})[meaning[1]] = place
    return frozenset(place for codes in places.values() if len(codes) > 1 for place in codes.values())


def collapse(frame: pl.DataFrame, groups: Sequence[OneHot]) -> Collapsed:
    """Makes one column of codes of each category in several.

    A row in which two codes are true, or one is neither true nor false, has a problem; one without a true code has a
    missing value, and a reading where it may have meant a code whose column is not in the file.

    Args:
        frame: the columns of `groups` under their `OneHot.keys`, as read, and others.
    """
    if not groups:
        return Collapsed(frame, in_order([]), in_order([]))
    problems: list[pl.DataFrame] = []
    readings: list[pl.DataFrame] = []
    categories: list[pl.Series] = []
    for group in groups:
        outcome = _said(frame, group)
        categories.append(outcome["code"].alias(group.name))
        problems += listed_problems(group.name, outcome["problem"])
        if not group.whole:
            readings += listed_problems(group.name, outcome["reading"])
    rest = frame.drop([key for group in groups for key in group.keys().values()])
    together = pl.DataFrame([*rest.get_columns(), *categories])
    return Collapsed(together, in_order(problems), in_order(readings))


def _said(frame: pl.DataFrame, group: OneHot) -> pl.DataFrame:
    """Of each row its `code`, its `problem` and its `reading`, null where there is none."""
    keys = group.keys()
    read = {place: read_numbers(frame[key], flag=True) for place, key in keys.items()}
    numbers = pl.DataFrame({str(place): column.numbers for place, column in read.items()})
    unread = pl.DataFrame(
        {
            str(place): pl.Series([False]).new_from_index(0, frame.height)
            if column.problems is None
            else column.problems.is_not_null()
            for place, column in read.items()
        }
    )
    names = numbers.columns
    true = [(pl.col(name) == 1).fill_null(value=False) for name in names]
    strange = [pl.col(name).is_in([0.0, 1.0]).not_().fill_null(value=False) for name in names]
    codes = [pl.when(yes).then(pl.lit(code, pl.String)) for yes, (_, code) in zip(true, group.codes, strict=True)]
    marked = numbers.select(
        pl.sum_horizontal(expression.cast(pl.Int32) for expression in true).alias("count"),
        pl.any_horizontal(strange).alias("strange"),
        pl.all_horizontal(pl.col(name).is_null() for name in names).alias("empty"),
        pl.coalesce(codes).alias("code"),
    ).with_columns(unread.select(pl.any_horizontal(names).alias("unread"))["unread"])
    count = pl.col("count")
    wrong = (count > 1) | pl.col("strange") | pl.col("unread")
    return marked.select(
        code=pl.when(~wrong).then("code"),
        problem=pl.when(pl.col("strange") | pl.col("unread"))
        .then(pl.lit("one_hot_value"))
        .when(count > 1)
        .then(pl.lit("one_hot_several")),
        reading=pl.when((count == 0) & ~pl.col("empty") & ~wrong).then(pl.lit("one_hot_none")),
    )


@cache
def _meanings() -> dict[str, tuple[str, str | None]]:
    """Which code of which category a name stands for, by its letters and digits."""
    candidates: dict[str, list[tuple[str, str | None]]] = {}
    for column in catalogue.columns():
        if column.type == "category":
            for code in column.codes:
                candidates.setdefault(_letters(f"{column.name}_{code.code}"), []).append((column.name, code.code))
            candidates.setdefault(_letters(f"{column.name}_{_missing_name}"), []).append((column.name, None))
    return {letters: meanings[0] for letters, meanings in candidates.items() if len(meanings) == 1}


def _letters(name: str) -> str:
    """A name without its signs: what programs make of blanks, colons and slashes in such names varies."""
    return re.sub(r"[^A-Z0-9]", "", name.upper())
