"""The recording of answers before they are answered; a request that cannot be recorded is refused."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from flask import current_app

from api.access import persons
from api.http.language import language
from api.http.messages import message
from api.http.middleware import request_id
from api.operations import challenger
from api.operations.metrics import count_decisions
from core.audit.decisions import DecisionLog
from core.audit.engine import Database, database_url
from core.audit.entries import Together
from core.audit.final_decisions import FinalDecisions
from core.audit.log import AuditLog
from core.audit.writing import AuditUnavailable
from core.contract.field_warnings import FieldWarning
from core.outcomes.log import OutcomeLog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import timedelta

    from sqlalchemy import URL

    from core.application import Application
    from core.audit.entries import Kind
    from core.decision import Decision
    from core.model.artefacts import ModelInfo
    from core.settings import Settings

_log = logging.getLogger(__name__)
_extension: Final = "audit"
# Seconds: after that at most a server that was away is asked again. As long as `Retry-After` tells callers to wait.
longest_pause: Final = 1.0
clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of predictions that were to be recorded.

    Attributes:
        ids: one a prediction; None where it could not be recorded, and need not be.
        warnings: what the caller is told of that.
    """

    ids: Sequence[str | None]
    warnings: tuple[FieldWarning, ...] = ()


def record(kind: Kind, asked: Sequence[tuple[Application, Decision]], model: ModelInfo) -> Recorded:
    """Stores the predictions that the current request is about to be answered with, all or none.

    Args:
        asked: each application as the model was given it, and what the model said.

    Raises:
        core.audit.writing.AuditUnavailable: none is stored, and `AUDIT_REQUIRED` says that none may be answered.
    """
    return record_together(kind, [application for application, _ in asked], [decision for _, decision in asked], model)


def record_together(
    kind: Kind, applications: Sequence[Application], decisions: Sequence[Decision], model: ModelInfo
) -> Recorded:
    """The same of the decisions on as many applications. Raises as `record`."""
    sender = persons.sender()
    recorded = _trail().record(
        Together(
            kind,
            request_id(),
            sender.key,
            model.version,
            sender.person,
            applications,
            decisions,
            challenger.challenges(kind, applications, decisions, model),
        )
    )
    count_decisions(decisions)
    return recorded


def database() -> Database:
    """The audit database of the current application. Raises `AuditUnavailable`."""
    return _trail().database()


def predictions() -> AuditLog:
    """The predictions that were recorded, as far as the caller may read them. Raises `AuditUnavailable`."""
    return AuditLog(_trail().database(), persons.reads_of())


def decisions() -> DecisionLog:
    """The officers' decisions, as far as the caller may read them. Raises `AuditUnavailable`."""
    return DecisionLog(_trail().database(), persons.reads_of())


def final_decisions() -> FinalDecisions:
    """Which of the officers' decisions count, of those that the caller may read. Raises `AuditUnavailable`."""
    return FinalDecisions(_trail().database(), persons.reads_of())


def outcomes() -> OutcomeLog:
    """The outcomes of decisions, as far as the caller may read them. Raises `AuditUnavailable`."""
    return OutcomeLog(_trail().database(), persons.reads_of())


def failure() -> AuditUnavailable | None:
    """Why the audit database of the current application does not answer; None where it does."""
    try:
        _trail().ask()
    except AuditUnavailable as error:
        return error
    return None


def register(app: Any, settings: Settings) -> None:
    """Gives an application its audit.

    Raises:
        core.audit.engine.InvalidDatabaseUrl: `DATABASE_URL` cannot be used.
    """
    app.extensions[_extension] = _Trail(
        database_url(settings), required=settings.audit_required, retention=settings.retention
    )


def open_now(app: Any) -> None:
    """Opens the audit database, and purges what is older than the retention; where it is away, requests say so."""
    app.extensions[_extension].begin()


def purge(app: Any) -> None:
    """Deletes the predictions of an application that are older than the retention; a failure is logged."""
    app.extensions[_extension].purge()


def close(app: Any) -> None:
    """Closes the audit database of an application; the next use opens it again."""
    app.extensions[_extension].close()


def _trail() -> _Trail:
    trail: _Trail = current_app.extensions[_extension]
    return trail


class _Trail:
    """The audit of one process: opened at the first use, and anew once its database was away."""

    def __init__(self, url: URL, *, required: bool, retention: timedelta | None) -> None:
        self._url = url
        self._required = required
        self._retention = retention
        self._lock = threading.Lock()
        self._opened: Database | None = None
        # With the database that it writes to: another thread may find out meanwhile that this one is gone.
        self._log: tuple[Database, AuditLog] | None = None
        self._paused_until = 0.0
        self._failure = AuditUnavailable("unreachable")

    def begin(self) -> None:
        """Opens the database and purges; a failure is logged."""
        try:
            # Whoever keeps the logs keeps the heads with them.
            _log.info("audit head", extra={"head": str(self._attempt(self.database().head))})
        except AuditUnavailable as error:
            _log.error("audit unavailable", extra={"reason": error.reason, "cause": error.cause})
            return
        self.purge()

    def purge(self) -> None:
        """Deletes what is older than the retention; a failure is logged."""
        if self._retention is None:
            return
        before = datetime.now(UTC) - self._retention
        try:
            log = self._predictions()
            purged = self._attempt(lambda: log.purge(before))
        except AuditUnavailable as error:
            _log.error("audit unavailable", extra={"reason": error.reason, "cause": error.cause})
            return
        if purged:
            _log.info("audit purged", extra={"before": before.isoformat(), "predictions": purged})

    def database(self) -> Database:
        """The database, opened.

        Raises:
            AuditUnavailable: where it cannot be. A file that is gone is noticed once, and made anew at the next use, as
                at the start.
        """
        opened = self._open()
        if opened.is_gone:
            self._leave(opened)
            raise AuditUnavailable("gone")
        return opened

    def _open(self) -> Database:
        """The database as it was opened: whether its file is gone, it says itself where it is written to."""
        opened = self._opened
        if opened is None:
            with self._lock:
                opened = self._opened
                if opened is None:
                    opened = self._opened = self._attempt(lambda: Database.open(self._url))
        return opened

    def ask(self) -> None:
        """Makes sure that the database answers, and guards the record. Raises `AuditUnavailable`."""
        database = self.database()
        self._attempt(database.check_guards)

    def record(self, entries: Together) -> Recorded:
        """Stores predictions. Raises `AuditUnavailable` where they have to be stored, and cannot be."""
        try:
            log = self._predictions()
            return Recorded(self._attempt(lambda: log.record_many(entries)))
        except AuditUnavailable as error:
            if self._required:
                raise
            details = {"reason": error.reason, "cause": error.cause, "predictions": len(entries)}
            _log.error("not recorded", extra=details)
            sentence = message("not_recorded", language())
            return Recorded([None] * len(entries), (FieldWarning("not_recorded", None, sentence, sentence),))

    def _predictions(self) -> AuditLog:
        database, held = self._open(), self._log
        if held is None or held[0] is not database:
            held = self._log = database, AuditLog(database)
        return held[1]

    def _attempt(self, work: Callable[[], Any]) -> Any:
        """Does what may fail. A server that does not answer is not waited for by everybody who comes meanwhile: for a
        moment they get the same answer.
        """
        began = clock()
        if began < self._paused_until:
            raise self._failure.with_traceback(None)
        try:
            return work()
        except AuditUnavailable as error:
            now = clock()
            if error.reason == "unreachable":
                self._failure, self._paused_until = error, now + min(now - began, longest_pause)
            opened = self._opened
            if error.reason == "gone" and opened is not None and opened.is_gone:
                self._leave(opened)
            raise

    def _leave(self, gone: Database) -> None:
        """Closes a database, unless another request did: the one that was opened anew since stays open."""
        with self._lock:
            if self._opened is gone:
                self.close()

    def close(self) -> None:
        """Closes the database; the next use opens it again."""
        opened, self._opened, self._log = self._opened, None, None
        if opened is not None:
            opened.close()
