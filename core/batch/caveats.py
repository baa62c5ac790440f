"""Caveats on a file: counts of rows unlike training, or without an essential, to be read before their decisions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from core import catalogue
from core.contract.field_warnings import FieldWarning, ReadingKind
from core.text.formats import format_number
from core.text.messages import message
from core.text.names import max_listed_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.catalogue import Language
    from core.contract.field_warnings import WarningCode
    from core.reference.training_ranges import TrainingRanges


@dataclass(frozen=True, slots=True)
class ColumnCount:
    """In how many rows something is to be said of a column."""

    column: str
    rows: int


@dataclass(frozen=True, slots=True)
class Reading:
    """In how many rows a value of a column was read in one of two ways, and in which."""

    column: str
    kind: ReadingKind
    rows: int

    def text(self, lang: Language) -> str:
        """How it was read, for a reader, with the name of the column."""
        return message("of_field", lang, field=self.column, message=message(self.kind, lang))


@dataclass(frozen=True, slots=True)
class Caveats:
    """What is to be known of rows beside the decisions on them: counts, never values.

    Attributes:
        rows: how many were looked at.
        unfamiliar_rows: rows with at least one value outside of what the model saw in training.
        unfamiliar: of each column that has such values, in how many rows; the most first.
        lacking_rows: rows without at least one essential column.
        missing_essentials: of each essential column, how many rows lack it; the most first.
        readings: values that could mean something else than what they were read as, the most rows first; as counted,
            for adding up: `told_readings` is for readers.
        repeated_rows: rows with the number of an earlier one; 0 until somebody has seen all that are to be compared.
    """

    rows: int = 0
    unfamiliar_rows: int = 0
    unfamiliar: tuple[ColumnCount, ...] = ()
    lacking_rows: int = 0
    missing_essentials: tuple[ColumnCount, ...] = ()
    readings: tuple[Reading, ...] = ()
    repeated_rows: int = 0

    @property
    def told_readings(self) -> tuple[Reading, ...]:
        """The readings but for rows without the number of a client where none has one: that tells no row from others.

        Which of the two it is shows at the end of a file: its last batch may be a line of totals and nothing else.
        """
        return tuple(
            reading for reading in self.readings if reading.kind != "no_client_number" or reading.rows < self.rows
        )

    def __add__(self, other: Caveats) -> Caveats:
        """What is to be known of the rows of both."""
        return Caveats(
            rows=self.rows + other.rows,
            unfamiliar_rows=self.unfamiliar_rows + other.unfamiliar_rows,
            unfamiliar=_added(self.unfamiliar, other.unfamiliar),
            lacking_rows=self.lacking_rows + other.lacking_rows,
            missing_essentials=_added(self.missing_essentials, other.missing_essentials),
            readings=_readings((*self.readings, *other.readings)),
            repeated_rows=self.repeated_rows + other.repeated_rows,
        )


def caveats_of(rows: pl.DataFrame, training_ranges: TrainingRanges) -> Caveats:
    """What is to be known of rows.

    Args:
        rows: application columns typed by the catalogue, and history features; a column that is not there is missing in
            each row.
        training_ranges: the values that the model saw.
    """
    sent = set(rows.columns)
    missing = {
        column.name: pl.col(column.name).is_null() if column.name in sent else pl.lit(value=True)
        for column in catalogue.essential_columns()
    }
    unfamiliar_rows, unfamiliar = _counted(rows, training_ranges.outside_rows(rows.columns))
    lacking_rows, lacking = _counted(rows, missing)
    return Caveats(rows.height, unfamiliar_rows, unfamiliar, lacking_rows, lacking)


def with_readings(caveats: Caveats, readings: pl.DataFrame) -> Caveats:
    """What is to be known of rows, and how values of theirs were read (`core.tables.checking.Checked.readings`)."""
    if readings.is_empty():
        return caveats
    counts = readings.group_by("column", "problem").len().iter_rows()
    return replace(caveats, readings=_readings(Reading(*counted) for counted in counts))


def lines(caveats: Caveats, lang: Language) -> list[str]:
    """The same in sentences, those of one application with how many rows they are true of."""
    total = format_number(caveats.rows, lang)
    counts: list[tuple[WarningCode, ColumnCount]] = [
        ("missing_essential", essential) for essential in caveats.missing_essentials
    ]
    counts += [("outside_training", unfamiliar) for unfamiliar in caveats.unfamiliar[:max_listed_columns]]
    texts = [(FieldWarning.of(code, count.column, lang).text, count.rows) for code, count in counts]
    texts += [(reading.text(lang), reading.rows) for reading in caveats.told_readings]
    if caveats.repeated_rows:
        texts.append((message("repeated_rows", lang), caveats.repeated_rows))
    return [
        # French counts the rows that are meant, English all of them.
        message(
            "in_row" if (rows if lang == "fr" else caveats.rows) == 1 else "in_rows",
            lang,
            text=text,
            rows=format_number(rows, lang),
            total=total,
        )
        for text, rows in texts
    ]


def _counted(rows: pl.DataFrame, holds: Mapping[str, pl.Expr]) -> tuple[int, tuple[ColumnCount, ...]]:
    """In how many rows any of the conditions holds, and each of them."""
    if not holds or not rows.height:
        return 0, ()
    # A column of the frame's length stands beside them, as a condition may be the same in each row.
    marked = rows.select(
        pl.int_range(pl.len()).alias("row"), *(condition.alias(name) for name, condition in holds.items())
    )
    marks = marked.drop("row")
    counts = marks.sum().row(0, named=True)
    anywhere: int = marks.select(pl.any_horizontal(pl.all()).sum()).item()
    return anywhere, _sorted(ColumnCount(name, count) for name, count in counts.items() if count)


def _added(some: tuple[ColumnCount, ...], others: tuple[ColumnCount, ...]) -> tuple[ColumnCount, ...]:
    counts = Counter({count.column: count.rows for count in some})
    counts.update({other.column: other.rows for other in others})
    return _sorted(ColumnCount(*counted) for counted in counts.items())


def _readings(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    counts: Counter[tuple[str, ReadingKind]] = Counter()
    for reading in readings:
        counts[reading.column, reading.kind] += reading.rows
    merged = (Reading(*key, rows) for key, rows in counts.items())
    return tuple(sorted(merged, key=lambda reading: (-reading.rows, reading.column, reading.kind)))


def _sorted(counts: Iterable[ColumnCount]) -> tuple[ColumnCount, ...]:
    return tuple(sorted(counts, key=lambda count: (-count.rows, count.column)))
