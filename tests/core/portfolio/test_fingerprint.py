"""The fingerprint of a portfolio says which clients it holds: the same wherever it was built, else another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from core.features import history_names
from core.portfolio.building import build, build_demo
from core.portfolio.clients import Portfolio
from core.portfolio.drawn_clients import draw_tables, read_clients
from core.portfolio.fingerprint import fingerprint

if TYPE_CHECKING:
    from pathlib import Path

    from core.scoring import Scorer


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    folder = tmp_path_factory.mktemp("tables")
    draw_tables(folder, 300, 5)
    return read_clients(folder)


def test_the_same_portfolio_built_twice_has_the_same_fingerprint_and_another_has_not(
    tmp_path: Path, scorer: Scorer
) -> None:
    found = []
    for name, seed in (("first", 0), ("second", 0), ("other", 1)):
        build_demo(tmp_path / name, scorer, 120, seed)
        found.append(Portfolio.open(tmp_path / name).provenance)
    first, second, other = found
    assert first == second
    assert first.is_synthetic
    assert other.fingerprint != first.fingerprint


def test_observed_clients_are_imported(tmp_path: Path, scorer: Scorer, clients: pl.DataFrame) -> None:
    build(tmp_path, clients, scorer, synthetic=False)
    assert Portfolio.open(tmp_path).provenance.origin == "imported"
    assert Portfolio.open(tmp_path).provenance.fingerprint == fingerprint(clients)


def test_order_and_absent_columns_do_not_matter(clients: pl.DataFrame) -> None:
    shuffled = clients.sample(clients.height, shuffle=True, seed=1).select(reversed(clients.columns))
    assert fingerprint(shuffled) == fingerprint(clients)
    emptied = clients.with_columns(pl.lit(None, pl.Float64).alias("EXT_SOURCE_1"))
    assert fingerprint(emptied) == fingerprint(clients.drop("EXT_SOURCE_1"))


def test_how_sums_of_amounts_end_does_not_matter(clients: pl.DataFrame) -> None:
    names = ["INSTALMENT_AMOUNT_MEAN", "CARD_UTILISATION_MEAN", "INSTALMENT_PAID_SHARE"]
    last_bit = clients.with_columns(pl.col(names).map_batches(_next_up, pl.Float64))
    assert not last_bit.equals(clients)
    assert fingerprint(last_bit) == fingerprint(clients)


@pytest.mark.parametrize(
    "change",
    [
        pl.col("SK_ID_CURR") + 1_000_000,
        pl.col("NAME_INCOME_TYPE").shift(1),
        pl.col("AMT_CREDIT") + pl.when(pl.int_range(pl.len()) == 7).then(0.5).otherwise(0.0),
        pl.when(pl.int_range(pl.len()) != 7).then("EXT_SOURCE_2"),
        pl.col("INSTALMENTS") + pl.when(pl.int_range(pl.len()) == 7).then(1).otherwise(0),
        pl.col("INSTALMENT_AMOUNT_MEAN") * 1.001,
        pl.lit(None, pl.Float64).alias("BUREAU_CREDIT_MEAN"),
        pl.col("TARGET") * 0,
    ],
)
def test_any_other_value_is_another_portfolio(clients: pl.DataFrame, change: pl.Expr) -> None:
    assert fingerprint(clients.with_columns(change)) != fingerprint(clients)


def test_every_history_feature_counts(clients: pl.DataFrame) -> None:
    whole = fingerprint(clients)
    for name in history_names():
        if clients[name].null_count() < clients.height:
            assert fingerprint(clients.drop(name)) != whole, name


def _next_up(values: pl.Series) -> pl.Series:
    return pl.Series(np.nextafter(values.to_numpy(), np.inf)).fill_nan(None)
