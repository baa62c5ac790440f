"""Output files, written aside and renamed: whole or as they were before, and never in place of an input."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_suffix: Final = ".part"
_staged: Final = ".staged-"
# Without a change for so long, nobody writes to a scratch folder any more.
_abandoned_seconds: Final = 24 * 3600


class UnusableOutput(OSError):
    """A path that may not be written to, said in a sentence that names it."""


@contextmanager
def replacing(
    target: Path, *, inputs: Iterable[Path] = (), durable: bool = True, private: bool = False
) -> Iterator[Path]:
    """Gives a path beside a target to write to; it takes the target's place once the block has ended well.

    Where the block fails, what was written is removed, and the target stays as it was. A link is followed, so that
    it goes on to lead to the same place. What is no regular file (a pipe, `/dev/stdout`) is written to directly.

    Args:
        target: the file to make or to replace.
        inputs: files that are read for it. They are told by what they are (device and inode), not by their names.
        private: whether only the owner may read a file that is made; one that is replaced keeps its permissions.
        durable: whether content and name are on the disk (fsync) when the block has ended. Without, a power cut may
            leave the file empty or as it was; only for what is written often and is worthless after a restart.

    Raises:
        UnusableOutput: where the target is one of the inputs, a folder, or write-protected.
        OSError: where its folder is missing or cannot be written, or the disk is full.
    """
    check_output(target, inputs=inputs)
    if _is_special(target):
        yield target
        return
    path = target.resolve()
    aside = _make_aside(target, path, private=private)
    try:
        with suppress(FileNotFoundError):
            aside.chmod(stat.S_IMODE(path.stat().st_mode))
        yield aside
        if durable:
            sync(aside)
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    if durable:
        sync(path.parent)


@contextmanager
def replacing_folder(
    folder: Path, *, first: str | None = None, last: str | None = None, owned: Iterable[str] = ()
) -> Iterator[Path]:
    """Gives an empty folder to write to; its files take their places in another once the block has ended well.

    Files are put in place one by one, so that a folder may be a mount or hold other things; a reader who finds `last`
    changed finds the others, too. Where the block or the switch fails, the folder is as it was before. What a process
    that was killed has left in it is removed a day later.

    Args:
        folder: where the files go; made where it is missing.
        first: a file that warns of the others: it is there before them, and goes after them where it was not written.
        last: the file that vouches for the others, by their digests or by being there.
        owned: files that are removed where the block did not write them: they would be taken for part of what it wrote.

    Raises:
        OSError: where the folder cannot be written or the disk is full.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _clear_abandoned(folder)
    with tempfile.TemporaryDirectory(prefix=_staged, dir=folder) as scratch:
        staged, before = Path(scratch) / "after", Path(scratch) / "before"
        staged.mkdir()
        yield staged
        written = sorted(str(path.relative_to(staged)) for path in staged.rglob("*") if path.is_file())
        written.sort(key=lambda name: (name != first, name == last))
        for name in written:
            sync(staged / name)
        gone = [name for name in owned if name not in written]
        touched = [*gone, *written]
        if first is not None and first not in written:
            touched.append(first)
        for name in touched:
            _keep(folder / name, before / name)
        try:
            for name in touched:
                _put(staged / name, folder / name)
        except BaseException:
            for name in touched:
                _put(before / name, folder / name)
            raise
        sync(folder)


def write(target: Path, content: bytes, *, durable: bool = True, private: bool = False) -> None:
    """Makes or replaces a file at once. Raises `OSError` as `replacing`, and leaves the one before."""
    with replacing(target, durable=durable, private=private) as aside:
        aside.write_bytes(content)


def files_in(path: Path) -> tuple[Path, ...]:
    """The files that are read where a file or a folder is named, for `inputs`."""
    return tuple(path.iterdir()) if path.is_dir() else (path,)


def check_output(target: Path, *, inputs: Iterable[Path] = ()) -> None:
    """Raises `UnusableOutput` where a target is one of the inputs under any name, a folder, or write-protected."""
    try:
        status = target.stat()
    except FileNotFoundError:
        return
    for path in inputs:
        if _is_same(path, status):
            raise UnusableOutput(
                f"{target} is the input {path} itself, which would be lost: choose another name for what is written"
            )
    if stat.S_ISDIR(status.st_mode):
        raise UnusableOutput(f"{target} is a folder: give the name of a file")
    if not os.access(target, os.W_OK):
        raise UnusableOutput(f"{target} is write-protected")


def check_writable(target: Path, *, inputs: Iterable[Path] = ()) -> None:
    """Tries whether `replacing` would find a place, before hours are spent on what is to be written.

    Raises:
        OSError: as `replacing`; nothing is left behind.
    """
    check_output(target, inputs=inputs)
    if not _is_special(target):
        _make_aside(target, target.resolve(), private=True).unlink()


def sync(path: Path) -> None:
    """Makes the content of a file, or the names in a folder, last through a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _clear_abandoned(folder: Path) -> None:
    for left in folder.glob(f"{_staged}*"):
        if time.time() - left.stat().st_mtime > _abandoned_seconds:
            shutil.rmtree(left)


def _is_special(target: Path) -> bool:
    """Whether there is something that cannot be replaced: a pipe or a device."""
    return target.exists() and not target.is_file()


def _make_aside(target: Path, path: Path, *, private: bool) -> Path:
    aside = path.with_name(f".{path.name[:50]}.{secrets.token_hex(4)}{_suffix}")
    try:
        aside.touch(0o600 if private else 0o666, exist_ok=False)
    except OSError as error:
        # The person named the target, and not what lies beside it.
        raise type(error)(error.errno, error.strerror, str(target)) from error
    return aside


def _keep(path: Path, kept: Path) -> None:
    """A second name for a file, where there is one; a copy where the file system knows no second names."""
    if not path.is_file():
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    try:
        kept.hardlink_to(path)
    except OSError:
        shutil.copy2(path, kept)


def _put(new: Path, path: Path) -> None:
    """Renames a file to its place; where there is no new one, that place is empty."""
    if new.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        new.replace(path)
    else:
        path.unlink(missing_ok=True)


def _is_same(path: Path, status: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.stat(), status)
    except OSError:
        # An input that is not there is the reader's to complain of.
        return False
