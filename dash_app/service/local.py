"""The local scoring service, from the model and the portfolio in the dashboard's own image."""

from __future__ import annotations

import json
import logging
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core import __version__, catalogue
from core.application import Application, InvalidApplication, parse_application
from core.audit.entries import new_ids
from core.comparison.accepted import default_count, nearest_accepted
from core.comparison.comparison_columns import ComparisonColumnsCache
from core.comparison.placing import compared, strongest
from core.contract.jobs import WorkerState
from core.contract.model import ModelDescription
from core.explain.information import NothingUsable, nothing_usable
from core.features import history_names
from core.model.errors import ArtefactError
from core.model.source import described
from core.portfolio.client_history import client_history
from core.portfolio.clients import Portfolio, PortfolioMissing, UnknownClient, summary_file
from core.recourse.plans import recourse
from dash_app.service.answers import Assessment, ClientOnFile, ComparisonView, ServiceHealth
from dash_app.service.away.spool import SpoolFull, SpoolUnavailable
from dash_app.service.errors import NotFound, Rejected, ServiceUnavailable
from dash_app.service.scoring import ScoringService, given

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from core.access.person import Person
    from core.catalogue import Language
    from core.comparison.choice import Choice
    from core.contract.clients.history import HistoryAnswer
    from core.contract.clients.lists import ClientApplication, ClientList, Dataset
    from core.contract.clients.nearest import NearestAccepted
    from core.contract.record.officer_decisions import RecordedDecision
    from core.contract.record.predictions import PredictionDetail
    from core.decision import Decision, Value
    from core.model.source import ModelSource
    from core.portfolio.client_search import ClientFilter, SortKey
    from core.scoring import Scorer
    from dash_app.service.answers import DecisionDraft, Order, RiskByAmount
    from dash_app.service.away.contact import LastContact
    from dash_app.service.away.spool import Spool

_log = logging.getLogger(__name__)


class LocalScoring(ScoringService):
    """Scores in this process.

    Nothing is loaded before it is asked for, so that a worker that never needs it stays light; what has changed on disk
    is loaded anew.
    """

    def __init__(
        self,
        model: ModelSource,
        portfolio_dir: Path,
        contact: LastContact | None = None,
        spool: Spool | None = None,
        person: Callable[[], Person | None] = lambda: None,
    ) -> None:
        """Loads nothing yet.

        Args:
            contact: what the API said of its clients: those on hand here are shown only where they are the same. None:
                there is no API to stand in for.
            spool: where what is decided is kept for the record of the API; None: nowhere.
            person: says who is signed in, for that record.
        """
        self._contact = contact
        self._spool = spool
        self._person = person
        self._source = model
        self._portfolio_dir = portfolio_dir
        self._lock = threading.Lock()
        self._scorer: tuple[object, Scorer] | None = None
        self._portfolio: tuple[object, Portfolio] | None = None
        self._comparison_columns = ComparisonColumnsCache()

    def health(self) -> ServiceHealth:
        """Loads the model, to tell whether it can."""
        try:
            portfolio = str(self._opened_portfolio().provenance)
        except ServiceUnavailable:
            portfolio = None
        return ServiceHealth(
            status="healthy",
            model_loaded=True,
            version=__version__,
            model_version=self.scorer().model.version,
            portfolio_loaded=portfolio is not None,
            portfolio=portfolio,
            model_stand_in=None,
            detail=None,
            role="admin",
            worker=WorkerState(alive=False, seen=None),
            source="local",
        )

    def model(self) -> ModelDescription:
        return described(self._source, self.scorer(), "en")

    def dataset(self) -> Dataset:
        return self.portfolio().summary

    def clients(
        self,
        wanted: ClientFilter | None = None,
        limit: int = 50,
        offset: int = 0,
        by: SortKey = "client_id",
        order: Order = "asc",
    ) -> ClientList:
        if wanted is not None and wanted.needs_officers:
            raise ServiceUnavailable("no_record")
        return self.portfolio().search(wanted, limit, offset, by, order)

    def client(self, client_id: int) -> ClientApplication:
        try:
            return self.portfolio().client(client_id)
        except UnknownClient:
            raise NotFound(str(client_id)) from None

    def client_file(self, client_id: int, lang: Language) -> ClientOnFile:
        features = self.client(client_id).features
        found = self.assess(features, lang, client_id=client_id)
        # The record of decisions is the API's.
        return ClientOnFile(features, found, self.history(client_id, lang), decisions=None)

    def assess(
        self,
        features: Mapping[str, Value],
        lang: Language,
        top: int = 40,
        *,
        client_id: int | None = None,
        joined: bool = False,
    ) -> Assessment:
        scorer = self.scorer()
        application = self._parsed(features, lang, client_id, joined=joined)
        with _of_something(lang):
            explanation = scorer.explain(application)
        options = recourse(scorer, application)
        version = scorer.model.version
        key = self._keep(application, explanation.decision, version)
        answer = Assessment.of_explanation(
            explanation, top, application, application.warnings, version, lang, key, options
        )
        return answer.model_copy(update={"source": "local"})

    def _keep(self, application: Application, decision: Decision, model_version: str) -> str | None:
        """Keeps a decision for the record of the API, which gets it under this id.

        Raises:
            ServiceUnavailable: it cannot be kept, and nothing is decided without a record.
        """
        if self._spool is None:
            return None
        (key,) = new_ids(datetime.now(UTC), 1)
        body = {
            "id": key,
            "client_id": decision.client_id,
            "probability": decision.probability,
            "threshold": decision.threshold,
            "model_version": model_version,
            "history": application.history,
            "portfolio": str(application.portfolio) if application.portfolio else None,
            "application": application.source,
            "fold_agreement": decision.agreement,
            "inputs": dict(application.values),
        }
        try:
            self._spool.append(key, json.dumps(body, ensure_ascii=False, allow_nan=False), self._person())
        except SpoolFull:
            raise ServiceUnavailable("spool_full") from None
        except SpoolUnavailable as error:
            _log.error("A decision of the local model cannot be kept: %s", error)
            raise ServiceUnavailable("spool_closed") from None
        return key

    def history(self, client_id: int, lang: Language) -> HistoryAnswer:
        portfolio = self.portfolio()
        self.client(client_id)
        return client_history(portfolio.folder, client_id, lang)

    # The record of decisions is the API's.

    def decisions_on_client(self, client_id: int) -> tuple[RecordedDecision, ...]:  # noqa: ARG002
        raise ServiceUnavailable("no_record")

    def decisions_on_prediction(self, prediction_id: str) -> tuple[RecordedDecision, ...]:  # noqa: ARG002
        raise ServiceUnavailable("no_record")

    def risk_by_amount(
        self,
        features: Mapping[str, Value],  # noqa: ARG002
        lang: Language,  # noqa: ARG002
        *,
        client_id: int | None = None,  # noqa: ARG002
        joined: bool = False,  # noqa: ARG002
    ) -> RiskByAmount | None:
        raise ServiceUnavailable("no_record")

    def recorded(self, prediction_id: str) -> PredictionDetail:  # noqa: ARG002
        raise ServiceUnavailable("no_record")

    def decide(self, draft: DecisionDraft, lang: Language) -> RecordedDecision:  # noqa: ARG002
        raise ServiceUnavailable("no_record")

    def compare(self, client_id: int, choice: Choice, lang: Language) -> ComparisonView:
        application = self.portfolio().application(self.client(client_id))
        names = choice.names or self._strongest(application)
        other = None if choice.against is None else self.client(choice.against).features
        fields = compared(self._comparison_columns.of(self.portfolio()), application, choice, names, other, lang)
        # The record of decisions is the API's.
        decisions = {"decision": self.portfolio().summary_of(client_id).decision}
        return ComparisonView(**fields, **decisions, final_decision=None, current_decision=None, warnings=[])

    def nearest_accepted(
        self, features: Mapping[str, Value], lang: Language, *, client_id: int | None = None
    ) -> NearestAccepted:
        application = _read(given(features, client_id), lang)
        return nearest_accepted(self._comparison_columns.of(self.portfolio()), application, default_count, lang)

    def _strongest(self, application: Application) -> tuple[str, ...]:
        contributions = self.scorer().explain(application).contributions
        return strongest(contribution.feature for contribution in contributions)

    def _parsed(
        self, features: Mapping[str, Value], lang: Language, client_id: int | None, *, joined: bool
    ) -> Application:
        application = _read(given(features), lang)
        if client_id is not None:
            application = self._of_client(client_id, application)
        elif joined:
            application = self._recognised(application)
        return self.scorer().warned(application, lang)

    def _of_client(self, client_id: int, sent: Application) -> Application:
        """The same application as one of a client on hand; as it is where the clients of the API are not on hand.

        A page that was open when the API went away has all of it: it is decided on, as sent.
        """
        try:
            portfolio = self.portfolio()
        except ServiceUnavailable:
            return sent
        try:
            return portfolio.overlaid(client_id, sent, {*history_names(), *_column_names()} - sent.values.keys())
        except UnknownClient:
            raise NotFound(str(client_id)) from None

    def _recognised(self, sent: Application) -> Application:
        """The same where its history is what is stored of its client; as it is where that cannot be told."""
        try:
            return self.portfolio().stored_history.recognised(sent)
        except ServiceUnavailable:
            return sent

    def scorer(self) -> Scorer:
        """The model, as it is on disk now. Raises `ServiceUnavailable`."""
        with self._lock:
            now = self._source.fingerprint()
            if self._scorer is None or self._scorer[0] != now:
                try:
                    self._scorer = now, self._source.load()
                except ArtefactError as error:
                    raise ServiceUnavailable("no_model") from error
            return self._scorer[1]

    def portfolio(self) -> Portfolio:
        """The clients on hand, as they are on disk now.

        Raises:
            ServiceUnavailable: there are none, or others than the API has: the same number would be somebody else.
        """
        portfolio = self._opened_portfolio()
        if self._contact is not None and not self._contact.has_same(str(portfolio.provenance)):
            raise ServiceUnavailable("other_portfolio")
        return portfolio

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


def _column_names() -> set[str]:
    return {column.name for column in catalogue.columns()}


def _read(values: dict[str, Value], lang: Language) -> Application:
    """An application as the API reads it. Raises `Rejected`."""
    try:
        return parse_application(values, lang)
    except InvalidApplication as error:
        raise Rejected(error.errors) from None


@contextmanager
def _of_something(lang: Language) -> Iterator[None]:
    """Refuses an application of which nothing can be used, as the API does."""
    try:
        yield
    except NothingUsable:
        raise Rejected((nothing_usable("features", lang),)) from None
