"""The limits on one table of an import: those on a file of applications, but for how many rows it may have."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from core.settings import settings
from core.tables.errors import UnusableFile
from core.tables.limits import FileLimits
from core.tables.typed_rows import TableError

if TYPE_CHECKING:
    from collections.abc import Iterator

# Ten times what the longest public table (monthly balances, 27 million rows) and the largest (previous instalments,
# 0.7 GB) have: more is a mistake or an attack.
max_table_rows: Final = 300_000_000
max_table_bytes: Final = 8_000_000_000


def table_limits() -> FileLimits:
    """Those of the settings, with the rows and bytes that the public tables need."""
    return replace(FileLimits.of(settings()), rows=max_table_rows, unpacked_bytes=max_table_bytes)


@contextmanager
def refused(label: str) -> Iterator[None]:
    """Turns what the limits refuse into a `TableError` that names the file."""
    try:
        yield
    except UnusableFile as error:
        raise TableError(f"{label}: {error}") from error
