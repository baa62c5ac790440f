"""Arrow IPC: files (Feather 2) and streams."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Final

import polars as pl

from core.tables.errors import UnusableFile
from core.tables.foreign.writing import CsvWriter

if TYPE_CHECKING:
    from pathlib import Path

    from core.tables.foreign.kinds import ForeignKind
    from core.tables.limits import FileLimits

_rows_at_once: Final = 10_000
# What Polars raises where a file is damaged; a panic is no `Exception`.
_damaged: Final = (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException)


def convert(path: Path, kind: ForeignKind, out: IO[bytes], limits: FileLimits) -> None:
    """Writes the rows as CSV. Raises `UnusableFile` where it cannot be read, or is larger than allowed."""
    try:
        frame = pl.read_ipc_stream(path) if kind == "ARROW stream" else pl.read_ipc(path)
    except _damaged as error:
        raise UnusableFile("file_unreadable", kind="Arrow") from error
    writer = CsvWriter(out, frame.columns, limits)
    for part in frame.iter_slices(_rows_at_once):
        writer.frame(part)
    if not writer.rows:
        raise UnusableFile("file_no_rows")
