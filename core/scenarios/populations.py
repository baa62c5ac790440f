"""Populations that scenarios are tried on: the clients on hand, or a file that was scored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from core import catalogue
from core.features import history_names
from core.portfolio.clients import clients_file

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from core.portfolio.clients import Portfolio

# Scored in half a second, and enough to know a share to a quarter of a point.
max_rows: Final = 20_000


class EmptyPopulation(LookupError):
    """There is not a single application to try a scenario on."""


@dataclass(frozen=True, slots=True)
class Population:
    """A Parquet file of applications.

    Attributes:
        name: `portfolio`, or the name of the file that was sent.
        path: of typed applications, with whatever is known of their history.
    """

    name: str
    path: Path

    @property
    def fingerprint(self) -> tuple[str, int, int]:
        """Something that differs when the applications do. Raises `OSError` where the file cannot be read."""
        stat = self.path.stat()
        return str(self.path), stat.st_size, stat.st_mtime_ns


@dataclass(frozen=True, slots=True)
class Many:
    """Applications with their outcomes, where these are known.

    Attributes:
        applications: typed, with history features; n > 0 rows.
        target: float64 (n,), 0 or 1; None where any is unknown.
        total: how many there are; `applications` are a part of them, spread evenly, where there are over `max_rows`.
    """

    applications: pl.DataFrame
    target: NDArray[np.float64] | None
    total: int


def of_portfolio(portfolio: Portfolio) -> Population:
    """The clients on hand."""
    return Population("portfolio", portfolio.folder / clients_file)


def read(population: Population) -> Many:
    """The applications, or as many of them as are tried.

    Raises:
        NoApplications: there is none.
        OSError: the file cannot be read.
    """
    rows = pl.scan_parquet(population.path, glob=False)
    total: int = rows.select(pl.len()).collect().item()
    if not total:
        raise EmptyPopulation
    known = {*catalogue.polars_schema("application"), *history_names()} - {"SK_ID_CURR"}
    names = [name for name in rows.collect_schema().names() if name in known]
    frame = rows.select(names).gather_every(-(-total // max_rows)).collect()
    target = frame["TARGET"].cast(pl.Float64) if "TARGET" in names else None
    return Many(
        applications=frame.drop("TARGET", strict=False),
        target=target.to_numpy() if target is not None and not target.null_count() else None,
        total=total,
    )
