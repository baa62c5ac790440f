"""Rows about a client whom an earlier row of the file is about are counted, whichever batch they are in."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.batch.caveats import Caveats, lines
from core.batch.files import rejected_path, score_file
from core.batch.repeats import repeated_rows
from core.jobs.preview import preview

if TYPE_CHECKING:
    from pathlib import Path

    from core.scoring import Scorer


@given(st.lists(st.lists(st.none() | st.integers(1, 9))))
def test_they_are_those_that_a_dictionary_counts(batches: list[list[int | None]]) -> None:
    counts = Counter(number for batch in batches for number in batch if number is not None)
    expected = sum(count - 1 for count in counts.values())
    assert repeated_rows([pl.Series(batch, dtype=pl.Int64) for batch in batches]) == expected


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_they_are_said_in_a_sentence(lang: str) -> None:
    (line,) = lines(Caveats(rows=1200, repeated_rows=3), lang)  # type: ignore[arg-type]
    assert "3" in line
    assert "200" in line


def test_a_file_counts_them_over_all_of_its_batches(
    tmp_path: Path, scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.tables.reading.rows_per_batch", 2)
    path, out = tmp_path / "in.parquet", tmp_path / "out.csv"
    # The row that is set aside repeats a number, and nothing is decided on it.
    frame = pl.DataFrame({"SK_ID_CURR": [7, 8, 7, None, 9, 8, None, 7], "AMT_CREDIT": [5e5] * 5 + [-1.0] + [5e5] * 2})
    frame.write_parquet(path)
    report = score_file(path, out, rejected_path(out), scorer)
    assert (report.scored, report.rejected, report.caveats.repeated_rows) == (7, 1, 2)
    # The preview speaks of the rows that it has looked at.
    assert preview(path).caveats.repeated_rows == 0
