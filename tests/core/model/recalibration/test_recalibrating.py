"""A model made anew by outcomes: what its trees say, what is stored of it, and that an honest model stays as it is."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from scipy.special import expit

from core.data import demo
from core.model import artefacts, fold_models, model_text
from core.model.approval import Champion, checks
from core.model.artefacts import Artefacts
from core.model.evidence.card import model_card
from core.model.recalibration.adjustment import Adjustment, segmentations
from core.model.recalibration.recalibrating import RecalibratedModel, recalibrate
from core.model.recalibration.trees import recalibrated, recalibrated_folds
from core.model.stored_evaluation import read_evaluation

_adjustment = Adjustment(
    intercept=0.25,
    slope=1.3,
    offsets={"DAYS_BIRTH": (0.1, -0.2, 0.3, 0.0, 0.05, -0.4), "NAME_CONTRACT_TYPE": (0.07, -0.09)},
    rows={"DAYS_BIRTH": (5, 4, 3, 2, 1, 0, 0), "NAME_CONTRACT_TYPE": (9, 1, 0)},
    freedom=6.0,
)


@pytest.fixture(scope="module")
def model(models_dir: Path) -> Artefacts:
    return artefacts.load(models_dir)


@pytest.fixture(scope="module")
def report(models_dir: Path) -> bytes:
    return artefacts.read_report(models_dir)


@pytest.fixture(scope="module")
def applications() -> pl.DataFrame:
    return demo.draw_applications(6000, 77, "train")


@pytest.fixture(scope="module")
def matrix(model: Artefacts, applications: pl.DataFrame) -> NDArray[np.float64]:
    return model.preprocessor.transform(applications)


def log_odds(booster: object, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(booster.predict(matrix, raw_score=True))  # type: ignore[attr-defined]


def with_outcomes(applications: pl.DataFrame, chance: NDArray[np.float64], seed: int) -> pl.DataFrame:
    outcomes = np.random.default_rng(seed).random(len(chance)) < chance
    return applications.with_columns(pl.Series("TARGET", outcomes.astype(np.int8)))


@pytest.fixture(scope="module")
def made(model: Artefacts, report: bytes, applications: pl.DataFrame, matrix: NDArray[np.float64]) -> RecalibratedModel:
    """Outcomes that are bolder than the model, and milder on the young."""
    young = matrix[:, model.preprocessor.feature_names.index("DAYS_BIRTH")] > -25 * 365.25
    chance = expit(1.4 * log_odds(model.booster, matrix) + 0.9 - 0.8 * young)
    return recalibrate(model, report, with_outcomes(applications, chance, 0), "real")


def test_the_trees_say_what_the_adjustment_does(model: Artefacts, matrix: NDArray[np.float64]) -> None:
    names = model.preprocessor.feature_names
    rows = matrix[:400].copy()
    rows[:20, names.index("DAYS_BIRTH")] = np.nan
    rows[20:40, names.index("NAME_CONTRACT_TYPE")] = 0
    segments = segmentations(rows, names)
    booster = recalibrated(model.booster, _adjustment)
    expected = _adjustment.adjusted(log_odds(model.booster, rows), segments)
    np.testing.assert_allclose(log_odds(booster, rows), expected, atol=1e-12)
    shares = np.asarray(booster.predict(rows, pred_contrib=True))
    np.testing.assert_allclose(shares.sum(axis=1), expected, atol=1e-9)
    model_text.check(booster.model_to_string(num_iteration=-1), names)
    assert model.folds is not None
    folds = recalibrated_folds(model.folds, _adjustment)
    model_text.check_folds(fold_models.text_of(folds), names)
    for of_fold, of_changed in zip(log_odds(model.folds, rows).T, log_odds(folds, rows).T, strict=True):
        np.testing.assert_allclose(of_changed, _adjustment.adjusted(of_fold, segments), atol=1e-4)


def test_a_slope_that_turns_the_ranking_is_refused(model: Artefacts) -> None:
    turned = Adjustment(0.0, -0.1, _adjustment.offsets, _adjustment.rows, 6.0)
    with pytest.raises(ValueError, match="slope"):
        recalibrated(model.booster, turned)


def test_probabilities_hold_afterwards(made: RecalibratedModel) -> None:
    evidence = made.evidence
    assert evidence.taken
    assert evidence.before.slope.low > 1.1
    assert evidence.after.slope.low < 1 < evidence.after.slope.high
    rate = evidence.n_defaults / evidence.n_rows
    assert abs(evidence.before.mean_predicted - rate) > 5 * abs(evidence.after.mean_predicted - rate)
    youngest = next(segment for segment in evidence.segments if segment.label == "< 25")
    assert youngest.offset < 0
    assert youngest.after is not None
    assert youngest.after.low < 1 < youngest.after.high
    assert evidence.log_loss_gain.low > 0


def test_what_is_stored_can_be_loaded_shown_and_approved(made: RecalibratedModel, tmp_path: Path) -> None:
    artefacts.save(made.artefacts, tmp_path / "models", made.report)
    loaded = artefacts.load(tmp_path / "models")
    artefacts.check_whole(loaded)
    assert all(check.passed for check in checks(loaded, Champion()))
    answer = read_evaluation(tmp_path / "models")
    assert answer.recalibration is not None
    assert answer.recalibration.n_rows == answer.evaluation.n_rows == 6000
    assert answer.evaluation.threshold == loaded.info.optimal_threshold
    card = model_card(tmp_path / "models")
    assert f"| AUC | {made.evidence.before.auc:.4f} | {made.evidence.after.auc:.4f} |" in card
    assert "| recalibrated | on 6,000 applications of real clients" in card
    # A later training cannot be held against an AUC of other rows.
    assert Champion.of(loaded, json.loads(made.report)).auc_low is None


def test_a_recalibration_that_ranks_worse_is_not_approved(made: RecalibratedModel) -> None:
    info = made.artefacts.info
    model = dataclasses.replace(made.artefacts, info=dataclasses.replace(info, auc=info.auc - 0.01))
    assert [check.name for check in checks(model, Champion()) if not check.passed] == ["auc"]


def test_an_honest_model_stays_as_it_is(
    model: Artefacts, report: bytes, applications: pl.DataFrame, matrix: NDArray[np.float64]
) -> None:
    honest = with_outcomes(applications, expit(log_odds(model.booster, matrix)), 0)
    same = recalibrate(model, report, honest, "real")
    assert not same.evidence.taken
    assert same.artefacts is model
    assert same.report is report
