"""A file of outcomes, in any format that applications are read from: rows as entries, or what is wrong with them."""

from __future__ import annotations

import gzip
import re
import unicodedata
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import IO, TYPE_CHECKING, Final, cast, get_args

import polars as pl

from core.outcomes.entries import OutcomeEntry, OutcomeField, largest_amount
from core.tables.cells.number_text import NumberFormat, point_decimals
from core.tables.csv.dialect import head_bytes
from core.tables.csv.lines import LineReader
from core.tables.csv.plain_text import plain_text
from core.tables.errors import UnusableFile
from core.tables.parquet.table import ParquetTable
from core.tables.reading import check_ending, kind_of
from core.tables.unpacking import prepared
from core.tables.values import read_numbers
from core.text.names import listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from core.tables.batches import Broken
    from core.tables.limits import FileLimits

# What a column is called, without accents, in lower case, any other character an underscore.
_names: Final[Mapping[OutcomeField, tuple[str, ...]]] = {
    "prediction_id": ("prediction_id", "prediction", "id_prediction"),
    "client_id": ("client_id", "sk_id_curr", "client"),
    "decided": ("decided", "decided_on", "decision_date", "date_decision"),
    "defaulted": ("defaulted", "default", "target", "defaut"),
    "observed": ("observed", "observed_on", "date_observed", "date_observation"),
    "amount_lost": ("amount_lost", "loss", "perte", "montant_perdu"),
}
_columns: Final = {name: field for field, names in _names.items() for name in names}
_rows_at_once: Final = 1000
_truths: Final = {
    **dict.fromkeys(("1", "1.0", "true", "vrai", "yes", "oui"), True),
    **dict.fromkeys(("0", "0.0", "false", "faux", "no", "non"), False),
}
_day: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?")
_whole: Final = re.compile(r"(\d{1,10})(?:\.0+)?")
_uuid: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_comma: Final = re.compile(r"\d,\d{1,2}$")
_largest_client: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class BadRow:
    """Why a row of a file is no outcome: the column, and the key of the sentence that says it, None of a broken row."""

    field: OutcomeField | None
    problem: str


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row of a file of outcomes.

    Attributes:
        number: the line on which it begins; in Parquet the row from 1.
        cells: as they stand in the file, by the field, but for the amount, which is written as programs write it; none
            of a broken row.
        entry: what it says, or what is wrong with it.
    """

    number: int
    cells: Mapping[OutcomeField, str]
    entry: OutcomeEntry | BadRow


def rows_of_file(path: Path, limits: FileLimits) -> Iterator[list[FileRow]]:
    """The rows of a file, at most a thousand at a time.

    Args:
        path: CSV, Parquet, a workbook, a table of SAS, SPSS or Stata, Arrow or JSON, compressed or not.
        limits: on what it may hold.

    Raises:
        UnusableFile: it cannot be read, is larger than allowed, or lacks columns: `defaulted`, `observed`, and
            `prediction_id` or `client_id` with `decided`.
        OSError: the disk cannot be read.
    """
    with prepared(path, limits) as plain:
        with plain.open("rb") as stream:
            kind = kind_of(stream.read(8))
        check_ending(plain.name, kind)
        frames = _of_parquet(plain, limits) if kind == "parquet" else _of_text(plain, limits, packed=kind == "csv.gz")
        for numbers, frame, written, broken in frames:
            rows = [*_rows(numbers, frame, written), *(_broken(row) for row in broken)]
            rows.sort(key=lambda row: row.number)
            for start in range(0, len(rows), _rows_at_once):
                yield rows[start : start + _rows_at_once]


_Frame = tuple["Sequence[int]", pl.DataFrame, NumberFormat, "Sequence[Broken]"]


def _of_text(path: Path, limits: FileLimits, *, packed: bool) -> Iterator[_Frame]:
    with _opened(path, packed=packed) as stream:
        text = plain_text(stream, head_bytes)
        head = text.peek(head_bytes)
        lines = LineReader(head, limits, rows=10_000)
        columns = _matched(lines.header)
        written = _written(lines, head, columns)
        text.seek(lines.place_of_rows().offset)
        for batch in lines.batches(cast("IO[bytes]", text), columns):
            yield batch.numbers, batch.frame, written, batch.broken


def _of_parquet(path: Path, limits: FileLimits) -> Iterator[_Frame]:
    table = ParquetTable.open(path, limits)
    names = table.schema.names()
    used = {names[place]: name for place, name in _matched(names).items()}
    for first, frame in table.select(used, 10_000).frames():
        text = frame.with_columns(pl.selectors.float().fill_nan(None)).with_columns(pl.all().cast(pl.String))
        yield range(first + 1, first + frame.height + 1), text, point_decimals, ()


@contextmanager
def _opened(path: Path, *, packed: bool) -> Iterator[IO[bytes]]:
    with path.open("rb") as raw:
        if not packed:
            yield raw
            return
        try:
            with gzip.GzipFile(fileobj=raw) as unpacked:
                yield cast("IO[bytes]", unpacked)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise UnusableFile("file_unreadable", kind="CSV.gz") from error


def _matched(header: Sequence[str]) -> dict[int, str]:
    """The field of each column that is used, by its position. Raises `UnusableFile` where one is absent, or twice."""
    places: dict[OutcomeField, list[int]] = {}
    for place, heading in enumerate(header):
        field = _columns.get(_plain(heading))
        if field is not None:
            places.setdefault(field, []).append(place)
    twice = [field for field, columns in places.items() if len(columns) > 1]
    if twice:
        raise UnusableFile("file_column_twice", columns=listed(twice))
    names = "prediction_id" in places or ("client_id" in places and "decided" in places)
    if not (names and "defaulted" in places and "observed" in places):
        raise UnusableFile("file_no_outcomes")
    return {columns[0]: field for field, columns in places.items()}


def _plain(heading: str) -> str:
    letters = unicodedata.normalize("NFKD", heading.strip().lower())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_")


def _written(lines: LineReader, head: bytes, columns: Mapping[int, str]) -> NumberFormat:
    """How amounts are written: with a comma where the file separates by another mark, and one of them shows it."""
    place = next((place for place, field in columns.items() if field == "amount_lost"), None)
    if place is None or lines.dialect.separator == ",":
        return point_decimals
    shown = any(_comma.search(cell.strip()) for cell in lines.first_cells(head, place, 1000))
    return NumberFormat(",", "none", "column") if shown else NumberFormat(".", "none", "none")


def _rows(numbers: Sequence[int], frame: pl.DataFrame, written: NumberFormat) -> Iterator[FileRow]:
    amounts: list[tuple[float | None, str | None]] = [(None, None)] * frame.height
    if "amount_lost" in frame.columns:
        texts = frame["amount_lost"].cast(pl.String).str.strip_chars()
        read = read_numbers(pl.select(pl.when(texts == "").then(None).otherwise(texts)).to_series(), written=written)
        problems = [None] * frame.height if read.problems is None else read.problems.to_list()
        amounts = list(zip(read.numbers.to_list(), problems, strict=True))
    for number, cells, (amount, problem) in zip(numbers, frame.iter_rows(named=True), amounts, strict=True):
        texts_of_row = {name: "" if cell is None else str(cell).strip() for name, cell in cells.items()}
        if amount is not None:
            # Written out again, a comma would be read otherwise there than here.
            texts_of_row["amount_lost"] = repr(amount)
        as_fields = cast("Mapping[OutcomeField, str]", texts_of_row)
        yield FileRow(number, as_fields, _entry(as_fields, amount, problem))


def _broken(row: Broken) -> FileRow:
    return FileRow(row.number, {}, BadRow(None, "outcome_row_broken"))


class _UnusableCell(ValueError):
    """Of a row: the column whose value cannot be used, and the key of the sentence that says so."""

    def __init__(self, field: OutcomeField, problem: str) -> None:
        super().__init__(problem)
        self.row = BadRow(field, problem)


def _entry(cells: Mapping[OutcomeField, str], amount: float | None, problem: str | None) -> OutcomeEntry | BadRow:
    """What the cells of a row say, or the first thing that is wrong with them, in the order of the fields."""
    try:
        prediction_id, client_id = _identifier(cells), _client(cells)
        if prediction_id is None and client_id is None:
            return BadRow("client_id" if "client_id" in cells else "prediction_id", "outcome_names_nothing")
        is_needed = prediction_id is None
        decided = _date(cells, "decided") if is_needed or cells.get("decided") else None
        defaulted = _truths.get(cells["defaulted"].lower())
        if defaulted is None:
            return BadRow("defaulted", "outcome_bad_default")
        observed = _date(cells, "observed")
    except _UnusableCell as error:
        return error.row
    if problem is not None or (amount is not None and not 0 <= amount <= largest_amount):
        return BadRow("amount_lost", "outcome_bad_amount")
    return OutcomeEntry(prediction_id, client_id, decided, defaulted, observed, amount)


def _identifier(cells: Mapping[OutcomeField, str]) -> str | None:
    text = cells.get("prediction_id", "").lower()
    if text and not _uuid.fullmatch(text):
        raise _UnusableCell("prediction_id", "outcome_bad_identifier")
    return text or None


def _client(cells: Mapping[OutcomeField, str]) -> int | None:
    text = cells.get("client_id", "")
    if not text:
        return None
    match = _whole.fullmatch(text)
    if match is None or int(match[1]) > _largest_client:
        raise _UnusableCell("client_id", "outcome_bad_client")
    return int(match[1])


def _date(cells: Mapping[OutcomeField, str], field: OutcomeField) -> date:
    match = _day.fullmatch(cells.get(field, ""))
    try:
        return date.fromisoformat(match[1] if match else "")
    except ValueError:
        raise _UnusableCell(field, "outcome_bad_day") from None


fields: Final[tuple[OutcomeField, ...]] = get_args(OutcomeField)
"""The columns of a file of outcomes, in the order in which rows that are set aside are written."""
