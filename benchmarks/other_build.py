"""Another revision of this repository to measure beside this one: checked out, with an environment to run it in."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.settings import root
from runtime.console import note

if TYPE_CHECKING:
    from collections.abc import Iterator

_locks: Final = Path("requirements")


@contextmanager
def checked_out(revision: str, folder: Path) -> Iterator[Path]:
    """A work tree of a revision within a folder, removed at the end. Raises `RuntimeError` where git refuses."""
    tree = folder / "tree"
    _run("git", "worktree", "add", "--detach", str(tree), revision)
    try:
        yield tree
    finally:
        _run("git", "worktree", "remove", "--force", str(tree))


def environment(tree: Path, folder: Path, lock: str = "api.txt") -> str:
    """The interpreter for a tree: this one where its locks are the same, else one of its own within a folder.

    Args:
        lock: the name of the lock that has what is measured.

    Raises:
        RuntimeError: its packages cannot be installed.
    """
    theirs, ours = (place / _locks / lock for place in (tree, root))
    if theirs.read_bytes() == ours.read_bytes():
        return sys.executable
    note("Its locks differ: an environment is made for it.")
    place = folder / "environment"
    _run(sys.executable, "-m", "venv", str(place))
    python = place / "bin" / "python"
    _run(str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", str(theirs))
    return str(python)


def _run(*command: str) -> None:
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:3])} failed: {done.stderr.strip()}")
