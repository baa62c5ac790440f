"""The result of a job: a part for each batch, one file of all parts, and what is to be known of its rows together."""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING, cast

import polars as pl

from core import catalogue, outputs
from core.batch.repeats import repeated_rows
from core.jobs import files
from core.model.evidence.performance import RealisedPerformance, measure

if TYPE_CHECKING:
    from pathlib import Path

    from core.batch.rows import Scored


def result_rows(scored: Scored) -> pl.DataFrame:
    """The sound rows of a batch as they are in a result: decisions first, then the main columns, then all others.

    That is the order of a result as CSV and as a workbook, so that all three have their columns in the same places.
    """
    decisions, applications = scored.decisions, scored.applications
    if "TARGET" not in applications.columns:
        decisions = decisions.drop("TARGET")
    main = (column.name for column in catalogue.main_columns())
    order = dict.fromkeys((*(name for name in main if name in applications.columns), *applications.columns))
    return decisions.hstack(applications.select(name for name in order if name not in decisions.columns))


def part_of(scored: Scored) -> bytes:
    """The same as a part of a result: Parquet."""
    content = io.BytesIO()
    result_rows(scored).write_parquet(content)
    return content.getvalue()


def merge(folder: Path, n_parts: int) -> None:
    """Makes one result of the parts of a job. Raises `OSError` where the disk is full, or does not work."""
    parts = [files.part(folder, number) for number in range(1, n_parts + 1)]
    with outputs.replacing(files.result(folder), private=True) as aside, aside.open("wb", buffering=0) as raw:
        sink = _Sink(raw)
        try:
            rows = pl.scan_parquet(parts, glob=False)
            # Groups of 50,000 rows took 27 MB more of the worker.
            rows.sink_parquet(cast("IO[bytes]", sink), maintain_order=True, row_group_size=25_000)
        except pl.exceptions.PolarsError:
            if sink.failure is not None:
                raise sink.failure from None
            raise


def repeated_in(folder: Path) -> int:
    """How many scored rows have the number of an earlier one."""
    return repeated_rows([pl.read_parquet(files.result(folder), columns=["SK_ID_CURR"], glob=False)["SK_ID_CURR"]])


def performance_of(folder: Path, threshold: float, costs: tuple[float, float]) -> RealisedPerformance | None:
    """How well the probabilities of a result are, where it knows outcomes."""
    rows = pl.scan_parquet(files.result(folder), glob=False)
    if "TARGET" not in rows.collect_schema():
        return None
    columns = rows.select("TARGET", "probability").collect()
    return measure(columns["TARGET"].cast(float).to_numpy(), columns["probability"].to_numpy(), threshold, costs)


class _Sink(io.RawIOBase):
    """A file that remembers why it could not be written: Polars says it in words alone."""

    def __init__(self, raw: io.FileIO) -> None:
        self._raw = raw
        self.failure: OSError | None = None

    def writable(self) -> bool:
        return True

    def write(self, content: object) -> int:
        view = memoryview(content).cast("B")  # type: ignore[arg-type]
        written = 0
        try:
            while written < len(view):
                written += self._raw.write(view[written:])
        except OSError as error:
            self.failure = error
            raise
        return written
