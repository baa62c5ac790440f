"""A note that the clients on hand were found up to date, by which the next start knows it without loading the model.

Nothing but the standard library is imported: what the model and its clients take to load is what the note saves.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from core import outputs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

# By path, size and time of change of each file; None for one that is not there.
FilesSeen: TypeAlias = dict[str, list[int] | None]

_file: Final = "checked.json"


def seen(files: Iterable[Path]) -> FilesSeen:
    """What is noted of files, as they are now."""
    return {str(path): _size_and_time(path) for path in files}


def leave(folder: Path, made_for: Mapping[str, str], files: FilesSeen) -> None:
    """Notes that a portfolio is up to date; where its folder cannot be written, it is checked anew the next time.

    Args:
        folder: of the portfolio.
        made_for: what it is up to date for, such as the number of clients.
        files: all that the check has looked at, as `seen` gave it before the check.
    """
    note = {"made_for": dict(made_for), "files": files}
    with suppress(OSError):
        outputs.write(folder / _file, json.dumps(note, indent=1).encode(), durable=False)


def holds(folder: Path, made_for: Mapping[str, str]) -> bool:
    """Whether the portfolio in a folder was found up to date for that, and none of the files has changed since."""
    try:
        note: Any = json.loads((folder / _file).read_text(encoding="utf-8"))
        files: FilesSeen = note["files"]
        was_made_for: Any = note["made_for"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    if was_made_for != dict(made_for) or not isinstance(files, dict):
        return False
    return all(_size_and_time(path) == noted for path, noted in files.items())


def _size_and_time(path: Path | str) -> list[int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 (of text, as the note has it)
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]
