"""What is to be known of the rows of a file: unlike training, lacking essentials, or nothing at all to decide on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from core import catalogue
from core.batch.caveats import Caveats, ColumnCount, caveats_of, lines
from core.batch.files import rejected_path, score_file
from core.batch.rows import score_batch
from core.data import demo
from core.features import history_names
from core.jobs.preview import preview
from core.portfolio.provenance import Provenance
from core.portfolio.stored_history import StoredHistory
from core.tables.reading import open_source

if TYPE_CHECKING:
    from pathlib import Path

    from core.catalogue import Language
    from core.scoring import Scorer

essentials = [column.name for column in catalogue.essential_columns()]


def test_they_are_counted_as_row_by_row(scorer: Scorer) -> None:
    drawn = demo.draw_applications(120, 3, "train")
    odd = pl.int_range(pl.len()) % 7 == 0
    rows = drawn.with_columns(
        AMT_CREDIT=pl.when(odd).then(480.0).otherwise("AMT_CREDIT"),
        AMT_INCOME_TOTAL=pl.when(odd).then(120.0).otherwise("AMT_INCOME_TOTAL"),
        DAYS_BIRTH=pl.when(pl.int_range(pl.len()) % 5 == 0).then(None).otherwise("DAYS_BIRTH"),
    ).drop("AMT_ANNUITY")
    found = caveats_of(rows, scorer.training_ranges)
    outside = [scorer.training_ranges.outside(row) for row in rows.iter_rows(named=True)]
    for count in found.unfamiliar:
        assert count.rows == sum(count.column in each for each in outside)
    assert {each.column for each in found.unfamiliar} == {name for each in outside for name in each}
    assert found.unfamiliar_rows == sum(map(bool, outside))
    assert found.missing_essentials[:2] == (ColumnCount("AMT_ANNUITY", 120), ColumnCount("DAYS_BIRTH", 24))
    assert found.lacking_rows == found.rows == 120
    halves = caveats_of(rows[:50], scorer.training_ranges) + caveats_of(rows[50:], scorer.training_ranges)
    assert halves == found
    assert Caveats() + found == found


def test_a_file_of_usual_rows_has_next_to_none(scorer: Scorer) -> None:
    found = caveats_of(demo.draw_applications(300, 4, "train"), scorer.training_ranges)
    assert found.unfamiliar_rows < 15
    assert found.lacking_rows < 15


@pytest.mark.parametrize(
    ("lang", "lacking", "total", "counted"),
    [
        ("fr", 1, 3, "(1 ligne sur 3)"),
        ("fr", 1, 1, "(1 ligne sur 1)"),
        ("fr", 2, 3, "(2 lignes sur 3)"),
        ("en", 1, 3, "(1 of 3 rows)"),
        ("en", 1, 1, "(1 of 1 row)"),
    ],
)
def test_rows_are_counted_in_the_number_that_grammar_asks_for(
    lang: Language, lacking: int, total: int, counted: str
) -> None:
    found = Caveats(total, lacking_rows=lacking, missing_essentials=(ColumnCount("AMT_CREDIT", lacking),))
    (said,) = lines(found, lang)
    assert said.endswith(counted)


def test_nothing_is_said_of_no_rows(scorer: Scorer) -> None:
    assert caveats_of(demo.draw_applications(5, 4, "train").clear(), scorer.training_ranges) == Caveats()
    assert lines(Caveats(), "fr") == []


def test_sentences_are_those_of_one_application_with_a_count() -> None:
    found = Caveats(1200, 2, (ColumnCount("AMT_CREDIT", 2),), 1200, (ColumnCount("DAYS_BIRTH", 1200),))
    assert lines(found, "en") == [
        "DAYS_BIRTH: missing, though no application should be decided without it (1,200 of 1,200 rows)",
        "AMT_CREDIT: outside of what the model saw in training (2 of 1,200 rows)",
    ]
    assert lines(found, "fr")[1].endswith("(2 lignes sur 1\u202f200)")


text = """SK_ID_CURR,AMT_CREDIT,AMT_INCOME_TOTAL,CODE_GENDER,DAYS_EMPLOYED
1,480,120,F,-900
2,,,M,
3,600000,180000,F,365243
4,,,F,
5,,,,
"""


def test_a_row_of_which_nothing_can_be_used_is_set_aside(tmp_path: Path, scorer: Scorer) -> None:
    path = tmp_path / "in.csv"
    path.write_text(text)
    (batch,) = open_source(path).batches()
    found = score_batch(batch, scorer, 0.1)
    assert found.decisions["row"].to_list() == [2, 4]
    assert found.applications["AMT_CREDIT"].to_list() == [480, 600000]
    assert found.rejections.select("row", "client_id", "column", "problem").rows() == [
        (number + 1, number, "", "nothing_usable") for number in (2, 4, 5)
    ]
    assert found.rejected == 3
    rest = " ".join(name for name in essentials if name not in ("AMT_CREDIT", "AMT_INCOME_TOTAL", "DAYS_EMPLOYED"))
    assert found.decisions["missing_essentials"].to_list() == [rest, rest]
    assert found.caveats.unfamiliar_rows == 1
    assert {each.column for each in found.caveats.unfamiliar} == {"AMT_CREDIT", "AMT_INCOME_TOTAL"}

    seen = preview(path, training_ranges=scorer.training_ranges)
    assert (seen.rows, seen.sound, seen.unused, seen.verdict) == (5, 2, 3, "partly")
    assert seen.caveats == found.caveats
    assert preview(path).caveats.unfamiliar == ()

    report = score_file(path, tmp_path / "out.csv", rejected_path(tmp_path / "out.csv"), scorer)
    assert (report.scored, report.rejected, report.caveats) == (2, 3, found.caveats)
    assert "nothing that the model can use" in rejected_path(tmp_path / "out.csv").read_text()
    out = pl.read_csv(tmp_path / "out.csv")
    assert out["missing_essentials"].to_list() == [rest, rest]
    assert out["information"].to_list() == found.decisions["information"].to_list()


def test_history_alone_is_something_to_decide_on(tmp_path: Path, scorer: Scorer) -> None:
    path = tmp_path / "in.csv"
    path.write_text("SK_ID_CURR,CODE_GENDER,FLAG_MOBIL\n1,F,1\n2,M,1\n")
    (batch,) = open_source(path).batches()
    assert score_batch(batch, scorer, 0.1).rejected == 2
    values = np.full((2, len(history_names())), np.nan)
    values[0, 0] = 3.0
    stored = StoredHistory(np.array([1, 2]), values, Provenance("imported", "0123456789abcdef"))
    found = score_batch(batch, scorer, 0.1, stored=stored)
    assert (found.decisions["SK_ID_CURR"].to_list(), found.rejected) == ([1], 1)
    seen = preview(path, stored=stored)
    assert (seen.sound, seen.unused, seen.joined) == (1, 1, 1)


def test_a_file_of_nothing_usable_gives_no_decisions(tmp_path: Path, scorer: Scorer) -> None:
    path = tmp_path / "in.csv"
    path.write_text("SK_ID_CURR,FLAG_MOBIL\n1,1\n2,1\n")
    (batch,) = open_source(path).batches()
    found = score_batch(batch, scorer, 0.1)
    assert (found.decisions.height, found.rejected) == (0, 2)
    assert preview(path).verdict == "unusable"


def test_rows_without_the_number_of_a_client_are_counted_where_others_have_one(tmp_path: Path, scorer: Scorer) -> None:
    path = tmp_path / "in.csv"
    path.write_text("SK_ID_CURR,LABEL,AMT_CREDIT\n1,a,200000\n,b,dear\n2,c,100000\n,TOTAL,300000\n")
    (batch,) = open_source(path).batches()
    scored = score_batch(batch, scorer, 0.1)
    assert scored.decisions["row"].to_list() == [2, 4, 5]
    assert [(reading.column, reading.kind, reading.rows) for reading in scored.caveats.readings] == [
        ("SK_ID_CURR", "no_client_number", 1)
    ]
    assert "SK_ID_CURR\u00a0: sans numéro de client, comme une ligne de totaux (1 ligne sur 3)" in lines(
        scored.caveats, "fr"
    )
    path.write_text("SK_ID_CURR,AMT_CREDIT\n,200000\n,100000\n")
    (batch,) = open_source(path).batches()
    unnumbered = score_batch(batch, scorer, 0.1).caveats
    assert unnumbered.told_readings == () == (unnumbered + unnumbered).told_readings
    assert not any("totaux" in line for line in lines(unnumbered, "fr"))


def test_a_line_of_totals_that_is_a_batch_by_itself_is_counted_all_the_same(tmp_path: Path, scorer: Scorer) -> None:
    path = tmp_path / "in.csv"
    path.write_text("SK_ID_CURR,AMT_CREDIT\n1,200000\n2,100000\n,300000\n")
    (batch,) = open_source(path).batches()
    parts = (replace(batch, frame=batch.frame[rows], numbers=batch.numbers[rows]) for rows in (slice(2), slice(2, 3)))
    first, last = (score_batch(part, scorer, 0.1).caveats for part in parts)
    (reading,) = (first + last).told_readings
    assert (reading.kind, reading.rows) == ("no_client_number", 1)
    assert lines(first + last, "en")[-1] == "SK_ID_CURR: no number of a client, as in a line of totals (1 of 3 rows)"
