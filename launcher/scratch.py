"""A folder in memory for what tests write: most of them wait for a disk that none of them asks anything."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

# Several times what a whole run writes.
_needed: Final = 6 * 2**30
_memory: Final = Path("/dev/shm")  # noqa: S108 - no file of ours has a name there that can be guessed


@contextmanager
def folder(memory: Path = _memory) -> Iterator[dict[str, str]]:
    """The variables that lead programs to a folder in memory, which is removed at the end of the block.

    Args:
        memory: a file system that is kept in memory.

    Yields:
        `TMPDIR`; nothing where the caller has chosen a folder, or where memory has no room or runs no programs.
    """
    if os.environ.get("TMPDIR") or not _is_fit(memory):
        yield {}
        return
    chosen = tempfile.mkdtemp(prefix="tests-", dir=memory)
    try:
        yield {"TMPDIR": chosen}
    finally:
        shutil.rmtree(chosen, ignore_errors=True)


def _is_fit(memory: Path) -> bool:
    if not (memory.is_dir() and os.access(memory, os.W_OK)):
        return False
    state = os.statvfs(memory)
    # Environments are made there, and their programs run.
    runs_programs = not state.f_flag & getattr(os, "ST_NOEXEC", 0)
    return runs_programs and state.f_bavail * state.f_frsize > _needed and _available() > _needed


def _available() -> int:
    """Bytes of memory that programs can still have; 0 where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), 0)
