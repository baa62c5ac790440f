"""Keeps files that were sent to be compared: not as they came, but the rows that a comparison needs."""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import polars as pl
from pydantic import TypeAdapter, ValidationError

from core.data.test_set import most_rows
from core.drift.errors import UnknownFile
from core.drift.rows import read_sample
from core.drift.sides import SideRows
from core.jobs.store import Upload, shown_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A file is compared soon after it was sent, perhaps with other thresholds the next day.
_kept_for: Final = timedelta(days=7)
_most_kept: Final = 50
_abandoned: Final = timedelta(hours=1)
_id: Final = re.compile(r"file-[0-9a-f]{32}")
_incoming: Final = ".incoming-"


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that can be compared.

    Attributes:
        id: `file-` and 32 hexadecimal digits.
        name: as the sender names it, for display alone.
        owner: the name of the caller who sent it.
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


@dataclass(frozen=True, slots=True)
class SentFiles:
    """The files in a folder."""

    folder: Path

    @contextmanager
    def receive(self) -> Iterator[Upload]:
        """A file to be written, for `keep`; it is removed afterwards. Raises `OSError` where the disk is full."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._tidy()
        upload = Upload(self.folder / f"{_incoming}{uuid4().hex}")
        try:
            yield upload
        finally:
            with suppress(OSError):
                upload.close()
            shutil.rmtree(upload.folder, ignore_errors=True)

    def keep(self, upload: Upload, name: str, owner: str, most_bytes: int) -> SentFile:
        """Reads a file that is wholly received, and keeps what is compared of it.

        Args:
            upload: of `receive`.
            name: what the sender calls it.
            owner: the sender's own name.
            most_bytes: how large it may be unpacked.

        Raises:
            core.batch.UnusableFile: it cannot be read, or has no application column.
            OSError: the disk is full.
        """
        upload.finish()
        shown = shown_name(name)
        found = read_sample(upload.folder / "upload", shown, most_rows, most_bytes)
        sent = SentFile(
            id=f"file-{uuid4().hex}",
            name=shown,
            owner=owner,
            sent=datetime.now(UTC).isoformat(timespec="seconds"),
            rows=found.total,
            compared=found.frame.height,
            columns=tuple(each for each in found.frame.columns if each not in ("SK_ID_CURR", "TARGET")),
            unreadable=dict(found.unreadable),
            broken=found.broken,
        )
        found.frame.write_parquet(upload.folder / "rows.parquet")
        (upload.folder / "file.json").write_bytes(_json.dump_json(sent))
        (upload.folder / "upload").unlink()
        # In one step: what is found is whole.
        upload.folder.rename(self.folder / sent.id)
        return sent

    def find(self, file_id: str, owner: str | None) -> SentFile:
        """The file of that id, which is its owner's (None: anybody's). Raises `UnknownFile`."""
        if not _id.fullmatch(file_id):
            raise UnknownFile
        try:
            found = _json.validate_json((self.folder / file_id / "file.json").read_bytes())
        except (OSError, ValidationError):
            raise UnknownFile from None
        if owner is not None and found.owner != owner:
            raise UnknownFile
        return found

    def side(self, sent: SentFile) -> SideRows:
        """The rows of a file. Raises `UnknownFile` where it was removed meanwhile."""
        try:
            rows = pl.read_parquet(self.folder / sent.id / "rows.parquet")
        except (OSError, pl.exceptions.PolarsError):
            raise UnknownFile from None
        return SideRows(sent.name, rows, None, sent.unreadable, sent.broken)

    def _tidy(self) -> None:
        now = datetime.now(UTC)
        ages = {each: now - datetime.fromtimestamp(each.stat().st_mtime, UTC) for each in self.folder.iterdir()}
        kept = sorted((each for each in ages if _id.fullmatch(each.name)), key=lambda each: ages[each])
        gone = [each for at, each in enumerate(kept) if at >= _most_kept or ages[each] > _kept_for]
        gone += [each for each, age in ages.items() if each.name.startswith(_incoming) and age > _abandoned]
        for each in gone:
            shutil.rmtree(each, ignore_errors=True)


def as_dict(sent: SentFile) -> dict[str, object]:
    """What is known of a file, but for who sent it."""
    known = asdict(sent)
    del known["owner"]
    return known


_json: Final = TypeAdapter(SentFile)
