"""Conversion of a foreign table to CSV, in a process of its own: `python -m core.tables.foreign.conversion ...`.

Libraries that read workbooks and statistics files take a file whole, or trust what it says of itself; what goes wrong
there ends a process that answers nobody else, at a bound of memory and of time.
"""

from __future__ import annotations

import fcntl
import json
import logging
import resource
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from core import outputs
from core.tables.errors import UnusableFile
from core.tables.foreign.kinds import Converted, foreign_kind, spreadsheets, statistics, unread_kind
from core.tables.limits import FileLimits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.tables.foreign.kinds import ForeignKind

# XLSB of a hundred thousand rows and all columns, which is read whole, takes about 1 GB (fastexcel 0.21).
max_memory_bytes: Final = 4_000_000_000
max_seconds: Final = 300
_niceness: Final = 10
_refused: Final = 3
_lock_file: Final = ".converting"

_log = logging.getLogger(__name__)


def convert(path: Path, limits: FileLimits) -> Converted | None:
    """Puts CSV in the place of a foreign table; what is read as it is stays as it is.

    Args:
        path: the file, in a folder of its own; replaced whole or not at all.
        limits: on what it may hold.

    Returns:
        What it was; None where nothing had to be done.

    Raises:
        UnusableFile: it is of a format that is not read, damaged, or larger than allowed.
        OSError: the disk cannot be read or written.
    """
    kind = _kind_to_convert(path)
    if kind is None:
        return None
    # One at a time among all processes that take files in there: each may take much memory.
    with (path.parent.parent / _lock_file).open("ab") as lock, outputs.replacing(path) as part:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _in_a_process(path, kind, part, limits)


@contextmanager
def readable(path: Path, limits: FileLimits, scratch: Path | None = None) -> Iterator[Path]:
    """The file itself, or CSV made of it that lasts as long as the context. Raises as `convert` does.

    Args:
        scratch: the folder for the CSV; None: that of the system.
    """
    kind = _kind_to_convert(path)
    if kind is None:
        yield path
        return
    with TemporaryDirectory(dir=scratch) as folder:
        plain = Path(folder) / f"{path.stem}.csv"
        converted = _in_a_process(path, kind, plain, limits)
        if converted.other_sheets:
            _log.warning(
                "Sheet %s is read; tables on other sheets are not: %d", converted.sheet, converted.other_sheets
            )
        yield plain


def _kind_to_convert(path: Path) -> ForeignKind | None:
    kind = foreign_kind(path)
    if kind is None and (unread := unread_kind(path)) is not None:
        raise UnusableFile("file_format_not_read", kind=unread)
    return kind


def _in_a_process(path: Path, kind: ForeignKind, out: Path, limits: FileLimits) -> Converted:
    # Not in that process, where to read the settings would take a third of its time.
    from core.settings import root

    arguments = [str(path.resolve()), kind, str(out.resolve()), json.dumps(asdict(limits))]
    command = [sys.executable, "-m", __name__, *arguments]
    try:
        ended = subprocess.run(  # noqa: S603
            command,
            cwd=root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=max_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UnusableFile("file_conversion_slow", kind=kind, seconds=str(max_seconds)) from None
    if ended.returncode == 0:
        return Converted(kind, **json.loads(ended.stdout))
    if ended.returncode == _refused:
        refusal: dict[str, Any] = json.loads(ended.stdout)
        raise UnusableFile(refusal["key"], **refusal["parts"])
    if ended.returncode in (-signal.SIGABRT, -signal.SIGKILL):
        # Polars and calamine abort where they are given no memory; the system kills where there is none.
        raise _too_large(kind)
    # Its last words may quote the file: only what kind of end it was is kept.
    _log.error("a %s file could not be converted: exit code %d", kind, ended.returncode)
    raise UnusableFile("file_unreadable", kind=kind)


def _too_large(kind: ForeignKind) -> UnusableFile:
    return UnusableFile("file_conversion_large", kind=kind)


def _write(path: Path, kind: ForeignKind, out: Path, limits: FileLimits) -> dict[str, Any]:
    """Writes the CSV; what is to be said of the file besides its kind."""
    from core.tables.foreign import arrow, json_rows, statistics_files

    with out.open("wb") as stream:
        if kind in spreadsheets:
            # fastexcel is loaded for workbooks alone.
            from core.tables.foreign import spreadsheets as workbooks

            table = workbooks.convert(path, kind, stream, limits)
            return {"sheet": table.sheet, "other_sheets": table.others}
        if kind in statistics:
            statistics_files.convert(path, kind, stream, limits)
        elif kind == "JSON":
            json_rows.convert(path, stream, limits)
        else:
            arrow.convert(path, kind, stream, limits)
    return {}


def main(arguments: list[str]) -> int:
    """The process: writes what came of it to standard output; 0 done, 3 refused for a reason that is said there."""
    import os

    path, kind, out, limits = arguments
    os.nice(_niceness)
    resource.setrlimit(resource.RLIMIT_AS, (max_memory_bytes, max_memory_bytes))
    try:
        about = _write(Path(path), kind, Path(out), FileLimits(**json.loads(limits)))  # type: ignore[arg-type]
    except MemoryError:
        error = _too_large(kind)  # type: ignore[arg-type]
    except UnusableFile as refusal:
        error = refusal
    else:
        sys.stdout.write(json.dumps(about))
        return 0
    sys.stdout.write(json.dumps({"key": error.key, "parts": error.parts}))
    return _refused


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
