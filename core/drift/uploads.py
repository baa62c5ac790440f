"""Uploads to be compared: not the file as it came, but the rows that a comparison needs.

Each caller has a folder, so that the files of one never push out those of another: room is made among the caller's own.
In a public demonstration, whose visitors can make up others, it is made among all. What is too old is looked for in the
folder of every caller who has files, whoever sends one. Several processes use it at once: what one of them finds in a
folder may be renamed or removed by another before it is looked at.
"""

from __future__ import annotations

import re
import shutil
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import polars as pl
from pydantic import TypeAdapter, ValidationError

from core import outputs
from core.access.person import Owner, Sender
from core.drift.datasets import SideRows
from core.drift.errors import UnknownFile
from core.drift.rows import read_sample
from core.jobs.receiving import bytes_in, incoming, receiving, shown_name, stale_seconds
from core.portfolio.later_applications import max_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.jobs.receiving import Upload
    from core.tables.limits import FileLimits

# A file is compared soon after it was sent, perhaps with other thresholds the next day.
_kept_for: Final = timedelta(days=7)
# Of one caller; the newest stay.
max_kept: Final = 50
_abandoned: Final = timedelta(seconds=stale_seconds)
_tries: Final = 5
_id: Final = re.compile(r"file-[0-9a-f]{32}")
_owner: Final = "caller-"


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that can be compared.

    Attributes:
        id: `file-` and 32 hexadecimal digits.
        name: as the sender names it, for display alone.
        owner: the key with which it was sent.
        subject, person: of the person who sent it, their subject and their name, where one was asserted; of a file of
            an earlier version, `person` is not known.
        sent: ISO 8601, UTC.
        rows: how many it has; `compared` of them are kept, drawn evenly.
        columns: those that are compared.
        unreadable, broken: as in `core.drift.rows.Applications`.
    """

    id: str
    name: str
    owner: str
    sent: str
    rows: int
    compared: int
    columns: tuple[str, ...]
    unreadable: dict[str, int]
    broken: int
    subject: str | None = None
    person: str | None = None

    @property
    def belongs_to(self) -> Owner:
        """Whose it is."""
        return Owner(self.owner, self.subject)


@dataclass(frozen=True, slots=True)
class SentFiles:
    """The files in a folder.

    Attributes:
        max_bytes: that the files take for which room is made together; the newest stays, however large.
        shared: whether room is made among the files of all callers, rather than among those of each.
    """

    folder: Path
    max_bytes: int | None = None
    shared: bool = False

    @contextmanager
    def receive(self) -> Iterator[Upload]:
        """A file to be written, for `keep`; it is removed afterwards. Raises `OSError` where the disk is full."""
        self._forget_old()
        with receiving(self.folder) as upload:
            yield upload

    def keep(self, upload: Upload, name: str, sender: Sender, limits: FileLimits) -> SentFile:
        """Reads a file that is wholly received, and keeps what is compared of it.

        Args:
            upload: of `receive`.
            name: what the sender calls it.
            sender: who sends it, whose it is.
            limits: how large it may be.

        Raises:
            core.batch.UnusableFile: it cannot be read, or has no application column.
            OSError: the disk is full.
        """
        upload.convert(limits)
        shown = shown_name(name)
        sample = read_sample(upload.folder / "upload", shown, max_rows, limits)
        sent = SentFile(
            id=f"file-{uuid4().hex}",
            name=shown,
            owner=sender.key,
            subject=sender.owner.subject,
            person=sender.person.name if sender.person else None,
            sent=datetime.now(UTC).isoformat(timespec="seconds"),
            rows=sample.total,
            compared=sample.frame.height,
            columns=tuple(column for column in sample.frame.columns if column not in ("SK_ID_CURR", "TARGET")),
            unreadable=dict(sample.unreadable),
            broken=sample.broken,
        )
        with outputs.replacing(upload.folder / "rows.parquet", private=True) as aside:
            sample.frame.write_parquet(aside)
        outputs.write(upload.folder / "file.json", _json.dump_json(sent), private=True)
        (upload.folder / "upload").unlink()
        home = self._of(sender.owner)
        _move(upload.folder, home, sent.id)
        _keep_newest(self._homes() if self.shared else [home], self.max_bytes)
        return sent

    def find(self, file_id: str, owner: Owner | None) -> SentFile:
        """The file of that id, which is its owner's (None: anybody's). Raises `UnknownFile`."""
        if not _id.fullmatch(file_id):
            raise UnknownFile
        homes = self._homes() if owner is None else [self._of(owner)]
        for home in homes:
            with suppress(OSError, ValidationError):
                return _json.validate_json((home / file_id / "file.json").read_bytes())
        raise UnknownFile

    def remove(self, sent: SentFile) -> None:
        """Removes a file; one that is gone already stays gone."""
        _remove([self._of(sent.belongs_to) / sent.id])

    def side(self, sent: SentFile) -> SideRows:
        """The rows of a file. Raises `UnknownFile` where it was removed meanwhile."""
        try:
            rows = pl.read_parquet(self._of(sent.belongs_to) / sent.id / "rows.parquet")
        except (OSError, pl.exceptions.PolarsError):
            raise UnknownFile from None
        return SideRows(sent.name, rows, None, sent.unreadable, sent.broken)

    def _of(self, owner: Owner) -> Path:
        """The folder of a caller; a name may hold what no name of a folder can."""
        return self.folder / f"{_owner}{owner.token}"

    def _homes(self) -> list[Path]:
        return [folder for folder in _folders(self.folder) if folder.name.startswith(_owner)]

    def _forget_old(self) -> None:
        """Removes what was kept for long, of whomever, and what uploads left behind whose process ended."""
        for folder in self._homes():
            _remove([kept for kept, age in _ages(folder) if age > _kept_for])
            # The folder of a caller who has no file left; one that has is not empty.
            with suppress(OSError):
                folder.rmdir()
        _remove(
            [
                folder
                for folder, age in _ages(self.folder)
                if (folder.name.startswith(incoming) and age > _abandoned)
                # Files of an earlier version, which had one folder for everybody.
                or _id.fullmatch(folder.name)
            ]
        )


def as_dict(sent: SentFile) -> dict[str, object]:
    """What is known of a file; to be shown to its owner, and to who administers."""
    return asdict(sent)


def _move(received: Path, home: Path, name: str) -> None:
    """Puts a file into the folder of its owner, in one step: what is found is whole. Raises `OSError`."""
    for _ in range(_tries):
        home.mkdir(mode=0o700, exist_ok=True)
        # Another process may have removed the folder meanwhile, as it was empty.
        with suppress(FileNotFoundError):
            received.rename(home / name)
            return
    raise FileNotFoundError(home)


def _keep_newest(homes: list[Path], max_bytes: int | None) -> None:
    """Makes room: in these folders together, the newest `max_kept` files stay, as far as `max_bytes` go."""
    newest_first = sorted((kept for home in homes for kept in _ages(home)), key=lambda kept: kept[1])
    total = 0
    for place, (folder, _) in enumerate(newest_first):
        total += bytes_in(folder)
        if place and (place >= max_kept or (max_bytes is not None and total > max_bytes)):
            _remove([folder])


def _ages(home: Path) -> list[tuple[Path, timedelta]]:
    """The folders in a folder, with how long ago each was last written to."""
    now, ages = time.time(), []
    for folder in _folders(home):
        # Another process may have renamed or removed it meanwhile.
        with suppress(FileNotFoundError):
            ages.append((folder, timedelta(seconds=now - folder.stat().st_mtime)))
    return ages


def _folders(home: Path) -> list[Path]:
    try:
        return list(home.iterdir())
    except FileNotFoundError:
        return []


def _remove(folders: list[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


_json: Final = TypeAdapter(SentFile)
