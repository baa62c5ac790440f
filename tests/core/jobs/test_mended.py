"""Rows that were set aside join their job once they are mended, and the job is as if they had been right at first."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import pytest

from core.jobs import files, mended
from core.jobs.answers import results
from core.jobs.running.scoring import Dependencies
from core.tables.errors import UnusableFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from core.batch.rows import Scored
    from core.jobs.job import Job
    from core.jobs.running.worker import Worker
    from core.jobs.store import JobStore
    from core.scoring import Scorer
    from tests.core.jobs.conftest import Sender

names = ["SK_ID_CURR", "agence", "AMT_CREDIT", "EXT_SOURCE_2", "DAYS_BIRTH", "TARGET"]
right = [[str(number), "Pau, centre", f"{number}000.5", "0.2", "-12000", str(number % 2)] for number in range(1, 7)]
# Two rows with a problem, one with two, one that is none.
wrong = [list(row) for row in right]
wrong[1][2], wrong[3][3], wrong[4][2], wrong[4][4] = "x", "7", "dear", "old"


def written(rows: Sequence[Sequence[str]], separator: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerows(rows)
    return text.getvalue()


def scored(store: JobStore, worker: Worker, job: Job) -> Job:
    worker.run(job.id)
    return store.read(job.id)


def set_aside(store: JobStore, job: Job) -> list[list[str]]:
    text = "".join(results.set_aside_lines(store.folder(job.id), job, "en", "fr")).removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def result(store: JobStore, job: Job) -> pl.DataFrame:
    return pl.read_parquet(files.result(store.folder(job.id)))


def corrected(lines: list[list[str]]) -> list[list[str]]:
    """The rows as they were fetched, with the right cells."""
    heading, *rows = lines
    return [heading, *([*row[:2], *right[int(row[0]) - 2]] for row in rows)]


@pytest.fixture
def recorded() -> list[int]:
    return []


@pytest.fixture
def dependencies(scorer: Scorer, recorded: list[int]) -> Dependencies:
    def record(_: Job, batch: Scored) -> int:
        recorded.extend(batch.decisions["row"].to_list())
        return 0

    return Dependencies(scorer, record=record)


def joined(store: JobStore, job: Job, rows: list[list[str]], dependencies: Dependencies, folder: Path) -> mended.Mended:
    path = folder / "mended.csv"
    path.write_text("\ufeff" + written(rows, ";"), encoding="utf-8")
    return mended.join(store, job.id, path, dependencies)


def test_a_job_whose_rows_were_mended_is_the_job_of_the_right_file(
    store: JobStore, worker: Worker, send: Sender, dependencies: Dependencies, recorded: list[int], tmp_path: Path
) -> None:
    whole = scored(store, worker, send(written([names, *right])))
    job = scored(store, worker, send(written([names, *wrong])))
    assert (job.tally.scored, job.tally.rejected) == (3, 3)
    made = store.folder(job.id) / "result-main-fr.xlsx"
    made.write_bytes(b"of before")
    found = joined(store, job, corrected(set_aside(store, job)), dependencies, tmp_path)
    assert (found.joined, found.rejected, found.already_scored, found.unknown) == (3, 0, 0, 0)
    assert recorded == [3, 5, 6]
    assert result(store, job).equals(result(store, whole))
    after = store.read(job.id)
    assert after == found.job
    assert replace(after.tally, mended=0) == whole.tally
    assert after.tally.mended == 3
    assert after.performance == whole.performance
    assert set_aside(store, after)[1:] == []
    assert not made.exists()
    assert (after.status, after.finished) == (job.status, job.finished)


def test_what_is_still_wrong_stays_set_aside_and_can_be_sent_again(
    store: JobStore, worker: Worker, send: Sender, dependencies: Dependencies, recorded: list[int], tmp_path: Path
) -> None:
    whole = scored(store, worker, send(written([names, *right])))
    job = scored(store, worker, send(written([names, *wrong])))
    before = set_aside(store, job)
    lines = corrected(before)
    lines[2][3 + 2] = "8"
    first = joined(store, job, lines, dependencies, tmp_path)
    assert (first.joined, first.rejected) == (2, 1)
    assert first.rejections.select("row", "column", "problem").rows() == [(5, "EXT_SOURCE_2", "out_of_bounds")]
    assert [(reason.column, reason.count) for reason in first.job.tally.reasons] == [("EXT_SOURCE_2", 1)]
    assert set_aside(store, first.job) == [before[0], before[2]]
    again = joined(store, job, lines, dependencies, tmp_path)
    assert (again.joined, again.rejected, again.already_scored) == (0, 1, 2)
    assert again.job == first.job
    last = joined(store, job, corrected(before), dependencies, tmp_path)
    assert (last.joined, last.already_scored) == (1, 2)
    assert sorted(recorded) == [3, 5, 6]
    assert result(store, job).equals(result(store, whole))
    assert replace(last.job.tally, mended=0) == whole.tally


def test_rows_join_after_a_process_that_ended_behind_the_result(
    store: JobStore, worker: Worker, send: Sender, dependencies: Dependencies, tmp_path: Path
) -> None:
    whole = scored(store, worker, send(written([names, *right])))
    job = scored(store, worker, send(written([names, *wrong])))
    lines = corrected(set_aside(store, job))
    kept = {path: path.read_bytes() for path in map(store.folder(job.id).joinpath, ("rejected.csv", "set-aside.csv"))}
    known = store.folder(job.id) / "job.json"
    of_before = known.read_bytes()
    for restored in ((), (known,)):
        joined(store, job, lines, dependencies, tmp_path)
        for path, content in kept.items():
            path.write_bytes(content)
        for path in restored:
            path.write_bytes(of_before)
    found = joined(store, job, lines, dependencies, tmp_path)
    assert result(store, job).equals(result(store, whole))
    assert replace(found.job.tally, mended=0) == whole.tally
    assert set_aside(store, found.job)[1:] == []


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        ([["problem", *names], ["", *right[1]]], "mended_without_numbers"),
        ([["row", *names[:3]], ["3", *right[1][:3]]], "mended_lacks_columns"),
    ],
)
def test_what_cannot_join_is_refused(
    store: JobStore,
    worker: Worker,
    send: Sender,
    dependencies: Dependencies,
    tmp_path: Path,
    rows: list[list[str]],
    key: str,
) -> None:
    job = scored(store, worker, send(written([names, *wrong])))
    with pytest.raises(UnusableFile) as refused:
        joined(store, job, rows, dependencies, tmp_path)
    assert refused.value.key == key
    assert store.read(job.id) == job


def test_a_row_without_its_number_and_one_that_comes_twice_do_not_join(
    store: JobStore, worker: Worker, send: Sender, dependencies: Dependencies, tmp_path: Path
) -> None:
    job = scored(store, worker, send(written([names, *wrong])))
    heading, first, second, third = corrected(set_aside(store, job))
    # None, one that no file has, those of the heading and of rows behind the last one.
    unknown = [[number, *second[1:]] for number in ("", "9" * 5000, "0", "1", "8", "999999")]
    found = joined(store, job, [heading, first, first, *unknown, ["2", *third[1:]]], dependencies, tmp_path)
    assert (found.joined, found.unknown, found.already_scored) == (1, 7, 1)


def test_a_file_with_columns_of_these_names_comes_back_as_it_was_fetched(
    store: JobStore, worker: Worker, send: Sender, dependencies: Dependencies, tmp_path: Path
) -> None:
    own = [["Row", "problem", *names], *(["9", "none", *row] for row in wrong)]
    job = scored(store, worker, send(written(own)))
    lines = [[cell if cell != "x" else "2000.5" for cell in line] for line in set_aside(store, job)]
    found = joined(store, job, lines, dependencies, tmp_path)
    assert (found.joined, found.rejected, found.unknown) == (1, 2, 0)


def test_another_model_does_not_score_the_rest(
    store: JobStore, worker: Worker, send: Sender, dependencies: Dependencies, tmp_path: Path
) -> None:
    job = scored(store, worker, send(written([names, *wrong])))
    store.update(job.id, lambda found: replace(found, model_version="0.1"))
    with pytest.raises(UnusableFile) as refused:
        joined(store, job, corrected(set_aside(store, job)), dependencies, tmp_path)
    assert refused.value.key == "mended_other_model"
