"""Files on their way in: written as they come, made readable, and gone with their process unless somebody keeps them.

Jobs and the files that drift compares are received alike.
"""

from __future__ import annotations

import os
import re
import shutil
import time
import unicodedata
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final
from uuid import uuid4

from core.tables.unpacking import prepare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.tables.foreign.kinds import Converted
    from core.tables.limits import FileLimits

incoming: Final = ".incoming-"
"""What the folder of a file on its way in begins with."""

stale_seconds: Final = 3600.0
"""A file that nothing was added to for so long has lost its process."""

_longest_name: Final = 120


class Upload:
    """A file on its way in; it is gone with its process unless a job is made of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.size = 0
        self.head = b""
        self.converted: Converted | None = None
        folder.mkdir(mode=0o700)
        (folder / "upload").touch(mode=0o600)
        self._stream: IO[bytes] = (folder / "upload").open("wb")

    def write(self, part: bytes) -> None:
        """Adds to the file. Raises `OSError` where the disk is full."""
        self._stream.write(part)
        self.size += len(part)
        if len(self.head) < 8:
            self.head += part[:8]

    def finish(self) -> None:
        """Makes sure that the whole file is on the disk. Raises `OSError` where it is not."""
        if self._stream.closed:
            return
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()

    def convert(self, limits: FileLimits) -> None:
        """Unpacks the file, and makes CSV of a table of another program, which `converted` then names.

        Raises:
            core.tables.errors.UnusableFile: it is of a format that is not read, damaged, or larger than allowed.
            OSError: the disk is full.
        """
        self.finish()
        path = self.folder / "upload"
        self.converted = prepare(path, limits)
        with path.open("rb") as stream:
            self.head = stream.read(8)

    def close(self) -> None:
        """Ends the writing."""
        self._stream.close()


@contextmanager
def receiving(folder: Path, mark: str = "") -> Iterator[Upload]:
    """A file to be written in a folder; removed afterwards, unless its own folder was moved.

    Args:
        folder: is made where there is none.
        mark: of whoever sends it, in the name of its folder.

    Raises:
        OSError: the disk is full or cannot be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    upload = Upload(folder / f"{incoming}{mark}{uuid4().hex}")
    try:
        yield upload
    finally:
        with suppress(OSError):
            # What the disk does not take any more is to be removed anyway.
            upload.close()
        shutil.rmtree(upload.folder, ignore_errors=True)


def shown_name(name: str) -> str:
    """A name of a file as it may be shown and suggested for downloads: the last part of it, without control marks."""
    last = re.split(r"[/\\]", name)[-1]
    plain = "".join(
        character
        for character in unicodedata.normalize("NFC", last)
        if unicodedata.category(character)[0] not in "CZ" or character == " "
    )
    return plain.strip(" .")[-_longest_name:] or "file"


def bytes_in(folder: Path) -> int:
    """Bytes of all files in a folder and those in it. What is renamed or removed meanwhile does not count."""
    total = 0
    # `os.walk`, unlike `rglob`, passes over a folder that is gone when it comes to it.
    for home, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += (Path(home) / name).stat().st_size
    return total


def age(folder: Path) -> float:
    """Seconds since anything was last written in a folder."""
    try:
        return time.time() - max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
    except FileNotFoundError:
        return 0.0
