"""The model and the portfolio that a process answers from, loaded again when their files change."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from flask import current_app

from core.comparison.comparison_columns import ComparisonColumns, ComparisonColumnsCache
from core.model import artefacts
from core.model.errors import ArtefactError
from core.model.source import ModelSource
from core.portfolio.clients import Portfolio, PortfolioMissing, clients_file, history_file, summary_file
from core.portfolio.provenance import joins
from core.scenarios.trials import Trials
from core.scoring import Scorer
from runtime.model_source import model_source
from runtime.stored import Stored

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from core.application import Application
    from core.portfolio.provenance import HistoryChoice, Provenance
    from core.portfolio.stored_history import StoredHistory
    from core.settings import Settings

Thing = TypeVar("Thing")
_extension: Final = "scoring_services"


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
    ) -> Sequence[Application]:
        """The applications, each with the history of its client where `joined_history` has one and none was sent.

        Where stored history is asked for, one that was sent and is what is stored counts as joined.
        """
        stored = self.joined_history(choice)
        if stored is None:
            return applications
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


def check_model(settings: Settings) -> None:
    """Does what `load_now` takes longest for, once for all processes that are forked from this one.

    What is wrong with the model is said by each of them: to its callers, and in its log.
    """
    if settings.model_uri is None:
        with suppress(ArtefactError):
            artefacts.check_texts(settings.models_dir)


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
        seen = _size_and_time(files[0])
        # Without a summary there is no portfolio, whatever else is there.
        return (seen, *map(_size_and_time, files[1:])) if seen else (None,)

    return Stored(lambda: Portfolio.open(folder), fingerprint, (PortfolioMissing,), patience)


def _size_and_time(file: str) -> tuple[int, int] | None:
    try:
        stat = os.stat(file)  # noqa: PTH116 (a Path takes three times as long)
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns
