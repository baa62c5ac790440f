"""The model and the portfolio that a process answers from, loaded again when their files change."""

from __future__ import annotations

import logging
import os
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from flask import current_app

from core.comparison.comparison_columns import ComparisonColumns, ComparisonColumnsCache
from core.model.artefacts import ArtefactError
from core.model.source import ModelSource
from core.portfolio.clients import Portfolio, PortfolioMissing, clients_file, history_file, summary_file
from core.portfolio.provenance import joins
from core.scenarios.trials import Trials
from core.scoring import Scorer
from runtime.model_source import model_source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from core.application import Application
    from core.portfolio.provenance import HistoryChoice, Provenance
    from core.portfolio.stored_history import StoredHistory
    from core.settings import Settings

_log = logging.getLogger(__name__)

Thing = TypeVar("Thing")
_extension: Final = "scoring_services"


class Stored(Generic[Thing]):
    """Something loaded from files, as they are now.

    Files that change are loaded again at the next use. Files that are not valid may be about to be: what was loaded
    before is used on for a while, and then every use fails until they are.
    """

    def __init__(
        self,
        load: Callable[[], Thing],
        fingerprint: Callable[[], object],
        failures: tuple[type[Exception], ...],
        patience: float = 0.0,
    ) -> None:
        """Loads nothing yet.

        Args:
            load: reads the files; raises one of `failures` where they are missing or not valid.
            fingerprint: something cheap that differs when the files do.
            patience: seconds for which files that are not valid count as being replaced.
        """
        self._load = load
        self._fingerprint = fingerprint
        self._failures = failures
        self._patience = patience
        self._lock = threading.Lock()
        self._seen: object = self
        self._tried: object = self
        self._outcome: tuple[Thing | None, Exception | None] = None, None
        self._failure: Exception | None = None
        self._wrong_since: float | None = None

    def get(self) -> Thing:
        """The thing. Raises what `load` raised where the files are not valid."""
        if self.is_outdated():
            with self._lock:
                self._refresh()
        return self.held()

    def is_outdated(self) -> bool:
        """Whether `get` would look at the files: they have changed since they were loaded, or are not valid."""
        return self._fingerprint() != self._seen or self._wrong_since is not None

    def held(self) -> Thing:
        """The thing as it was loaded last, whatever its files are now; raises as `get`.

        It has to have been asked for once.
        """
        # Taken once: another thread may find out meanwhile that there is none any more.
        thing, failure = self._outcome
        if thing is None:
            if failure is None:
                raise LookupError("nothing was loaded to its end")
            # Without its traceback, which would grow with each raise.
            raise failure.with_traceback(None)
        return thing

    def failure(self) -> Exception | None:
        """Why there is nothing to get; None where there is."""
        try:
            self.get()
        except self._failures as failure:
            return failure
        return None

    def _refresh(self) -> None:
        # Taken before the files are read: one that changes meanwhile is read again at the next use.
        now = self._fingerprint()
        if now == self._seen:
            # Also where they were wrong for a while: what was loaded is put back.
            self._wrong_since = None
            return
        if now != self._tried:
            self._tried = now
            try:
                self._outcome = self._load(), None
            except self._failures as failure:
                self._failure = failure
            else:
                self._seen, self._wrong_since = now, None
                return
        if self._is_being_replaced():
            return
        self._outcome, self._seen, self._wrong_since = (None, self._failure), now, None
        _log.error("%s: %s", type(self._failure).__name__, self._failure)

    def _is_being_replaced(self) -> bool:
        if self._outcome[0] is None:
            return False
        if self._wrong_since is None:
            self._wrong_since = time.monotonic()
        return time.monotonic() - self._wrong_since < self._patience


@dataclass(frozen=True)
class Services:
    """What the routes answer from."""

    settings: Settings
    scorer: Stored[Scorer]
    portfolio: Stored[Portfolio]
    model: ModelSource
    columns_cache: ComparisonColumnsCache = field(default_factory=ComparisonColumnsCache)
    trials: Trials = field(default_factory=Trials)

    @classmethod
    def of(cls, settings: Settings, scorer: Scorer | None, portfolio: Portfolio | None) -> Services:
        """The services of an application; what is not given is loaded from the folders of the settings."""
        model, patience = model_source(settings), settings.replacement_seconds
        return cls(
            settings,
            _as_stored(scorer) if scorer else Stored(model.load, model.fingerprint, (ArtefactError,), patience),
            _as_stored(portfolio) if portfolio else _stored_portfolio(settings.portfolio_dir, patience),
            model,
        )

    def joined_history(self, choice: HistoryChoice | None) -> StoredHistory | None:
        """The history that applications get by the number of their client; None where they get none.

        Args:
            choice: what was asked for, as `core.portfolio.provenance.joins` takes it.

        Raises:
            PortfolioMissing: it was asked for, and there is no portfolio. Where it was not, no client is known without
                one, and an application stands for itself.
        """
        if choice == "none":
            return None
        try:
            portfolio = self.portfolio.get()
        except PortfolioMissing:
            if choice == "portfolio":
                raise
            return None
        return portfolio.stored_history if joins(choice, portfolio.provenance) else None

    def with_history(
        self, applications: Sequence[Application], choice: HistoryChoice | None = None
    ) -> list[Application]:
        """The applications, each with the history of its client where `joined_history` has one and none was sent.

        Where stored history is asked for, one that was sent and is what is stored counts as joined.
        """
        stored = self.joined_history(choice)
        if stored is None:
            return list(applications)
        completed = stored.complete(applications)
        return [stored.recognised(application) for application in completed] if choice == "portfolio" else completed

    def provenance(self) -> Provenance | None:
        """Which clients are on hand; None where there are none."""
        try:
            return self.portfolio.get().provenance
        except PortfolioMissing:
            return None

    def comparison_columns(self) -> ComparisonColumns:
        """The clients on hand, column by column. Raises `PortfolioMissing`."""
        return self.columns_cache.of(self.portfolio.get())

    def install(self, app: Any) -> None:
        """Makes these the services of an application."""
        app.extensions[_extension] = self


def services() -> Services:
    """The services of the current application."""
    provided: Services = current_app.extensions[_extension]
    return provided


def load_now(app: Any) -> None:
    """Loads what the first request would: where it is missing, that request says so."""
    provided: Services = app.extensions[_extension]
    for resource in (provided.scorer, provided.portfolio):
        resource.failure()


def _as_stored(thing: Thing) -> Stored[Thing]:
    return Stored(lambda: thing, lambda: None, ())


def _stored_portfolio(folder: Path, patience: float) -> Stored[Portfolio]:
    # Joined once: it is asked for each request.
    files = [os.fspath(folder / name) for name in (summary_file, clients_file, history_file)]

    def fingerprint() -> tuple[tuple[int, int] | None, ...]:
        return tuple([_size_and_time(file) for file in files])

    return Stored(lambda: Portfolio.open(folder), fingerprint, (PortfolioMissing,), patience)


def _size_and_time(file: str) -> tuple[int, int] | None:
    try:
        stat = os.stat(file)  # noqa: PTH116 (a Path takes three times as long)
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns
