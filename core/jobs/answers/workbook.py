"""The result of a job as an Excel workbook, in a process of its own: `python -m core.jobs.answers.workbook
FOLDER`.

A hundred thousand rows take ten seconds of one core, which a process that answers requests has not to spare.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core import outputs
from core.exports.workbook import book, write_row
from core.jobs.answers import results
from core.settings import root

if TYPE_CHECKING:
    import polars as pl

# An Excel sheet has 1,048,576 rows; the first holds the names.
max_rows: Final = 1_048_575
_name: Final = "result.xlsx"
_niceness: Final = 10


class WorkbookFailed(RuntimeError):
    """The workbook could not be written; its process said why on its standard error."""


def workbook(folder: Path) -> Path:
    """The workbook of a job that is done, made where it is not there yet; one at a time.

    Raises:
        WorkbookFailed: it could not be written.
    """
    path = folder / _name
    with (folder / "lock.xlsx").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            command = [sys.executable, "-m", "core.jobs.answers.workbook", str(folder)]
            if subprocess.run(command, cwd=root, stdin=subprocess.DEVNULL, check=False).returncode:  # noqa: S603
                raise WorkbookFailed
    return path


def write(folder: Path, name: str = _name, decided: pl.DataFrame | None = None) -> None:
    """Writes the workbook of a job that is done. Raises `OSError` where the disk is full.

    Args:
        name: of the file in the folder.
        decided: what officers decided, as `core.jobs.answers.results.decided_rows` gives it.
    """
    with (
        tempfile.TemporaryDirectory(dir=folder, prefix=".workbook-") as scratch,
        outputs.replacing(folder / name, private=True) as aside,
        book(aside, {"constant_memory": True, "tmpdir": scratch}) as written,
    ):
        sheet = written.add_worksheet()
        sheet.freeze_panes(1, 0)
        officers = () if decided is None else results.columns_of_officers
        write_row(sheet, 0, [*results.shown_columns(folder), *officers])
        lines = (row for frame in results.frames(folder, decided) for row in frame.iter_rows())
        for line, row in enumerate(lines, 1):
            write_row(sheet, line, row)


if __name__ == "__main__":
    os.nice(_niceness)
    write(Path(sys.argv[1]))
