"""Logs of several programs as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from launcher.logs import CombinedLog, last_lines

if TYPE_CHECKING:
    from io import FileIO
    from pathlib import Path

    import pytest


def test_lines_are_whole_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("launcher.logs._seconds_between", 0.0)
    first, second, combined = tmp_path / "first.log", tmp_path / "second.log", tmp_path / "all.log"
    log = CombinedLog(combined, {"api": first, "worker": second})
    log.follow()
    first.write_bytes("une ligne enti\u00e8re\nune demi".encode())
    log.follow()
    second.write_bytes(b"another\n")
    with first.open("ab") as stream:
        stream.write(b"e\nlast")
    log.follow()
    assert combined.read_text(encoding="utf-8").splitlines() == [
        "api    | une ligne enti\u00e8re",
        "api    | une demie",
        "worker | another",
    ]
    log.close()
    assert combined.read_bytes().endswith(b"api    | last\n")


def test_much_at_once_arrives_whole(tmp_path: Path) -> None:
    text = b"".join(b"%d %s\n" % (number, b"x" * 200) for number in range(5000))
    (tmp_path / "api.log").write_bytes(text)
    log = CombinedLog(tmp_path / "all.log", {"api": tmp_path / "api.log"})
    log.follow()
    log.close()
    assert (tmp_path / "all.log").read_bytes() == b"".join(b"api | " + line for line in text.splitlines(keepends=True))


def test_a_full_disk_stops_the_log_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "api.log").write_bytes(b"line\n")
    log = CombinedLog(tmp_path / "all.log", {"api": tmp_path / "api.log"})

    class Full:
        name = "all.log"

        def write(self, _: bytes) -> int:
            raise OSError(28, "No space left on device")

        def close(self) -> None:
            pass

    assert log._stream is not None
    log._stream.close()
    log._stream = cast("FileIO", Full())
    log.follow()
    log.follow()
    log.close()
    assert capsys.readouterr().err == "all.log is not written any more: No space left on device\n"


def test_the_end_of_a_log(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    assert last_lines(path) == []
    path.write_bytes(b"\xff broken\n" + b"".join(b"%d\n" % number for number in range(100_000)))
    assert last_lines(path, 3) == ["99997", "99998", "99999"]
