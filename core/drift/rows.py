"""Applications to be compared, read leniently: a value that does not fit is a finding and not a failure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core import catalogue
from core.application import largest_number
from core.features import history_names
from core.portfolio.drawn_clients import is_synthetic, with_history
from core.settings import settings
from core.tables.cells.number_text import point_decimals
from core.tables.checking import with_signs
from core.tables.columns import number_columns
from core.tables.errors import UnusableFile
from core.tables.limits import FileLimits
from core.tables.reading import open_source
from core.tables.sources import endings, shown_endings, stem_of
from core.tables.unpacking import prepared
from core.tables.values import read_codes, read_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from core.catalogue import Column
    from core.decision import Value
    from core.tables.cells.number_text import NumberFormat
    from core.tables.reading import Source

# Of 120 columns a hundred megabytes. Each batch costs some milliseconds, whatever it holds.
_rows_at_once: Final = 100_000
_tables: Final = ("application_train", "application_test")


class NoApplications(ValueError):
    """A path without applications; the message says what was looked for."""


@dataclass(frozen=True, slots=True)
class Applications:
    """Applications as they were found.

    Attributes:
        name: of the file, or of the folder and its table.
        frame: typed; codes are kept whatever they are.
        unreadable: by column, how many values were no number where one was expected, or one that no application can
            hold; they count as missing.
        broken: lines that are no row; they are left out.
        total: rows that there are; `frame` may hold fewer, drawn evenly.
        synthetic: whether the rows were drawn; None where that is not known.
    """

    name: str
    frame: pl.DataFrame
    unreadable: Mapping[str, int]
    broken: int = 0
    total: int = 0
    synthetic: bool | None = None


def read_applications(path: Path, tables: Iterable[str] = _tables) -> Applications:
    """Reads a file of applications, or the applications in a folder of tables.

    Args:
        path: a CSV or Parquet file, or one that `core.tables.foreign` converts, with any subset of the application
            columns and history features; or a folder with one of `tables`.
        tables: which tables to look for in a folder, the wanted one first.

    Raises:
        NoApplications: there is nothing of the kind.
        core.tables.errors.UnusableFile: the file cannot be read, or has no application column.
        OSError: where the disk cannot be read.
    """
    if not path.is_dir():
        if not path.is_file():
            raise NoApplications(f"there is no file or folder {path}")
        return _read_file(path, path.name)
    stems = tuple(tables)
    for stem in stems:
        for ending in endings:
            for file in sorted(path.iterdir()):
                if stem_of(file.name) == stem and file.name.lower().endswith(ending):
                    applications = _read_file(file, f"{path.resolve().name}/{stem}")
                    return replace(applications, synthetic=is_synthetic(path) or None)
    raise NoApplications(f"there is no {' or '.join(stems)} ({shown_endings}) in the folder {path}")


def read_sample(path: Path, name: str, max_rows: int, limits: FileLimits) -> Applications:
    """Reads a file as `read_applications` does, and keeps at most so many of its rows, in their order.

    Each row is as likely to be kept as any other, and the same file always gives the same ones.

    Args:
        path: of the file.
        name: what it is called.
        max_rows: how many to keep; no more than twice as many are held at once.
        limits: how large the file may be.

    Raises:
        core.tables.errors.UnusableFile: the file cannot be read, or has no application column.
        OSError: where the disk cannot be read.
    """
    return _read(open_source(path, limits, _rows_at_once, number_columns()), name, _Drawn(max_rows))


def with_side_tables(applications: Applications, folder: Path) -> Applications:
    """Applications of a folder with the history of their clients, from side tables as Parquet; without any, as is."""
    if "SK_ID_CURR" not in applications.frame.columns:
        return applications
    number = pl.col("SK_ID_CURR").cast(catalogue.polars_schema()["SK_ID_CURR"], strict=False)
    known = applications.frame.with_columns(number).filter(pl.col("SK_ID_CURR").is_not_null())
    return replace(applications, frame=with_history(known, folder))


def from_inputs(inputs: Iterable[Mapping[str, Value]]) -> pl.DataFrame:
    """Applications as the audit log keeps them: by name, absent where missing."""
    names = [column.name for column in catalogue.columns() if column.type != "target"] + list(history_names())
    rows = list(inputs)
    texts = {column.name for column in catalogue.columns() if column.type == "category"}
    columns = {
        name: pl.Series(
            name, [row.get(name) for row in rows], dtype=pl.String if name in texts else pl.Float64, strict=False
        )
        for name in names
    }
    # A column that no caller ever sends is no column that is always missing.
    sent_columns = {name: column for name, column in columns.items() if column.null_count() < len(rows)}
    return typed(pl.DataFrame(sent_columns))[0]


def typed(
    frame: pl.DataFrame, formats: Mapping[str, NumberFormat] | None = None
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Columns under the catalogue's names, typed, whatever they hold.

    Args:
        frame: text, or types of their own.
        formats: how the numbers of a column are written, where they are text and have no decimal point.

    Returns:
        Categories as text, flags as Int8, the client and the outcome as whole numbers, all others as Float64; and by
        column how many values were no number where one was expected.
    """
    columns = {column.name: column for column in catalogue.columns()}
    sound = _sound_numbers(frame, columns)
    cast = frame.select(pl.col(name).cast(kind, strict=False) for name, kind in sound.items())
    series: list[pl.Series] = []
    unreadable: dict[str, int] = {}
    for values in frame:
        column = columns.get(values.name)
        if values.name in sound:
            series.append(cast[values.name])
            continue
        if column is not None and column.type == "category":
            series.append(read_codes(values, column)[0].alias(values.name))
            continue
        numbers, bad = _numbers(values, (formats or {}).get(values.name, point_decimals))
        if bad:
            unreadable[values.name] = bad
        if column is not None:
            numbers, _ = with_signs(numbers, column)
        series.append(numbers.cast(_type_of(column), strict=False))
    return pl.DataFrame(series), unreadable


def _sound_numbers(frame: pl.DataFrame, columns: Mapping[str, Column]) -> dict[str, pl.DataType]:
    """The columns of whole and real numbers in which there is nothing to mend, with the type that each gets.

    By the least and the greatest value of each, in one pass over all: value by value, as the others are read, takes
    twenty times as long.
    """
    numbers = [
        name
        for name, kind in frame.schema.items()
        if (kind.is_integer() or kind.is_float()) and not (name in columns and columns[name].type == "category")
    ]
    if not numbers:
        return {}
    looks = [pl.col(numbers).min().cast(pl.Float64), pl.col(numbers).max().cast(pl.Float64)]
    least, most = (frame.lazy().select(look) for look in looks)
    is_nan = frame.lazy().select(pl.col(numbers).cast(pl.Float64).is_nan().any())
    sound: dict[str, pl.DataType] = {}
    for low, high, nan in zip(*pl.collect_all([least, most, is_nan]), strict=True):
        column = columns.get(low.name)
        bottom, top = low.item(), high.item()
        fits = bottom is None or (-largest_number <= bottom and top <= largest_number)
        signed = column is None or column.unit != "days" or top is None or top <= 0
        if fits and signed and not nan.item():
            sound[low.name] = _type_of(column)
    return sound


def _type_of(column: Column | None) -> pl.DataType:
    return pl.Float64() if column is None else _whole.get(column.type, pl.Float64())


_whole: Final[dict[str, pl.DataType]] = {"flag": pl.Int8(), "target": pl.Int8(), "id": pl.Int64()}


class _Drawn:
    """The rows of a stream, or so many of them: those with the smallest of as many random numbers as there are rows.

    Of all rows none is drawn, and none is sorted.
    """

    def __init__(self, most: int | None = None) -> None:
        self.total = 0
        self._most = most
        self._held: list[pl.DataFrame] = []
        self._chance = np.random.default_rng(_seed)

    def add(self, frame: pl.DataFrame) -> None:
        """The next rows."""
        if self._most is None:
            self.total += frame.height
            self._held.append(frame)
            return
        luck = pl.Series(_luck, self._chance.random(frame.height))
        places = pl.Series(_place, np.arange(self.total, self.total + frame.height))
        self.total += frame.height
        self._held.append(frame.with_columns(luck, places))
        if sum(part.height for part in self._held) > 2 * self._most:
            self._held = [pl.concat(self._held).bottom_k(self._most, by=_luck)]

    def rows(self) -> pl.DataFrame:
        """Those that were drawn, in the order in which they came."""
        held = pl.concat(self._held)
        if self._most is None:
            return held
        if held.height > self._most:
            held = held.bottom_k(self._most, by=_luck)
        drawn = held if self.total == held.height else held.sort(_place)
        return drawn.drop(_luck, _place)


_luck: Final = " luck"
_place: Final = " place"
_seed: Final = 0


def _read_file(path: Path, name: str) -> Applications:
    with prepared(path, FileLimits.of(settings())) as plain:
        return _read(open_source(plain, max_rows=_rows_at_once, numbers=number_columns()), name, _Drawn())


def _read(source: Source, name: str, drawn: _Drawn) -> Applications:
    unreadable, broken = dict[str, int](), 0
    for batch in source.batches():
        frame, bad = typed(batch.frame, batch.formats)
        drawn.add(frame)
        broken += len(batch.broken)
        for column, count in (*bad.items(), *batch.problems.group_by("column").len().iter_rows()):
            unreadable[column] = unreadable.get(column, 0) + count
    if not drawn.total:
        raise UnusableFile("file_no_rows")
    return Applications(name, drawn.rows(), unreadable, broken, drawn.total)


def _numbers(values: pl.Series, written: NumberFormat) -> tuple[pl.Series, int]:
    """The numbers of a column, and how many values are none that an application can hold.

    What is larger than any such number, as float32's largest, which some programs write for "no data", is none either.
    """
    entry = _entries().get(values.name)
    flag = isinstance(entry, catalogue.Column) and entry.type in ("flag", "target")
    read = read_numbers(values, entry.unit if entry else "", flag=flag, written=written)
    bad = 0 if read.problems is None else len(values) - read.problems.null_count()
    numbers = read.numbers
    large = numbers.abs() > largest_number
    return numbers.set(large, None).alias(values.name), bad + int(large.sum())


@cache
def _entries() -> dict[str, catalogue.Entry]:
    return {entry.name: entry for entry in (*catalogue.features(), *catalogue.columns())}
