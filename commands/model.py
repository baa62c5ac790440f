"""The `train` and `model` commands: rows in, a tracked run and a challenger out; artefacts registered, or made data."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from commands import approval, recalibration
from core import outputs
from core.cluster.connection import ClusterUnavailable, connected
from core.model import artefacts
from core.model.conversion import convert
from core.model.errors import ArtefactError
from core.model.evidence.card import model_card
from core.model.evidence.report import Report, make_report
from core.model.training.backend import local_backend
from core.model.training.fitting import Training, by_client, model_name, train
from core.model.training.tuning import Search, search
from core.portfolio.drawn_clients import draw_tables, is_synthetic, read_clients, unread_tables, with_history
from core.settings import root, settings
from core.tables.sources import TableError, read_table
from runtime.console import failed, note, table
from runtime.mlflow.errors import TrackingError
from runtime.mlflow.runs import check_tracking, record, register, tracking_server
from runtime.mlflow.versions import challenger, champion, champion_number

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    import polars as pl

    from core.model.training.backend import TrainingBackend

    # Adds to applications the history of their clients from the side tables of a folder.
    Gathering = Callable[[pl.DataFrame, Path], pl.DataFrame]


# Enough for SHAP's pictures to show their shape.
_picture_rows: Final = 2000


def run_train(namespace: Namespace) -> int:
    """Trains as the command line says, here or on a cluster, records the run in MLflow, and registers a challenger.

    The model in use stays what it is: `model approve` alone replaces it. Where there is none yet, in `MODELS_DIR`, the
    new one is put there once everything else is done, as the champion unless MLflow has one.
    """
    address = namespace.cluster or settings().dask_scheduler_address
    try:
        if address is None:
            return _run(namespace, local_backend, with_history)
        with connected(address) as client:
            from core.cluster import history, training

            return _run(namespace, training.ClusterBackend(client), partial(history.with_history, client))
    except (ArtefactError, ClusterUnavailable, TableError, TrackingError) as error:
        return failed(str(error))
    except OSError as error:
        return failed(f"{error}: the model in use stays as it was")


def run(namespace: Namespace) -> int:
    """Does `namespace.action`: lists, approves, registers or recalibrates models, or converts one.

    Returns:
        The exit code.
    """
    actions = {
        "register": _register,
        "convert": _convert,
        "recalibrate": recalibration.recalibrate_champion,
        "list": approval.list_versions,
        "approve": approval.approve,
    }
    return actions[namespace.action](namespace)


def _register(namespace: Namespace) -> int:
    """Puts the model in `MODELS_DIR` into MLflow as a new version, and moves the alias of the command line to it."""
    try:
        configured_uri = settings().mlflow_tracking_uri
        if configured_uri is not None:
            check_tracking(configured_uri)
        loaded = artefacts.load(settings().models_dir)
        with nullcontext(configured_uri) if configured_uri else tracking_server(settings().mlruns_dir) as tracking_uri:
            version, alias = register(loaded, settings().models_dir, namespace.alias, tracking_uri)
    except (ArtefactError, TrackingError, OSError) as error:
        return failed(str(error))
    note(f"Model {loaded.info.version} is version {version} of {model_name}, alias {alias}")
    return 0


def _convert(_: Namespace) -> int:
    """Saves a model of an earlier version, in `MODELS_DIR`, as data."""
    try:
        changed = convert(settings().models_dir)
    except (ArtefactError, OSError) as error:
        return failed(str(error))
    note("The model is data now; its probabilities are the same" if changed else "The model is data already")
    return 0


def _run(namespace: Namespace, backend: TrainingBackend, gather: Gathering) -> int:
    is_first = not (settings().models_dir / artefacts.config_file).exists()
    place: Path | None = namespace.card or (root / "docs" / "model-card.md" if is_first else None)
    _check_outputs(namespace, place)
    applications, trained_on = _clients(namespace, gather)
    tried = None
    if namespace.tune:
        note(f"Searching parameters, {namespace.tune} trials")
        tried = search(applications, namespace.tune, namespace.seed, backend)
    note(f"Training on {applications.height:,} applications, {namespace.folds} folds")
    training = train(
        applications,
        trained_on=trained_on,
        cost_fn=settings().cost_fn,
        cost_fp=settings().cost_fp,
        folds=namespace.folds,
        seed=namespace.seed,
        tuned=tried.best if tried else None,
        backend=backend,
    )
    note("Comparing with simpler and freer models")
    report = make_report(training, applications, namespace.folds, namespace.seed, backend)
    with ExitStack() as stack:
        models_dir = settings().models_dir
        if not is_first:
            models_dir = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "challenger"
        card = stack.enter_context(outputs.replacing(place, inputs=_inputs(namespace))) if place else None
        folder = stack.enter_context(artefacts.replacing(training.artefacts, models_dir, report.to_json()))
        if card is not None:
            card.write_text(model_card(folder), encoding="utf-8")
        _record(training, report, folder, tried, applications, is_first=is_first)
    _show(training, report)
    return 0


def _check_outputs(namespace: Namespace, card: Path | None) -> None:
    """Finds out in a moment what would else be found out at the end: whether there is room for what is made."""
    if card is not None:
        outputs.check_writable(card, inputs=_inputs(namespace))
    settings().models_dir.mkdir(parents=True, exist_ok=True)
    outputs.check_writable(settings().models_dir / artefacts.config_file)
    if (tracking_uri := settings().mlflow_tracking_uri) is not None:
        check_tracking(tracking_uri)


def _inputs(namespace: Namespace) -> list[Path]:
    """The tables that are read, and the files of the model, neither of which a card may take the place of."""
    tables = () if namespace.data is None else outputs.files_in(namespace.data)
    return [*tables, *outputs.files_in(settings().models_dir)]


def _clients(namespace: Namespace, gather: Gathering) -> tuple[pl.DataFrame, Literal["demo", "real"]]:
    if namespace.data is not None:
        if unread := unread_tables(namespace.data):
            note(f"Without history from {', '.join(unread)}: `python3 run.py data import` makes Parquet of them first")
        applications = gather(read_table(namespace.data, "application_train"), namespace.data)
        return by_client(applications), "demo" if is_synthetic(namespace.data) else "real"
    # Drawn here, where no worker would find them.
    with tempfile.TemporaryDirectory() as folder:
        note(f"Drawing the tables of {namespace.clients:,} synthetic clients (seed {namespace.seed})")
        draw_tables(Path(folder), namespace.clients, namespace.seed)
        return by_client(read_clients(Path(folder))), "demo"


def _record(
    training: Training,
    report: Report,
    folder: Path,
    tried: Search | None,
    applications: pl.DataFrame,
    *,
    is_first: bool,
) -> None:
    configured_uri = settings().mlflow_tracking_uri
    with nullcontext(configured_uri) if configured_uri else tracking_server(settings().mlruns_dir) as tracking_uri:
        matrix = training.artefacts.preprocessor.transform(applications.head(_picture_rows))
        target = applications["TARGET"].to_numpy()
        # MLflow may be shared with services elsewhere, which follow a champion that an approval alone replaces.
        alias = champion if is_first and champion_number(tracking_uri) is None else challenger
        run_id, version = record(training, report, folder, tried, target, matrix, tracking_uri, alias)
    note(f"Recorded as MLflow run {run_id}, registered as version {version}, {alias}")
    if alias == challenger:
        note(f"`python3 run.py model approve {version} --by NAME --because REASON` puts it into use")


def _show(training: Training, report: Report) -> None:
    evaluation, info = training.evaluation, training.artefacts.info
    table(
        [
            ("Model", f"{info.model_name} {info.version}, trained on {info.trained_on} data"),
            (
                "AUC",
                f"{evaluation.auc:.4f}, 95 % interval {report.auc.low:.4f} to {report.auc.high:.4f}",
            ),
            ("  by fold", ", ".join(f"{auc:.4f}" for auc in training.fold_aucs)),
            ("Gini, KS", f"{evaluation.gini:.4f}, {evaluation.ks:.4f}"),
            ("Log loss, Brier", f"{evaluation.log_loss:.4f}, {evaluation.brier:.4f}"),
            ("Calibration error", f"{evaluation.calibration_error:.4f}"),
            ("Threshold", f"{evaluation.threshold:.4f}"),
            ("Cost", f"{evaluation.business_cost:.4f} per application at the threshold"),
            ("", f"{evaluation.cost_accept_all:.4f} accepting all, {evaluation.cost_refuse_all:.4f} refusing all"),
            *(
                (
                    f"  {comparison.name.replace('_', ' ')}",
                    f"AUC {comparison.evaluation.auc:.4f}, cost {comparison.evaluation.business_cost:.4f}",
                )
                for comparison in report.comparisons
            ),
            ("Trees", f"{training.rounds}"),
        ]
    )
