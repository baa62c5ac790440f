"""Names of the files in the folder of a job."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from core.tables.reading import Kind


def upload(folder: Path, kind: Kind) -> Path:
    """The file as it was sent."""
    return folder / f"upload.{kind}"


def result(folder: Path) -> Path:
    """Sound rows with their decisions."""
    return folder / "result.parquet"


def rejected(folder: Path) -> Path:
    """The list of rows set aside: the columns of `core.batch.batch_columns.rejections_schema`, without a heading."""
    return folder / "rejected.csv"


def set_aside(folder: Path) -> Path:
    """The rows that were set aside as they were sent, with their numbers; not there where there is none."""
    return folder / "set-aside.csv"


def checkpoint(folder: Path) -> Path:
    """How far the file was scored."""
    return folder / "checkpoint.json"


def parts(folder: Path) -> Path:
    """The folder of the batches that were scored, until they are one result."""
    return folder / "parts"


def part(folder: Path, number: int) -> Path:
    """A batch that was scored, from 1."""
    return parts(folder) / f"{number:06d}.parquet"


def remove_all_but_results(folder: Path) -> None:
    """Removes what a job that is done does not need any more, the file that was sent among it."""
    shutil.rmtree(parts(folder), ignore_errors=True)
    checkpoint(folder).unlink(missing_ok=True)
    for path in folder.glob("upload.*"):
        path.unlink(missing_ok=True)
