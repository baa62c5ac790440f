"""Missing values: withheld from training rows, learnt by every feature, and measured by what they do to decisions."""

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from core.features import build, feature_names, input_schema
from core.model import booster as lightgbm
from core.model.training.fitting import Training
from core.model.training.missing_values import without_learnt_meaning
from core.model.training.omission_correction import candidates
from core.model.training.omissions import Omissions, measure_omissions
from core.model.training.withholding import blocks, withhold
from core.scoring import Scorer
from tests.trained import Trained, trained_once


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return trained_once(tmp_path_factory)


@pytest.fixture(scope="module")
def applications(trained: Trained) -> pl.DataFrame:
    return trained.applications


@pytest.fixture(scope="module")
def training(trained: Trained) -> Training:
    return trained.training


@pytest.fixture(scope="module")
def omissions(training: Training, applications: pl.DataFrame) -> Omissions:
    target = applications["TARGET"].to_numpy().astype(np.int8)
    return measure_omissions(training.folds, applications, target, training.evaluation.threshold)


def kinds_of_missing(booster: lightgbm.Booster) -> dict[str, set[str]]:
    """Of each numeric feature, how its splits read a missing value, by LightGBM's own dump of the trees."""
    found: dict[str, set[str]] = {}

    def walk(node: dict[str, object]) -> None:
        if "split_feature" not in node:
            return
        if node["decision_type"] == "<=":
            name = booster.feature_name()[int(node["split_feature"])]  # type: ignore[call-overload]
            found.setdefault(name, set()).add(str(node["missing_type"]))
        for side in ("left_child", "right_child"):
            walk(node[side])  # type: ignore[arg-type]

    for tree in booster.dump_model()["tree_info"]:
        walk(tree["tree_structure"])
    return found


def test_what_is_known_together_is_withheld_together_and_the_rest_stays(applications: pl.DataFrame) -> None:
    withheld = withhold(applications, 3)
    assert withheld.equals(withhold(applications, 3))
    assert not withheld.equals(withhold(applications, 4))
    for columns in blocks().values():
        there = [name for name in columns if name in applications.columns and name in input_schema()]
        gone = [(withheld[name].is_null() & applications[name].is_not_null()).to_numpy() for name in there]
        for name, lost in zip(there, gone, strict=True):
            kept = ~lost
            assert withheld[name].filter(kept).equals(applications[name].filter(kept))
            # Known in the row, and its family not withheld by this name's own chance: all of it goes, or none.
            others = [other[applications[name].is_not_null().to_numpy()] for other in gone]
            known = applications.select(there).select(pl.all_horizontal(pl.all().is_not_null())).to_series().to_numpy()
            assert all((other[known] == lost[known]).all() for other in gone)
            assert others
    stated = applications.drop("TARGET", "SK_ID_CURR").columns
    before, whole = (
        frame.select(pl.sum_horizontal(pl.col(stated).is_not_null().cast(pl.Int16))).to_series().to_numpy()
        for frame in (applications, withheld)
    )
    assert 0.35 < (whole == before).mean() < 0.6
    assert (whole < before / 2).any()


def test_a_missing_value_has_a_learnt_direction_in_every_numeric_feature(training: Training) -> None:
    for model in (training.artefacts.booster, *(fold.model for fold in training.folds)):
        kinds = kinds_of_missing(model)
        assert len(kinds) > 20
        assert set().union(*kinds.values()) == {"NaN"}
        assert without_learnt_meaning(model) == ()


def test_a_model_grown_from_whole_rows_is_told_by_name(applications: pl.DataFrame, training: Training) -> None:
    preprocessor = training.artefacts.preprocessor
    dataset = lightgbm.Dataset(
        preprocessor.transform(applications),
        label=applications["TARGET"].to_numpy(),
        feature_name=list(preprocessor.feature_names),
        categorical_feature=list(preprocessor.categorical_features),
    )
    model = lightgbm.train({"objective": "binary", "verbosity": -1, "seed": 1}, dataset, num_boost_round=20)
    expected = {name for name, kinds in kinds_of_missing(model).items() if kinds != {"NaN"}}
    assert "AMT_CREDIT" in expected
    assert set(without_learnt_meaning(model)) == expected


@pytest.mark.parametrize("name", ["AMT_CREDIT", "AMT_INCOME_TOTAL", "DAYS_BIRTH", "EXT_SOURCE_2"])
def test_missing_is_not_zero(training: Training, applications: pl.DataFrame, name: str) -> None:
    scorer = Scorer(training.artefacts)
    dtype = applications.schema[name]
    absent, zero = (
        scorer.probabilities(applications.with_columns(pl.lit(value, dtype).alias(name))) for value in (None, 0)
    )
    assert (absent != zero).mean() > 0.5


def test_omissions_are_those_of_deciding_again(
    training: Training, applications: pl.DataFrame, omissions: Omissions
) -> None:
    target, threshold = applications["TARGET"].to_numpy(), training.evaluation.threshold
    assert omissions.n_rows == applications.height
    assert omissions.refusals == (training.out_of_fold >= threshold).sum()
    tried = {omission.name: omission for omission in omissions.tried}
    assert {"AMT_CREDIT", "AMT_CREDIT + AMT_ANNUITY", "[external]", "[social]"} <= tried.keys()
    assert "CODE_GENDER" not in tried
    for name in ("AMT_CREDIT", "EXT_SOURCE_2", "[external]"):
        emptied = build(
            applications.with_columns(pl.lit(None).alias(column) for column in tried[name].columns)
        ).to_numpy()
        without = np.empty(applications.height)
        for fold in training.folds:
            without[fold.rows] = np.asarray(fold.model.predict(emptied[fold.rows]))
        before, after = training.out_of_fold >= threshold, without >= threshold
        assert tried[name].accepted == (before & ~after).sum()
        assert tried[name].refused == (~before & after).sum()
        change = roc_auc_score(target, without) - roc_auc_score(target, training.out_of_fold)
        assert tried[name].auc_change == pytest.approx(change)


def test_the_correction_brings_the_mean_risk_back_where_one_value_is_left_out(
    training: Training, applications: pl.DataFrame
) -> None:
    whole = build(applications).to_numpy()
    model = training.artefacts.booster
    corrected, grown = model.predict(whole), model.predict(whole, num_iteration=training.rounds)
    uncorrected_gap, corrected_gap = [], []
    for columns in candidates().values():
        known = [name for name in columns if name in applications.columns]
        if not known:
            continue
        emptied = build(applications.with_columns(pl.lit(None).alias(name) for name in known)).to_numpy()
        before = np.asarray(model.predict(emptied, num_iteration=training.rounds)).mean() - np.asarray(grown).mean()
        after = np.asarray(model.predict(emptied)).mean() - np.asarray(corrected).mean()
        uncorrected_gap.append(abs(before))
        corrected_gap.append(abs(after))
    assert np.mean(corrected_gap) < np.mean(uncorrected_gap)
    # What is known stays what it was.
    assert np.abs(np.asarray(corrected) - np.asarray(grown)).mean() < 0.003


def test_the_correction_keeps_the_monotone_constraints(training: Training) -> None:
    names = feature_names()
    base = np.full((50, len(names)), np.nan)
    for name, values, sign in (("EXT_SOURCE_2", np.linspace(0.01, 0.9, 50), -1),):
        rows = base.copy()
        rows[:, names.index(name)] = values
        assert (np.diff(np.asarray(training.artefacts.booster.predict(rows))) * sign >= 0).all()


def test_folds_keep_their_models(training: Training) -> None:
    rows = np.concatenate([fold.rows for fold in training.folds])
    assert sorted(rows) == list(range(len(rows)))
