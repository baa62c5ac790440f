"""The `export` command: the model in use for another system, with a certificate that it decides the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl

from commands.command_line import single_formats
from core.model.errors import ArtefactError
from core.model.export import formulas
from core.model.export.exporting import export, written
from core.model.export.forest import NotExportable
from core.model.export.proof.certificate import RowSet
from core.model.export.proof.odd_applications import odd_applications
from core.model.export.proof.remade import matrix_of
from core.portfolio.clients import Portfolio, PortfolioMissing, clients_file
from core.portfolio.drawn_clients import read_clients, unread_tables
from core.settings import settings
from core.tables.sources import TableError
from runtime.console import failed, note, table
from runtime.model_source import model_source, note_stand_in

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from pathlib import Path

    from core.model.artefacts import Artefacts
    from core.model.export.proof.certificate import Certificate, ComparedSet
    from core.model.preprocessor import Preprocessor


def run(namespace: Namespace) -> int:
    """Writes the model as `namespace` says to a folder, that of `EXPORTS_DIR` by default; returns the exit code."""
    source = model_source(settings())
    name = namespace.format
    if namespace.precision == "single":
        if name not in single_formats:
            return failed(f"--precision single is for --format {' or '.join(single_formats)}")
        name = f"{name}-single"
    out = namespace.out or settings().exports_dir / name
    try:
        artefacts = source.load().artefacts
        note_stand_in(source)
        stored, tables = _rows(namespace)
        clients = _sets(stored, tables, artefacts.preprocessor)
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        if name == "scorecard":
            certificate = _scorecard(artefacts, stored if tables is None else tables, clients, out, made_at)
        else:
            certificate = export(name, artefacts, clients, out, made_at)
    except (ArtefactError, NotExportable, PortfolioMissing, TableError, OSError) as error:
        return failed(str(error))
    _show(certificate)
    note(f"Wrote {out}: the model, features.csv, schema.json and the certificate")
    return 0


def _rows(namespace: Namespace) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """The clients on hand, and those of a folder of tables where one is named."""
    stored = pl.read_parquet(Portfolio.open(settings().portfolio_dir).folder / clients_file)
    if namespace.data is None:
        return stored, None
    if unread := unread_tables(namespace.data):
        note(f"Without history from {', '.join(unread)}: `python3 run.py data import` makes Parquet of them first")
    return stored, read_clients(namespace.data)


def _sets(stored: pl.DataFrame, tables: pl.DataFrame | None, preprocessor: Preprocessor) -> Sequence[RowSet]:
    """The rows to compare, each made twice: as ever, and by the table of formulas."""
    formula_table = formulas.table()

    def of(name: str, rows: pl.DataFrame, labels: Sequence[str]) -> RowSet:
        return RowSet(name, preprocessor.transform(rows), labels, matrix_of(formula_table, rows))

    sets = [of("portfolio", stored, [str(number) for number in stored["SK_ID_CURR"]])]
    if tables is not None:
        # By their place in the file: they may be people.
        sets.append(of("tables", tables, [f"row {number}" for number in range(1, tables.height + 1)]))
    return [*sets, of("applications", *odd_applications(formula_table, stored))]


def _scorecard(
    artefacts: Artefacts, rows: pl.DataFrame, clients: Sequence[RowSet], out: Path, made_at: str
) -> Certificate:
    from core.model.export.scorecard import scorecard  # scikit-learn, which the other formats have no use for

    known = rows.filter(pl.col("TARGET").is_not_null()) if "TARGET" in rows.columns else rows.clear()
    target = known.get_column("TARGET", default=pl.Series(dtype=pl.Int8)).to_numpy()
    return written(
        scorecard(artefacts, artefacts.preprocessor.transform(known), target), artefacts, clients, out, made_at
    )


def _show(certificate: Certificate) -> None:
    head = [("Runtime", certificate.runtime), ("Threshold", f"{certificate.threshold:.4f}")]
    table([*head, *((f"Rows of {compared.name}", _found(compared)) for compared in certificate.sets)])


def _found(compared: ComparedSet) -> str:
    differing, near = len(compared.differing), len(compared.could_differ)
    largest = f"{compared.largest_difference:.1e}"
    return f"{compared.rows:,}, largest difference {largest}, {differing} decisions differ, {near} could"
