"""Asks the API first, and goes on locally while it is away."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final, TypeVar

from dash_app.service.protocol import ServiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.catalogue import Language
    from core.decision import Value
    from core.portfolio.client_history import ClientHistory
    from core.portfolio.client_search import ClientFilter, SortKey
    from core.portfolio.clients import Client, ClientPage, DatasetSummary
    from dash_app.service.protocol import (
        Assessment,
        Choice,
        ComparisonView,
        DecisionDraft,
        Health,
        ModelSummary,
        OfficerDecision,
        Order,
        RecordedApplication,
        ScoringService,
        Ways,
    )

_log = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")
# After a failure the API is left alone this long, so that a page does not wait for it call after call.
_seconds_apart: Final = 3.0


class FailoverScoring:
    """One service before another: the second answers while the first is away.

    The state is that of one process: another worker finds out for itself.
    """

    def __init__(
        self,
        first: ScoringService,
        second: ScoringService,
        clock: Callable[[], float] = time.monotonic,
        deliver: Callable[[], int] | None = None,
    ) -> None:
        """Asks nothing yet.

        Args:
            deliver: hands in to the first what the second decided; returns how much that was.
        """
        self._deliver = deliver
        self.first = first
        self.second = second
        self._clock = clock
        self._away_until = 0.0

    def health(self) -> Health:
        """How the first service is, asked for real: the answer opens or closes the way to it.

        Raises:
            ServiceUnavailable: where the first does not answer, whatever the second could.
        """
        try:
            health = self.first.health()
        except ServiceUnavailable as error:
            if error.away:
                self._leave()
            raise
        if health.model_loaded:
            self._away_until = 0.0
        return health

    def model(self) -> ModelSummary:
        return self._ask(lambda service: service.model())

    def dataset(self) -> DatasetSummary:
        return self._ask(lambda service: service.dataset())

    def clients(
        self,
        wanted: ClientFilter | None = None,
        limit: int = 50,
        offset: int = 0,
        by: SortKey = "client_id",
        order: Order = "asc",
    ) -> ClientPage:
        return self._ask(lambda service: service.clients(wanted, limit, offset, by, order))

    def client(self, client_id: int) -> Client:
        return self._ask(lambda service: service.client(client_id))

    def assess(
        self,
        features: Mapping[str, Value],
        lang: Language,
        top: int = 40,
        *,
        client_id: int | None = None,
        joined: bool = False,
    ) -> Assessment:
        return self._ask(lambda service: service.assess(features, lang, top, client_id=client_id, joined=joined))

    def ways(
        self, features: Mapping[str, Value], lang: Language, *, client_id: int | None = None, joined: bool = False
    ) -> Ways:
        return self._ask(lambda service: service.ways(features, lang, client_id=client_id, joined=joined))

    def history(self, client_id: int) -> ClientHistory:
        return self._ask(lambda service: service.history(client_id))

    # The record is the first's alone: what is decided once must not be kept in two places.

    def decisions_on_client(self, client_id: int) -> tuple[OfficerDecision, ...]:
        return self.first.decisions_on_client(client_id)

    def decisions_on_prediction(self, prediction_id: str) -> tuple[OfficerDecision, ...]:
        return self.first.decisions_on_prediction(prediction_id)

    def recorded(self, prediction_id: str) -> RecordedApplication:
        return self.first.recorded(prediction_id)

    def decide(self, draft: DecisionDraft, lang: Language) -> OfficerDecision:
        try:
            return self.first.decide(draft, lang)
        except ServiceUnavailable as error:
            # What was decided here while the first was away is about to be handed in.
            if error.fault != "not_on_record" or self._deliver is None or not self._deliver():
                raise
        return self.first.decide(draft, lang)

    def compare(self, client_id: int, choice: Choice, lang: Language) -> ComparisonView:
        return self._ask(lambda service: service.compare(client_id, choice, lang))

    def _ask(self, question: Callable[[ScoringService], _Answer]) -> _Answer:
        if self._clock() >= self._away_until:
            try:
                return question(self.first)
            except ServiceUnavailable as error:
                if not error.away:
                    raise
                _log.warning("The scoring API does not answer (%s): going on locally", error)
                self._leave()
        return question(self.second)

    def _leave(self) -> None:
        self._away_until = self._clock() + _seconds_apart
