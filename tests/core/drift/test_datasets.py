"""Sides that an installation has: what they hold, and by which bins they are compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from core.drift.datasets import SideRows, compare_sides, of_model, of_portfolio
from core.portfolio.clients import Portfolio
from core.portfolio.later_applications import test_set as stored_test_set
from core.scoring import Scorer
from core.tables.sources import TableError


def edges(rows: SideRows, other: SideRows, scorer: Scorer | None, name: str = "AMT_CREDIT") -> list[float | None]:
    return [each.high for each in compare_sides(rows, other, scorer).column(name).bins if each.kind == "interval"]


def test_bins_are_those_frozen_with_the_model(train: pl.DataFrame, test_set: pl.DataFrame, scorer: Scorer) -> None:
    halves = [SideRows("half", each) for each in (train.head(3000), train.tail(3000))]
    later = SideRows("later", test_set)
    frozen = list(scorer.artefacts.reference.number("AMT_CREDIT").psi_edges)
    assert edges(halves[0], later, scorer)[:-1] == edges(halves[1], later, scorer)[:-1] == frozen
    assert edges(halves[0], later, None) != edges(halves[1], later, None)
    # A model of an earlier version has none.
    earlier = Scorer(replace(scorer.artefacts, reference_source=None))
    assert edges(halves[0], later, earlier) == edges(halves[0], later, None)


def test_the_portfolio_is_its_applications_and_their_history(portfolio: Portfolio, scorer: Scorer) -> None:
    side = of_portfolio(portfolio)
    assert isinstance(side.rows, pl.DataFrame)
    assert side.rows.height == portfolio.summary.n_clients
    assert "INSTALMENT_LATE_SHARE" in side.rows.columns
    assert "probability" not in side.rows.columns
    assert side.synthetic is True
    report = compare_sides(of_model(scorer), side, scorer)
    assert report.not_compared == ()
    assert report.reference.synthetic is True


def test_of_many_rows_some_are_drawn_and_always_the_same(train: pl.DataFrame, scorer: Scorer) -> None:
    side = SideRows("train", train)
    few = side.at_most(500)
    assert isinstance(few.rows, pl.DataFrame)
    assert few.rows.height == 500
    assert few.rows.equals(side.at_most(500).rows)  # type: ignore[arg-type]
    assert side.at_most(8000) is side
    assert of_model(scorer).at_most(1).rows is scorer.artefacts.reference


def test_the_test_set_of_imported_tables_is_theirs(tmp_path: Path, test_set: pl.DataFrame) -> None:
    with pytest.raises(TableError, match="there is no application_test"):
        stored_test_set(tmp_path, tmp_path / "drift", 100, synthetic=False)
    test_set.head(60).write_csv(tmp_path / "application_test.csv")
    for synthetic in (False, True):
        found = stored_test_set(tmp_path, tmp_path / "drift", 100, synthetic=synthetic)
        assert found["SK_ID_CURR"].to_list() == test_set["SK_ID_CURR"].head(60).to_list()
        assert "BUREAU_ACTIVE_SHARE" in found.columns
    [kept] = (tmp_path / "drift").iterdir()
    assert kept.name.startswith("application_test-")
    # Another table takes its place.
    test_set.tail(70).write_csv(tmp_path / "application_test.csv")
    assert stored_test_set(tmp_path, tmp_path / "drift", 100, synthetic=False).height == 70
    assert len(list((tmp_path / "drift").iterdir())) == 1


def test_a_drawn_test_set_is_drawn_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = stored_test_set(tmp_path, tmp_path / "drift", 50, synthetic=True)
    assert first.height == 50
    assert first["BUREAU_ACTIVE_SHARE"].null_count() < 50
    monkeypatch.setattr("core.data.demo.write_test_tables", None)
    assert stored_test_set(tmp_path, tmp_path / "drift", 50, synthetic=True).equals(first)
    assert [path.name for path in (tmp_path / "drift").iterdir()] == ["demo-application_test-50.parquet"]
