"""Drift reports for requests: what they name is looked up here, and is never a path."""

from __future__ import annotations

import logging
import threading
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from api import audit, jobs
from api.access import persons
from api.access.roles import Forbidden, allows, is_admin
from api.http import uploads
from api.http.json_body import invalid
from api.http.language import language
from api.http.messages import message
from api.http.problems import FilesUnavailable, NoSpace, ReportUnkept
from api.schemas.drift import largest_limit
from api.services import services
from core.drift.audiences import folder_of_new, folders_of_all, folders_seen, min_rows, own_folder
from core.drift.errors import TooFewRows
from core.drift.history import History
from core.drift.measures.measure import Limits
from core.drift.measures.thresholds import Thresholds, chances
from core.drift.results.drift_report import live_name
from core.jobs.running.disk_space import Room
from core.tables.limits import FileLimits

if TYPE_CHECKING:
    from api.schemas.drift import DriftRequest
    from core.drift.datasets import SideRows
    from core.drift.history import StoredReport
    from core.drift.results.drift_report import DriftReport
    from core.drift.uploads import SentFile, SentFiles

_log = logging.getLogger(__name__)

_day: Final = timedelta(days=1)
# A comparison holds both sets of rows in memory: one at a time.
_alone: Final = threading.Lock()


def history() -> History:
    """The reports that the caller may see."""
    root = services().settings.drift_dir
    first, *others = folders_seen(root, persons.owner(), reviews=allows("review"), administers=is_admin())
    return History(first, tuple(others))


def files() -> SentFiles:
    """The files that were sent to be compared."""
    from core.drift.uploads import SentFiles

    settings = services().settings
    return SentFiles(settings.drift_dir / "files", settings.drift_max_bytes, shared=_shares())


def take_file(file_name: str) -> SentFile:
    """Takes in the file of the current request, and keeps what a comparison needs of it.

    Raises:
        InvalidRequest: there is no file.
        core.tables.errors.UnusableFile: it cannot be compared.
        FilesUnavailable: they cannot be kept.
        UnsupportedFile, NoSpace, werkzeug.exceptions.HTTPException: as `api.http.uploads.receive` does.
    """
    settings = services().settings
    try:
        Room.of(settings, settings.drift_dir).check()
        with files().receive() as upload:
            named = uploads.receive(upload, settings.max_upload_bytes)
            with _alone:
                return files().keep(upload, file_name or named or "", persons.sender(), FileLimits.of(settings))
    except OSError as error:
        if error.errno in uploads.full:
            raise NoSpace from error
        _log.error("the folder of the files to be compared cannot be used", extra={"error": type(error).__name__})
        raise FilesUnavailable from error


def find_file(file_id: str) -> SentFile:
    """The caller's file of that id; of any caller's, for an administrator. Raises `core.drift.errors.UnknownFile`."""
    return files().find(file_id, None if is_admin() else persons.owner())


def remove_file(file_id: str) -> SentFile:
    """Removes the caller's file of that id; gives what was known of it. Raises as `find_file` does."""
    file = find_file(file_id)
    files().remove(file)
    return file


def remove_report(key: str) -> None:
    """Removes a report of the caller's own; any that there is, for an administrator.

    Raises:
        core.drift.errors.UnknownReport: the caller sees none of that id.
        api.access.roles.Forbidden: it is for others as well.
    """
    report = history().find(key)
    if not is_admin() and report.folder != own_folder(services().settings.drift_dir, persons.owner()):
        raise Forbidden("admin")
    history().remove(report)


def make(drift_request: DriftRequest) -> tuple[StoredReport, DriftReport]:
    """Compares what a request names, at most `max_rows` of each side, and keeps the report.

    Raises:
        InvalidRequest: a threshold that is none.
        api.access.roles.Forbidden: decided applications are named, by a caller who may not see them.
        core.drift.errors.TooFewRows: a report would tell of single rows.
        core.tables.sources.TableError, core.drift.errors.NothingToCompare: there is nothing to compare.
        core.drift.errors.UnknownFile: no such file is kept.
        core.jobs.store.UnknownJob, core.jobs.store.JobUnfinished: as `api.jobs.done`.
        core.model.errors.ArtefactError, core.portfolio.clients.PortfolioMissing, AuditUnavailable: what is needed
            is not available.
        ReportUnkept: the disk is full, or would be fuller than `JOBS_RESERVE_BYTES` says, or the folder of the reports
            cannot be written.
    """
    # Tenths of a second, and megabytes, that other requests do not need.
    from core.drift.datasets import compare_sides
    from core.portfolio.later_applications import max_rows

    sides = (drift_request.reference, drift_request.current)
    if live_name in sides and not allows("review"):
        raise Forbidden("review")
    thresholds = _thresholds(drift_request.thresholds)
    _check_room()
    until = drift_request.until or datetime.now(UTC)
    since = drift_request.since or _before(until)
    reference_until = drift_request.reference_until or since
    with _alone:
        reference = _side(
            drift_request.reference, drift_request.reference_since or _before(reference_until), reference_until
        )
        current = _side(drift_request.current, since, until)
        _check_rows(reference, current)
        report = compare_sides(
            reference.at_most(max_rows), current.at_most(max_rows), services().scorer.get(), thresholds
        )
    try:
        root, sender = services().settings.drift_dir, persons.sender()
        only_own = persons.reads_of() is not None
        kept_in = folder_of_new(root, sides, sender.owner, live_is_own=only_own)
        if kept_in == own_folder(root, sender.owner):
            report = report.of(sender)
        beside = folders_of_all(root) if _shares() else ()
        kept = History(kept_in, private=True, beside=beside, max_bytes=services().settings.drift_max_bytes)
        return kept.keep(report, f"{current.name}-{reference.name}"), report
    except OSError as error:
        raise _unkept(error) from error


def _shares() -> bool:
    """Whether who asks has their room together with all others, as visitors who can make up others have."""
    return persons.payer() != persons.owner()


def _check_room() -> None:
    """Makes sure that a report leaves enough of the disk free, before it is made. Raises `ReportUnkept`."""
    settings = services().settings
    try:
        Room.of(settings, settings.drift_dir).check()
    except OSError as error:
        raise _unkept(error) from error


def _unkept(error: OSError) -> ReportUnkept:
    _log.error("a drift report cannot be kept", extra={"error": type(error).__name__})
    return ReportUnkept()


def _side(name: str, since: datetime, until: datetime) -> SideRows:
    from core.drift import datasets

    provided = services()
    if name == "reference":
        return datasets.of_model(provided.scorer.get())
    if name == "portfolio":
        return datasets.of_portfolio(provided.portfolio.get())
    if name == "test":
        return datasets.of_test_set(provided.settings.data_dir, provided.settings.drift_dir, provided.portfolio.get())
    if name == "live":
        return datasets.of_live_traffic(audit.database(), since, until, persons.reads_of())
    if name.startswith("file-"):
        return files().side(find_file(name))
    job, folder = jobs.done(name)
    return datasets.of_job(folder, job.file_name or "file")


def _check_rows(reference: SideRows, current: SideRows) -> None:
    """Makes sure that a report tells of no single row. Raises `TooFewRows`."""
    for side, rows in (("reference", reference), ("current", current)):
        if rows.count < min_rows:
            raise TooFewRows(side, min_rows)


def _before(moment: datetime) -> datetime:
    try:
        return moment - _day
    except OverflowError:
        return moment


def _thresholds(limits: object) -> Thresholds:
    """The thresholds that a body has in place of the usual ones. Raises `InvalidRequest`."""
    lang = language()
    if not isinstance(limits, dict):
        raise invalid("thresholds", "not_an_object", message("expected_json", lang), lang)
    known = {field.name: getattr(Thresholds(), field.name) for field in fields(Thresholds)}
    for name in limits:
        if name not in known:
            raise invalid(
                "thresholds", "not_a_choice", message("expected_choice", lang, choices=", ".join(known)), lang
            )
    thresholds: dict[str, Limits | float] = {}
    for name, value in limits.items():
        if name in chances:
            thresholds[name] = _number(f"thresholds.{name}", value, 1.0)
            continue
        if not isinstance(value, dict) or "moderate" not in value or value.keys() - {"moderate", "major"}:
            raise invalid(f"thresholds.{name}", "unusable", message("expected_limits", lang), lang)
        numbers = [_number(f"thresholds.{name}.{key}", number, largest_limit) for key, number in value.items()]
        usual = [] if "major" in value else [max(numbers[0], known[name].major)]
        thresholds[name] = Limits(*sorted([*numbers, *usual]))
    return Thresholds(**thresholds)  # type: ignore[arg-type]


def _number(field: str, value: object, most: float) -> float:
    lang = language()
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and 0 <= value <= most:  # type: ignore[operator]
        return float(value)  # type: ignore[arg-type]
    expectation = message("expected_number_between", lang, minimum="0", maximum=f"{most:g}")
    raise invalid(field, "out_of_bounds" if number else "not_a_number", expectation, lang)
