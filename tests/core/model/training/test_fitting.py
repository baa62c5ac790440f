"""Training: the same again with the same seed, honest numbers, evidence that reads as a card, a run that is tracked."""

import dataclasses
import json
from pathlib import Path

import mlflow
import numpy as np
import polars as pl
import pytest
from mlflow import MlflowClient
from sklearn.metrics import roc_auc_score

from benchmarks import measured
from core.model import artefacts, raw_rows
from core.model.evidence.card import model_card
from core.model.evidence.report import Report
from core.model.evidence.threshold import business_cost
from core.model.registry import fetch
from core.model.training.fitting import Training, by_client, directions, model_name, parameters, train
from core.model.training.tuning import search
from core.scoring import Scorer
from core.settings import root
from runtime.mlflow.registry import MlflowRegistry
from runtime.mlflow.runs import record, tracking_server
from runtime.mlflow.versions import challenger
from tests.trained import Trained, row_count, trained_once


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
def report(trained: Trained) -> Report:
    return trained.report


def test_the_same_seed_gives_the_same_model(training: Training, applications: pl.DataFrame) -> None:
    again = train(applications, trained_on="demo", cost_fn=10, cost_fp=1, folds=2, seed=1)
    np.testing.assert_array_equal(again.out_of_fold, training.out_of_fold)
    assert again.artefacts.booster.model_to_string() == training.artefacts.booster.model_to_string()
    assert again.artefacts.info.data_fingerprint == training.artefacts.info.data_fingerprint


def test_numbers_are_those_of_the_out_of_fold_predictions(training: Training, applications: pl.DataFrame) -> None:
    target, info = applications["TARGET"].to_numpy(), training.artefacts.info
    assert info.auc == pytest.approx(roc_auc_score(target, training.out_of_fold))
    assert info.business_cost == pytest.approx(
        business_cost(target, training.out_of_fold, info.optimal_threshold, info.cost_fn, info.cost_fp)
    )
    assert info.business_cost <= min(training.evaluation.cost_accept_all, training.evaluation.cost_refuse_all)
    assert info.auc > 0.65
    assert abs(training.out_of_fold.mean() - target.mean()) < 0.02


def test_the_reference_is_of_the_training_rows_and_their_out_of_fold_predictions(
    training: Training, applications: pl.DataFrame
) -> None:
    reference, info = training.artefacts.reference, training.artefacts.info
    assert (reference.n_rows, reference.origin, reference.threshold) == (row_count, "demo", info.optimal_threshold)
    assert reference.number("probability").mean == pytest.approx(training.out_of_fold.mean())
    assert reference.number("AMT_CREDIT").mean == pytest.approx(applications["AMT_CREDIT"].mean())
    chosen = next(cutoff for cutoff in reference.cutoffs if cutoff.threshold == info.optimal_threshold)
    assert chosen.cost == pytest.approx(info.business_cost)


def test_constraints_come_from_the_catalogue() -> None:
    assert directions(("EXT_SOURCE_1", "ANNUITY_INCOME_RATIO", "CNT_CHILDREN")) == (-1, 1, 0)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda frame: frame.drop("TARGET"),
        lambda frame: frame.with_columns(TARGET=pl.lit(0, pl.Int8)),
        lambda frame: frame.with_columns(TARGET=pl.when(pl.int_range(pl.len()) > 10).then(pl.col("TARGET"))),
    ],
    ids=["absent", "constant", "incomplete"],
)
def test_an_unusable_target_is_named(applications: pl.DataFrame, spoil) -> None:
    with pytest.raises(ValueError, match="TARGET"):
        train(spoil(applications), trained_on="demo", cost_fn=10, cost_fp=1)


def test_comparisons_tell_more_from_less(report: Report) -> None:
    by_name = {comparison.name: comparison for comparison in report.comparisons}
    assert set(by_name) == {
        "dummy",
        "logistic_regression",
        "scorecard",
        "without_monotone_constraints",
        "nothing_withheld",
        "with_gender",
    }
    assert by_name["dummy"].evaluation.auc == pytest.approx(0.5, abs=0.03)
    assert by_name["dummy"].auc_less_ours.high < 0
    assert by_name["logistic_regression"].evaluation.auc > 0.6
    assert by_name["scorecard"].evaluation.auc > 0.6
    assert report.auc.low < report.auc.estimate < report.auc.high


def test_the_report_says_what_is_learnt_and_left_out(report: Report) -> None:
    assert report.missing_not_learnt == ()
    assert report.omissions.tried
    assert "nothing_withheld" in {comparison.name for comparison in report.comparisons}


def test_the_card_has_the_stored_figures(training: Training, report: Report, tmp_path: Path) -> None:
    artefacts.save(training.artefacts, tmp_path, report.to_json())
    assert json.loads((tmp_path / "evaluation.json").read_text(encoding="utf-8"))["rounds"] == training.rounds
    card = model_card(tmp_path, tmp_path / "nothing measured")
    assert "Measured against goals" not in card
    assert f"{report.auc.estimate:.4f}" in card
    assert f"{training.artefacts.info.optimal_threshold:.4f}" in card
    assert "synthetic" in card
    assert "nan" not in card
    real = dataclasses.replace(training.artefacts.info, trained_on="real")
    artefacts.save(dataclasses.replace(training.artefacts, info=real), tmp_path, report.to_json())
    assert "synthetic" not in model_card(tmp_path, tmp_path / "nothing measured")


def test_the_card_shows_every_measure_that_is_stored(training: Training, report: Report, tmp_path: Path) -> None:
    artefacts.save(training.artefacts, tmp_path, report.to_json())
    card = model_card(tmp_path, tmp_path / "nothing measured")
    for comparison in report.groups:
        assert f"{comparison.adverse_impact.estimate:.3f} ({comparison.adverse_impact.low:.3f}" in card
        assert f"{comparison.calibration.estimate:.3f} ({comparison.calibration.low:.3f}" in card
    for tried in report.alternatives.tried:
        assert f"| {tried.auc:.4f} | {tried.cost:.4f} |" in card
    for found in report.stability:
        assert f"{found.by_seed:.1%} | {found.by_rows:.1%}" in card
    assert f"{report.steadiness.flipped:.3%} of the decisions" in card
    assert f"{report.steadiness.curves:,} curves" in card


def test_the_order_of_the_rows_is_no_part_of_the_model(applications: pl.DataFrame) -> None:
    again = by_client(applications.sample(fraction=1.0, shuffle=True, seed=4))
    assert again.equals(applications)
    assert by_client(applications.drop("SK_ID_CURR")).equals(applications.drop("SK_ID_CURR"))
    assert int(str(parameters["bin_construct_sample_cnt"])) >= 307_511


def test_the_card_shows_what_the_benchmarks_stored(
    training: Training, report: Report, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    artefacts.save(training.artefacts, tmp_path, report.to_json())
    measured.report("Speed", [measured.Figure("drawing", "3.3 s", "< 20 s")], tmp_path / "measured" / "speed.json")
    assert "drawing  3.3 s   (goal < 20 s)" in capsys.readouterr().out
    card = model_card(tmp_path, tmp_path / "measured")
    assert "### Speed" in card
    assert "| drawing | 3.3 s | < 20 s |" in card


def test_a_search_starts_from_what_is_in_use_and_keeps_the_best(applications: pl.DataFrame) -> None:
    found = search(applications, trials=2, seed=3)
    assert len(found.trials) == 2
    assert found.trials[0].parameters["num_leaves"] == parameters["num_leaves"]
    assert found.best == min(found.trials, key=lambda each: each.log_loss).parameters


@pytest.mark.filterwarnings("ignore")  # MLflow's own, of which there are many
def test_a_training_is_tracked_registered_and_loads_back(
    training: Training, report: Report, applications: pl.DataFrame, tmp_path: Path
) -> None:
    mlruns = tmp_path / "mlruns"
    matrix = training.artefacts.preprocessor.transform(applications.head(300))
    with (
        tracking_server(mlruns) as address,
        artefacts.replacing(training.artefacts, tmp_path / "models", report.to_json()) as written,
    ):
        run_id, number = record(training, report, written, None, applications["TARGET"].to_numpy(), matrix, address)
        client = MlflowClient(address)
        run = client.get_run(run_id)
        assert run.data.metrics["auc"] == pytest.approx(training.evaluation.auc)
        assert run.data.tags["trained_on"] == "demo"
        assert run.data.tags["mlflow.note.content"], "MLflow shows it as the description"
        version = client.get_model_version_by_alias(model_name, challenger)
        assert (version.run_id, int(version.version)) == (run_id, number)
        whole = tmp_path / "downloaded"
        mlflow.artifacts.download_artifacts(f"models:/{model_name}@{challenger}", dst_path=str(whole))
        fetched = fetch(MlflowRegistry(address), model_name, int(version.version), tmp_path / "cache")
        figures = {artifact.path for artifact in client.list_artifacts(run_id, "figures")}
        signature = mlflow.models.get_model_info(f"models:/{model_name}@{challenger}").signature
        assert "champion" in client.get_registered_model(model_name).description
        description = client.get_model_version(model_name, version.version).description
    assert {"figures/roc.png", "figures/cost.png", "figures/shap_beeswarm.png"} <= figures
    assert [column.name for column in signature.inputs.inputs] == list(raw_rows.columns())
    assert training.artefacts.info.version in str(description)
    # All that was registered is data, and all of it is fetched.
    registered = {path.name for path in (whole / "extra_files").iterdir()}
    assert {path.name for path in fetched.folder.iterdir()} == registered == set(artefacts.data_files)
    assert not [path for path in whole.rglob("*") if path.suffix in (".joblib", ".pkl", ".skops")]
    assert json.loads(artefacts.read_report(fetched.folder))["rounds"] == training.rounds
    loaded = Scorer(fetched.artefacts)
    np.testing.assert_array_equal(
        loaded.probabilities(applications.head(20)), Scorer(training.artefacts).probabilities(applications.head(20))
    )
    stored = [path for path in mlruns.rglob("*") if path.is_file()]
    for place in (tmp_path, root):
        assert not [path for path in stored if str(place).encode() in path.read_bytes()]
