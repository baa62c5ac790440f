"""The `data` commands that bring in tables: drawn, imported or downloaded; clients on hand are `commands.portfolio`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.data import demo
from core.data.importing import import_tables
from core.portfolio.drawn_clients import draw_tables
from core.settings import settings
from core.tables.typed_rows import TableError
from runtime.console import counted, failed, note, table
from runtime.download import download
from runtime.resumable_download import DownloadError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from core.data.importing import ImportReport


def run(namespace: Namespace) -> int:
    """Does `namespace.action`; returns the exit code."""
    return _actions[namespace.action](namespace)


def _demo(namespace: Namespace) -> int:
    folder = namespace.out or settings().data_dir / "demo"
    note(f"Drawing {namespace.clients:,} synthetic clients (seed {namespace.seed}) into {folder}")
    try:
        written = draw_tables(folder, namespace.clients, namespace.seed)
    except (TableError, OSError) as error:
        return failed(str(error))
    table([(name, counted(rows, "row")) for name, rows in written.rows.items()])
    return 0


def _import(namespace: Namespace) -> int:
    """Imports the folder or zip `namespace.path` into `namespace.out`; returns the exit code."""
    out = namespace.out or settings().data_dir
    try:
        report = import_tables(namespace.path, out)
    except (TableError, OSError) as error:
        return failed(str(error))
    _show(report, out)
    return 0


def _download(namespace: Namespace) -> int:
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
    for imported in report.tables:
        if imported.ignored_columns:
            note(f"{imported.source}: columns not in the catalogue, not used: {', '.join(imported.ignored_columns)}")
    if report.skipped:
        note(f"Files that hold none of the tables, not read: {', '.join(report.skipped)}")
    if report.missing:
        note(f"Tables that the source lacks (their features will be missing values): {', '.join(report.missing)}")
    table([*((imported.stem, counted(imported.rows, "row")) for imported in report.tables), ("Written to", str(out))])
    if report.synthetic:
        note("The source says that its tables were drawn rather than observed; so does the folder now.")


def _fit_demo(namespace: Namespace) -> int:
    demo.fit(namespace.folder)
    note("The demo profile was fitted.")
    return 0


def _traffic(namespace: Namespace) -> int:
    from commands.of_outcomes import traffic

    return traffic.run(namespace)


def _demo_year(namespace: Namespace) -> int:
    from commands.of_outcomes import demonstration

    return demonstration.run(namespace)


_actions: Final[Mapping[str, Callable[[Namespace], int]]] = {
    "demo": _demo,
    "import": _import,
    "download": _download,
    "traffic": _traffic,
    "demo-year": _demo_year,
    "fit-demo": _fit_demo,
}
