"""The result of a job as a file that has to be written first: a workbook, or Parquet of some columns.

It is written in a process of its own, `python -m core.jobs.answers.made FOLDER KIND COLUMNS LANGUAGE`, with officers'
decisions as Arrow IPC on the standard input: a hundred thousand rows of a workbook take ten seconds of one core, which
a process that answers requests has not to spare.
"""

from __future__ import annotations

import fcntl
import io
import os
import subprocess
import sys
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import polars as pl

from core import outputs
from core.jobs.answers import results, workbook
from core.settings import root

if TYPE_CHECKING:
    from core.catalogue import Language
    from core.jobs.answers.results import Columns

_niceness: Final = 10


class ResultNotMade(RuntimeError):
    """The file could not be written; its process said why on its standard error."""


@dataclass(frozen=True, slots=True)
class ResultForm:
    """What a result is to be as a file: its kind, its columns, and the language of what a workbook says beside them."""

    kind: Literal["parquet", "xlsx"]
    columns: Columns = "main"
    lang: Language = "fr"

    @property
    def name(self) -> str:
        """The name of the file in the folder of a job."""
        return f"result-{self.columns}-{self.lang}.xlsx" if self.kind == "xlsx" else f"result-{self.columns}.parquet"


def made_file(folder: Path, form: ResultForm, decided: pl.DataFrame | None = None) -> Path:
    """The result of a job that is done, made where it is not there yet, or officers have decided since.

    Args:
        decided: what officers decided, as `core.jobs.answers.results.decided_rows` gives it.

    One is made at a time, and takes the place of the one before.

    Raises:
        ResultNotMade: it could not be written.
    """
    path = folder / form.name
    # What the file was made with. It is written after the file, so that a file is never taken for newer than it is.
    made_with = folder / f"{form.name}.made-with"
    decided_bytes = b"" if decided is None else _as_ipc(decided)
    with (folder / "lock.made").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        is_current = path.exists() and made_with.exists() and made_with.read_bytes() == decided_bytes
        if not is_current:
            command = [sys.executable, "-m", "core.jobs.answers.made", str(folder), *astuple(form)]
            if subprocess.run(command, cwd=root, input=decided_bytes, check=False).returncode:  # noqa: S603
                raise ResultNotMade
            outputs.write(made_with, decided_bytes, private=True)
    return path


def write(folder: Path, form: ResultForm, decided: pl.DataFrame | None = None) -> None:
    """Writes the file into the folder of a job that is done. Raises `OSError` where the disk is full."""
    if form.kind == "xlsx":
        workbook.write(folder, form.name, form.columns, form.lang, decided)
        return
    with outputs.replacing(folder / form.name, private=True) as aside:
        results.write_parquet(folder, aside, decided, form.columns)


def _as_ipc(decided: pl.DataFrame) -> bytes:
    content = io.BytesIO()
    decided.write_ipc(content)
    return content.getvalue()


if __name__ == "__main__":
    os.nice(_niceness)
    stdin_bytes = sys.stdin.buffer.read()
    write(
        Path(sys.argv[1]),
        ResultForm(*sys.argv[2:5]),  # type: ignore[arg-type]
        pl.read_ipc(io.BytesIO(stdin_bytes)) if stdin_bytes else None,
    )
