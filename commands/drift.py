"""The `drift REF CUR` command: two sets compared, the report kept, the webhook told, an alert said by exit code."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core import outputs
from core.drift.audiences import folder_of_new
from core.drift.datasets import compare_sides, of_live_traffic, of_model, of_path, of_portfolio, of_test_set
from core.drift.errors import NothingToCompare
from core.drift.history import History
from core.drift.measures.thresholds import InvalidThreshold, Thresholds
from core.drift.report.labels import column_label
from core.drift.report.page import page
from core.drift.report.score_section import auc_within, few_outcomes, not_comparable, psi_beside_chance
from core.drift.rows import NoApplications
from core.model.errors import ArtefactError
from core.portfolio.clients import Portfolio, PortfolioMissing
from core.settings import settings
from core.tables.errors import UnusableFile
from core.tables.sources import TableError
from runtime.console import counted, failed, note, table
from runtime.webhook import AlertNotSent, send_alert

if TYPE_CHECKING:
    from argparse import Namespace

    from core.drift.datasets import SideRows
    from core.drift.results.drift_report import DriftReport
    from core.scoring import Scorer

_log = logging.getLogger(__name__)

alerted: Final = 3
_reference_tables: Final = ("application_train", "application_test")
_current_tables: Final = ("application_test", "application_train")
# What can be wrong with what was named, said as a sentence.
_failures: Final = (
    ArtefactError,
    InvalidThreshold,
    NoApplications,
    NothingToCompare,
    OSError,
    PortfolioMissing,
    TableError,
    UnusableFile,
)


def run(namespace: Namespace) -> int:
    """Runs the command: 0 no alert, 3 an alert, 1 failed with a reason."""
    try:
        _check_outputs(namespace)
        thresholds = Thresholds().with_limits(dict(namespace.threshold))
        scorer = _scorer(namespace)
        scoring = None if namespace.columns_only else scorer
        reference, current = (
            of_model(scorer) if name == "reference" and scorer is not None else _side(name, tables, namespace, scoring)
            for name, tables in ((namespace.reference, _reference_tables), (namespace.current, _current_tables))
        )
        report = compare_sides(reference, current, scoring, thresholds)
        kept_in = folder_of_new(settings().drift_dir, (namespace.reference, namespace.current), owner=None)
        kept = History(kept_in).keep(report, f"{current.name}-{reference.name}")
        if namespace.html is not None:
            outputs.write(namespace.html, page(report, namespace.lang))
        if namespace.json is not None:
            outputs.write(namespace.json, report.to_json())
    except _failures as error:
        return failed(str(error))
    _show(report)
    note(f"Kept as {kept.key}")
    if not report.alerts:
        return 0
    _tell(report, kept.key)
    return alerted


def _check_outputs(namespace: Namespace) -> None:
    """Refuses to write onto what is compared, before it is. Raises `OSError`."""
    read = (Path(namespace.reference), Path(namespace.current), settings().models_dir, settings().portfolio_dir)
    inputs = [file for path in read for file in outputs.files_in(path)]
    for target in (namespace.html, namespace.json):
        if target is not None:
            outputs.check_writable(target, inputs=inputs)


def _scorer(namespace: Namespace) -> Scorer | None:
    """The model; without one only columns can be compared, which is said. Raises `ArtefactError` where it is needed."""
    needed = "reference" in (namespace.reference, namespace.current)
    if namespace.columns_only and not needed:
        return None
    # The clients of the registry take long to import, which a comparison of columns does not need.
    from runtime.model_source import model_source, note_stand_in

    try:
        source = model_source(settings())
        scorer = source.load()
    except ArtefactError as error:
        if needed:
            raise
        note(f"Only columns are compared, without the score: {error}")
        return None
    note_stand_in(source)
    return scorer


def _side(name: str, tables: tuple[str, ...], namespace: Namespace, scorer: Scorer | None) -> SideRows:
    """What a word on the command line means; a path with a slash in it is never taken for another."""
    if name == "portfolio":
        return of_portfolio(Portfolio.open(settings().portfolio_dir))
    if name == "test":
        return of_test_set(settings().data_dir, settings().drift_dir, Portfolio.open(settings().portfolio_dir))
    if name == "live":
        return _live(namespace)
    return of_path(Path(name), tables, scorer)


def _live(namespace: Namespace) -> SideRows:
    # A tenth of a second of imports that other sides do not need.
    from core.audit.engine import Database, InvalidDatabaseUrl, database_url
    from core.audit.writing import AuditUnavailable

    until = namespace.until or datetime.now(UTC)
    since = namespace.since or until - timedelta(days=1)
    try:
        database = Database.open(database_url(settings()))
    except (AuditUnavailable, InvalidDatabaseUrl) as error:
        raise NothingToCompare(f"the audit database cannot be read: {error}") from None
    try:
        return of_live_traffic(database, since, until)
    except AuditUnavailable as error:
        raise NothingToCompare(f"the audit database cannot be read: {error}") from None
    finally:
        database.close()


def _show(report: DriftReport) -> None:
    lines = [
        ("Reference", f"{report.reference.name}, {counted(report.reference.rows, 'row')}"),
        ("Current", f"{report.current.name}, {counted(report.current.rows, 'row')}"),
        ("Columns that drift", f"{len(report.drifted)} of {len(report.columns)} ({report.drifted_share:.1%})"),
    ]
    if report.score is not None:
        refused = f"refused {report.score.reference_refused:.1%} -> {report.score.current_refused:.1%}"
        psi = psi_beside_chance(report.score.column, "en")
        lines.append(("PSI of the score", f"{psi} ({report.score.column.level}), {refused}"))
    if report.score_not_comparable is not None:
        lines.append(("Score", not_comparable(report.score_not_comparable, "en")[0]))
    if report.performance is not None:
        sides = (report.performance.reference, report.performance.current)
        lines.append(("AUC", " -> ".join(auc_within(side, "en") for side in sides)))
        if few := few_outcomes(report.performance, "en"):
            note(few)
    lines += [
        (
            column.name,
            (
                f"{column.level:<8}  PSI {column.psi:.3f}  {', '.join(column.reasons)}"
                f"  ({column_label(column.name, 'en')})"
            ),
        )
        for column in report.drifted
    ]
    for side in (report.reference, report.current):
        if side.unreadable or side.broken:
            unreadable = counted(
                sum(side.unreadable.values()), "value that is no number", "values that are not numbers"
            )
            note(f"{side.name}: {unreadable}, {counted(side.broken, 'malformed line')}")
    if report.not_compared:
        note(f"Not compared: {', '.join(report.not_compared)}")
    lines += [
        (f"Alert: {alert.rule}", f"{alert.value:.3g} (limit {alert.limit:.3g}) {', '.join(alert.columns[:5])}".rstrip())
        for alert in report.alerts
    ]
    table(lines)


def _tell(report: DriftReport, key: str) -> None:
    url = settings().drift_webhook_url
    if url is None:
        return
    # The alert stands, whoever was told, and whatever kept them from it: the exit code says it.
    try:
        send_alert(url.get_secret_value(), report, key)
    except AlertNotSent as error:
        _log.error("drift alert not sent: %s", error)
        note(f"The webhook was not notified: {error}")
    except Exception as error:  # noqa: BLE001 (the exit code matters more)
        _log.exception("drift alert not sent")
        note(f"The webhook was not notified: {type(error).__name__}")
    else:
        note("The webhook was notified.")
