"""The answers of the services, beyond those that the contract has: who gave them, and drafts that are sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from core.audit.entries import Outcome
from core.contract.clients.comparison import ComparisonAnswer
from core.contract.health import ChallengerState, Health, RegistryState
from core.contract.prediction import Explained
from core.contract.record.officer_decisions import RecordedDecision
from core.contract.recourse_found import RecourseFound

if TYPE_CHECKING:
    from core.contract.clients.history import HistoryAnswer
    from core.decision import Value

Source = Literal["api", "local"]
"""Where an answer was computed: by the API, or by the model in the dashboard's own image."""

_Answer = TypeVar("_Answer")

Order = Literal["asc", "desc"]


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """The risk of a client with another amount, and the decision on it."""

    amount: float
    probability: float
    decision: str


@dataclass(frozen=True, slots=True)
class RiskByAmount:
    """The risk over the amounts of a credit, the lowest first; `today` is the amount asked for, one of them."""

    threshold: float
    today: RiskPoint
    points: tuple[RiskPoint, ...]

    @classmethod
    def read(cls, held: Mapping[str, Any]) -> RiskByAmount:
        """From what a page holds of it, as `asdict` has written it."""
        points = tuple(RiskPoint(**point) for point in held["points"])
        return cls(held["threshold"], RiskPoint(**held["today"]), points)


@dataclass(frozen=True, slots=True)
class Sourced(Generic[_Answer]):
    """An answer of the contract, and who gave it."""

    answer: _Answer
    source: Source = "api"


@dataclass(frozen=True, slots=True)
class Readiness:
    """What the API stands on, whether or not it is ready.

    Attributes:
        checks: whether each part is there, by the name that the API gives it.
        registry: how the model registry is followed; None where none is.
        challenger: what becomes of the challenger; None where there is none, or the API is not ready and does not say.
    """

    checks: Mapping[str, bool]
    registry: RegistryState | None = None
    challenger: ChallengerState | None = None


class ServiceHealth(Health):
    """How the service is, as `source` says."""

    source: Source = "api"


class Assessment(Explained):
    """A decision, explained, with what could change it, as `source` says."""

    recourse: RecourseFound
    source: Source = "api"


@dataclass(frozen=True, slots=True)
class DecisionDraft:
    """A decision of an officer that is to be recorded.

    Attributes:
        prediction_id: the prediction that it is about.
        key: made for this decision and kept until there is an answer: sent again under it, it is recorded once.
    """

    prediction_id: str
    decision: str
    reason: str
    officer: str
    key: str


@dataclass(frozen=True, slots=True)
class ClientOnFile:
    """A client's file, as a page shows it.

    Attributes:
        features: the application on file.
        assessment: of that application.
        history: what the client did before; empty where nothing is known.
        decisions: what officers decided, newest first: the first one counts; None where that cannot be read.
    """

    features: Mapping[str, Value]
    assessment: Assessment
    history: HistoryAnswer
    decisions: tuple[RecordedDecision, ...] | None


class ComparisonView(ComparisonAnswer):
    """A client on hand among others."""

    client_id: int
    decision: Outcome
