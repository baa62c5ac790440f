"""Mended rows: rows of a job that were set aside, sent again, and joined to its result under their own numbers.

What is written takes its place in an order in which a process that ends anywhere between leaves nothing wrong that
the same file, sent again, does not put right: the record, the result, the counts, the lists of rows set aside.
"""

from __future__ import annotations

import csv
import fcntl
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from core import outputs
from core.batch.batch_columns import rejections_schema
from core.batch.caveats import caveats_of
from core.batch.rows import Scored, score_batch
from core.exports.csv_text import as_csv
from core.jobs import files
from core.jobs.job import Job, RejectionReason
from core.jobs.running.counting import max_listed, with_batch
from core.jobs.running.result_file import performance_of, repeated_in, result_rows
from core.jobs.running.scoring import challenged
from core.tables.errors import UnusableFile
from core.tables.reading import open_source
from core.text.names import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.jobs.running.scoring import Dependencies
    from core.jobs.store import JobStore
    from core.tables.reading import Source

# Scored while somebody waits: about two seconds.
max_rows: Final = 10_000
_number_column: Final = "row"
_rows_at_once: Final = 50_000
_max_digits: Final = 18


@dataclass(frozen=True, slots=True)
class Mended:
    """What became of rows that were sent again.

    Attributes:
        job: as it is now.
        joined: rows that were scored and are in the result now.
        rejections: why others stay set aside, as `core.batch.rows.Scored` has it; `rejected` of them.
        already_scored: rows that are not set aside (any more): what the result says of them stands.
        unknown: rows without a number of a row of the file, or with one that came before.
    """

    job: Job
    joined: int
    rejections: pl.DataFrame
    rejected: int
    already_scored: int
    unknown: int


def join(store: JobStore, job_id: str, path: Path, dependencies: Dependencies) -> Mended:
    """Scores mended rows as their job scored the others, and puts them in its result.

    Args:
        job_id: of a job that is done.
        path: the rows, with the columns of the list of rows set aside, or some of them; `row` says which is which.
        dependencies: the model and the history that the job was scored with.

    Raises:
        UnusableFile: the rows cannot be read, lack `row` or a column of the others, are too many, or none is set aside;
            or the model or the clients on hand are others than the job was scored with: rows could not be compared.
        core.audit.writing.AuditUnavailable: the decisions have to be recorded, and cannot be.
        core.jobs.store.UnknownJob: somebody deleted the job.
        OSError: the disk is full, or does not work.
    """
    folder = store.folder(job_id)
    with _alone(folder):
        job = store.read(job_id)
        portfolio = None if dependencies.stored is None else str(dependencies.stored.provenance)
        if (job.model_version, job.portfolio) != (dependencies.scorer.model.version, portfolio):
            raise UnusableFile("mended_other_model")
        if not files.set_aside(folder).exists():
            raise UnusableFile("mended_none_set_aside")
        with TemporaryDirectory(dir=folder, prefix=".mended-") as scratch:
            source = open_source(path, dependencies.limits)
            _check_columns(source, job)
            chosen = _chosen(source, _set_aside(folder), files.result(folder), Path(scratch) / "rows.csv")
            parts = list(_scored(chosen, job, dependencies)) if chosen.numbers else []
            joined = sum(scored.decisions.height for scored in parts)
            if joined:
                job = _put(store, folder, job, parts, dependencies, Path(scratch))
        rejections = pl.concat([pl.DataFrame(schema=rejections_schema), *(scored.rejections for scored in parts)])
        rejected = sum(scored.rejected for scored in parts)
        return Mended(job, joined, rejections, rejected, chosen.already, chosen.unknown)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The rows that are set aside, in a file of their own, in the order of their `numbers` in the job's file."""

    path: Path
    numbers: list[int]
    already: int
    unknown: int


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock.mended").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _check_columns(source: Source, job: Job) -> None:
    """Refuses rows without a column that the others were scored with: they would be decided on less."""
    known = set(source.columns.known())
    missing = [name for name in (job.facts.known if job.facts else ()) if name not in known]
    if missing:
        raise UnusableFile("mended_lacks_columns", columns=listed(missing))


def _set_aside(folder: Path) -> set[int]:
    with files.set_aside(folder).open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        next(rows)
        return {int(row[0]) for row in rows}


def _chosen(source: Source, set_aside: set[int], result: Path, out: Path) -> _Chosen:
    place = next((place for place, name in enumerate(source.names) if name.strip().lower() == _number_column), None)
    if place is None:
        raise UnusableFile("mended_without_numbers", column=_number_column)
    chosen: dict[int, list[str]] = {}
    others: list[int] = []
    unknown = 0
    for batch in source.batches():
        numbers = sorted([*batch.numbers, *(broken.number for broken in batch.broken)])
        for _, cells in source.original_rows(numbers):
            number = _number(cells[place]) if place < len(cells) else None
            if number is None or number in chosen:
                unknown += 1
            elif number in set_aside:
                chosen[number] = cells
            else:
                others.append(number)
        if len(chosen) > max_rows:
            raise UnusableFile("mended_too_many", maximum=str(max_rows))
    # Somebody may have sorted them otherwise; the record takes them as they follow each other in the job's file.
    chosen = dict(sorted(chosen.items()))
    with out.open("w", encoding="utf-8", newline="") as stream:
        # A decimal comma stands between semicolons.
        separator = source.dialect.separator if source.dialect else ","
        writer = csv.writer(stream, delimiter=separator, lineterminator="\n")
        writer.writerow(source.names)
        # What a spreadsheet shows on several lines is on one here: a row is a line.
        writer.writerows([" ".join(cell.splitlines()) for cell in cells] for cells in chosen.values())
    already = _scored_among(others, result)
    return _Chosen(out, list(chosen), already, unknown + len(others) - already)


def _scored_among(numbers: list[int], result: Path) -> int:
    """How many of the numbers are those of rows in a result; one that comes twice counts twice."""
    wanted = pl.LazyFrame({"row": numbers}, schema={"row": pl.Int64})
    rows = pl.scan_parquet(result, glob=False).select(pl.col("row").cast(pl.Int64))
    found: int = wanted.join(rows, on="row", how="semi").select(pl.len()).collect().item()
    return found


def _number(cell: str) -> int | None:
    text = cell.strip()
    # Python reads no number of thousands of digits, and no file has a row of so many.
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _max_digits else None


def _scored(chosen: _Chosen, job: Job, dependencies: Dependencies) -> Iterator[Scored]:
    """The rows, scored as those of the job, under their numbers there."""
    source = open_source(chosen.path, dependencies.limits)
    # The heading is the first line.
    numbers = dict(enumerate(chosen.numbers, start=2))
    threshold = dependencies.scorer.model.optimal_threshold if job.threshold is None else job.threshold
    for batch in source.batches():
        scored = score_batch(batch, dependencies.scorer, threshold, dependencies.stored)
        scored = challenged(scored, threshold, dependencies)
        yield replace(
            scored,
            decisions=scored.decisions.with_columns(_renumbered(scored.decisions["row"], numbers)),
            rejections=scored.rejections.with_columns(_renumbered(scored.rejections["row"], numbers)),
        )


def _renumbered(rows: pl.Series, numbers: dict[int, int]) -> pl.Series:
    return pl.Series("row", [numbers[row] for row in rows], dtype=pl.Int64)


def _put(
    store: JobStore, folder: Path, job: Job, parts: list[Scored], dependencies: Dependencies, scratch: Path
) -> Job:
    unrecorded = 0 if dependencies.record is None else sum(dependencies.record(job, scored) for scored in parts)
    height, before = _merge(
        folder, pl.concat([result_rows(scored) for scored in parts], how="diagonal_relaxed"), scratch
    )
    # Where a process ended behind the result, its rows are there and not counted yet.
    counted = before if height == job.tally.scored else set[int]()
    tally = job.tally
    for scored in parts:
        tally = with_batch(tally, _without(scored, counted, dependencies), 0)
    joined = {row for scored in parts for row in scored.decisions["row"].to_list()}
    rejections = pl.read_csv(files.rejected(folder), has_header=False, schema=rejections_schema)
    left = rejections.filter(pl.col("row").is_in(list(joined)).not_())
    model = dependencies.scorer.model
    repeated = repeated_in(folder)
    performance = performance_of(folder, job.threshold or 0.0, (model.cost_fn, model.cost_fp))

    def now(stored_job: Job) -> Job:
        new = tally.scored - job.tally.scored
        return replace(
            stored_job,
            performance=performance,
            tally=replace(
                tally,
                read=job.tally.read,
                rejected=job.tally.rejected - new,
                reasons=_reasons(job, rejections, left),
                listed=left.height,
                mended=job.tally.mended + new,
                unrecorded=job.tally.unrecorded + unrecorded,
                caveats=replace(tally.caveats, repeated_rows=repeated),
            ),
        )

    job = store.update(job.id, now)
    outputs.write(files.rejected(folder), as_csv(left.iter_rows()).encode(), private=True)
    _drop(folder, joined)
    # Made of the result as it was.
    for path in [*folder.glob("result-*.xlsx*"), *folder.glob("result-*.parquet*")]:
        path.unlink(missing_ok=True)
    return job


def _without(scored: Scored, rows: set[int], dependencies: Dependencies) -> Scored:
    """A batch for the counts: without what is counted already, and without what stays set aside."""
    new = scored.decisions["row"].is_in(list(rows)).not_()
    nothing = scored.rejections.clear()
    if new.all():
        return replace(scored, rejections=nothing, rejected=0)
    applications = scored.applications.filter(new)
    caveats = caveats_of(applications, dependencies.scorer.training_ranges)
    return Scored(applications, scored.decisions.filter(new), nothing, 0, caveats, scored.challenges)


def _reasons(job: Job, before: pl.DataFrame, left: pl.DataFrame) -> tuple[RejectionReason, ...]:
    """Why rows are set aside: counted in the list, where that is whole; else without what left it."""
    counts: Counter[tuple[str, str]] = Counter()
    if job.tally.listed >= max_listed:
        counts.update({(reason.column, reason.problem): reason.count for reason in job.tally.reasons})
        counts.subtract(_counted(before))
    counts.update(_counted(left))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(RejectionReason(*key, count) for key, count in ordered if count > 0)


def _counted(rejections: pl.DataFrame) -> dict[tuple[str, str], int]:
    counted = rejections.group_by(pl.col("column").fill_null(""), "problem").len()
    return {(column, problem): count for column, problem, count in counted.iter_rows()}


def _merge(folder: Path, new: pl.DataFrame, scratch: Path) -> tuple[int, set[int]]:
    """Puts rows in the result where their numbers belong, in the place of those of the same numbers.

    Some rows at a time: the result may be a hundred times what came.

    Returns:
        How many rows the result had, and which of the numbers were there.
    """
    rows = pl.scan_parquet(files.result(folder), glob=False)
    schema = rows.collect_schema()
    names = [*schema.names(), *(name for name in new.columns if name not in schema)]
    types = dict(new.schema) | dict(schema)
    height: int = rows.select(pl.len()).collect().item()
    new, before, last, parts = new.sort("row"), set[int](), 0, list[Path]()
    for first in range(0, max(height, 1), _rows_at_once):
        old = rows.slice(first, _rows_at_once).collect()
        end: Any = 2**62 if first + _rows_at_once >= height else old["row"].last()
        here = new.filter((pl.col("row") > last) & (pl.col("row") <= end))
        is_there = old["row"].is_in(here["row"].implode())
        before |= set(old["row"].filter(is_there).to_list())
        both = pl.concat([old.filter(is_there.not_()), here.cast(types, strict=True)], how="diagonal_relaxed")  # type: ignore[arg-type]
        missing = [pl.lit(None, types[name]).alias(name) for name in names if name not in both.columns]
        parts.append(scratch / f"{len(parts):06d}.parquet")
        both.with_columns(missing).select(names).sort("row").write_parquet(parts[-1])
        last = end
    with outputs.replacing(files.result(folder), private=True) as aside:
        pl.scan_parquet(parts, glob=False).sink_parquet(aside, maintain_order=True, row_group_size=_rows_at_once)
    return height, before


def _drop(folder: Path, rows: set[int]) -> None:
    """Takes rows off the list of those set aside."""
    path = files.set_aside(folder)
    with (
        path.open(encoding="utf-8", newline="") as stream,
        outputs.replacing(path, private=True) as aside,
        aside.open("w", encoding="utf-8", newline="") as left,
    ):
        writer = csv.writer(left, lineterminator="\n")
        lines = csv.reader(stream)
        writer.writerow(next(lines))
        writer.writerows(line for line in lines if int(line[0]) not in rows)
