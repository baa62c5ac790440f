"""JSON becomes CSV row by row, however many rows there are."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from core.settings import Settings
from core.tables.foreign import json_rows
from core.tables.foreign.kinds import foreign_kind
from core.tables.limits import FileLimits
from core.tables.reading import open_source

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("count", [1, 999, 1_000, 1_001, 1_002, 3_500])
@pytest.mark.parametrize("lines", [True, False])
def test_no_row_is_lost_between_those_that_are_written_together(tmp_path: Path, count: int, lines: bool) -> None:
    path, out = tmp_path / "in.json", io.BytesIO()
    rows = [{"SK_ID_CURR": number, "AMT_CREDIT": number + 0.5} for number in range(count)]
    path.write_text("\n".join(map(json.dumps, rows)) if lines else json.dumps(rows), encoding="utf-8")
    json_rows.convert(path, out, FileLimits.of(Settings()))
    written = list(csv.DictReader(io.StringIO(out.getvalue().decode())))
    assert [int(row["SK_ID_CURR"]) for row in written] == list(range(count))


rows = [{"SK_ID_CURR": 1, "AMT_CREDIT": 50000.5}, {"SK_ID_CURR": 2, "AMT_CREDIT": 60000}]
lines = "SK_ID_CURR,AMT_CREDIT\n1,50000.5\n2,60000\n"


@pytest.mark.parametrize(
    "content",
    [
        {"status": "ok", "count": 2, "data": rows},
        {"meta": {"page": 1}, "data": rows, "links": []},
        {"0": rows[0], "1": rows[1]},
        {"100001": {"features": rows[0]}, "100002": {"features": rows[1]}},
    ],
    ids=["an answer", "an answer of pages", "by index", "bodies by index"],
)
@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
def test_rows_among_other_things(tmp_path: Path, content: dict[str, object], indent: int | None, encoding: str) -> None:
    path, out = tmp_path / "in.json", io.BytesIO()
    path.write_text(json.dumps(content, indent=indent), encoding=encoding)
    assert foreign_kind(path) == "JSON"
    json_rows.convert(path, out, FileLimits.of(Settings()))
    assert out.getvalue().decode() == lines


def test_a_row_may_hold_a_list_of_objects(tmp_path: Path) -> None:
    path, out = tmp_path / "in.json", io.BytesIO()
    row = {"SK_ID_CURR": 1, "AMT_CREDIT": 50000.5, "loans": [{"AMT_CREDIT": 7}]}
    path.write_text(json.dumps(row, indent=1))
    json_rows.convert(path, out, FileLimits.of(Settings()))
    written = list(csv.DictReader(io.StringIO(out.getvalue().decode())))
    assert [(row["SK_ID_CURR"], row["AMT_CREDIT"]) for row in written] == [("1", "50000.5")]


def test_an_object_of_nothing_stays_a_row(tmp_path: Path) -> None:
    path, out = tmp_path / "in.json", tmp_path / "out.csv"
    path.write_text(json.dumps([rows[0], {}, rows[1]]))
    with out.open("wb") as stream:
        json_rows.convert(path, stream, FileLimits.of(Settings()))
    (batch,) = open_source(out).batches()
    assert [row.strip() for row in batch.frame["SK_ID_CURR"]] == ["1", "", "2"]
