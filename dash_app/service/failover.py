"""The failover: every call goes to the API, and to the local model while the API is away."""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar, cast

from dash_app.service.errors import ServiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.catalogue import Language
    from core.contract.record.officer_decisions import RecordedDecision
    from dash_app.service.answers import DecisionDraft, ServiceHealth
    from dash_app.service.scoring import ScoringService

_log = logging.getLogger(__name__)
_Service = TypeVar("_Service")
# After a failure the API is left alone this long, so that a page does not wait for it call after call.
_seconds_apart: Final = 3.0


class Failover(Generic[_Service]):
    """Has each call of two services of the same protocol answered by the first, or by the second while that is away.

    The calls are found by name, so that a new one of the protocol is written in the two services and nowhere else. The
    state is that of one process: another worker finds out for itself.

    Attributes:
        of_first: calls that the second never answers.
    """

    of_first: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, first: _Service, second: _Service, clock: Callable[[], float] = time.monotonic) -> None:
        """Asks nothing yet."""
        self.first = first
        self.second = second
        self._clock = clock
        self._away_until = 0.0

    @property
    def service(self) -> _Service:
        """The same as a service of the protocol; a type checker does not see calls that are found by name."""
        return cast("_Service", self)

    def __getattr__(self, call: str) -> Callable[..., Any]:
        """The call of that name; of what begins with an underscore there is none. Raises AttributeError."""
        if call.startswith("_"):
            raise AttributeError(call)
        first: Callable[..., Any] = getattr(self.first, call)
        return first if call in self.of_first else partial(self._ask, call)

    def _ask(self, call: str, *arguments: Any, **named: Any) -> Any:
        if self._clock() >= self._away_until:
            try:
                return getattr(self.first, call)(*arguments, **named)
            except ServiceUnavailable as error:
                if not error.away:
                    raise
                _log.warning("The API does not answer %s (%s): going on locally", call, error)
                self._leave()
        return getattr(self.second, call)(*arguments, **named)

    def _leave(self) -> None:
        self._away_until = self._clock() + _seconds_apart


class FailoverScoring(Failover["ScoringService"]):
    """The failover of scoring, which also finds out how the first is, and leaves the record of decisions to it."""

    # What is decided once must not be kept in two places.
    of_first: ClassVar = frozenset({"decisions_on_client", "decisions_on_prediction", "recorded", "risk_by_amount"})

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
        super().__init__(first, second, clock)
        self._deliver = deliver

    def health(self) -> ServiceHealth:
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

    def decide(self, draft: DecisionDraft, lang: Language) -> RecordedDecision:
        """Records an officer's decision with the first; one on what waits to be handed in is tried again after that."""
        try:
            return self.first.decide(draft, lang)
        except ServiceUnavailable as error:
            # What was decided here while the first was away is about to be handed in.
            if error.fault != "not_on_record" or self._deliver is None or not self._deliver():
                raise
        return self.first.decide(draft, lang)
