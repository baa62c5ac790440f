"""The reading of a file of applications: batch by batch, from its start or from a place in it, in little memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, Protocol

import polars as pl

from core import catalogue
from core.application import expected
from core.settings import settings
from core.tables.batches import Batch, Place, RowCount, rows_per_batch, start
from core.tables.columns import ColumnMatch, match_columns
from core.tables.errors import UnusableFile
from core.tables.header.one_hot import collapse
from core.tables.header.row_index import asking, index_place, looked_at_rows
from core.tables.limits import FileLimits
from core.tables.parquet.table import ParquetTable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from core.tables.csv.dialect import Dialect

Kind = Literal["csv", "csv.gz", "parquet"]

_parquet_mark: Final = b"PAR1"
_gzip_mark: Final = b"\x1f\x8b"
_by_ending: Final[dict[str, Kind]] = {".parquet": "parquet", ".gz": "csv.gz"}
_shown: Final[dict[Kind, str]] = {"parquet": "Parquet", "csv.gz": "CSV.gz", "csv": "CSV"}


class Source(Protocol):
    """A file that was opened and whose columns are known.

    Attributes:
        columns: what the columns of the file are.
        dialect: how it is written, where it is text.
        rows: how many there are, where that is known beforehand.
    """

    columns: ColumnMatch
    dialect: Dialect | None
    rows: int | None

    def counting(self) -> Iterator[RowCount]:
        """Counts the rows some at a time, without looking at their values; the last count is of the whole.

        Raises:
            UnusableFile: where the file cannot be read, or is larger than allowed.
        """

    def batches(self, place: Place = start) -> Iterator[Batch]:
        """The rows after a place. Raises `UnusableFile` where the file cannot be read on, or is larger than allowed."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns that can be written as text, as the file has them."""

    def original_rows(self, numbers: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
        """The cells of some rows as text, whatever is wrong with them, each with its number.

        Args:
            numbers: as `Batch.numbers` has them, in order.
        """


def kind_of(head: bytes) -> Kind:
    """What a file is, by its first bytes."""
    if head.startswith(_parquet_mark):
        return "parquet"
    return "csv.gz" if head.startswith(_gzip_mark) else "csv"


def check_ending(name: str, kind: Kind) -> None:
    """Refuses a file whose name ends in `.gz` or `.parquet` and which is not that. Raises `UnusableFile`."""
    promised = next((promised for ending, promised in _by_ending.items() if name.lower().endswith(ending)), kind)
    if promised != kind:
        raise UnusableFile("file_unreadable", kind=_shown[promised])


def open_source(
    path: Path, limits: FileLimits | None = None, max_rows: int | None = None, numbers: Collection[str] = ()
) -> Source:
    r"""Opens a file by what it is.

    Args:
        path: CSV, gzipped CSV or Parquet (a name in .gz or .parquet has to be true); any subset of the application
            columns and history features, in any order.
        limits: how large it may be; None: as the settings of this process say.
        max_rows: about how many rows a batch has at most; None: as many as are scored at a time.
        numbers: names of columns that may come from CSV as Float64 rather than as text, where that is faster.

    Raises:
        UnusableFile: where it is empty, cannot be read, has no application column, or is larger than the limits.
        OSError: where the disk cannot be read.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "applications.csv"
    ...     _ = path.write_text("SK_ID_CURR;AMT_CREDIT\n1;450000,5\n2;270000\n3\n")
    ...     source = open_source(path)
    ...     batch = next(iter(source.batches()))
    >>> source.dialect.separator, source.dialect.decimal, batch.frame["AMT_CREDIT"].to_list()
    (';', ',', ['450000,5', '270000'])
    >>> [broken.why for broken in batch.broken]
    ['1/2']
    """
    limits = limits or FileLimits.of(settings())
    with path.open("rb") as stream:
        kind = kind_of(stream.read(8))
    check_ending(path.name, kind)
    if kind == "parquet":
        return ParquetSource(path, limits, max_rows or rows_per_batch)
    from core.tables.csv.text_source import TextSource

    return TextSource(
        path, packed=kind == "csv.gz", limits=limits, max_rows=max_rows or rows_per_batch, numbers=numbers
    )


def count_rows(source: Source, max_bytes: int | None = None) -> RowCount:
    """How many rows a file has, about where it unpacks to more than `max_bytes`. Raises as `Source.counting` does."""
    for count in source.counting():
        if count.whole or (max_bytes is not None and count.unpacked >= max_bytes):
            return count
    raise AssertionError("the last count is of the whole")


@dataclass
class ParquetSource:
    """A Parquet file."""

    path: Path
    limits: FileLimits
    max_rows: int
    columns: ColumnMatch = field(init=False)
    dialect: Dialect | None = field(init=False, default=None)
    rows: int | None = field(init=False)

    def __post_init__(self) -> None:
        table = ParquetTable.open(self.path, self.limits)
        names = table.schema.names()
        self.columns = match_columns(names)
        self.rows = table.rows
        place = index_place(names, self.columns)
        if place is not None and table.schema[names[place]].is_integer():
            first = next(table.select({names[place]: names[place]}, looked_at_rows).frames(), None)
            values = [] if first is None else first[1].to_series().to_list()
            self.columns = asking(self.columns, names[place], values)
        used = {names[place]: name for place, name in self.columns.read().items()}
        for heading, name in used.items():
            _refuse_kind(name, table.schema[heading])
        self._table = table
        self._rows = table.select(used, self.max_rows)

    @property
    def names(self) -> tuple[str, ...]:
        """Those of all columns but lists, records and bytes."""
        return tuple(
            name for name, kind in self._table.schema.items() if not (kind.is_nested() or isinstance(kind, pl.Binary))
        )

    def original_rows(self, numbers: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
        """The values of some rows as text, nothing where there is none."""
        row_numbers = pl.Series("row", numbers, dtype=pl.Int64)
        for first, frame in self._table.select({name: name for name in self.names}, rows_per_batch).frames():
            here = pl.int_range(first + 1, first + frame.height + 1, eager=True)
            is_wanted = here.is_in(row_numbers.implode())
            rows = frame.filter(is_wanted).with_columns(pl.all().cast(pl.String).fill_null(""))
            for number, cells in zip(here.filter(is_wanted), rows.iter_rows(), strict=True):
                yield number, list(cells)

    def counting(self) -> Iterator[RowCount]:
        """As many as the file says."""
        yield RowCount(self.rows or 0, 0, whole=True)

    def batches(self, place: Place = start) -> Iterator[Batch]:
        """The rows after a place, with the types they have there; what CSV writes as NaN is missing."""
        for first, frame in self._rows.frames(place.rows):
            plain = frame.with_columns(
                pl.selectors.float().fill_nan(None),
                (pl.selectors.categorical() | pl.selectors.enum() | pl.selectors.boolean()).cast(pl.String),
            )
            last = first + plain.height
            whole = collapse(plain, self.columns.one_hot)
            end = Place(rows=last, share=last / self._rows.rows)
            yield Batch(
                whole.frame, range(first + 1, last + 1), (), end, problems=whole.problems, readings=whole.readings
            )


def _refuse_kind(name: str, kind: pl.DataType) -> None:
    text = isinstance(kind, pl.String | pl.Categorical | pl.Enum | pl.Boolean | pl.Null)
    if not (kind.is_numeric() or text):
        columns = {column.name: column for column in catalogue.columns()}
        expectation = expected(columns[name], "en") if name in columns else "numbers"
        raise UnusableFile("file_column_kind", column=name, expected=expectation)
