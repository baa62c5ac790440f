"""Answers from the model and the portfolio in the dashboard's own image."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from core import __version__
from core.application import InvalidApplication, parse_application
from core.client_search import ClientFilter
from core.model.artefacts import ArtefactError
from core.portfolio import Portfolio, PortfolioMissing, UnknownClient, summary_file
from core.reasons import reason
from dash_app.service.protocol import (
    Assessment,
    Health,
    ModelSummary,
    NotFound,
    Rejected,
    ServiceUnavailable,
    Weighed,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from core.catalogue import Language
    from core.decision import Value
    from core.model.source import ModelSource
    from core.portfolio import Client, ClientPage, DatasetSummary
    from core.scoring import Scorer


class LocalScoring:
    """Scores in this process.

    Nothing is loaded before it is asked for, so that a worker that never needs it stays light; what has changed on disk
    is loaded anew.
    """

    def __init__(self, model: ModelSource, portfolio_dir: Path) -> None:
        self._model = model
        self._portfolio_dir = portfolio_dir
        self._lock = threading.Lock()
        self._scorer: tuple[object, Scorer] | None = None
        self._portfolio: tuple[object, Portfolio] | None = None

    def health(self) -> Health:
        """Loads the model, to tell whether it can."""
        version = self._loaded_scorer().model.version
        return Health(model_loaded=True, model_version=version, version=__version__, source="local")

    def model(self) -> ModelSummary:
        info = self._loaded_scorer().model
        return ModelSummary(
            name=info.model_name,
            version=info.version,
            threshold=info.optimal_threshold,
            training_date=info.training_date,
            auc=info.auc,
            trained_on=info.trained_on,
        )

    def dataset(self) -> DatasetSummary:
        return self._opened_portfolio().summary

    def clients(self, prefix: str = "", limit: int = 50, offset: int = 0) -> ClientPage:
        return self._opened_portfolio().search(ClientFilter(prefix), limit, offset)

    def client(self, client_id: int) -> Client:
        try:
            return self._opened_portfolio().client(client_id)
        except UnknownClient:
            raise NotFound(str(client_id)) from None

    def assess(self, features: Mapping[str, Value], lang: Language, top: int = 40) -> Assessment:
        scorer = self._loaded_scorer()
        try:
            application = parse_application(
                {name: value for name, value in features.items() if value is not None},
                lang,
            )
        except InvalidApplication as error:
            raise Rejected(error.errors) from None
        explanation = scorer.explain(application)
        return Assessment(
            decision=explanation.decision,
            reasons=tuple(Weighed(each, reason(each, lang)) for each in explanation.top(top)),
            warnings=application.warnings,
            model_version=scorer.model.version,
            source="local",
        )

    def _loaded_scorer(self) -> Scorer:
        with self._lock:
            now = self._model.fingerprint()
            if self._scorer is None or self._scorer[0] != now:
                try:
                    self._scorer = now, self._model.load()
                except ArtefactError as error:
                    raise ServiceUnavailable("no_model") from error
            return self._scorer[1]

    def _opened_portfolio(self) -> Portfolio:
        with self._lock:
            now = self._portfolio_written()
            if self._portfolio is None or self._portfolio[0] != now:
                try:
                    self._portfolio = now, Portfolio.open(self._portfolio_dir)
                except PortfolioMissing as error:
                    raise ServiceUnavailable("no_portfolio") from error
            return self._portfolio[1]

    def _portfolio_written(self) -> int:
        try:
            return (self._portfolio_dir / summary_file).stat().st_mtime_ns
        except FileNotFoundError:
            return 0
