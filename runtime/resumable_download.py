"""A resumable download: one large file over HTTP, going on where an earlier attempt stopped."""

from __future__ import annotations

import http
import json
import re
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from core import outputs
from runtime.http_client import Adapter, Answer, HttpClient, HttpError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

# The public archive has 0.7 GB.
max_archive_bytes: Final = 5_000_000_000
# Seconds without a byte after which a connection counts as lost.
timeout: Final = 30.0
# Seconds before a server that hung up is asked again.
pause: Final = 1.0

_chunk_bytes: Final = 1_000_000
# A server that hangs up now and then is asked again, as long as every time brings something.
_max_attempts: Final = 50
_max_redirects: Final = 10
_redirects: Final = (301, 302, 303, 307, 308)


class DownloadError(Exception):
    """A file that could not be had, with a sentence that says why and what can be done."""


class _Interrupted(Exception):
    """A connection that could not be made or ended early; asking again may help."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What is known of a file that has arrived in part: enough to ask for the rest of that same file.

    Attributes:
        url: where it comes from.
        validator: its strong `ETag` or else its `Last-Modified`; None where the server gave neither.
    """

    url: str
    validator: str | None


class ResumingDownloader:
    """Writes what a URL gives to a file; made to be passed to `pooch.retrieve` as its `downloader`.

    What has arrived is kept in `part` when a connection ends early, and the next call asks for the rest only, as long
    as the server says that the file has not changed (`Range` with `If-Range`, RFC 9110, sections 13.1.5 and 14.2).

    Args:
        part: where to gather the file until it is complete.
        adapter: takes the place of the network.
    """

    def __init__(self, part: Path, adapter: Adapter | None = None) -> None:
        self.part = part
        self._client = HttpClient(timeout=timeout, proxies=True, adapter=adapter)
        self._about = part.with_name(f"{part.name}.json")

    def __call__(self, url: str, output_file: str, pooch: object) -> None:  # noqa: ARG002 - pooch passes itself
        """Downloads `url` to `output_file`; shows progress where standard error is a terminal.

        Raises:
            DownloadError: for every reason that is not a mistake of ours.
        """
        before = -1
        for _ in range(_max_attempts):
            try:
                self._attempt(url)
                break
            except _Interrupted as interruption:
                arrived = self._arrived()
                if arrived <= before or not arrived:
                    raise DownloadError(self._stopped(url, interruption)) from interruption
                before = arrived
                time.sleep(pause)
        else:
            raise DownloadError(self._stopped(url, "the connection was lost on every attempt"))
        # Not `outputs.replacing`: what has arrived stays where the rest does not come.
        outputs.sync(self.part)
        shutil.move(self.part, output_file)
        self._about.unlink(missing_ok=True)

    def _attempt(self, url: str) -> None:
        start = self._arrived()
        known = self._known()
        if known is None or known.url != shown(url) or known.validator is None:
            start = 0
        headers: dict[str, str] = {}
        if start and known and known.validator:
            headers = {"Range": f"bytes={start}-", "If-Range": known.validator}
        with _opened(self._client, url, headers) as response:
            if response.status == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                # There is nothing after what has arrived: that is all, or it is of another file.
                if response.headers.get("Content-Range") != f"bytes */{start}":
                    self.part.unlink()
                    self._attempt(url)
                return
            start, total = _extent(response, start)
            self._check_room(url, start, total)
            self._note(_Part(shown(url), _validator(response)))
            self._append(response, start, total)

    def _append(self, response: Answer, start: int, total: int | None) -> None:
        """Writes the body after the first `start` bytes of what has arrived."""
        from tqdm import tqdm

        with (
            _writing(self.part, start) as target,
            tqdm(
                total=total, initial=start, unit="B", unit_scale=True, desc="Download", disable=None, leave=False
            ) as bar,
        ):
            arrived = start
            for chunk in _parts(response):
                arrived += len(chunk)
                if arrived > max_archive_bytes:
                    raise DownloadError(_too_large)
                try:
                    target.write(chunk)
                    target.flush()
                except OSError as error:
                    raise DownloadError(
                        f"{self.part}: cannot be written ({error.strerror}); what arrived is kept, and the same"
                        " command goes on from there"
                    ) from error
                bar.update(len(chunk))
        if total is not None and arrived < total:
            raise _Interrupted(f"the connection ended after {arrived:,} of {total:,} bytes")

    def _check_room(self, url: str, start: int, total: int | None) -> None:
        if total is None:
            return
        if total > max_archive_bytes:
            raise DownloadError(_too_large)
        free = shutil.disk_usage(self.part.parent).free
        if total - start > free:
            needed = f"{shown(url)} needs {(total - start) / 1e9:.2f} GB"
            raise DownloadError(f"{needed}, and {self.part.parent} has {free / 1e9:.2f} GB free")

    def _arrived(self) -> int:
        return self.part.stat().st_size if self.part.is_file() else 0

    def _known(self) -> _Part | None:
        try:
            known = json.loads(self._about.read_text(encoding="utf-8"))
            return _Part(known["url"], known["validator"])
        except (OSError, ValueError, TypeError, KeyError):
            # Without it, or with one that was cut off, the file is fetched from its beginning.
            return None

    def _stopped(self, url: str, reason: object) -> str:
        host, arrived, known = urlsplit(url).hostname, self._arrived(), self._known()
        if not arrived:
            return f"nothing came from {host} ({reason}): is there a network?"
        stopped = f"the download from {host} stopped after {arrived / 1e6:,.1f} MB ({reason})"
        if known is None or known.validator is None:
            return f"{stopped}; the server does not say whether its file stays the same: the next one begins anew"
        return f"{stopped}; what arrived is kept, and the same command goes on from there"

    def _note(self, part: _Part) -> None:
        outputs.write(self._about, json.dumps(asdict(part)).encode())


def shown(url: str) -> str:
    """The address without user, password and query, which may hold secrets.

    Raises:
        DownloadError: where it is no address.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise DownloadError("expected the address of a file") from error
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _opened(client: HttpClient, url: str, headers: dict[str, str]) -> Answer:
    """The answer that holds the file, wherever redirects lead; from HTTPS to HTTPS alone."""
    address = shown(url)
    if urlsplit(url).scheme not in ("http", "https"):
        raise DownloadError(f"{address}: expected an address that begins with https:// or http://")
    if not urlsplit(url).hostname:
        raise DownloadError(f"{address}: expected the address of a file")
    for _ in range(_max_redirects):
        try:
            answer = client.open("GET", quote(url, safe="%/:=&?~#+!$,;'@()*[]"), headers=headers)
        except HttpError as error:
            if error.fault == "address":
                raise DownloadError(f"{address}: expected the address of a file") from error
            raise _Interrupted(error.reason) from error
        target = answer.headers.get("Location")
        if answer.status not in _redirects or target is None:
            return _accepted(answer, shown(url), headers)
        answer.close()
        url = _followed(url, target)
    raise DownloadError(f"{address} redirects too many times")


def _followed(url: str, target: str) -> str:
    to = urljoin(url, target)
    allowed = ("https",) if urlsplit(url).scheme == "https" else ("http", "https")
    if urlsplit(to).scheme not in allowed:
        raise DownloadError(f"{shown(url)} redirects to {shown(to)}, which is not followed")
    return to


def _accepted(answer: Answer, address: str, headers: dict[str, str]) -> Answer:
    """An answer with the file, or one that says that nothing of it is left to send."""
    nothing_left = answer.status == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and "Range" in headers
    if answer.succeeded or nothing_left:
        return answer
    answer.close()
    if answer.status in (http.HTTPStatus.NOT_FOUND, http.HTTPStatus.GONE):
        raise DownloadError(f"there is no file at {address} (HTTP {answer.status}); DATA_URL names another")
    raise DownloadError(f"{address}: the server answered HTTP {answer.status} {http.HTTPStatus(answer.status).phrase}")


def _parts(response: Answer) -> Iterator[bytes]:
    try:
        yield from response.parts(_chunk_bytes)
    except HttpError as error:
        raise _Interrupted(error.reason) from error


def _extent(response: Answer, start: int) -> tuple[int, int | None]:
    """Where in the file the body begins, and the size of the file where the server says it."""
    if response.status == http.HTTPStatus.PARTIAL_CONTENT:
        content_range = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
        if content_range is None or int(content_range[1]) != start:
            raise DownloadError("the server sent another part of the file than was asked for")
        return start, None if content_range[2] == "*" else int(content_range[2])
    length = response.headers.get("Content-Length", "")
    return 0, int(length) if length.isdecimal() else None


def _validator(response: Answer) -> str | None:
    tag = response.headers.get("ETag")
    # A weak tag does not promise the same bytes.
    return tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified")


def _writing(part: Path, start: int) -> IO[bytes]:
    """The file, to be written on after its first `start` bytes."""
    if not start:
        return part.open("wb")
    target = part.open("r+b")
    target.truncate(start)
    target.seek(start)
    return target


_too_large: Final = f"the file is larger than {max_archive_bytes / 1e9:.0f} GB, more than the tables can be"
