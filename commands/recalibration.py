"""The `model recalibrate` command: outcomes in, a challenger out whose probabilities hold on them."""

from __future__ import annotations

import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from core.model import artefacts
from core.model.errors import ArtefactError
from core.model.recalibration.adjustment import TooFewOutcomes
from core.model.recalibration.recalibrating import recalibrate
from core.model.training.fitting import by_client
from core.portfolio.drawn_clients import is_synthetic, unread_tables, with_history
from core.settings import settings
from core.tables.sources import TableError, read_table
from runtime.console import failed, note, table
from runtime.mlflow.errors import TrackingError
from runtime.mlflow.runs import check_tracking, register, tracking_server
from runtime.mlflow.versions import challenger

if TYPE_CHECKING:
    from argparse import Namespace

    from core.model.recalibration.evidence import Recalibration
    from core.model.recalibration.recalibrating import RecalibratedModel


def recalibrate_champion(namespace: Namespace) -> int:
    """Recalibrates the model in use on the outcomes of a table, and registers it as challenger.

    The model in use stays as it is: `model approve` alone replaces it. Where its probabilities hold already, nothing
    is registered.
    """
    try:
        return _recalibrate(namespace.data)
    except TooFewOutcomes as error:
        return failed(f"{namespace.data.name}: {error}")
    except (ArtefactError, TableError, TrackingError, ValueError, OSError) as error:
        return failed(str(error))


def _recalibrate(data: Path) -> int:
    configured_uri = settings().mlflow_tracking_uri
    if configured_uri is not None:
        check_tracking(configured_uri)
    model = artefacts.load(settings().models_dir)
    if unread := unread_tables(data):
        note(f"Without history from {', '.join(unread)}: `python3 run.py data import` makes Parquet of them first")
    applications = by_client(with_history(read_table(data, "application_train"), data))
    note(f"Recalibrating {model.info.version} on {applications.height:,} applications")
    report = artefacts.read_report(settings().models_dir)
    made = recalibrate(model, report, applications, "demo" if is_synthetic(data) else "real")
    _show(made.evidence)
    if not made.evidence.taken:
        note("Nothing is registered: the probabilities of the model in use hold on these outcomes as they are")
        return 0
    version = _registered(made)
    note(f"Registered as version {version}, {challenger}")
    note(f"`python3 run.py model approve {version} --by NAME --because REASON` puts it into use")
    return 0


def _registered(made: RecalibratedModel) -> int:
    configured_uri = settings().mlflow_tracking_uri
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "challenger"
        artefacts.save(made.artefacts, folder, made.report)
        with nullcontext(configured_uri) if configured_uri else tracking_server(settings().mlruns_dir) as address:
            version, _ = register(made.artefacts, folder, challenger, address)
    return version


def _show(evidence: Recalibration) -> None:
    before, after = evidence.before, evidence.after
    table(
        [
            ("Outcomes", f"{evidence.n_rows:,}, of which {evidence.n_defaults:,} defaults"),
            ("Slope", f"{before.slope.text(3)} before, {after.slope.text(3)} after"),
            ("Mean predicted", f"{before.mean_predicted:.2%} before, {after.mean_predicted:.2%} after"),
            ("Observed", f"{evidence.n_defaults / evidence.n_rows:.2%}"),
            ("Calibration error", f"{before.calibration_error:.4f} before, {after.calibration_error:.4f} after"),
            ("AUC", f"{before.auc:.4f} before, {after.auc:.4f} after"),
            ("By chance alone", f"{evidence.p_value:.1%} of samples would ask for as much"),
            *(
                (
                    f"  {segment.feature} {segment.label}",
                    f"observed to predicted {segment.before.text(3)} before, {segment.after.text(3)} after",
                )
                for segment in evidence.segments
                if segment.before and segment.after
            ),
        ]
    )
