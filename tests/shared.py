"""What the processes of one test run share: made by the one that comes first, while the others wait, and then read."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder of a name for all processes of this run, filled by `make` where it is not there yet.

    Nobody writes into it afterwards: a test that would takes a copy. Where `make` fails, nothing is left, and whoever
    comes next tries again.
    """
    folder = _of_the_run(factory) / name
    with (folder.with_name(f"{name}.lock")).open("ab") as lock:
        # Given back with the file, or with the process.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f"{name}-") as aside:
                made = Path(aside, name)
                made.mkdir()
                make(made)
                made.rename(folder)
    return folder


def _of_the_run(factory: pytest.TempPathFactory) -> Path:
    """The folder that all processes of a run have; pytest-xdist gives each its own within it."""
    own = factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    folder.mkdir(exist_ok=True)
    return folder
