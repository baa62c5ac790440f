"""CSV tables of an import, block by block, in as little memory whatever the size of the file."""

from __future__ import annotations

import csv
import io
from io import BufferedIOBase
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core.data.limits import refused, table_limits
from core.tables.typed_rows import TableError, TableFile, refuse, typed

if TYPE_CHECKING:
    from collections.abc import Iterator

# Text read at a time: about 10,000 applications or 150,000 instalments. A line cannot be longer.
block_bytes: Final = 8_000_000


def csv_header(stream: BufferedIOBase, file: TableFile) -> list[str]:
    """Reads the first line of a CSV file: the names of its columns.

    Raises:
        TableError: where there is none, or a needed column is absent or there twice.
    """
    first = stream.readline(block_bytes)
    limits = table_limits()
    with refused(file.label):
        limits.check_header(len(first))
    try:
        names = next(csv.reader([first.decode("utf-8-sig")]), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"{file.label}: the first line is not UTF-8 CSV") from error
    header = [name.strip() for name in names]
    if not any(header):
        raise TableError(f"{file.label}: is empty: expected a first line with the names of the columns")
    with refused(file.label):
        limits.check_columns(len(header))
    file.require(header)
    return header


def csv_rows(stream: BufferedIOBase, header: list[str], file: TableFile) -> Iterator[pl.DataFrame]:
    """The rows after the header, in batches of about `block_bytes` of text.

    Args:
        stream: stands after the header.
        header: names of the file's columns, in its order.
        file: what is expected.

    Raises:
        TableError: at the first batch with a line that is no row, or a value that does not fit its column.
    """
    line, limits = 2, table_limits()
    for block in _blocks(stream, file):
        frame = _parse(block, header, file)
        lines: range | list[int] | None = None
        if frame is None:
            frame, lines = _parse_with_care(block, header, file, line)
        with refused(file.label):
            limits.check_cells(frame, line)
        rows, errors = typed(frame, file)
        if not errors.is_empty():
            if lines is None:
                frame, lines = _parse_with_care(block, header, file, line)
                rows, errors = typed(frame, file)
            refuse(errors, file, "line", lines)
        yield rows
        line += block.count(b"\n")


def _blocks(stream: BufferedIOBase, file: TableFile) -> Iterator[bytes]:
    """The text in pieces that end where a row ends."""
    rest = b""
    while read := stream.read(block_bytes):
        block = rest + read
        cut = _last_row_end(block)
        if cut == 0 and len(block) > block_bytes:
            raise TableError(
                f"{file.label}: holds a line longer than {block_bytes:,} bytes, or a quote that never ends"
            )
        rest = block[cut:]
        if cut:
            yield block[:cut]
    if rest:
        yield rest if rest.endswith(b"\n") else rest + b"\n"


def _last_row_end(block: bytes) -> int:
    """Where the last complete row of a text ends: after its last line feed outside of quotes; 0 where there is none."""
    cut = block.rfind(b"\n") + 1
    if block.count(b'"', 0, cut) % 2 == 0:
        return cut
    text = np.frombuffer(block, dtype=np.uint8)
    outside = np.cumsum(text == ord('"')) % 2 == 0
    ends = np.flatnonzero((text == ord("\n")) & outside)
    return int(ends[-1]) + 1 if len(ends) else 0


def _parse(block: bytes, header: list[str], file: TableFile) -> pl.DataFrame | None:
    """The needed columns as text, or None where a line has not as many cells as the header."""
    names = _distinct(header)
    try:
        frame = pl.read_csv(block, has_header=False, schema=dict.fromkeys(names, pl.String), raise_if_empty=False)
    except pl.exceptions.PolarsError:
        return None
    # Polars fills up lines that are too short. (Those that are too long it refuses.)
    unquoted = _without_quoted(block) if b'"' in block else block
    if unquoted.count(b",") != frame.height * (len(header) - 1):
        return None
    return frame.select(file.columns)


def _without_quoted(block: bytes) -> bytes:
    return b"".join(block.split(b'"')[::2])


def _distinct(header: list[str]) -> list[str]:
    """The names, with columns that have the name of an earlier one told apart by their place."""
    first = {each: place for place, each in reversed(list(enumerate(header)))}
    return [each if first[each] == place else f"{each} ({place})" for place, each in enumerate(header)]


def _parse_with_care(
    block: bytes, header: list[str], file: TableFile, first_line: int
) -> tuple[pl.DataFrame, list[int]]:
    """The needed columns as text, with the line on which each row begins, as an editor counts them."""
    try:
        text = block.decode("utf-8")
    except UnicodeDecodeError as error:
        line = first_line + block.count(b"\n", 0, error.start)
        raise TableError(f"{file.label}: line {line:,} is not UTF-8 text") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    while True:
        line = first_line + reader.line_num
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            raise TableError(f"{file.label}: line {line:,} is not CSV ({error})") from error
        if row and len(row) != len(header):
            raise TableError(f"{file.label}: line {line:,}: expected {len(header)} values, found {len(row)}")
        if row:
            rows.append(row)
            lines.append(line)
    places = [header.index(name) for name in file.columns]
    cells = [pl.Series([row[place] for row in rows], dtype=pl.String) for place in places]
    return pl.DataFrame(cells, schema=list(file.columns)), lines
