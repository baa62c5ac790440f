"""The scoring service: what the pages ask of an application or a client, as the API answers it."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from core import catalogue
from core.contract.clients.history import HistoryAnswer
from core.contract.clients.lists import ClientApplication, ClientList, Dataset
from core.contract.clients.nearest import NearestAccepted
from core.contract.model import ModelDescription
from core.contract.record.officer_decisions import RecordedDecision
from core.contract.record.predictions import PredictionDetail
from core.features import history_names
from core.portfolio.client_search import ClientFilter
from core.recourse.linked import amounts_around
from dash_app.service.answers import (
    Assessment,
    ClientOnFile,
    ComparisonView,
    RiskByAmount,
    RiskPoint,
    ServiceHealth,
)
from dash_app.service.client import ApiClient, health_patience, read, understood
from dash_app.service.errors import NotFound, ServiceUnavailable
from dash_app.service.held import Held
from runtime.http_client import Adapter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.catalogue import Language
    from core.comparison.choice import Choice
    from core.decision import Value
    from core.portfolio.client_search import SortKey
    from dash_app.service.answers import DecisionDraft, Order
    from dash_app.service.asking import Asker
    from dash_app.service.away.contact import LastContact

# While a reader tries changes, the client's file is asked for with each of them; it changes with the portfolio.
_held_seconds: Final = 60.0
_most_held: Final = 32
# How many reasons an assessment brings: the reader of a page sees fewer, its waterfall counts on these.
_max_reasons: Final = 40
# How much of the trail a page shows.
_most_decisions: Final = 20


class ScoringService:
    """Everything that a page can ask of an application or a client, of the API behind `base_url`.

    Each call may raise `ServiceUnavailable`. `LocalScoring` answers the same calls while the API is away.

    `key` is shown where the API asks for one; `adapter` takes the place of the network in tests.
    """

    def __init__(
        self,
        base_url: str,
        timeout: float,
        adapter: Adapter | None = None,
        key: str | None = None,
        clock: Callable[[], float] = time.monotonic,
        asker: Callable[[], Asker | None] | None = None,
        contact: LastContact | None = None,
    ) -> None:
        self._contact = contact
        self._api = ApiClient(base_url, timeout, adapter, key, asker)
        self._health_timeout = min(timeout, health_patience)
        self._clock = clock
        self._clients: OrderedDict[int, tuple[float, ClientApplication]] = OrderedDict()
        self._lock = threading.Lock()
        # What the last health said of, so that what follows from it is not asked for with each page.
        self._heard_model: str | None = None
        self._heard_portfolio: str | None = None
        self._model: Held[ModelDescription] = Held(clock)
        self._dataset: Held[Dataset] = Held(clock)

    def health(self) -> ServiceHealth:
        """Whether the service can score."""
        health = read(ServiceHealth, self._api.ask("GET", "/health", params={}, timeout=self._health_timeout))
        self._heard_model, self._heard_portfolio = health.model_version, health.portfolio
        if self._contact is not None:
            self._contact.hear(self._heard_portfolio)
        return health

    def model(self) -> ModelDescription:
        """The model in use."""
        return self._model.get(self._heard_model, self._ask_model)

    def _ask_model(self) -> ModelDescription:
        return self._api.read(ModelDescription, "/model/info")

    def dataset(self) -> Dataset:
        """The portfolio in a few numbers."""
        return self._dataset.get(self._heard_portfolio, self._ask_dataset)

    def _ask_dataset(self) -> Dataset:
        answer = self._api.get("/data/describe")
        with understood():
            return read(Dataset, answer["summary"])

    def clients(
        self,
        wanted: ClientFilter | None = None,
        limit: int = 50,
        offset: int = 0,
        by: SortKey = "client_id",
        order: Order = "asc",
    ) -> ClientList:
        """The clients that a filter asks for, sorted; all of them, by number, where nothing is said."""
        asked = {name: value for name, value in asdict(wanted or ClientFilter()).items() if value is not None}
        asked |= {"search": asked.pop("prefix"), "sort": by, "order": order, "limit": limit, "offset": offset}
        page = self._api.read(ClientList, "/clients", **asked)
        self._ask_whose_clients()
        return page

    def client(self, client_id: int) -> ClientApplication:
        """One client's application, on which nothing is decided. Raises `NotFound`."""
        held = self._held(client_id)
        if held is not None:
            return held
        return self._hold(self._api.read(ClientApplication, f"/clients/{client_id}/application"))

    def client_file(self, client_id: int, lang: Language) -> ClientOnFile:
        """Everything that is known of a client, under one record of the decision. Raises `NotFound`."""
        answer = self._api.get(f"/clients/{client_id}", include="file", top_n=_max_reasons, lang=lang)
        with understood():
            file, prediction = answer["file"], answer["prediction"]
            decisions = file["decisions"]
            return ClientOnFile(
                features=self._hold(read(ClientApplication, answer | {"portfolio": prediction["portfolio"]})).features,
                assessment=read(Assessment, prediction | file["explanation"] | {"recourse": file["recourse"]}),
                history=read(HistoryAnswer, file["history"]),
                decisions=None
                if decisions is None
                else tuple(read(RecordedDecision, decision) for decision in decisions),
            )

    def _hold(self, client: ClientApplication) -> ClientApplication:
        """A client in an answer, held while changes are tried; what is kept of the last contact is about them."""
        if self._contact is not None:
            self._contact.hear(client.portfolio)
        with self._lock:
            self._clients[client.client_id] = self._clock() + _held_seconds, client
            while len(self._clients) > _most_held:
                self._clients.popitem(last=False)
        return client

    def _ask_whose_clients(self) -> None:
        """Has what is kept of the last contact be about the clients that are shown."""
        if self._contact is not None and self._contact.is_due:
            # It just answered; where it does not this time, the next one asks.
            with suppress(ServiceUnavailable):
                self.health()

    def _held(self, client_id: int) -> ClientApplication | None:
        with self._lock:
            until, client = self._clients.get(client_id, (0.0, None))
            return client if self._clock() < until else None

    def assess(
        self,
        features: Mapping[str, Value],
        lang: Language,
        top: int = _max_reasons,
        *,
        client_id: int | None = None,
        joined: bool = False,
    ) -> Assessment:
        """The decision on an application, its `top` strongest reasons, and what could change it.

        Args:
            features: the whole application: what is absent or None is missing.
            client_id: of the client on hand whose application it is, as stored or with values changed. The record then
                says which stored clients it was taken from, and that the history is theirs.
            joined: whether the history in it was joined to it, as to a row of a file, under its `SK_ID_CURR`. The
                record then says so where that is still what is stored.

        Raises:
            Rejected: fields cannot be used.
            NotFound: there is no such client.
        """
        values, whose = _sent(features, client_id, joined=joined)
        asked: dict[str, int | str] = {"top_n": top, "include": "recourse", "lang": lang, **whose}
        return read(
            Assessment, self._api.ask("POST", "/predict/explain", params=asked, json={"features": values}, lang=lang)
        )

    def risk_by_amount(
        self, features: Mapping[str, Value], lang: Language, *, client_id: int | None = None, joined: bool = False
    ) -> RiskByAmount | None:
        """The risk over the amounts of a credit whose instalment and price go with it; arguments as of `assess`.

        Returns:
            None where the amount is not known.

        Raises:
            Rejected: fields cannot be used.
            NotFound: there is no such client.
        """
        tried = amounts_around(features)
        if not tried:
            return None
        values, whose = _sent(features, client_id, joined=joined)
        body = {"features": values, "scenarios": [{"changes": credit} for credit in tried]}
        answer = self._api.ask("POST", "/simulate", params=whose, json=body, lang=lang)
        with understood():
            outcomes = [scenario["after"] for scenario in answer["scenarios"]]
            points = tuple(
                RiskPoint(credit["AMT_CREDIT"], outcome["probability"], outcome["decision"])
                for credit, outcome in zip(tried, outcomes, strict=True)
            )
            today = next(point for point in points if point.amount == features["AMT_CREDIT"])
            return RiskByAmount(answer["threshold"], today, points)

    def history(self, client_id: int, lang: Language) -> HistoryAnswer:
        """What a client did before; empty where nothing is known. Raises `NotFound`."""
        return self._api.read(HistoryAnswer, f"/clients/{client_id}/history", lang=lang)

    def decisions_on_client(self, client_id: int) -> tuple[RecordedDecision, ...]:
        """What officers decided on a client's applications, newest first: the first one counts."""
        return self._decisions(client_id=client_id, on_hand="true")

    def decisions_on_prediction(self, prediction_id: str) -> tuple[RecordedDecision, ...]:
        """What officers decided on the application of a recorded prediction, newest first: the first one counts."""
        return self._decisions(prediction_id=prediction_id)

    def _decisions(self, **about: str | int) -> tuple[RecordedDecision, ...]:
        answer = self._api.get("/decisions", **about, limit=_most_decisions)
        with understood():
            return tuple(read(RecordedDecision, decision) for decision in answer["decisions"])

    def recorded(self, prediction_id: str) -> PredictionDetail:
        """A prediction as it was recorded, with the application. Raises `NotFound`."""
        return self._api.read(PredictionDetail, f"/predictions/{prediction_id}")

    def decide(self, draft: DecisionDraft, lang: Language) -> RecordedDecision:
        """Records an officer's decision on a prediction, once under its key. Raises `Rejected`, `Refused`."""
        body = asdict(draft)
        key = {"Idempotency-Key": body.pop("key")}
        try:
            answer = self._api.ask("POST", "/decisions", params={}, json=body, lang=lang, headers=key)
        except NotFound:
            raise ServiceUnavailable("not_on_record", HTTPStatus.NOT_FOUND) from None
        return read(RecordedDecision, answer)

    def compare(self, client_id: int, choice: Choice, lang: Language) -> ComparisonView:
        """A client among others. Raises `NotFound` where there is no such client, or no such other one."""
        asked: dict[str, str | int] = {
            "group": choice.group,
            "method": choice.method,
            "criteria": ",".join(choice.criteria) or "none",
            "neighbours": choice.neighbours,
            "lang": lang,
        }
        asked |= {"features": ",".join(choice.names)} if choice.names else {}
        asked |= {"x": choice.x, "y": choice.y} if choice.x and choice.y else {}
        asked |= {} if choice.against is None else {"against": choice.against}
        return self._api.read(ComparisonView, f"/clients/{client_id}/comparison", **asked)

    def nearest_accepted(
        self, features: Mapping[str, Value], lang: Language, *, client_id: int | None = None
    ) -> NearestAccepted:
        """The accepted clients most like an application, which may be that of a client on hand. Raises `Rejected`."""
        body = {"features": given(features, client_id)}
        answer = self._api.ask("POST", "/comparison/accepted", params={"lang": lang}, json=body, lang=lang)
        return read(NearestAccepted, answer)


def given(features: Mapping[str, Value], client_id: int | None = None) -> dict[str, Value]:
    """What is given of an application, under the number of its client where that is on hand."""
    values: dict[str, Value] = {name: value for name, value in features.items() if value is not None}
    if client_id is not None:
        values["SK_ID_CURR"] = client_id
    return values


def _sent(
    features: Mapping[str, Value], client_id: int | None, *, joined: bool
) -> tuple[dict[str, Value], dict[str, int | str]]:
    """The application as it is sent, and whose it is."""
    # Of an application, which is what is given of it and nothing that is stored beside.
    values = given(features)
    whose: dict[str, int | str] = {"history": "portfolio"} if joined else {}
    if client_id is not None:
        whose["client_id"] = client_id
        values = {**dict.fromkeys(_stored_names(), None), **values}
    return values, whose


@cache
def _stored_names() -> tuple[str, ...]:
    """Everything that may be stored of a client and go into a decision."""
    own = ("SK_ID_CURR", "TARGET")
    return (*(column.name for column in catalogue.columns() if column.name not in own), *history_names())
