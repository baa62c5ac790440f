"""Rows set aside are had as they were sent, whatever the file was, and are scored once they are mended."""

from __future__ import annotations

import csv
import gzip
import io
from typing import TYPE_CHECKING

import polars as pl
import pytest

from core.jobs.answers import results
from core.jobs.set_aside import RowsNotKept

if TYPE_CHECKING:
    from core.exports.csv_text import Convention
    from core.jobs.job import Job
    from core.jobs.running.worker import Worker
    from core.jobs.store import JobStore
    from tests.core.jobs.conftest import Sender

names = ["SK_ID_CURR", "agence", "AMT_CREDIT", "EXT_SOURCE_2", "DAYS_BIRTH"]
sound = ["7", "Bègles", "1000.5", "0.2", "-12000"]
bad = ["8", "Pau, centre", "x", "0.5", "-12000"]
other = ["9", "Dax", "2000", "7", "-13000"]
lines = [bad[0], "Pau\ncentre", *bad[2:]]


def written(rows: list[list[str]], separator: str = ",", end: str = "\n") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=end).writerows(rows)
    return text.getvalue()


def parquet() -> bytes:
    content = io.BytesIO()
    frame = pl.DataFrame([dict(zip(names, row, strict=True)) for row in (sound, bad, other)])
    # A list is no cell.
    frame.with_columns(pl.col("DAYS_BIRTH").cast(pl.Int64), liste=pl.Series([[1, 2]] * 3)).write_parquet(content)
    return content.getvalue()


table = [names, sound, bad, other]
commas = [[cell.replace(".", ",") for cell in row] for row in table]


@pytest.mark.parametrize(
    ("content", "numbers", "cells", "separator"),
    [
        pytest.param(written(table).encode(), ["3", "4"], [bad, other], ",", id="comma"),
        pytest.param(written(table, end="\r\n").encode(), ["3", "4"], [bad, other], ",", id="crlf"),
        pytest.param(written(table).encode("latin-1"), ["3", "4"], [bad, other], ",", id="latin-1"),
        pytest.param(written(table).encode("utf-16"), ["3", "4"], [bad, other], ",", id="utf-16"),
        pytest.param(written(table, end="\r").encode(), ["3", "4"], [bad, other], ",", id="cr"),
        pytest.param(gzip.compress(written(table).encode()), ["3", "4"], [bad, other], ",", id="gzip"),
        pytest.param(written(commas, ";").encode(), ["3", "4"], commas[2:], ";", id="semicolon"),
        pytest.param(
            b"Demandes de mars\nsep=;\n" + written(commas, ";").encode(), ["5", "6"], commas[2:], ";", id="title"
        ),
        pytest.param(written([names, sound, lines, other]).encode(), ["3", "5"], [lines, other], ",", id="lines"),
        pytest.param(
            written([names, sound, bad[:2], [*other, "plus"]]).encode(),
            ["3", "4"],
            [bad[:2], [*other, "plus"]],
            ",",
            id="lengths",
        ),
        pytest.param(parquet(), ["2", "3"], [bad, other], ",", id="parquet"),
    ],
)
def test_rows_as_they_were_sent(
    store: JobStore,
    worker: Worker,
    send: Sender,
    content: bytes,
    numbers: list[str],
    cells: list[list[str]],
    separator: str,
) -> None:
    job = scored(store, worker, send(content))
    assert (job.status, job.tally.scored, job.tally.rejected) == ("done", 1, 2)
    conventions: list[tuple[Convention, str]] = [("plain", separator), ("fr", ";")]
    for convention, between in conventions:
        heading, *found = fetched(store, job, convention, between)
        assert heading == ["row", "problem", *names]
        assert [row[0] for row in found] == numbers
        assert [row[2:] for row in found] == cells


def test_rows_that_are_mended_and_sent_again_are_decided_as_they_would_have_been(
    store: JobStore, worker: Worker, send: Sender
) -> None:
    right = [names, sound, [*bad[:2], "3000", *bad[3:]], [*other[:3], "0.7", *other[4:]]]
    whole = scored(store, worker, send(written(right)))
    job = scored(store, worker, send(written(table)))
    heading, first, second = fetched(store, job, "fr", ";")
    first[heading.index("AMT_CREDIT")], second[heading.index("EXT_SOURCE_2")] = "3000", "0.7"
    again = scored(store, worker, send(written([heading, first, second], ";")))
    assert (again.tally.scored, again.tally.rejected) == (2, 0)
    found, expected = (pl.read_parquet(store.folder(each.id) / "result.parquet") for each in (again, whole))
    columns = ["SK_ID_CURR", "probability", "decision"]
    assert found.select(columns).equals(expected.filter(pl.col("row") > 2).select(columns))


def test_no_cell_of_them_runs_in_a_spreadsheet(store: JobStore, worker: Worker, send: Sender) -> None:
    job = scored(store, worker, send(written([names, sound, ["8", "=1+1", "@x", "+2-1", "-12000"]])))
    _, row = fetched(store, job, "plain", ",")
    # A negative number is a number.
    assert row[2:] == ["8", "'=1+1", "'@x", "'+2-1", "-12000"]


def test_what_an_earlier_version_did_not_keep_is_told(store: JobStore, worker: Worker, send: Sender) -> None:
    job = scored(store, worker, send(written(table)))
    (store.folder(job.id) / "set-aside.csv").unlink()
    with pytest.raises(RowsNotKept):
        fetched(store, job, "plain", ",")
    sound_job = scored(store, worker, send(written([names, sound])))
    assert not (store.folder(sound_job.id) / "set-aside.csv").exists()
    assert fetched(store, sound_job, "plain", ",") == [["row", "problem"]]


def scored(store: JobStore, worker: Worker, job: Job) -> Job:
    worker.run(job.id)
    return store.read(job.id)


def fetched(store: JobStore, job: Job, convention: Convention, separator: str) -> list[list[str]]:
    text = "".join(results.set_aside_lines(store.folder(job.id), job, "en", convention)).removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
