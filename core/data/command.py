"""The commands that bring in the real tables: `data import` and `data download`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.console import failed, note, table
from core.data.importing import import_tables
from core.data.rows import TableError
from core.settings import settings

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from core.data.importing import ImportReport


def run_import(namespace: Namespace) -> int:
    """Imports the folder or zip `namespace.path` into `namespace.out`; returns the exit code."""
    out = namespace.out or settings().data_dir
    try:
        report = import_tables(namespace.path, out)
    except (TableError, OSError) as error:
        return failed(str(error))
    _show(report, out)
    return 0


def _show(report: ImportReport, out: Path) -> None:
    for each in report.tables:
        if each.ignored_columns:
            note(f"{each.source}: columns not in the catalogue, not used: {', '.join(each.ignored_columns)}")
    if report.skipped:
        note(f"Files that hold none of the tables, not read: {', '.join(report.skipped)}")
    if report.missing:
        note(f"Tables that the source lacks (their features will be missing values): {', '.join(report.missing)}")
    table([*((each.stem, f"{each.rows:,} rows") for each in report.tables), ("Written to", str(out))])
    if report.synthetic:
        note("The source says that its tables were drawn rather than observed; so does the folder now.")
