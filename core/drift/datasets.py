"""Datasets of drift: the sets of applications that can be compared, with what a report says of each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import polars as pl

from core import catalogue
from core.drift.compare import compare
from core.drift.errors import NothingToCompare
from core.drift.results.drift_report import live_name, model_name, portfolio_name, test_name
from core.drift.rows import from_inputs, read_applications, with_side_tables
from core.features import history_names
from core.jobs import files
from core.portfolio.clients import PortfolioMissing, clients_file
from core.portfolio.later_applications import max_rows, test_set
from core.reference.reference_profile import ReferenceProfile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from core.audit.engine import Database
    from core.drift.measures.thresholds import Thresholds
    from core.drift.results.drift_report import DriftReport, Side
    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer

_seed: Final = 0


@dataclass(frozen=True, slots=True)
class SideRows:
    """A set of applications with what is to be said of it in a report."""

    name: str
    rows: pl.DataFrame | ReferenceProfile
    synthetic: bool | None = None
    unreadable: Mapping[str, int] = field(default_factory=dict)
    broken: int = 0

    @property
    def count(self) -> int:
        """How many rows; of a profile, how many it was made of."""
        return self.rows.n_rows if isinstance(self.rows, ReferenceProfile) else self.rows.height

    def at_most(self, rows: int) -> SideRows:
        """So many of the rows, drawn evenly and always the same."""
        if isinstance(self.rows, ReferenceProfile) or self.rows.height <= rows:
            return self
        return replace(self, rows=self.rows.sample(rows, seed=_seed))


def compare_sides(
    reference: SideRows, current: SideRows, scorer: Scorer | None, thresholds: Thresholds | None = None
) -> DriftReport:
    """Compares two sides by the bins that were frozen with the model, so that two reports can be compared.

    Without a model, or with one of an earlier version that came without a profile, bins are those of the reference.
    Raises as `core.drift.compare.compare` does.
    """
    if isinstance(current.rows, ReferenceProfile):
        raise NothingToCompare(f"{current.name} has no rows, and can only be the reference")
    names = (reference.name, current.name)
    report = compare(
        reference.rows, current.rows, scorer=scorer, edges=_frozen(scorer), thresholds=thresholds, names=names
    )
    return replace(report, reference=_noted(report.reference, reference), current=_noted(report.current, current))


def of_portfolio(portfolio: Portfolio) -> SideRows:
    """The clients on hand, with their history. Raises `PortfolioMissing`."""
    try:
        stored = pl.read_parquet(portfolio.folder / clients_file)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise PortfolioMissing("no portfolio of clients: `python3 run.py data portfolio` makes one") from error
    return SideRows(portfolio_name, _known_columns(stored), portfolio.summary.synthetic)


def of_test_set(data_dir: Path, kept_in: Path, portfolio: Portfolio) -> SideRows:
    """The later applications that belong to the portfolio, kept as `later_applications.test_set` does, which raises."""
    summary = portfolio.summary
    return SideRows(
        test_name, test_set(data_dir, kept_in, summary.n_clients, synthetic=summary.synthetic), summary.synthetic
    )


def of_model(scorer: Scorer) -> SideRows:
    """The profile that was frozen with the model. Raises `core.model.errors.ArtefactError`."""
    profile = scorer.artefacts.reference
    return SideRows(model_name, profile, profile.origin == "demo")


def of_path(path: Path, tables: tuple[str, ...], scorer: Scorer | None) -> SideRows:
    """A file of applications, or a folder of tables; see `core.drift.rows.read_applications`.

    Args:
        scorer: whoever scores needs the history of the clients of a folder, which takes a while to compute.
    """
    applications = read_applications(path, tables)
    if scorer is not None and path.is_dir():
        applications = with_side_tables(applications, path)
    return SideRows(
        applications.name, applications.frame, applications.synthetic, applications.unreadable, applications.broken
    )


def of_job(folder: Path, name: str) -> SideRows:
    """The sound rows of a file that was scored in the background.

    Args:
        folder: of a job that is done.
        name: of the file.
    """
    return SideRows(name, _known_columns(pl.read_parquet(files.result(folder))))


def of_live_traffic(database: Database, since: datetime, until: datetime, made_for: str | None = None) -> SideRows:
    """The applications that were decided in a period, as the audit keeps them, each once.

    Clients who were looked at, explanations and what-ifs decide nothing, and are none; see
    `core.audit.traffic.decided_applications`. Of many, `max_rows` are drawn evenly.

    Args:
        since, until: moments with a time zone; the second is not included.
        made_for: the subject of the person whose applications alone are meant; None: everybody's.

    Raises:
        core.audit.writing.AuditUnavailable: where they cannot be read.
        NothingToCompare: nothing was decided.
    """
    # SQLAlchemy takes a quarter of a second to import, which two files do not need.
    from core.audit.traffic import decided_applications

    frames = [from_inputs(chunk) for chunk in decided_applications(database, since, until, max_rows, made_for)]
    if not frames:
        raise NothingToCompare("no application was decided in the period")
    name = f"{live_name} {since:%Y-%m-%d %H:%M}–{until:%Y-%m-%d %H:%M}"
    return SideRows(name, pl.concat(frames, how="diagonal_relaxed"), synthetic=None)


def _frozen(scorer: Scorer | None) -> ReferenceProfile | None:
    if scorer is None or scorer.artefacts.reference_source is None:
        return None
    return scorer.artefacts.reference


def _known_columns(rows: pl.DataFrame) -> pl.DataFrame:
    known = {*(column.name for column in catalogue.columns()), *history_names()}
    return rows.select(name for name in rows.columns if name in known)


def _noted(side: Side, rows: SideRows) -> Side:
    return replace(side, synthetic=rows.synthetic, unreadable=rows.unreadable, broken=rows.broken)
