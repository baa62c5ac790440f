"""Applications as JSON: one object a line, a list of objects, or the columns of a data frame."""

from __future__ import annotations

import io
import json
from itertools import chain, islice
from typing import IO, TYPE_CHECKING, Final, Never

from pydantic_core import from_json

from core.catalogue import known_name
from core.tables.csv.plain_text import coding_of, plain_text
from core.tables.errors import UnusableFile
from core.tables.foreign.kinds import head_bytes
from core.tables.foreign.writing import CsvWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from core.tables.limits import FileLimits

# A list has to be read whole before its first object can be told to be one.
max_list_bytes: Final = 400_000_000
_rows_at_once: Final = 1000


def convert(path: Path, out: IO[bytes], limits: FileLimits) -> None:
    """Writes the objects as rows of CSV, under all names that any of them has.

    Args:
        path: UTF-8 or UTF-16. One object a line; or a list of objects, or an object that has one (as the body of
            `/predict/batch`, or what a service answers); or an object of columns, each a list or an object of
            values, or of rows, by their index.
        out: where to.
        limits: on rows, columns and cells.

    Raises:
        UnusableFile: it is not well-formed, holds anything else, or is larger than allowed.
    """
    names = list(dict.fromkeys(chain.from_iterable(_rows(path, limits))))
    writer = CsvWriter(out, names, limits)
    for some in _batches(_rows(path, limits)):
        writer.cells([_cells(row, names) for row in some])
    if not writer.rows:
        raise UnusableFile("file_no_rows")


def _batches(rows: Iterable[Mapping[str, object]]) -> Iterator[tuple[Mapping[str, object], ...]]:
    """Some rows at a time."""
    iterator = iter(rows)
    while some := tuple(islice(iterator, _rows_at_once)):
        yield some


def _rows(path: Path, limits: FileLimits) -> Iterator[Mapping[str, object]]:
    with _opened(path) as stream:
        first = stream.readline(limits.unpacked_bytes).removeprefix(b"\xef\xbb\xbf")
        try:
            value = from_json(first)
        except ValueError:
            value = None
        if isinstance(value, dict) and not _is_table(value):
            yield _unwrapped(value)
            for number, line in enumerate(stream, start=2):
                if line.strip():
                    yield _object(line, number)
            return
        rest = first + stream.read(max_list_bytes + 1 - len(first))
    if len(rest) > max_list_bytes:
        raise UnusableFile("file_json_too_large", maximum=str(max_list_bytes))
    yield from _of_document(rest)


def _opened(path: Path) -> IO[bytes]:
    """The text in UTF-8. In UTF-16, as PowerShell writes it, it is read whole. Raises `UnusableFile`."""
    stream = path.open("rb")
    if coding_of(stream.peek(head_bytes)[:head_bytes]) in (None, "cr"):
        return stream
    with stream:
        text = plain_text(stream, head_bytes).read(max_list_bytes + 1)
    if len(text) > max_list_bytes:
        raise UnusableFile("file_json_too_large", maximum=str(max_list_bytes))
    return io.BytesIO(text)


def _object(line: bytes, number: int) -> Mapping[str, object]:
    try:
        value = from_json(line)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise UnusableFile("file_json_line", line=str(number))
    return _unwrapped(value)


def _of_document(text: bytes) -> Iterator[Mapping[str, object]]:
    try:
        value = from_json(text)
    except ValueError:
        _refuse()
    if isinstance(value, dict):
        rows = _rows_among(value)
        if rows is not None:
            value = rows
        elif not _is_table(value):
            value = [value]
        else:
            value = _transposed(value)
    if not isinstance(value, list) or not _are_objects(value):
        _refuse()
    yield from (_unwrapped(row) for row in value)


def _are_objects(rows: list[object]) -> bool:
    return all(isinstance(row, dict) for row in rows)


def _is_table(value: Mapping[str, object]) -> bool:
    """Whether an object holds columns, or a list of rows, and not the values of one row."""
    columns = bool(value) and "features" not in value and all(isinstance(part, list | dict) for part in value.values())
    return columns or _rows_among(value) is not None


def _rows_among(value: Mapping[str, object]) -> list[object] | None:
    """The one list of objects that stands beside what is said of it, as a service answers; None for a row with one."""
    if "features" in value or any(map(known_name, value)):
        return None
    lists = [part for part in value.values() if isinstance(part, list) and part and _are_objects(part)]
    return lists[0] if len(lists) == 1 else None


def _transposed(columns: Mapping[str, object]) -> list[Mapping[str, object]]:
    if all(isinstance(column, dict) for column in columns.values()):
        inner = chain.from_iterable(_unwrapped(column) for column in columns.values())  # type: ignore[arg-type]
        if not any(map(known_name, columns)) and any(map(known_name, inner)):
            # By row, with its index for a name.
            return list(columns.values())  # type: ignore[arg-type]
        index: list[str] = list(dict.fromkeys(chain.from_iterable(columns.values())))  # type: ignore[arg-type]
        return [{name: column.get(place) for name, column in columns.items()} for place in index]  # type: ignore[attr-defined]
    if {"columns", "data"} <= columns.keys():
        names, data = columns["columns"], columns["data"]
        if isinstance(names, list) and isinstance(data, list) and all(isinstance(row, list) for row in data):
            return [dict(zip(map(str, names), row, strict=False)) for row in data]
    lengths = {len(column) for column in columns.values() if isinstance(column, list)}
    if len(lengths) != 1 or not all(isinstance(column, list) for column in columns.values()):
        _refuse()
    return [
        dict(zip(columns, row, strict=True))
        for row in zip(*(column for column in columns.values() if isinstance(column, list)), strict=True)
    ]


def _unwrapped(row: Mapping[str, object]) -> Mapping[str, object]:
    """What an application is made of, where it stands as the body of `/predict` has it."""
    features = row.get("features")
    return features if isinstance(features, dict) else row


def _cells(row: Mapping[str, object], names: Sequence[str]) -> list[object]:
    """The cells of a row; a blank where it has none, as a line of nothing but separators would be no row."""
    cells = [_cell(row.get(name)) for name in names]
    return cells if any(cell is not None for cell in cells) else [" ", *cells[1:]]


def _cell(value: object) -> object:
    """Nested values as their JSON, so that a column that is used is refused by its name."""
    return json.dumps(value) if isinstance(value, list | dict) else value


def _refuse() -> Never:
    raise UnusableFile("file_unreadable", kind="JSON") from None
