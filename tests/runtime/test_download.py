"""A downloaded archive is the one that was meant, and one that has changed is noticed; from there it is imported."""

from __future__ import annotations

import hashlib
import io
import json
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from commands.__main__ import main
from core.settings import root, settings
from core.tables.sources import read_table
from runtime import resumable_download
from runtime.download import download
from runtime.resumable_download import DownloadError
from tests.core.data.file_server import FileServer, serving

balance = "SK_ID_BUREAU,MONTHS_BALANCE,STATUS\n5000001,-1,C\n5000001,-2,0\n"


def zip_of(text: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("home-credit/bureau_balance.csv", text)
    return target.getvalue()


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    monkeypatch.setattr(resumable_download, "pause", 0)
    monkeypatch.setenv("no_proxy", "*")
    with serving(zip_of(balance)) as file:
        yield file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "download"


@pytest.fixture
def pinned(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Environment variables that are set through it are read by the settings."""
    monkeypatch.delenv("DATA_SHA256", raising=False)
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()


def test_an_archive_is_downloaded_and_described(server: FileServer, folder: Path) -> None:
    got = download(server.url + "?token=secret", folder)
    assert got.path.read_bytes() == server.data
    assert (got.archive.url, got.archive.sha256, got.archive.size) == (
        server.url,
        digest(server.data),
        len(server.data),
    )
    assert got.earlier is None
    assert "secret" not in (folder / "tables.json").read_text()


def test_an_archive_that_is_there_is_not_downloaded_again(server: FileServer, folder: Path) -> None:
    first = download(server.url, folder)
    again = download(server.url, folder)
    assert len(server.asked) == 1
    assert again.archive == again.earlier == first.archive


def test_an_archive_of_another_address_is_not_taken_for_it(server: FileServer, folder: Path) -> None:
    download(server.url, folder)
    other = download(server.url.replace("tables", "other"), folder)
    assert len(server.asked) == 2
    assert other.earlier is None


def test_an_archive_that_was_altered_on_disk_is_downloaded_again(server: FileServer, folder: Path) -> None:
    download(server.url, folder).path.write_bytes(zip_of(""))
    assert download(server.url, folder).path.read_bytes() == server.data


def test_an_archive_that_has_changed_is_noticed(server: FileServer, folder: Path) -> None:
    first = download(server.url, folder)
    first.path.unlink()
    server.data = zip_of(balance + "5000001,-3,X\n")
    second = download(server.url, folder)
    assert second.earlier == first.archive
    assert second.archive.sha256 == digest(server.data)


def test_damaged_notes_are_no_notes(server: FileServer, folder: Path) -> None:
    for text in ("", "[]", '"text"', '{"url": 1}'):
        download(server.url, folder)
        (folder / "tables.json").write_text(text)
        assert download(server.url, folder).earlier is None


@pytest.mark.parametrize("upper", [False, True])
def test_the_archive_that_was_asked_for_is_accepted(upper: bool, server: FileServer, folder: Path) -> None:
    wanted = digest(server.data)
    assert download(server.url, folder, wanted.upper() if upper else wanted).archive.sha256 == wanted


def test_an_archive_with_another_digest_is_removed(server: FileServer, folder: Path) -> None:
    with pytest.raises(DownloadError, match=r"does not have the SHA-256 of DATA_SHA256 \(0{64}\); it was removed"):
        download(server.url, folder, "0" * 64)
    assert list(folder.iterdir()) == []


def test_an_archive_from_before_the_digest_was_asked_for_is_removed_too(server: FileServer, folder: Path) -> None:
    path = download(server.url, folder).path
    with pytest.raises(DownloadError):
        download(server.url, folder, "0" * 64)
    assert not path.exists()


def test_a_page_in_place_of_a_zip_is_removed(server: FileServer, folder: Path) -> None:
    server.data = b"<!doctype html><title>Please log in</title>"
    with pytest.raises(DownloadError, match="is not a zip file; it was removed"):
        download(server.url, folder)
    assert list(folder.iterdir()) == []


def test_a_download_that_stopped_is_continued(server: FileServer, folder: Path) -> None:
    server.cuts = [100, 0]
    with pytest.raises(DownloadError, match="what arrived is kept"):
        download(server.url, folder)
    assert sorted(path.name for path in folder.iterdir()) == ["tables.zip.part", "tables.zip.part.json"]
    assert download(server.url, folder).path.read_bytes() == server.data
    assert server.asked[-1] == "bytes=100-"
    assert sorted(path.name for path in folder.iterdir()) == ["tables.json", "tables.zip"]


def test_the_command_downloads_and_imports(
    server: FileServer, folder: Path, capsys: pytest.CaptureFixture[str], pinned: pytest.MonkeyPatch
) -> None:
    out = folder.parent
    assert main(["data", "download", "--url", server.url, "--out", str(out)]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines() == ["bureau_balance  2 rows", f"Written to      {out}"]
    assert printed.err.splitlines()[:3] == [
        f"Downloaded 0.0 MB from {server.url}",
        f"SHA-256 {digest(server.data)}",
        "DATA_SHA256 can be set to it, so that nothing else is accepted from now on.",
    ]
    assert read_table(out, "bureau_balance").height == 2
    assert [path.name for path in folder.iterdir()] == ["tables.json"]


def test_the_command_keeps_the_archive_where_asked(server: FileServer, folder: Path) -> None:
    assert main(["data", "download", "--url", server.url, "--out", str(folder.parent), "--keep"]) == 0
    assert (folder / "tables.zip").read_bytes() == server.data
    assert main(["data", "import", str(folder / "tables.zip"), "--out", str(folder.parent)]) == 0


def test_the_command_takes_address_digest_and_folder_from_the_settings(
    server: FileServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], pinned: pytest.MonkeyPatch
) -> None:
    pinned.setenv("DATA_URL", server.url)
    pinned.setenv("DATA_DIR", str(tmp_path))
    pinned.setenv("DATA_SHA256", digest(server.data))
    assert main(["data", "download"]) == 0
    assert "DATA_SHA256" not in capsys.readouterr().err
    assert read_table(tmp_path, "bureau_balance").height == 2
    settings.cache_clear()
    pinned.setenv("DATA_SHA256", "0" * 64)
    assert main(["data", "download"]) == 1
    assert capsys.readouterr().err.startswith(f"Error: the download from {server.url} does not have the SHA-256")


def test_the_command_warns_of_an_archive_that_has_changed(
    server: FileServer, folder: Path, capsys: pytest.CaptureFixture[str], pinned: pytest.MonkeyPatch
) -> None:
    command = ["data", "download", "--url", server.url, "--out", str(folder.parent)]
    first = digest(server.data)
    assert main(command) == 0
    date = json.loads((folder / "tables.json").read_text())["date"]
    server.data = zip_of(balance + "5000001,-3,X\n")
    capsys.readouterr()
    assert main(command) == 0
    assert f"Warning: this is another file than that of {date} (SHA-256 {first})." in capsys.readouterr().err
    assert main(command) == 0
    assert "Warning" not in capsys.readouterr().err


def test_the_command_says_why_there_is_no_archive(
    server: FileServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.status = 404
    assert main(["data", "download", "--url", server.url, "--out", str(folder.parent)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == f"Error: there is no file at {server.url} (HTTP 404); DATA_URL names another\n"


def test_an_archive_that_cannot_be_imported_is_kept_to_be_looked_at(
    server: FileServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.data = zip_of(balance.replace(",C", ",unheard of"))
    assert main(["data", "download", "--url", server.url, "--out", str(folder.parent)]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("Error: home-credit/bureau_balance.csv: line 2, column STATUS")
    assert error.endswith(f"The archive is kept: {folder / 'tables.zip'}")
    assert [path.name for path in folder.parent.iterdir()] == ["download"]


def test_a_download_that_is_interrupted_ends_with_a_word_and_keeps_what_arrived(
    server: FileServer, folder: Path
) -> None:
    # Enough for some of it to be written before the interruption.
    server.data, server.release = bytes(6_000_000), Event()
    command = [sys.executable, "-m", "commands", "data", "download", "--url", server.url, "--out", str(folder.parent)]
    with subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True) as running:
        while not (folder / "tables.zip.part").exists() or not (folder / "tables.zip.part").stat().st_size:
            assert running.poll() is None
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate()
    server.release.set()
    assert said.splitlines()[-1] == "Stopped."
    assert "Traceback" not in said
    assert running.returncode == 130
    assert (folder / "tables.zip.part").stat().st_size > 0
    assert (folder / "tables.zip.part.json").exists()
