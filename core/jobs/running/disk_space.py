"""Disk space kept free of files, for the decisions that are made one by one."""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.audit.engine import database_url
from core.audit.files import recorded_bytes

if TYPE_CHECKING:
    from core.settings import Settings

# What a scored row takes, rather more than less, of a result and the parts that it is made of.
_kept_bytes: Final = 500


@dataclass(frozen=True, slots=True)
class Room:
    """The disks that a job fills, or what else is sent and made.

    Attributes:
        reserve: bytes that it leaves on each of them.
        folders: a folder on each, with the bytes that a row takes there.
    """

    reserve: int
    folders: tuple[tuple[Path, int], ...]

    @classmethod
    def of(cls, settings: Settings, folder: Path | None = None) -> Room:
        """That of a folder, by default the one of the jobs, and of the record, where this machine keeps it."""
        folders = [(folder or settings.jobs_dir, _kept_bytes)]
        url = database_url(settings)
        if url.get_backend_name() == "sqlite" and url.database:
            folders.append((Path(url.database).absolute().parent, recorded_bytes))
        return cls(settings.jobs_reserve_bytes, tuple(folders))

    def check(self, rows: int = 0) -> None:
        """Refuses rows that would leave too little room. Raises `OSError` as a full disk does."""
        for folder, bytes_of_row in self.folders:
            if shutil.disk_usage(_existing(folder)).free < self.reserve + rows * bytes_of_row:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _existing(folder: Path) -> Path:
    """A folder, or the nearest above it that is there."""
    return next(candidate for candidate in (folder.absolute(), *folder.absolute().parents) if candidate.is_dir())
