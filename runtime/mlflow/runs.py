"""Runs in MLflow: parameters, metrics, pictures, the model as data with its signature, registered."""

from __future__ import annotations

import logging
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import mlflow
import numpy as np
from mlflow import MlflowClient
from mlflow.models import Model

from core import __version__
from core.model import artefacts
from core.model.evidence import figures
from core.model.training.fitting import model_name
from core.settings import root
from runtime import services
from runtime.http_client import HttpClient, HttpError
from runtime.mlflow import raw_rows
from runtime.mlflow.errors import TrackingError, errors_named
from runtime.mlflow.versions import challenger, champion, champion_number
from runtime.services import experiment_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from core.model.artefacts import Artefacts, ModelInfo
    from core.model.evidence.report import ComparedModel, Report
    from core.model.training.fitting import Training
    from core.model.training.tuning import Search

# What MLflow shows as the description.
_note: Final = "mlflow.note.content"
_of_the_experiment: Final = (
    "Trainings of the credit model: each run is one, with its parameters, metrics by fold, figures and report. Runs"
    " below it are what it was compared with, and the parameters tried."
)
_of_the_model: Final = (
    "Probability of payment difficulties on the first instalments of a loan. The alias champion leads to the version"
    " that decides, challenger to the one that waits for approval."
)
_start_patience: Final = 90.0
# MLflow would write down where on this machine the checkout lies.
_source: Final = {"mlflow.source.name": "run.py train"}


def check_tracking(tracking_uri: str) -> None:
    """Asks MLflow for something small, before hours are spent on what it is to record. Raises `TrackingError`."""
    with errors_named("record the training"), _soon_told():
        MlflowClient(tracking_uri).search_experiments(max_results=1)


def record(
    training: Training,
    report: Report,
    folder: Path,
    tried: Search | None,
    target: NDArray[np.int8],
    matrix: NDArray[np.float64],
    tracking_uri: str,
    alias: str = challenger,
) -> tuple[str, int]:
    """Records a training and registers its model, as the last step, once all else is recorded.

    Args:
        training: what `core.model.training.fitting.train` returned.
        report: what `core.model.evidence.report.make_report` made of it.
        folder: the files of both, as they are to be used (`core.model.artefacts.replacing`).
        tried: the search that its parameters come from, where there was one.
        target: (n_rows,), the outcomes it was trained on.
        matrix: some of the rows it was trained on, for SHAP's pictures; none is stored.
        tracking_uri: address of an MLflow server.
        alias: which leads to it then: of a training that replaces no model `champion`, else `challenger`.

    Returns:
        The id of the run, and the number of the version.

    Raises:
        TrackingError: where MLflow is away or refuses; the alias is then where it was.
    """
    with errors_named("record the training"):
        return _record(training, report, folder, tried, target, matrix, tracking_uri, alias)


def register(loaded: Artefacts, folder: Path, alias: str | None, tracking_uri: str) -> tuple[int, str]:
    """Registers a model that was trained before, under the run that recorded its training where there is one.

    Args:
        loaded: the model.
        folder: its files.
        alias: which alias is to lead to it, as the last step; None: `champion` where there is none, else `challenger`.
        tracking_uri: address of an MLflow server.

    Returns:
        The number of the version, and the alias.

    Raises:
        TrackingError: where MLflow is away or refuses, or the alias is that of the champion, whom an approval alone
            replaces; the alias is then where it was.
    """
    held = champion_number(tracking_uri) if alias in (None, champion) else None
    if alias == champion and held is not None:
        raise TrackingError(
            f"the alias {champion} leads to version {held}: `python3 run.py model approve` alone moves it"
        )
    named = alias or (champion if held is None else challenger)
    with errors_named("record the training"):
        _begin(tracking_uri)
        run_name = f"lightgbm-{loaded.info.version}"
        runs = mlflow.search_runs(
            experiment_names=[experiment_name],
            filter_string=f"tags.mlflow.runName = '{run_name}'",
            output_format="list",
        )
        run_id = runs[0].info.run_id if runs else None
        with mlflow.start_run(run_id=run_id, run_name=run_name, tags=None if runs else _source):
            mlflow.set_tag(_note, raw_rows.description(loaded.info))
            if not runs:
                mlflow.log_metrics(loaded.info.metrics)
                if (folder / artefacts.report_file).is_file():
                    mlflow.log_artifact(str(folder / artefacts.report_file))
            _log_model(loaded, folder)
        return _move(named, tracking_uri, loaded.info), named


def _begin(tracking_uri: str) -> None:
    # The address of a server that lives as long as the command is of no use to the reader.
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    mlflow.set_tracking_uri(tracking_uri)
    mlflow.set_experiment(experiment_name)
    mlflow.set_experiment_tag(_note, _of_the_experiment)


def _move(alias: str, tracking_uri: str, info: ModelInfo) -> int:
    """Describes the newest version, and has an alias lead to it."""
    client = MlflowClient(tracking_uri)
    versions = client.search_model_versions(f"name = '{model_name}'")
    newest = max(versions, key=lambda version: int(version.version))
    client.update_model_version(model_name, newest.version, raw_rows.description(info))
    client.update_registered_model(model_name, _of_the_model)
    client.set_registered_model_alias(model_name, alias, newest.version)
    return int(newest.version)


def _record(
    training: Training,
    report: Report,
    folder: Path,
    tried: Search | None,
    target: NDArray[np.int8],
    matrix: NDArray[np.float64],
    tracking_uri: str,
    alias: str,
) -> tuple[str, int]:
    _begin(tracking_uri)
    info = training.artefacts.info
    with mlflow.start_run(run_name=f"lightgbm-{info.version}", tags=_source) as run:
        mlflow.set_tags(
            {
                _note: raw_rows.description(info),
                "trained_on": info.trained_on,
                "data_fingerprint": info.data_fingerprint,
                "code_version": _code_version(),
                "python": platform.python_version(),
            }
        )
        mlflow.log_params(
            {key: value for key, value in training.parameters.items() if key != "monotone_constraints"}
            | {"rounds": training.rounds, "folds": len(training.fold_aucs), "rows": len(target)}
            | {f"final_{name}": value for name, value in training.grown_with.items()}
        )
        mlflow.log_dict(
            dict(zip(info.feature_names, training.parameters["monotone_constraints"], strict=True)),  # type: ignore[call-overload]
            "monotone_constraints.json",
        )
        mlflow.log_metrics({name: float(value) for name, value in asdict(training.evaluation).items()})
        for fold, auc in enumerate(training.fold_aucs):
            mlflow.log_metric("fold_auc", auc, step=fold)
        mlflow.log_artifact(str(folder / artefacts.report_file))
        for name, figure in _pictures(training, target, matrix).items():
            mlflow.log_figure(figure, f"figures/{name}.png")
        _log_model(training.artefacts, folder)
        parent = run.info.run_id
        for comparison in report.comparisons:
            _record_comparison(comparison, parent)
        for number, trial in enumerate(tried.trials if tried else ()):
            with mlflow.start_run(run_name=f"trial-{number}", nested=True, parent_run_id=parent, tags=_source):
                mlflow.set_tag(_note, "Parameters tried in the search of this training, by their log loss over folds.")
                mlflow.log_params(trial.parameters)
                mlflow.log_metric("log_loss", trial.log_loss)
    return str(run.info.run_id), _move(alias, tracking_uri, info)


def _record_comparison(comparison: ComparedModel, parent: str) -> None:
    with mlflow.start_run(run_name=comparison.name, nested=True, parent_run_id=parent, tags=_source):
        mlflow.set_tags(
            {
                "model": comparison.name,
                _note: f"{comparison.name}, on the same rows as the model of this training: what it must beat.",
            }
        )
        mlflow.log_param("rows", comparison.n_rows)
        mlflow.log_metrics({name: float(value) for name, value in asdict(comparison.evaluation).items()})
        mlflow.log_metrics({f"auc_less_ours_{name}": value for name, value in asdict(comparison.auc_less_ours).items()})


@contextmanager
def _soon_told() -> Iterator[None]:
    """Has MLflow's client give up after seconds instead of minutes, unless somebody chose otherwise."""
    hurried = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}
    added = [name for name in hurried if name not in os.environ]
    os.environ.update({name: hurried[name] for name in added})
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]


@contextmanager
def tracking_server(mlruns_dir: Path) -> Iterator[str]:
    """Runs the MLflow server on the shipped store for as long as the block lasts, and gives its address.

    Logging through the server, rather than into the files, is what keeps this machine's paths out of the store.

    Raises:
        TrackingError: where it does not start.
    """
    with socket.socket() as probe:
        probe.bind((services.loopback, 0))
        port = probe.getsockname()[1]
    mlruns_dir.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, *services.service_command("mlflow", services.loopback, port)]
    environment = services.service_environment(os.environ, {}, mlruns_dir)
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log)  # noqa: S603
        try:
            _wait(server, services.url(services.loopback, port))
            yield services.url(services.loopback, port)
        finally:
            server.terminate()
            server.wait(30)


def _wait(server: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + _start_patience
    client = HttpClient(address, timeout=2)
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise TrackingError(f"the MLflow server stopped with exit code {server.returncode}")
        with suppress(HttpError), client.open("GET", "/health") as answer:
            if answer.succeeded:
                return
        time.sleep(0.2)
    raise TrackingError(f"the MLflow server did not answer within {_start_patience:.0f} s")


def _pictures(training: Training, target: NDArray[np.int8], matrix: NDArray[np.float64]) -> dict[str, Figure]:
    return {
        "roc": figures.roc_figure(target, training.out_of_fold, training.evaluation.auc),
        "reliability": figures.reliability_figure(target, training.out_of_fold),
        "cost": figures.cost_figure(training.curve, training.evaluation),
        "importance": figures.importance_figure(training.artefacts.info),
        **figures.shap_figures(training.artefacts.booster, training.artefacts.info, matrix),
    }


def _log_model(loaded: Artefacts, folder: Path) -> None:
    Model.log(
        artifact_path=None,
        name="model",
        flavor=raw_rows,
        registered_model_name=model_name,
        tags=dict(_source),
        loaded=loaded,
        folder=str(folder),
    )


def _code_version() -> str:
    """The commit of the checkout, or the version of the package where there is no git."""
    process = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    return process.stdout.strip() if process.returncode == 0 else __version__
