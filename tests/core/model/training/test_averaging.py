"""The mean of boosters: its log-odds, its contributions and its text, against the boosters one by one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data import demo
from core.model import booster as lightgbm
from core.model import model_text
from core.model.preprocessor import Preprocessor
from core.model.training.averaging import boosters, exact, mean_of, parts, seed_of, settings_of, shortened
from core.model.training.backend import TrainingRows, local_backend
from core.model.training.fitting import constrained_parameters, training_rows


@pytest.fixture(scope="module")
def applications() -> pl.DataFrame:
    return demo.draw_applications(1500, 8, "train")


@pytest.fixture(scope="module")
def preprocessor(applications: pl.DataFrame) -> Preprocessor:
    return Preprocessor.fit(applications)


@pytest.fixture(scope="module")
def rows(applications: pl.DataFrame, preprocessor: Preprocessor) -> TrainingRows:
    return training_rows(applications, preprocessor, 0)


@pytest.fixture(scope="module")
def grown(rows: TrainingRows) -> list[lightgbm.Booster]:
    """Boosters of other seeds, withheld values and numbers of trees."""
    chosen = constrained_parameters(rows.feature_names, 0)
    return [
        lightgbm.train(settings_of(chosen, number), rows.dataset(number), num_boost_round=rounds)
        for number, rounds in enumerate((12, 7))
    ]


def test_its_log_odds_are_the_mean(rows: TrainingRows, grown: list[lightgbm.Booster]) -> None:
    mean = mean_of(grown)
    each = [np.asarray(model.predict(rows.withheld[0], raw_score=True)) for model in grown]
    assert np.abs(each[0] - each[1]).max() > 0.01
    found = np.asarray(mean.predict(rows.withheld[0], raw_score=True))
    np.testing.assert_allclose(found, np.mean(each, axis=0), atol=1e-12)
    assert mean.num_trees() == 19


def test_its_contributions_are_the_mean(rows: TrainingRows, grown: list[lightgbm.Booster]) -> None:
    some = rows.matrix[:50]
    each = [np.asarray(model.predict(some, pred_contrib=True)) for model in grown]
    contributions = np.asarray(mean_of(grown).predict(some, pred_contrib=True))
    np.testing.assert_allclose(contributions, np.mean(each, axis=0), atol=1e-12)


def test_its_trees_are_the_same_row_by_row(rows: TrainingRows, grown: list[lightgbm.Booster]) -> None:
    row_by_row = constrained_parameters(rows.feature_names, 0) | {
        "force_col_wise": False,
        "force_row_wise": True,
        "is_enable_sparse": True,
    }
    again = lightgbm.train(settings_of(row_by_row, 0), rows.dataset(0), num_boost_round=grown[0].num_trees())
    assert parts(again.model_to_string())[1] == parts(grown[0].model_to_string())[1]


def test_its_text_is_that_of_a_model(rows: TrainingRows, grown: list[lightgbm.Booster]) -> None:
    mean = mean_of(grown)
    text = mean.model_to_string(num_iteration=-1)
    model_text.check(text, rows.feature_names)
    assert mean.params["seed"] == grown[0].params["seed"]
    again = lightgbm.Booster(model_str=text)
    np.testing.assert_array_equal(again.predict(rows.matrix), mean.predict(rows.matrix))


def test_the_mean_of_one_is_that_one(rows: TrainingRows, grown: list[lightgbm.Booster]) -> None:
    np.testing.assert_array_equal(mean_of(grown[:1]).predict(rows.matrix), grown[0].predict(rows.matrix))


@pytest.mark.parametrize(("divisor", "trees"), [(1, (12, 7)), (3, (4, 2)), (100, (1, 1))])
def test_shortened_it_is_the_mean_of_shorter_ones(
    rows: TrainingRows, grown: list[lightgbm.Booster], divisor: int, trees: tuple[int, int]
) -> None:
    short = shortened(mean_of(grown), divisor)
    each = [
        np.asarray(model.predict(rows.matrix, raw_score=True, num_iteration=few))
        for model, few in zip(grown, trees, strict=True)
    ]
    found = np.asarray(short.predict(rows.matrix, raw_score=True))
    np.testing.assert_allclose(found, np.mean(each, axis=0), atol=1e-12)
    assert short.num_trees() == sum(trees)


def test_a_model_is_the_mean_of_boosters_grown_apart(rows: TrainingRows) -> None:
    chosen = constrained_parameters(rows.feature_names, 3)
    model = local_backend.grow(rows, chosen, 9)
    apart = []
    for number in range(boosters):
        dataset = lightgbm.Dataset(
            rows.withheld[number],
            label=rows.target,
            feature_name=list(rows.feature_names),
            categorical_feature=list(rows.categorical_features),
        )
        booster = lightgbm.train(chosen | {"seed": seed_of(3, number)}, dataset, num_boost_round=9)
        apart.append(np.asarray(booster.predict(rows.matrix, raw_score=True)))
    found = np.asarray(model.predict(rows.matrix, raw_score=True))
    np.testing.assert_allclose(found, np.mean(apart, axis=0), atol=1e-12)


def test_a_fold_is_judged_by_the_mean_with_rounds_of_its_own(rows: TrainingRows) -> None:
    chosen = constrained_parameters(rows.feature_names, 0)
    validated = local_backend.cross_validate(rows, chosen, 2, 0)
    for fold in validated.folds:
        np.testing.assert_array_equal(fold.model.predict(rows.matrix[fold.rows]), fold.probabilities)
        # Without omissions there is no correction: all trees are those of the boosters.
        assert fold.rounds == round(fold.model.num_trees() / boosters)
    assert validated.rounds == round(np.mean([fold.rounds for fold in validated.folds]))


def test_the_boosters_are_withheld_other_values(rows: TrainingRows) -> None:
    assert len(rows.withheld) == boosters == 2
    missing = [np.isnan(drawn) for drawn in rows.withheld]
    assert (missing[0] != missing[1]).mean() > 0.02


def test_what_is_taken_of_the_rows_is_taken_of_each_draw(rows: TrainingRows) -> None:
    places = np.array([5, 5, 2])
    name = rows.feature_names[3]
    for number, drawn in enumerate(rows.withheld):
        np.testing.assert_array_equal(rows.taken(places).withheld[number], drawn[places])
        np.testing.assert_array_equal(rows.without({name}).withheld[number], np.delete(drawn, 3, axis=1))
        codes = (np.arange(len(rows.target)) % 2).astype(np.float64)
        np.testing.assert_array_equal(rows.with_category("X", codes).withheld[number][:, -1], codes)


@given(st.integers(0, 2**31 - 1), st.integers(0, 20), st.integers(1, 20))
def test_no_two_trainings_share_a_booster(seed: int, number: int, further: int) -> None:
    seeds = [seed_of(seed + step, place) for step in range(3) for place in range(3)]
    assert len(set(seeds)) == len(seeds)
    assert 0 <= seed_of(seed, number) < 2**31
    assert seed_of(seed, number) != seed_of(seed + further, number)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_written_to_the_last_bit(value: float) -> None:
    assert float(exact(value)) == value


def test_the_mean_keeps_the_monotone_constraints(rows: TrainingRows) -> None:
    chosen = constrained_parameters(rows.feature_names, 0)
    model = local_backend.grow(rows, chosen, 40)
    place = rows.feature_names.index("EXT_SOURCE_2")
    swept = np.repeat(rows.matrix[:1], 30, axis=0)
    swept[:, place] = np.linspace(0.01, 0.9, 30)
    curve = np.asarray(model.predict(swept, raw_score=True))
    assert curve[0] - curve[-1] > 0.1
    assert all(before >= after - 1e-12 for before, after in pairwise(curve))
