"""What runs on one process of the tests: a file, or files of browser tests, which share what is dear to start."""

from __future__ import annotations

from typing import Final

from xdist.scheduler import LoadFileScheduling

from core.settings import root

# Each browser has an API and a dashboard of its own and reads their scripts once: 7 s of a core. A single one would
# still be at work when all else is done.
browsers: Final = 2
_journeys: Final = sorted(path.name for path in (root / "tests" / "e2e").glob("test_*.py"))


class Together(LoadFileScheduling):  # type: ignore[misc] # of a library without types
    """The scheduling of `--dist=loadfile`, with the browser tests on few processes."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(super()._split_scope(nodeid))


def unit(file: str) -> str:
    """What a file of tests, by its path in the repository, is a part of."""
    folder, _, name = file.rpartition("/")
    return f"{folder}/{_journeys.index(name) % browsers}" if folder == "tests/e2e" else file
