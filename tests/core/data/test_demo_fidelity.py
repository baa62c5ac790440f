"""The goals of the demo against the real sample, at sizes a test can afford; benchmarks/demo.py measures all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from core.data import demo
from core.features.application import application_features, raw_expressions

if TYPE_CHECKING:
    from pathlib import Path

fidelity = pytest.importorskip("core.data.demo.fitted.fidelity", reason="needs the training extra")


@pytest.fixture(scope="module")
def real(real_sample: Path) -> pl.DataFrame:
    from core.data.demo.fitted.sample import read_table

    return read_table(real_sample, "application")


@pytest.fixture(scope="module")
def drawn() -> pl.DataFrame:
    return demo.draw_applications(20_000, seed=21, split="train")


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    from core.data.demo.tables import history_files

    written = demo.write_tables(tmp_path_factory.mktemp("demo"), 8_000, seed=21)
    return {name: pl.read_parquet(written.paths[stem]) for name, stem in history_files.items()}


def features(frame: pl.DataFrame) -> pl.DataFrame:
    named = raw_expressions() | application_features()
    return frame.select(each.cast(pl.Float64).fill_null(float("nan")).alias(name) for name, each in named.items())


def test_columns_are_distributed_like_the_real_ones(real: pl.DataFrame, drawn: pl.DataFrame) -> None:
    gaps = fidelity.distances(real, drawn)
    assert np.mean([gap < 0.05 for gap in gaps.values()]) >= 0.95


def test_values_are_missing_as_often(real: pl.DataFrame, drawn: pl.DataFrame) -> None:
    assert max(fidelity.missing_gaps(real, drawn).values()) < 0.02


def test_columns_go_together_as_the_real_ones_do(real: pl.DataFrame, drawn: pl.DataFrame) -> None:
    assert fidelity.rank_correlation_error(real, drawn) < 0.04


def test_building_columns_are_missing_together(real: pl.DataFrame, drawn: pl.DataFrame) -> None:
    buildings = [name for name in real.columns if name.endswith(("_AVG", "_MODE", "_MEDI"))]
    absent, present = (
        [
            side.select(pl.all_horizontal(pl.col(buildings).is_null() == gone)).to_series().mean()
            for side in (real, drawn)
        ]
        for gone in (True, False)
    )
    assert absent[1] == pytest.approx(absent[0], abs=0.03)
    assert present[1] == pytest.approx(present[0], abs=0.04)


def test_a_model_hardly_tells_synthetic_rows_from_real_ones(real: pl.DataFrame, drawn: pl.DataFrame) -> None:
    assert fidelity.told_apart(real.sample(4_000, seed=0), drawn, rounds=60) < 0.80


def test_a_model_that_only_saw_the_demo_ranks_real_clients(real: pl.DataFrame) -> None:
    learnt = demo.draw_applications(30_000, seed=22, split="train")
    assert fidelity.transferred(learnt, real, features, rounds=150) >= 0.74


@pytest.mark.parametrize(
    "name", ["bureau", "bureau_balance", "pos_cash_balance", "installments_payments", "credit_card_balance"]
)
def test_history_tables_are_distributed_like_the_real_ones(
    real_sample: Path, tables: dict[str, pl.DataFrame], name: str
) -> None:
    from core.data.demo.fitted.sample import read_table

    sample = read_table(real_sample, name)
    # Few clients have cards, and all months of one are alike: the bound leaves room for that at this size.
    gaps = fidelity.distances(sample, tables[name])
    assert np.mean([gap < 0.07 for gap in gaps.values()]) >= 0.95
    assert max(fidelity.missing_gaps(sample, tables[name]).values()) < 0.03
