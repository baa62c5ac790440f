"""Trials: scenarios on all rows of a population, against scoring each application by itself."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np
import polars as pl
import pytest

from core import catalogue
from core.application import Application
from core.decision import Decision, risk_bands
from core.scenarios import populations
from core.scenarios.comparing import bands, touched
from core.scenarios.populations import EmptyPopulation, Population, of_portfolio, read
from core.scenarios.rules import Rule, Scenario
from core.scenarios.trials import Trials
from core.scoring import Scorer

if TYPE_CHECKING:
    from pathlib import Path

    from core.portfolio.clients import Portfolio

poorer = Scenario("poorer", (Rule("AMT_INCOME_TOTAL", "multiply", 0.9),))
blind = Scenario("blind", (Rule("EXT_SOURCE_2", "missing"),))


@pytest.fixture(scope="module")
def clients(portfolio: Portfolio) -> Population:
    return of_portfolio(portfolio)


def decided(scorer: Scorer, portfolio: Portfolio, threshold: float, **changes: float | None) -> list[Decision]:
    """The clients one by one, by the path of a single application."""
    frame = pl.read_parquet(portfolio.folder / "clients.parquet").drop("TARGET", "probability")
    applications = []
    for row in frame.iter_rows(named=True):
        values = {name: value for name, value in row.items() if value is not None and name != "SK_ID_CURR"}
        if "income" in changes:
            values["AMT_INCOME_TOTAL"] *= changes["income"]
        for name in changes.keys() - {"income"}:
            values.pop(name, None)
        applications.append(Application(values))
    return [scorer.decide(application, threshold) for application in applications]


@pytest.mark.parametrize(("scenario", "changes"), [(poorer, {"income": 0.9}), (blind, {"EXT_SOURCE_2": None})])
def test_a_scenario_is_what_deciding_on_each_changed_client_comes_to(
    scenario: Scenario, changes: dict[str, float | None], clients: Population, scorer: Scorer, portfolio: Portfolio
) -> None:
    threshold = 0.1
    (found,) = Trials().run(scorer, clients, [scenario], threshold).scenarios
    before, after = decided(scorer, portfolio, threshold), decided(scorer, portfolio, threshold, **changes)
    assert found.mean_probability == pytest.approx(np.mean([each.probability for each in after]), abs=1e-12)
    assert found.outcome.refused == sum(each.prediction for each in after)
    pairs = list(zip(before, after, strict=True))
    crossed = Counter((was.prediction, now.prediction) for was, now in pairs)
    assert (found.stay_accepted, found.become_refused, found.become_accepted, found.stay_refused) == (
        crossed[0, 0],
        crossed[0, 1],
        crossed[1, 0],
        crossed[1, 1],
    )
    names = [name for _, name in risk_bands]
    moved = Counter((was.risk_category, now.risk_category) for was, now in pairs)
    assert found.bands == tuple(tuple(moved[was, now] for now in names) for was in names)


def test_bands_are_those_of_a_decision_at_their_very_edges() -> None:
    probability = np.array([0.0, 0.024, 0.025, 0.05, 0.0999, 0.1, 0.2, 0.9, 1.0])
    names = [risk_bands[band][1] for band in bands(probability, 0.1)]
    assert names == [Decision(None, each, 0.1).risk_category for each in probability]
    assert {risk_bands[band][1] for band in bands(probability, 0.0)} == {Decision(None, 0.5, 0.0).risk_category}


def test_only_rows_that_a_rule_changes_are_touched() -> None:
    schema = {"AMT_CREDIT": pl.Float64, "EXT_SOURCE_2": pl.Float64}
    before = pl.DataFrame({"AMT_CREDIT": [1.0, 2.0, None], "EXT_SOURCE_2": [None, 0.5, None]}, schema=schema)
    after = before.with_columns(pl.col("AMT_CREDIT").clip(upper_bound=1.0), FLAG=pl.Series([None, None, 1]))
    assert touched(before, before) == 0
    assert touched(before, after) == 2


def test_the_base_is_the_population_as_it_is(clients: Population, scorer: Scorer, portfolio: Portfolio) -> None:
    base = Trials().base(scorer, clients)
    stored = pl.read_parquet(portfolio.folder / "clients.parquet")
    assert (base.total, base.used) == (stored.height, stored.height)
    assert base.ranking.probability == pytest.approx(stored["probability"].to_numpy(), abs=1e-9)
    assert base.ranking.target is not None
    assert base.ranking.target.sum() == stored["TARGET"].sum()


def test_another_threshold_is_no_more_scoring_and_another_file_is(
    tmp_path: Path, scorer: Scorer, portfolio: Portfolio
) -> None:
    copy = tmp_path / "clients.parquet"
    frame = pl.read_parquet(portfolio.folder / "clients.parquet").head(50)
    frame.write_parquet(copy)
    trials, population = Trials(), Population("copy", copy)
    first = trials.run(scorer, population, [poorer, blind], 0.1)
    with patch.object(Scorer, "probabilities", side_effect=AssertionError("scored again")):
        again = trials.run(scorer, population, [blind, poorer], 0.3)
    assert [scenario.name for scenario in again.scenarios] == ["blind", "poorer"]
    assert again.scenarios[1].mean_probability == first.scenarios[0].mean_probability
    frame.head(20).write_parquet(copy)
    os.utime(copy, ns=(1, 1))
    assert trials.run(scorer, population, [poorer], 0.1).base.total == 20
    assert trials.run(Scorer(scorer.artefacts), population, [], 0.1).base.total == 20


def test_of_very_many_a_part_is_tried_that_is_spread_evenly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(populations, "max_rows", 100)
    frame = pl.DataFrame(
        {"AMT_CREDIT": range(950), "TARGET": [0, 1] * 475, "decision": ["x"] * 950},
        schema={"AMT_CREDIT": pl.Float64, "TARGET": pl.Int8, "decision": pl.String},
    )
    frame.write_parquet(tmp_path / "many.parquet")
    many = read(Population("many", tmp_path / "many.parquet"))
    assert many.total == 950
    assert many.applications["AMT_CREDIT"].to_list() == list(range(0, 950, 10))
    assert many.applications.columns == ["AMT_CREDIT"]
    assert many.target is not None
    assert len(many.target) == 95


def test_outcomes_that_are_known_of_some_only_are_not_used(tmp_path: Path) -> None:
    schema = {"AMT_CREDIT": pl.Float64, "TARGET": pl.Int8}
    pl.DataFrame({"AMT_CREDIT": [1, 2], "TARGET": [0, None]}, schema=schema).write_parquet(tmp_path / "some.parquet")
    assert read(Population("some", tmp_path / "some.parquet")).target is None


def test_a_population_of_nobody_cannot_be_tried(tmp_path: Path, scorer: Scorer) -> None:
    empty = pl.DataFrame(schema={"AMT_CREDIT": catalogue.polars_schema("application")["AMT_CREDIT"]})
    empty.write_parquet(tmp_path / "empty.parquet")
    with pytest.raises(EmptyPopulation):
        Trials().base(scorer, Population("empty", tmp_path / "empty.parquet"))
