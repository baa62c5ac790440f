"""The `data import` and `data download` commands, which bring in the real tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.cli.console import failed, note, table
from core.data.download import download
from core.data.importing import import_tables
from core.data.resumable_download import DownloadError
from core.settings import settings
from core.tables.typed_rows import TableError

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


def run_download(namespace: Namespace) -> int:
    """Downloads the archive of `namespace.url` and imports it into `namespace.out`; returns the exit code."""
    out = namespace.out or settings().data_dir
    folder = out / "download"
    try:
        got = download(namespace.url or settings().data_url, folder, settings().data_sha256)
    except (DownloadError, OSError) as error:
        return failed(str(error))
    note(f"Downloaded {got.archive.size / 1e6:,.1f} MB from {got.archive.url}")
    note(f"SHA-256 {got.archive.sha256}")
    if got.earlier is None and settings().data_sha256 is None:
        note("DATA_SHA256 can be set to it, so that nothing else is accepted from now on.")
    if got.earlier is not None and got.earlier.sha256 != got.archive.sha256:
        note(f"Warning: this is another file than that of {got.earlier.date} (SHA-256 {got.earlier.sha256}).")
    try:
        report = import_tables(got.path, out)
    except (TableError, OSError) as error:
        return failed(f"{error}. The archive is kept: {got.path}")
    if not namespace.keep:
        got.path.unlink()
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
