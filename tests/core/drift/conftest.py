"""Two sets of demo applications and what comparing them found, made once."""

from __future__ import annotations

import polars as pl
import pytest

from core.data.demo import draw_applications
from core.drift.compare import compare
from core.drift.results.drift_report import DriftReport
from core.scoring import Scorer


@pytest.fixture(scope="session")
def train() -> pl.DataFrame:
    return draw_applications(8000, 5, "train")


@pytest.fixture(scope="session")
def test_set() -> pl.DataFrame:
    return draw_applications(4000, 5, "test")


@pytest.fixture(scope="session")
def report(train: pl.DataFrame, test_set: pl.DataFrame, scorer: Scorer) -> DriftReport:
    return compare(train, test_set, scorer=scorer, names=("train", "test"))


@pytest.fixture(scope="session")
def alarming(train: pl.DataFrame, scorer: Scorer) -> DriftReport:
    """A report that breaks rules, with outcomes on both sides."""
    worse = train.with_columns(pl.col("^EXT_SOURCE_.$") * 0.4, NAME_HOUSING_TYPE=pl.lit("Houseboat"))
    return compare(train, worse, scorer=scorer, names=("train", "worse"))
