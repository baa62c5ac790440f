"""What of drift is removed after its time, whosever it is."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from core.drift.retention import forget

if TYPE_CHECKING:
    from pathlib import Path


def test_the_folders_of_those_who_have_nothing_left_go(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    two_hours_ago = (now - timedelta(hours=2)).timestamp()
    names = ("reports-{}", "files/caller-{}")
    for name in names:
        for kind in ("left", "new", "full"):
            (tmp_path / name.format(kind)).mkdir(parents=True)
        (tmp_path / name.format("full") / "notes.txt").touch()
        for kind in ("left", "full"):
            os.utime(tmp_path / name.format(kind), (two_hours_ago, two_hours_ago))
    # Folders are no files of anybody: they are not counted.
    assert forget(tmp_path, now - timedelta(hours=1)) == 0
    for name in names:
        assert [(tmp_path / name.format(kind)).exists() for kind in ("left", "new", "full")] == [False, True, True]
