"""Fetches one large file over HTTP, going on where an earlier attempt stopped."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import quote, urlsplit, urlunsplit

if TYPE_CHECKING:
    from email.message import Message
    from http.client import HTTPMessage
    from typing import IO

# The public archive has 0.7 GB.
max_archive_bytes: Final = 5_000_000_000
# Seconds without a byte after which a connection counts as lost.
timeout: Final = 30.0
# Seconds before a server that hung up is asked again.
pause: Final = 1.0

_chunk_bytes: Final = 1_000_000
# A server that hangs up now and then is asked again, as long as every time brings something.
_most_attempts: Final = 50


class DownloadError(Exception):
    """A file that could not be had, with a sentence that says why and what can be done."""


class _Interrupted(Exception):
    """A connection that could not be made or ended early; asking again may help."""


class _Response(Protocol):
    """What is used of the answer that `urllib` gives."""

    @property
    def status(self) -> int | None: ...
    @property
    def headers(self) -> Message: ...
    def read(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


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
    """

    def __init__(self, part: Path) -> None:
        self.part = part
        self._about = part.with_name(f"{part.name}.json")

    def __call__(self, url: str, output_file: str, pooch: object) -> None:  # noqa: ARG002 - pooch passes itself
        """Downloads `url` to `output_file`; shows progress where standard error is a terminal.

        Raises:
            DownloadError: for every reason that is not a mistake of ours.
        """
        before = -1
        for _ in range(_most_attempts):
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
            raise DownloadError(self._stopped(url, "the connection was lost time and again"))
        shutil.move(self.part, output_file)
        self._about.unlink(missing_ok=True)

    def _attempt(self, url: str) -> None:
        start = self._arrived()
        known = self._known()
        if known is None or known.url != shown(url) or known.validator is None:
            start = 0
        headers = {"User-Agent": "home-credit-workbench"}
        if start and known and known.validator:
            headers |= {"Range": f"bytes={start}-", "If-Range": known.validator}
        response = _open(url, headers)
        try:
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
        finally:
            response.close()

    def _append(self, response: _Response, start: int, total: int | None) -> None:
        """Writes the body after the first `start` bytes of what has arrived."""
        from tqdm import tqdm

        with (
            _writing(self.part, start) as target,
            tqdm(
                total=total, initial=start, unit="B", unit_scale=True, desc="Download", disable=None, leave=False
            ) as bar,
        ):
            arrived = start
            while True:
                try:
                    chunk = response.read(_chunk_bytes)
                except (OSError, http.client.HTTPException) as error:
                    raise _Interrupted(_reason(error)) from error
                if not chunk:
                    break
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
        self._about.write_text(json.dumps(asdict(part)), encoding="utf-8")


def shown(url: str) -> str:
    """The address without user, password and query, which may hold secrets.

    Raises:
        DownloadError: where it is no address.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise DownloadError("what was given is no address of a file") from error
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects from HTTP to HTTP or HTTPS, and from HTTPS to HTTPS."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        allowed = ("https",) if req.type == "https" else ("http", "https")
        if urlsplit(newurl).scheme not in allowed:
            fp.close()
            raise DownloadError(f"{shown(req.full_url)} redirects to {shown(newurl)}, which is not followed")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _open(url: str, headers: dict[str, str]) -> _Response:
    address = shown(url)
    if urlsplit(url).scheme not in ("http", "https"):
        raise DownloadError(f"{address}: expected an address that begins with https:// or http://")
    if not urlsplit(url).hostname:
        raise DownloadError(f"{address} is no address of a file")
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        _Redirects(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    try:
        request = urllib.request.Request(quote(url, safe="%/:=&?~#+!$,;'@()*[]"), headers=headers)  # noqa: S310 - checked
        response: _Response = opener.open(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and "Range" in headers:
            return error
        error.close()
        if error.code in (http.HTTPStatus.NOT_FOUND, http.HTTPStatus.GONE):
            raise DownloadError(f"there is no file at {address} (HTTP {error.code}); DATA_URL names another") from error
        raise DownloadError(f"{address}: the server answered HTTP {error.code} {error.reason}") from error
    except (http.client.InvalidURL, ValueError) as error:
        raise DownloadError(f"{address} is no address of a file") from error
    except (OSError, http.client.HTTPException) as error:
        raise _Interrupted(_reason(error)) from error
    return response


def _extent(response: _Response, start: int) -> tuple[int, int | None]:
    """Where in the file the body begins, and the size of the file where the server says it."""
    if response.status == http.HTTPStatus.PARTIAL_CONTENT:
        given = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
        if given is None or int(given[1]) != start:
            raise DownloadError("the server sent another part of the file than was asked for")
        return start, None if given[2] == "*" else int(given[2])
    length = response.headers.get("Content-Length", "")
    return 0, int(length) if length.isdecimal() else None


def _validator(response: _Response) -> str | None:
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


def _reason(error: Exception) -> str:
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    return str(getattr(inner, "strerror", None) or inner) or type(inner).__name__


_too_large: Final = f"the file is larger than {max_archive_bytes / 1e9:.0f} GB, more than the tables can be"
