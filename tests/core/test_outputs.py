"""What is written is whole or not there, and an input is never written on, whatever it is called."""

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core import outputs
from core.outputs import UnusableOutput, check_writable, replacing, replacing_folder, write


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("before", [None, b"before"])
def test_a_failure_leaves_what_was_there(tmp_path: Path, before: bytes | None) -> None:
    target = tmp_path / "result.csv"
    if before is not None:
        target.write_bytes(before)

    def interrupted() -> None:
        with replacing(target) as aside:
            aside.write_bytes(b"half a resu")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert contents(tmp_path) == ({} if before is None else {"result.csv": before})
    with replacing(target) as aside:
        aside.write_bytes(b"after")
        assert (target.read_bytes() if target.exists() else None) == before
    assert contents(tmp_path) == {"result.csv": b"after"}


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write(path, b"before")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write(path, b"after")
    assert contents(tmp_path) == {"file": b"before"}
    # What need not last is not made to.
    write(path, b"after", durable=False)
    assert contents(tmp_path) == {"file": b"after"}


def same(target: Path) -> Path:
    return target


def hard_link(target: Path) -> Path:
    other = target.with_name("other")
    other.hardlink_to(target)
    return other


def symbolic_link(target: Path) -> Path:
    other = target.with_name("other")
    other.symlink_to(target)
    return other


def another_way(target: Path) -> Path:
    return target.parent / ".." / target.parent.name / target.name


@pytest.mark.parametrize("named", [same, hard_link, symbolic_link, another_way])
def test_an_input_is_told_by_what_it_is(tmp_path: Path, named: Callable[[Path], Path]) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(b"rows")
    other = named(source)
    for inputs, target in (([source], other), ([other], source)):
        with pytest.raises(UnusableOutput, match="is the input"), replacing(target, inputs=inputs):
            pytest.fail("began to write")
        with pytest.raises(UnusableOutput, match="is the input"):
            check_writable(target, inputs=inputs)
    assert source.read_bytes() == b"rows"
    # One that is not there is nobody's.
    with replacing(tmp_path / "out.csv", inputs=[source, tmp_path / "absent"]) as aside:
        aside.write_bytes(b"result")


def test_a_link_goes_on_to_lead_where_it_led(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    link = tmp_path / "latest.csv"
    link.symlink_to(tmp_path / "archive" / "2026.csv")
    for content in (b"first", b"second"):
        write(link, content)
        assert link.is_symlink()
        assert (tmp_path / "archive" / "2026.csv").read_bytes() == content


def test_permissions_stay_and_new_files_have_the_usual_ones(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        shared, own = tmp_path / "shared", tmp_path / "own"
        write(shared, b"1")
        assert stat.S_IMODE(shared.stat().st_mode) == 0o644
        shared.chmod(0o660)
        write(shared, b"2")
        assert stat.S_IMODE(shared.stat().st_mode) == 0o660
        with replacing(own, private=True) as aside:
            assert stat.S_IMODE(aside.stat().st_mode) == 0o600
        assert stat.S_IMODE(own.stat().st_mode) == 0o600
    finally:
        os.umask(mask)


def test_what_cannot_be_replaced_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        check_writable(pipe)
        write(pipe, b"through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]
    write(Path(os.devnull), b"nothing")


@pytest.mark.parametrize(
    ("target", "named"), [("folder", "is a folder"), ("absent/file", "absent/file"), ("locked", "write-protected")]
)
def test_a_place_that_is_none_is_told_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, named: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "locked").touch()
    # Tests may run as root, for whom nothing is.
    monkeypatch.setattr(os, "access", lambda path, _: Path(path).name != "locked")
    for attempt in (check_writable, lambda path: write(path, b"")):
        with pytest.raises(OSError, match=named) as failure:
            attempt(tmp_path / target)
        assert ".part" not in str(failure.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "locked"]


def test_a_name_may_be_as_long_as_any(tmp_path: Path) -> None:
    longest = os.pathconf(tmp_path, "PC_NAME_MAX") if sys.platform != "win32" else 255
    for name in ("a" * longest, "é" * (longest // 2)):
        write(tmp_path / name, b"whole")
        assert (tmp_path / name).read_bytes() == b"whole"


def fill(folder: Path, text: str, names: tuple[str, ...]) -> None:
    with replacing_folder(folder, last="index", owned=("index", "extra", "deep/part")) as staged:
        for name in names:
            (staged / name).parent.mkdir(exist_ok=True)
            (staged / name).write_text(text, encoding="utf-8")


def test_a_folder_is_replaced_with_what_belongs_to_it(tmp_path: Path) -> None:
    (tmp_path / "neighbour").write_bytes(b"stays")
    fill(tmp_path, "1", ("extra", "index", "deep/part"))
    fill(tmp_path, "2", ("index",))
    assert contents(tmp_path) == {"neighbour": b"stays", "index": b"2"}


@pytest.mark.parametrize("fails_at", ["extra", "index", "deep/part", "extra of two"])
def test_a_folder_that_cannot_be_replaced_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: str
) -> None:
    fill(tmp_path, "1", ("index", "deep/part") if fails_at == "extra of two" else ("extra", "index", "deep/part"))
    before = contents(tmp_path)
    put = outputs._put

    def fails(new: Path, path: Path) -> None:
        if new.parts[-1] == fails_at.split(" ", maxsplit=1)[0].rsplit("/", maxsplit=1)[-1] and "after" in new.parts:
            raise OSError(28, "No space left on device")
        put(new, path)

    monkeypatch.setattr(outputs, "_put", fails)
    with pytest.raises(OSError, match="No space"):
        fill(tmp_path, "2", ("extra", "index", "deep/part"))
    assert contents(tmp_path) == before
    assert not list(tmp_path.glob(".staged-*"))


def test_the_file_that_warns_is_there_as_long_as_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, put = [], outputs._put

    def noted(new: Path, path: Path) -> None:
        put(new, path)
        seen.append((tmp_path / "warning").exists())

    def replaced(*names: str) -> None:
        with replacing_folder(tmp_path, first="warning") as staged:
            for name in names:
                (staged / name).write_bytes(b"")

    monkeypatch.setattr(outputs, "_put", noted)
    replaced("warning", "a", "zebra")
    assert seen == [True, True, True]
    seen.clear()
    replaced("a", "zebra")
    assert seen == [True, True, False]


def test_the_file_that_vouches_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    placed, put = [], outputs._put

    def noted(new: Path, path: Path) -> None:
        placed.append(path.name)
        put(new, path)

    monkeypatch.setattr(outputs, "_put", noted)
    fill(tmp_path, "1", ("index", "zebra", "deep/part"))
    assert placed[-1] == "index"
    assert set(placed) == {"index", "zebra", "part", "extra"}
