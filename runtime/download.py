"""The download of the public tables: the archive is fetched, checked against its digest, and remembered."""

from __future__ import annotations

import json
import logging
import zipfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from core import outputs
from runtime.resumable_download import DownloadError, ResumingDownloader, shown

if TYPE_CHECKING:
    from pathlib import Path

_name: Final = "tables.zip"


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive as it was downloaded.

    Attributes:
        url: where it came from, without user, password and query.
        sha256: its digest, in hexadecimal.
        size: bytes.
        date: when it was first downloaded, in UTC (ISO 8601).
    """

    url: str
    sha256: str
    size: int
    date: str


@dataclass(frozen=True, slots=True)
class Download:
    """What a download gave.

    Attributes:
        path: the archive.
        archive: what it is.
        earlier: what the same address gave the last time; None where this was the first.
    """

    path: Path
    archive: Archive
    earlier: Archive | None


def download(url: str, folder: Path, sha256: str | None = None) -> Download:
    """Downloads the archive to `<folder>/tables.zip`, unless it is there already.

    An earlier download that stopped is continued. What was downloaded is noted in `<folder>/tables.json`, which stays
    when the archive is removed. Needs the `train` extra (pooch, tqdm).

    Args:
        url: an `https://` or `http://` address of a zip.
        folder: made where it is missing.
        sha256: the digest that the archive has to have, in hexadecimal; None accepts any.

    Raises:
        DownloadError: where it cannot be had, is no zip, or has another digest. No archive is then left behind; what
            arrived of one that was cut off is.
        OSError: where `folder` cannot be written.
    """
    import pooch

    folder.mkdir(parents=True, exist_ok=True)
    path, notes = folder / _name, folder / "tables.json"
    earlier = _read(notes, url)
    if path.is_file() and (earlier is None or pooch.file_hash(str(path)) != earlier.sha256):
        path.unlink()
    # What it has to say is said by us, in our words.
    pooch.get_logger().setLevel(logging.WARNING)
    try:
        pooch.retrieve(
            url,
            known_hash=f"sha256:{sha256}" if sha256 else None,
            fname=_name,
            path=folder,
            downloader=ResumingDownloader(folder / f"{_name}.part"),
        )
    except ValueError as error:
        path.unlink(missing_ok=True)
        raise DownloadError(
            f"the download from {shown(url)} does not have the SHA-256 of DATA_SHA256 ({sha256}); it was removed"
        ) from error
    if not zipfile.is_zipfile(path):
        path.unlink()
        raise DownloadError(f"the download from {shown(url)} is not a zip file; it was removed")
    digest = pooch.file_hash(str(path))
    if earlier and earlier.sha256 == digest:
        return Download(path, earlier, earlier)
    archive = Archive(shown(url), digest, path.stat().st_size, datetime.now(UTC).isoformat("T", "seconds"))
    outputs.write(notes, f"{json.dumps(asdict(archive), indent=2)}\n".encode())
    return Download(path, archive, earlier)


def _read(notes: Path, url: str) -> Archive | None:
    try:
        archive = Archive(**json.loads(notes.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        # Notes that are absent or damaged only mean that there is nothing to compare with.
        return None
    return archive if archive.url == shown(url) else None
