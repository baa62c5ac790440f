"""Steadiness, stability and alternatives on a small training, against predictions made one by one."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from core.data import demo
from core.features import build
from core.model.evidence.auc import auc
from core.model.evidence.fairness import compare_groups
from core.model.evidence.stability import measure_stability
from core.model.evidence.steadiness import measure_steadiness
from core.model.evidence.threshold import business_cost, steady_threshold
from core.model.preprocessor import Preprocessor
from core.model.training.alternatives import AlternativeSearch, search_alternatives
from core.model.training.backend import CrossValidated, Fold, TrainingRows, local_backend
from core.model.training.fitting import constrained_parameters, training_rows

threshold = 0.09


@pytest.fixture(scope="module")
def applications() -> pl.DataFrame:
    return demo.draw_applications(1500, 8, "train")


@pytest.fixture(scope="module")
def preprocessor(applications: pl.DataFrame) -> Preprocessor:
    return Preprocessor.fit(applications)


@pytest.fixture(scope="module")
def folds(applications: pl.DataFrame, preprocessor: Preprocessor) -> tuple[Fold, ...]:
    chosen = constrained_parameters(preprocessor.feature_names, 0)
    return local_backend.cross_validate(training_rows(applications, preprocessor, 0), chosen, 2, 0).folds


def test_ten_less_of_credit_is_decided_again(
    applications: pl.DataFrame, preprocessor: Preprocessor, folds: tuple[Fold, ...]
) -> None:
    drawn = training_rows(applications, preprocessor, 0)
    chosen = constrained_parameters(preprocessor.feature_names, 0)
    # Grown from values as they are, trees cut beside the round ones.
    sharp = local_backend.cross_validate(replace(drawn, withheld=(drawn.matrix,)), chosen, 2, 0).folds
    for models in (folds, sharp):
        found = measure_steadiness(models, applications, threshold)
        turned = moved = 0
        for fold in models:
            asked = applications[fold.rows]
            before, after = (
                np.asarray(fold.model.predict(build(frame).to_numpy()))
                for frame in (asked, asked.with_columns(pl.col("AMT_CREDIT") - 10))
            )
            turned += ((before >= threshold) != (after >= threshold)).sum()
            moved += (np.abs(np.log(after / (1 - after)) - np.log(before / (1 - before))) > 0.05).sum()
        assert found.n_rows == 1500
        assert (found.flipped, found.moved) == pytest.approx((turned / 1500, moved / 1500))
    assert measure_steadiness(folds, applications, threshold).moved < 0.01 < found.moved


def test_no_curve_goes_against_its_direction(applications: pl.DataFrame, folds: tuple[Fold, ...]) -> None:
    found = measure_steadiness(folds, applications, threshold, rows=200)
    assert found.curves > 1000
    assert found.contradicting == 0


def test_a_model_without_constraints_is_caught(applications: pl.DataFrame, preprocessor: Preprocessor) -> None:
    chosen = constrained_parameters(preprocessor.feature_names, 0) | {
        "monotone_constraints": [0] * len(preprocessor.feature_names)
    }
    free = local_backend.cross_validate(training_rows(applications, preprocessor, 0), chosen, 2, 0).folds
    assert measure_steadiness(free, applications, threshold, rows=200).contradicting > 0.05


def test_the_same_rows_and_seed_turn_nothing_and_others_do(
    applications: pl.DataFrame, preprocessor: Preprocessor
) -> None:
    found = measure_stability(applications, preprocessor, threshold, 30, 0, local_backend, 1200)
    assert (found.n_rows, found.n_decided) == (1080, 120)
    assert 0 < found.by_seed < 0.3
    assert 0 < found.by_rows < 0.4
    assert measure_stability(applications, preprocessor, threshold, 30, 0, local_backend, 1200) == found
    assert measure_stability(applications, preprocessor, 0.0, 30, 0, local_backend, 1200).by_seed == 0


class _Recording:
    """The local backend, which remembers what it predicted; with few trees."""

    def __init__(self) -> None:
        self.predicted: list[np.ndarray] = []
        self.features: list[tuple[str, ...]] = []

    def cross_validate(self, rows: TrainingRows, chosen, folds: int, seed: int) -> CrossValidated:
        validated = local_backend.cross_validate(rows, chosen, folds, seed)
        self.predicted.append(validated.out_of_fold)
        self.features.append(rows.feature_names)
        return validated

    grow = staticmethod(local_backend.grow)


@pytest.fixture(scope="module")
def searched(applications: pl.DataFrame, preprocessor: Preprocessor) -> tuple[_Recording, AlternativeSearch]:
    backend = _Recording()
    chosen = constrained_parameters(preprocessor.feature_names, 0)
    return backend, search_alternatives(applications, preprocessor, chosen, (10, 1), 0, backend)


def test_each_alternative_is_measured_at_its_own_threshold(
    applications: pl.DataFrame, searched: tuple[_Recording, AlternativeSearch]
) -> None:
    backend, search = searched
    target = applications["TARGET"].to_numpy().astype(np.int8)
    assert len(search.tried) == len(backend.predicted) == 8
    for found, probability in zip(search.tried, backend.predicted, strict=True):
        at = steady_threshold(target, probability, 10, 1)
        assert found.auc == pytest.approx(auc(target, probability))
        assert found.cost == pytest.approx(business_cost(target, probability, at, 10, 1))
        assert found.cost_more.estimate == pytest.approx(found.cost - search.tried[0].cost)
        ratio = compare_groups(applications, target, probability, at)[0].adverse_impact.estimate
        assert found.men_to_women == pytest.approx(ratio)
    assert search.tried[0].cost_more.low == search.tried[0].cost_more.high == 0


def test_without_age_means_without_age(searched: tuple[_Recording, AlternativeSearch]) -> None:
    backend, search = searched
    by_name = {found.name: set(features) for found, features in zip(search.tried, backend.features, strict=True)}
    assert "DAYS_BIRTH" in by_name["as_it_is"]
    assert not {"DAYS_BIRTH", "EMPLOYED_AGE_RATIO"} & by_name["without_age"]
    assert "DAYS_EMPLOYED" in by_name["without_age"]
    assert "DAYS_EMPLOYED" not in by_name["without_age_and_twins"]


def test_an_alternative_is_named_where_it_costs_no_more_and_is_fairer(
    searched: tuple[_Recording, AlternativeSearch],
) -> None:
    _, search = searched
    ours = search.tried[0]
    for found in search.tried[1:]:
        gains = [abs(1 - ours.men_to_women) - abs(1 - found.men_to_women)]  # type: ignore[operator]
        gains.append(abs(1 - ours.young_to_others) - abs(1 - found.young_to_others))  # type: ignore[operator]
        fairer = found.cost_more.low <= 0 and min(gains) >= 0 and max(gains) >= 0.01
        assert (found.name in search.less_discriminatory) == fairer
