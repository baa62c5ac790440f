"""The result of a job with officers' decisions on its rows, written in a process of its own, as the workbook is.

`python -m core.jobs.answers.decided FOLDER NAME`, with the decisions as Arrow IPC on the standard input.
"""

from __future__ import annotations

import fcntl
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Final, Literal

import polars as pl

from core import outputs
from core.jobs.answers import results, workbook
from core.settings import root

_niceness: Final = 10


class DecidedFailed(RuntimeError):
    """The file could not be written; its process said why on its standard error."""


def decided_file(folder: Path, kind: Literal["parquet", "xlsx"], decided: pl.DataFrame) -> Path:
    """The result of a job that is done with those decisions, made anew where officers have decided since.

    Args:
        decided: as `core.jobs.answers.results.decided_rows` gives it.

    One is made at a time, and takes the place of the one before.

    Raises:
        DecidedFailed: it could not be written.
    """
    path = folder / f"decided.{kind}"
    # What the file was made with. It is written after the file, so that a file is never taken for newer than it is.
    made_with = folder / f"decided-{kind}.arrow"
    with (folder / "lock.decided").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        given = io.BytesIO()
        decided.write_ipc(given)
        is_current = path.exists() and made_with.exists() and made_with.read_bytes() == given.getvalue()
        if not is_current:
            command = [sys.executable, "-m", "core.jobs.answers.decided", str(folder), path.name]
            if subprocess.run(command, cwd=root, input=given.getvalue(), check=False).returncode:  # noqa: S603
                raise DecidedFailed
            with outputs.replacing(made_with, private=True) as aside:
                aside.write_bytes(given.getvalue())
    return path


def write(folder: Path, name: str, decided: pl.DataFrame) -> None:
    """Writes the file of that name in the folder of a job. Raises `OSError` where the disk is full."""
    if name.endswith(".xlsx"):
        workbook.write(folder, name, decided)
        return
    with outputs.replacing(folder / name, private=True) as aside:
        results.write_parquet(folder, aside, decided)


if __name__ == "__main__":
    os.nice(_niceness)
    write(Path(sys.argv[1]), sys.argv[2], pl.read_ipc(io.BytesIO(sys.stdin.buffer.read())))
