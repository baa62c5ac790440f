"""The retention of drift reports and of compared files, whosever they are."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

# As `core.drift.history` and `core.drift.uploads` name them; what else is in the folder, such as the test set, stays.
_report: Final = re.compile(r"\d{8}T\d{6}\.\d{3}Z-[a-z0-9-]{1,40}\.(json|fr\.html|en\.html)")
_file: Final = re.compile(r"file-[0-9a-f]{32}")


def forget(folder: Path, before: datetime) -> int:
    """Removes what was kept before a moment.

    Args:
        folder: `DRIFT_DIR`.
        before: aware of its zone.

    Returns:
        How many files of reports, and files that were compared.
    """
    removed = 0
    for path in list(folder.rglob("*")):
        # Another process may be faster, or read it right now.
        with suppress(FileNotFoundError):
            is_one = _report.fullmatch(path.name) or _file.fullmatch(path.name)
            if not is_one or path.stat().st_mtime >= before.timestamp():
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
            removed += 1
    for home in (*folder.glob("reports-*"), *folder.glob("files/caller-*")):
        # Of somebody who has nothing left, and has not had for long; one that has is not empty.
        with suppress(OSError):
            if home.stat().st_mtime < before.timestamp():
                home.rmdir()
    return removed
