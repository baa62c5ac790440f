"""Keeps the model and the portfolio that a process answers from, and loads them again when their files change."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from flask import current_app

from core.model.artefacts import ArtefactError
from core.model.source import ModelSource, model_source
from core.population import Population, Populations
from core.portfolio import Portfolio, PortfolioMissing, clients_file, history_file, summary_file
from core.scenarios.trials import Trials
from core.scoring import Scorer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from core.application import Application
    from core.settings import Settings

_log = logging.getLogger(__name__)

Thing = TypeVar("Thing")
_extension: Final = "scoring_services"


class Stored(Generic[Thing]):
    """Something loaded from files, as they are now.

    Files that change are loaded again at the next use; files that are not valid make every use fail until they are.
    """

    def __init__(
        self, load: Callable[[], Thing], fingerprint: Callable[[], object], failures: tuple[type[Exception], ...]
    ) -> None:
        """Loads nothing yet.

        Args:
            load: reads the files; raises one of `failures` where they are missing or not valid.
            fingerprint: something cheap that differs when the files do.
        """
        self._load = load
        self._fingerprint = fingerprint
        self._failures = failures
        self._lock = threading.Lock()
        self._seen: object = self
        self._thing: Thing | None = None
        self._failure: Exception | None = None

    def get(self) -> Thing:
        """The thing. Raises what `load` raised where the files are not valid."""
        if self._fingerprint() != self._seen:
            with self._lock:
                self._refresh()
        if self._thing is None:
            # Without its traceback, which would grow with each raise.
            raise self._failure.with_traceback(None)  # type: ignore[union-attr]
        return self._thing

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
            return
        try:
            self._thing, self._failure = self._load(), None
        except self._failures as failure:
            self._thing, self._failure = None, failure
            _log.error("%s: %s", type(failure).__name__, failure)
        self._seen = now


@dataclass(frozen=True)
class Services:
    """What the routes answer from."""

    settings: Settings
    scorer: Stored[Scorer]
    portfolio: Stored[Portfolio]
    model: ModelSource
    populations: Populations = field(default_factory=Populations)
    trials: Trials = field(default_factory=Trials)

    @classmethod
    def of(cls, settings: Settings, scorer: Scorer | None, portfolio: Portfolio | None) -> Services:
        """The services of an application; what is not given is loaded from the folders of the settings."""
        model = model_source(settings)
        return cls(
            settings,
            _given(scorer) if scorer else Stored(model.load, model.fingerprint, (ArtefactError,)),
            _given(portfolio) if portfolio else _stored_portfolio(settings.portfolio_dir),
            model,
        )

    def with_history(self, applications: Sequence[Application]) -> list[Application]:
        """The applications, each with the history of its client where the portfolio knows one; what was sent stays.

        Without a portfolio no client is known, and an application stands for itself.
        """
        try:
            portfolio = self.portfolio.get()
        except PortfolioMissing:
            return list(applications)
        return [portfolio.complete(each) for each in applications]

    def population(self) -> Population:
        """The clients on hand, column by column. Raises `PortfolioMissing`."""
        return self.populations.of(self.portfolio.get())

    def install(self, app: Any) -> None:
        """Makes these the services of an application."""
        app.extensions[_extension] = self


def services() -> Services:
    """The services of the current application."""
    found: Services = current_app.extensions[_extension]
    return found


def load_now(app: Any) -> None:
    """Loads what the first request would: where it is missing, that request says so."""
    found: Services = app.extensions[_extension]
    for each in (found.scorer, found.portfolio):
        each.failure()


def _given(thing: Thing) -> Stored[Thing]:
    return Stored(lambda: thing, lambda: None, ())


def _stored_portfolio(folder: Path) -> Stored[Portfolio]:
    def fingerprint() -> tuple[tuple[int, int] | None, ...]:
        return tuple(_size_and_time(folder / name) for name in (summary_file, clients_file, history_file))

    return Stored(lambda: Portfolio.open(folder), fingerprint, (PortfolioMissing,))


def _size_and_time(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns
