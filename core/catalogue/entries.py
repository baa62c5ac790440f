"""The entries of the catalogue: columns, codes and features, immutable, from its CSV files."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl

type_names = ("id", "target", "flag", "category", "integer", "real")
ColumnType = Literal["id", "target", "flag", "category", "integer", "real"]
Language = Literal["fr", "en"]


class UnknownEntry(KeyError):
    """No column or feature of that name is in the catalogue."""


@dataclass(frozen=True, slots=True)
class Code:
    """One value that a categorical column may take, with what it is called in each language."""

    code: str
    label_fr: str
    label_en: str

    def label(self, lang: Language) -> str:
        """The name shown to a reader of `lang`."""
        return self.label_fr if lang == "fr" else self.label_en


@dataclass(frozen=True, slots=True)
class Entry:
    """What raw columns and derived features have in common.

    Attributes:
        table: lower-case name of the table it comes from, e.g. `application`.
        name: the name in the data, e.g. `AMT_INCOME_TOTAL`.
        unit: `currency`, `days` (negative before the application), `months`, `years`, `hour` (0 to 23), `score`
            (0 to 1), `share` (0 to 1, shown as a percentage), `ratio`, `count`, `index` (a number on a scale of its
            own) or empty.
        group: key of the family it is read with (`income`, `external`, ...; see `group_label`).
        direction: +1 where a higher value may only raise the probability of default, -1 where it may only lower it,
            0 where the model is free.
    """

    table: str
    name: str
    unit: str
    group: str
    direction: int
    label_fr: str
    label_en: str
    help_fr: str
    help_en: str

    def label(self, lang: Language) -> str:
        """The short name shown to a reader of `lang`."""
        return self.label_fr if lang == "fr" else self.label_en

    def help(self, lang: Language) -> str:
        """One or two sentences that explain the entry to a reader of `lang`."""
        return self.help_fr if lang == "fr" else self.help_en


@dataclass(frozen=True, slots=True)
class Column(Entry):
    """A raw column of one of the Home Credit tables.

    Attributes:
        type: how its values are read; see `ColumnType`.
        minimum, maximum: inclusive bounds of a valid number, None where open.
        sentinel: a number outside the bounds that means "not applicable", such as 365243 days employed.
        codes: the values a category may take, in a fixed order; empty for numbers.
        nullable: whether a value may be missing.
        main: position among the facts that the dashboard shows and lets a user edit; None for the others.
        essential_fr, essential_en: why no application should be decided without it; empty where one may be. Essential
            is what is asked, what it is repaid from and who is bound by it, which a lender must know by law or trade;
            and what the model leans on (1 % of its gain or more, ratios included) while practically every application
            has it. What is often unknown (`EXT_SOURCE_3` for one in five) is not, whatever it weighs: the model has
            learnt what its absence means. Written in `essentials.csv`, and nowhere else.
    """

    type: ColumnType
    minimum: float | None
    maximum: float | None
    sentinel: float | None
    codes: tuple[Code, ...]
    nullable: bool
    main: int | None
    essential_fr: str = ""
    essential_en: str = ""

    @property
    def essential(self) -> bool:
        """Whether the decision may not be made without a warning where it is missing."""
        return bool(self.essential_en)

    def why_essential(self, lang: Language) -> str:
        """Why it is essential, for a reader of `lang`; empty where it is not."""
        return self.essential_fr if lang == "fr" else self.essential_en

    def code_label(self, code: str, lang: Language) -> str:
        """The name of one of the column's codes; the code itself where it is not known."""
        return next((known.label(lang) for known in self.codes if known.code == code), code)


@dataclass(frozen=True, slots=True)
class Feature(Entry):
    """A feature computed from raw columns; its `help` is its formula in words."""


def columns(table: str = "application") -> tuple[Column, ...]:
    """The columns of a table, in the order of its file. Raises `UnknownEntry` for an unknown table."""
    try:
        return _columns_by_table()[table]
    except KeyError:
        raise UnknownEntry(table) from None


def tables() -> tuple[str, ...]:
    """The names of the tables that the catalogue describes."""
    return tuple(_columns_by_table())


def column(name: str, table: str = "application") -> Column:
    """One raw column. Raises `UnknownEntry`.

    >>> income = column("AMT_INCOME_TOTAL")
    >>> income.type, income.unit, income.label("en")
    ('real', 'currency', 'Income')
    >>> column("NAME_CONTRACT_TYPE").code_label("Cash loans", "fr")
    'Prêt personnel'
    """
    try:
        return _columns_by_name(table)[name]
    except KeyError:
        raise UnknownEntry(name) from None


def main_columns() -> tuple[Column, ...]:
    """The application columns that the dashboard shows and lets a user edit, in display order."""
    return _main_columns()


def essential_columns() -> tuple[Column, ...]:
    """The application columns that no decision may be made without a warning, in the order of the file."""
    return tuple(catalogue_column for catalogue_column in columns() if catalogue_column.essential)


def features(table: str | None = None) -> tuple[Feature, ...]:
    """The derived features, all or those of one table."""
    return tuple(
        catalogue_feature
        for catalogue_feature in _features().values()
        if table is None or catalogue_feature.table == table
    )


def feature(name: str) -> Feature:
    """One derived feature. Raises `UnknownEntry`.

    >>> ratio = feature("ANNUITY_INCOME_RATIO")
    >>> ratio.unit, ratio.direction
    ('share', 1)
    """
    try:
        return _features()[name]
    except KeyError:
        raise UnknownEntry(name) from None


def entry(name: str) -> Entry:
    """The derived feature or application column of that name. Raises `UnknownEntry`."""
    return _features().get(name) or column(name)


def group_label(group: str, lang: Language) -> str:
    """The name of a group of entries for a reader of `lang`. Raises `UnknownEntry`."""
    try:
        return _groups()[group][lang]
    except KeyError:
        raise UnknownEntry(group) from None


def polars_schema(table: str = "application") -> dict[str, pl.DataType]:
    """The Polars types of a table: Int32 ids and integers, Int8 flags, Float64 reals, String categories."""
    import polars as pl  # run.py reads the catalogue before anything is installed

    by_type: dict[str, pl.DataType] = {
        "id": pl.Int32(),
        "target": pl.Int8(),
        "flag": pl.Int8(),
        "integer": pl.Int32(),
        "real": pl.Float64(),
        "category": pl.String(),
    }
    return {catalogue_column.name: by_type[catalogue_column.type] for catalogue_column in columns(table)}


def read_rows(name: str) -> Iterator[Mapping[str, str]]:
    """The rows of one of the files beside this module, by its column names."""
    with files(__package__).joinpath(name).open(encoding="utf-8") as stream:
        yield from csv.DictReader(stream)


def _number(text: str) -> float | None:
    return float(text) if text else None


@cache
def _columns_by_table() -> dict[str, tuple[Column, ...]]:
    code_labels = {(row["column"], row["code"]): (row["label_fr"], row["label_en"]) for row in read_rows("codes.csv")}
    reasons = {row["column"]: (row["reason_fr"], row["reason_en"]) for row in read_rows("essentials.csv")}
    columns_by_table: dict[str, list[Column]] = {}
    for row in read_rows("columns.csv"):
        if row["type"] not in type_names:
            raise ValueError(f"columns.csv: {row['name']} has the type {row['type']!r}, expected one of {type_names}")
        names = row["codes"].split("|") if row["codes"] else []
        nameless = [code for code in names if (row["name"], code) not in code_labels]
        if nameless:
            raise ValueError(f"codes.csv: no labels for {', '.join(nameless)} of {row['name']}")
        codes = tuple(Code(code, *code_labels[row["name"], code]) for code in names)
        essential_fr, essential_en = reasons.get(row["name"], ("", "")) if row["table"] == "application" else ("", "")
        columns_by_table.setdefault(row["table"], []).append(
            Column(
                **_common(row),
                type=row["type"],  # type: ignore[arg-type]
                minimum=_number(row["minimum"]),
                maximum=_number(row["maximum"]),
                sentinel=_number(row["sentinel"]),
                codes=codes,
                nullable=row["nullable"] == "1",
                main=int(row["main"]) if row["main"] else None,
                essential_fr=essential_fr,
                essential_en=essential_en,
            )
        )
    return {table: tuple(entries) for table, entries in columns_by_table.items()}


def _common(row: Mapping[str, str]) -> dict[str, Any]:
    """What rows of `columns.csv` and `features.csv` say alike: the fields of `Entry`."""
    names = ("table", "name", "unit", "group", "label_fr", "label_en", "help_fr", "help_en")
    return {name: row[name] for name in names} | {"direction": int(row["direction"] or 0)}


@cache
def _columns_by_name(table: str) -> dict[str, Column]:
    return {catalogue_column.name: catalogue_column for catalogue_column in columns(table)}


@cache
def _main_columns() -> tuple[Column, ...]:
    return tuple(
        sorted(
            (catalogue_column for catalogue_column in columns() if catalogue_column.main is not None),
            key=lambda catalogue_column: catalogue_column.main or 0,
        )
    )


@cache
def _features() -> dict[str, Feature]:
    return {
        row["name"]: Feature(
            **_common(row),
        )
        for row in read_rows("features.csv")
    }


@cache
def _groups() -> dict[str, dict[str, str]]:
    return {row["group"]: {"fr": row["label_fr"], "en": row["label_en"]} for row in read_rows("groups.csv")}
