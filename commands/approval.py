"""The `model list` and `model approve` commands: the versions that there are, and who puts which of them into use."""

from __future__ import annotations

import json
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from core import outputs
from core.audit.approvals import Approval, approvals, record_approval
from core.audit.engine import Database, InvalidDatabaseUrl, database_url
from core.audit.writing import AuditUnavailable
from core.model import artefacts
from core.model.approval import Champion, checks
from core.model.errors import ArtefactError
from core.model.evidence.card import model_card
from core.model.registry import RegistryError
from core.model.training.fitting import model_name
from core.settings import settings
from runtime.console import failed, note, table
from runtime.mlflow.errors import TrackingError
from runtime.mlflow.registry import MlflowRegistry
from runtime.mlflow.runs import check_tracking, tracking_server
from runtime.mlflow.versions import champion, champion_number, promote, registered_versions

if TYPE_CHECKING:
    from argparse import Namespace
    from contextlib import AbstractContextManager

    from core.model.approval import ApprovalCheck
    from core.model.artefacts import Artefacts


def list_versions(_: Namespace) -> int:
    """Shows the registered versions, the newest first; returns the exit code."""
    try:
        with _mlflow() as address:
            versions = registered_versions(address)
    except (TrackingError, OSError) as error:
        return failed(str(error))
    if not versions:
        return failed(f"MLflow has no version of {model_name}: `python3 run.py train` registers one")
    table(
        [
            (
                f"{version.number} {version.name}".strip(),
                ", ".join([*version.aliases, *([f"AUC {version.auc:.4f}"] if version.auc is not None else [])]),
            )
            for version in versions
        ]
    )
    return 0


def approve(namespace: Namespace) -> int:
    """Puts a version into use where every check passes: on record, as the champion, and in `MODELS_DIR`."""
    try:
        with _mlflow() as address, tempfile.TemporaryDirectory() as scratch:
            return _approve(namespace, address, Path(scratch))
    except InvalidDatabaseUrl as error:
        return failed(str(error))
    except AuditUnavailable as error:
        return failed(f"The approval cannot be recorded, and nothing was changed: the audit database is {error}")
    except (ArtefactError, TrackingError, OSError) as error:
        return failed(str(error))


def _mlflow() -> AbstractContextManager[str]:
    """The address of MLflow: of the settings, else of the shipped store for as long as it is needed."""
    configured = settings().mlflow_tracking_uri
    if configured is None:
        return tracking_server(settings().mlruns_dir)
    check_tracking(configured)
    return nullcontext(configured)


def _approve(namespace: Namespace, address: str, scratch: Path) -> int:
    registry = MlflowRegistry(address)
    model, report = _fetched(registry, namespace.version, scratch / "challenger")
    models_dir = settings().models_dir
    database = Database.open(database_url(settings()))
    try:
        named = f"{model.info.version} (version {namespace.version})"
        returning = any(approval.model_version == named for approval in approvals(database))
        checked = checks(model, _champion(registry, address, scratch / "champion"), returning=returning)
        table([(check.name, f"{'passed' if check.passed else 'FAILED'}: {check.figures}") for check in checked])
        if broken := [check for check in checked if not check.passed]:
            listed = "; ".join(f"{check.name} ({check.figures})" for check in broken)
            return failed(f"Version {namespace.version} is not approved: {listed}")
        with (
            outputs.replacing(namespace.card, inputs=outputs.files_in(models_dir)) as card,
            artefacts.replacing(model, models_dir, report) as folder,
        ):
            card.write_text(model_card(folder), encoding="utf-8")
            record_approval(database, _approval(namespace, named, checked, folder))
            _promote(namespace.version, address)
    finally:
        database.close()
    note(f"Version {namespace.version} ({model.info.version}) is {champion} of {model_name}, and in {models_dir.name}/")
    note("`python3 run.py data portfolio` builds the stored scores of the clients anew")
    return 0


def _promote(version: int, address: str) -> None:
    try:
        promote(version, address)
    except TrackingError as error:
        raise TrackingError(f"{error}. The approval is on record, nothing else was changed: run it again") from error


def _fetched(registry: MlflowRegistry, version: int, folder: Path) -> tuple[Artefacts, bytes]:
    """A version with its evaluation. Raises `ArtefactError`."""
    folder.mkdir()
    registry.download(model_name, version, folder)
    model = artefacts.load(folder)
    artefacts.check_whole(model)
    return model, artefacts.read_report(folder)


def _champion(registry: MlflowRegistry, address: str, folder: Path) -> Champion:
    """What a challenger is held against; a champion of another catalogue cannot be compared with."""
    number = champion_number(address)
    try:
        if number is not None:
            model, report = _fetched(registry, number, folder)
        else:
            model, report = artefacts.load(settings().models_dir), artefacts.read_report(settings().models_dir)
    except RegistryError:
        raise
    except ArtefactError as error:
        note(f"The model in use cannot be compared with: {error}")
        return Champion()
    return Champion.of(model, json.loads(report))


def _approval(namespace: Namespace, named: str, checked: tuple[ApprovalCheck, ...], folder: Path) -> Approval:
    return Approval(
        officer=namespace.by,
        reason=namespace.because,
        model_version=named,
        config_sha256=artefacts.sha256((folder / artefacts.config_file).read_bytes()),
        checks="; ".join(f"{check.name}: {check.figures}" for check in checked),
    )
