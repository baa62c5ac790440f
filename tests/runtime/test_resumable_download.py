"""A download goes on where it stopped, never glues two files together, and says what went wrong."""

from __future__ import annotations

import errno
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime import resumable_download
from runtime.resumable_download import DownloadError, ResumingDownloader, shown
from tests.adapters import Answering, reply
from tests.core.data.file_server import FileServer, serving

data = random.Random(0).randbytes(3_000_000)  # noqa: S311 - bytes that no cut leaves alike


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    monkeypatch.setattr(resumable_download, "pause", 0)
    monkeypatch.setenv("no_proxy", "*")
    with serving(data) as file:
        yield file


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "tables.zip"


@pytest.fixture
def fetch(out: Path) -> ResumingDownloader:
    return ResumingDownloader(out.with_name("tables.zip.part"))


def refusal(fetch: ResumingDownloader, url: str, out: Path) -> str:
    with pytest.raises(DownloadError) as refused:
        fetch(url, str(out), None)
    assert not out.exists()
    return str(refused.value)


def stop_after(size: int, fetch: ResumingDownloader, server: FileServer, out: Path, again: int = 0) -> str:
    """Makes a download stop for good after that many bytes; returns what was said.

    It is asked again once, and stops after `again` bytes of that answer.
    """
    server.cuts = [size, again]
    message = refusal(fetch, server.url, out)
    assert f"stopped after {size / 1e6:,.1f} MB" in message
    assert fetch.part.read_bytes() == data[:size]
    server.asked.clear()
    server.cuts = []
    return message


def test_a_file_is_fetched_and_nothing_else_left(server: FileServer, fetch: ResumingDownloader, out: Path) -> None:
    fetch(server.url, str(out), None)
    assert out.read_bytes() == data
    assert list(out.parent.iterdir()) == [out]
    assert server.asked == [None]


def test_a_connection_that_is_cut_is_made_again(server: FileServer, fetch: ResumingDownloader, out: Path) -> None:
    server.cuts = [1_200_000, 800_000]
    fetch(server.url, str(out), None)
    assert out.read_bytes() == data
    assert server.asked == [None, "bytes=1200000-", "bytes=2000000-"]


@pytest.mark.parametrize(("tag", "modified"), [('"one"', None), (None, "Mon, 02 Nov 2026 10:00:00 GMT")])
def test_the_next_download_goes_on_where_one_stopped(
    tag: str | None, modified: str | None, server: FileServer, fetch: ResumingDownloader, out: Path
) -> None:
    server.tag, server.modified = tag, modified
    said = stop_after(1_500_000, fetch, server, out)
    assert said.endswith("what arrived is kept, and the same command goes on from there")
    fetch(server.url, str(out), None)
    assert server.asked == ["bytes=1500000-"]
    assert out.read_bytes() == data


def test_a_file_that_has_changed_is_fetched_from_its_beginning(
    server: FileServer, fetch: ResumingDownloader, out: Path
) -> None:
    stop_after(1_500_000, fetch, server, out)
    server.data, server.tag = bytes(reversed(data)), '"two"'
    fetch(server.url, str(out), None)
    assert server.asked == ["bytes=1500000-"]
    assert out.read_bytes() == server.data


def test_a_file_that_has_become_shorter_than_what_arrived_is_fetched_from_its_beginning(
    server: FileServer, fetch: ResumingDownloader, out: Path
) -> None:
    stop_after(1_500_000, fetch, server, out)
    server.data = b"short"
    fetch(server.url, str(out), None)
    assert server.asked == ["bytes=1500000-", None]
    assert out.read_bytes() == b"short"


@pytest.mark.parametrize("tag", [None, 'W/"weak"'])
def test_without_a_way_to_tell_that_it_is_the_same_file_it_is_fetched_from_its_beginning(
    tag: str | None, server: FileServer, fetch: ResumingDownloader, out: Path
) -> None:
    server.tag = tag
    assert "begins anew" in stop_after(1_500_000, fetch, server, out, again=1_500_000)
    fetch(server.url, str(out), None)
    assert server.asked == [None]
    assert out.read_bytes() == data


def test_another_address_is_fetched_from_its_beginning(
    server: FileServer, fetch: ResumingDownloader, out: Path
) -> None:
    stop_after(1_500_000, fetch, server, out)
    fetch(server.url.replace("tables", "other"), str(out), None)
    assert server.asked == [None]
    assert out.read_bytes() == data


def test_a_server_that_gives_no_parts_gives_the_whole(server: FileServer, fetch: ResumingDownloader, out: Path) -> None:
    server.ranges = False
    stop_after(1_500_000, fetch, server, out, again=1_500_000)
    fetch(server.url, str(out), None)
    assert server.asked == ["bytes=1500000-"]
    assert out.read_bytes() == data


def test_what_had_arrived_whole_is_not_fetched_again(server: FileServer, fetch: ResumingDownloader, out: Path) -> None:
    stop_after(1_500_000, fetch, server, out)
    fetch.part.write_bytes(data)
    server.cuts = [0]
    fetch(server.url, str(out), None)
    assert out.read_bytes() == data


def test_damaged_notes_about_what_arrived_only_cost_time(
    server: FileServer, fetch: ResumingDownloader, out: Path
) -> None:
    stop_after(1_500_000, fetch, server, out)
    fetch.part.with_name("tables.zip.part.json").write_text('{"url": ')
    fetch(server.url, str(out), None)
    assert server.asked == [None]
    assert out.read_bytes() == data


def test_a_server_that_does_not_tell_the_size_is_fine(server: FileServer, fetch: ResumingDownloader, out: Path) -> None:
    server.says_length = False
    fetch(server.url, str(out), None)
    assert out.read_bytes() == data


def test_a_redirect_is_followed_and_the_part_asked_for_there(
    server: FileServer, fetch: ResumingDownloader, out: Path
) -> None:
    server.redirect = "/elsewhere/file"
    stop_after(1_500_000, fetch, server, out)
    fetch(server.url, str(out), None)
    assert server.asked == ["bytes=1500000-", "bytes=1500000-"]
    assert out.read_bytes() == data


@pytest.mark.parametrize("target", ["file:///etc/hosts", "ftp://127.0.0.1/tables"])
def test_a_redirect_to_something_else_is_not_followed(
    target: str, server: FileServer, fetch: ResumingDownloader, out: Path
) -> None:
    server.redirect = target
    message = refusal(fetch, server.url, out)
    assert "edirect" in message
    assert target in message


def test_a_redirect_does_not_leave_encryption_behind(out: Path) -> None:
    elsewhere = Answering(lambda _: reply(302, headers={"Location": "http://b.invalid/tables.zip?token=1"}))
    with pytest.raises(DownloadError, match=r"redirects to http://b\.invalid/tables\.zip, which is not followed"):
        ResumingDownloader(out.with_name("part"), elsewhere)("https://a.invalid/tables.zip", str(out), None)


def test_redirects_come_to_an_end(out: Path) -> None:
    round_about = Answering(lambda request: reply(302, headers={"Location": f"{request.url}1"}))
    with pytest.raises(DownloadError, match="too many times"):
        ResumingDownloader(out.with_name("part"), round_about)("https://a.invalid/tables.zip", str(out), None)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (404, "there is no file at http://127.0.0.1:"),
        (410, "DATA_URL names another"),
        (403, "the server answered HTTP 403 Forbidden"),
        (416, "the server answered HTTP 416"),
        (500, "the server answered HTTP 500 Internal Server Error"),
    ],
)
def test_an_answer_without_the_file_is_told(
    status: int, sentence: str, server: FileServer, fetch: ResumingDownloader, out: Path
) -> None:
    server.status = status
    assert sentence in refusal(fetch, server.url, out)


def test_what_arrived_outlives_a_server_that_is_out_of_order(
    server: FileServer, fetch: ResumingDownloader, out: Path
) -> None:
    stop_after(1_500_000, fetch, server, out)
    server.status = 503
    refusal(fetch, server.url, out)
    server.status = None
    fetch(server.url, str(out), None)
    assert server.asked[-1] == "bytes=1500000-"
    assert out.read_bytes() == data


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://127.0.0.1:9/tables.zip", "nothing came from 127.0.0.1 (Connection refused): is there a network?"),
        ("http://nowhere.invalid/tables.zip", "nothing came from nowhere.invalid ("),
        ("file:///etc/hosts", "expected an address that begins with https:// or http://"),
        ("ftp://127.0.0.1/tables.zip", "expected an address that begins with https:// or http://"),
        ("tables.zip", "expected an address that begins with https:// or http://"),
        ("http://127.0.0.1:port/tables.zip", "http://127.0.0.1:port/tables.zip: expected the address of a file"),
        ("http://a..b/tables.zip", "a..b"),
        ("http:///tables.zip", "expected the address of a file"),
        ("http://[::1/tables.zip", "expected the address of a file"),
    ],
)
def test_an_address_that_leads_nowhere_is_told(
    url: str, sentence: str, fetch: ResumingDownloader, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resumable_download, "pause", 0)
    monkeypatch.setenv("no_proxy", "*")
    assert sentence in refusal(fetch, url, out)


def test_an_address_with_spaces_and_accents_is_encoded(
    server: FileServer, fetch: ResumingDownloader, out: Path
) -> None:
    fetch(server.url.replace("/data/", "/données publiques/"), str(out), None)
    assert out.read_bytes() == data


@pytest.mark.parametrize("says_length", [True, False])
def test_a_file_that_is_too_large_is_refused(
    says_length: bool, server: FileServer, fetch: ResumingDownloader, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resumable_download, "max_archive_bytes", 2_000_000)
    server.says_length = says_length
    assert "the file is larger than" in refusal(fetch, server.url, out)


def test_a_file_without_room_on_the_disk_is_not_begun(
    server: FileServer, fetch: ResumingDownloader, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type(shutil.disk_usage(out.parent))(10**9, 10**9 - 2_000_000, 2_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    message = refusal(fetch, server.url, out)
    assert f"needs 0.00 GB, and {out.parent} has 0.00 GB free" in message
    assert not fetch.part.exists()


def test_a_disk_that_fills_up_keeps_what_arrived(
    server: FileServer, fetch: ResumingDownloader, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class FullDisk:
        """A file that takes a million bytes. (A full disk cannot be made without privileges.)"""

        def __init__(self, path: Path) -> None:
            self._file = path.open("wb")

        def __enter__(self) -> FullDisk:
            return self

        def __exit__(self, *error: object) -> None:
            self._file.close()

        def write(self, chunk: bytes) -> int:
            if self._file.tell() + len(chunk) > 1_000_000:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self._file.write(chunk)

        def flush(self) -> None:
            self._file.flush()

    with monkeypatch.context() as full:
        full.setattr(resumable_download, "_writing", lambda part, start: FullDisk(part))
        message = refusal(fetch, server.url, out)
    assert "cannot be written (No space left on device); what arrived is kept" in message
    arrived = fetch.part.stat().st_size
    assert arrived == 1_000_000
    fetch(server.url, str(out), None)
    assert server.asked == [None, f"bytes={arrived}-"]
    assert out.read_bytes() == data


def test_an_address_is_shown_without_what_may_be_secret() -> None:
    assert shown("https://user:pass@host:8/a/b.zip?token=1#c") == "https://host:8/a/b.zip"
