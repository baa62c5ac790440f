"""Rows of a file are decided on as `Decision` does, whatever the way in which the file writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.batch.batch_columns import columns_of_decisions
from core.batch.decisions import decide
from core.batch.rows import Scored, score_batch
from core.data import demo
from core.decision import Decision
from core.model.evidence.performance import measure
from core.tables.reading import open_source

if TYPE_CHECKING:
    from pathlib import Path

    from core.scoring import Scorer


def scored(path: Path, scorer: Scorer, threshold: float = 0.1) -> Scored:
    source = open_source(path)
    (batch,) = source.batches()
    return score_batch(batch, scorer, threshold)


@given(probability=st.floats(0, 1), threshold=st.one_of(st.floats(0, 1), st.sampled_from([0.0, 1.0, 0.25, 0.5])))
def test_many_are_decided_on_as_one_is(probability: float, threshold: float) -> None:
    (row,) = decide(np.array([probability]), threshold).iter_rows(named=True)
    one = Decision(None, probability, threshold)
    assert row == {
        "probability": probability,
        "prediction": one.prediction,
        "decision": one.decision,
        "risk_category": one.risk_category,
        "threshold": threshold,
    }


def test_all_ways_to_write_a_file_give_the_same(tmp_path: Path, scorer: Scorer) -> None:
    applications = demo.draw_applications(60, 5, "train")
    floats = pl.selectors.float()
    applications.write_csv(tmp_path / "comma.csv")
    applications.with_columns(floats.cast(pl.String).str.replace(".", ",", literal=True)).write_csv(
        tmp_path / "semicolon.csv", separator=";"
    )
    applications.write_csv(tmp_path / "quoted.csv", separator="\t", quote_style="always", line_terminator="\r\n")
    applications.write_parquet(tmp_path / "in.parquet")
    applications.with_columns(pl.selectors.string().cast(pl.Categorical), floats.fill_null(float("nan"))).write_parquet(
        tmp_path / "other.parquet"
    )
    expected = scored(tmp_path / "in.parquet", scorer).decisions.drop("row")
    np.testing.assert_array_equal(expected["probability"].to_numpy(), scorer.probabilities(applications))
    for name in ("comma.csv", "semicolon.csv", "quoted.csv", "other.parquet"):
        found = scored(tmp_path / name, scorer)
        assert found.rejections.height == 0
        assert found.decisions.schema == pl.Schema(columns_of_decisions())
        np.testing.assert_allclose(
            found.decisions["probability"].to_numpy(), expected["probability"].to_numpy(), atol=1e-12
        )
        assert found.decisions.drop("row", "probability").equals(expected.drop("probability"))


def test_the_earlier_system_s_flags_are_understood(tmp_path: Path, scorer: Scorer) -> None:
    path = tmp_path / "in.csv"
    path.write_text("AMT_CREDIT,CODE_GENDER_M,FLAG_OWN_CAR,FLAG_OWN_REALTY\n1e5,1,0,Y\n1e5,0,1.0,N\n1e5,2,0,0\n")
    found = scored(path, scorer)
    assert found.applications["CODE_GENDER"].to_list() == ["M", "F"]
    assert found.applications["FLAG_OWN_CAR"].to_list() == ["N", "Y"]
    assert found.rejections["column"].to_list() == ["CODE_GENDER"]
    frame = pl.DataFrame({"AMT_CREDIT": [1e5], "CODE_GENDER_M": [1], "FLAG_OWN_CAR": [True]})
    frame.write_parquet(tmp_path / "in.parquet")
    assert scored(tmp_path / "in.parquet", scorer).applications["FLAG_OWN_CAR"].to_list() == ["Y"]


def test_history_features_of_the_file_are_used(tmp_path: Path, scorer: Scorer) -> None:
    path = tmp_path / "in.csv"
    path.write_text(
        "SK_ID_CURR,AMT_CREDIT,BUREAU_LOANS,BUREAU_ACTIVE_SHARE\n"
        "1,1e5,,\n2,1e5,40,1\n3,1e5,many,1\n4,1e5,inf,1\n5,1e5,1e13,1\n6,dear,40,1\n7,1e5,40,1\n"
    )
    found = scored(path, scorer)
    assert found.decisions["row"].to_list() == [2, 3, 8]
    assert found.rejections.select("row", "client_id", "column", "problem").rows() == [
        (4, 3, "BUREAU_LOANS", "not_a_number"),
        (5, 4, "BUREAU_LOANS", "not_finite"),
        (6, 5, "BUREAU_LOANS", "out_of_bounds"),
        (7, 6, "AMT_CREDIT", "not_a_number"),
    ]
    assert found.rejected == 4
    probabilities = found.decisions["probability"].to_list()
    assert probabilities[1] == probabilities[2] != probabilities[0]


def test_a_column_that_is_neither_text_nor_numbers_is_named(tmp_path: Path) -> None:
    pl.DataFrame({"AMT_CREDIT": [[1.0]]}).write_parquet(tmp_path / "in.parquet")
    with pytest.raises(ValueError, match="AMT_CREDIT holds neither numbers nor text"):
        open_source(tmp_path / "in.parquet")


def test_performance_counts_both_mistakes() -> None:
    outcomes = np.array([1, 1, 0, 0, 0, np.nan])
    found = measure(outcomes, np.array([0.9, 0.05, 0.2, 0.01, 0.1, 0.5]), 0.1, (10, 1))
    assert found is not None
    assert (found.clients, found.default_rate, found.false_negatives, found.false_positives) == (5, 0.4, 1, 2)
    assert found.cost == pytest.approx(12 / 5)
    assert found.auc == pytest.approx(4 / 6)
    assert measure(np.array([0.0, 0.0, np.nan]), np.array([0.1, 0.2, 0.3]), 0.1, (10, 1)) is None
