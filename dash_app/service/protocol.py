"""The protocol of a scoring service: what the pages ask of it, whichever way it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Generic, Literal, Protocol, TypeVar

from core.audit.entries import Outcome
from core.contract.comparison import ComparisonAnswer
from core.contract.health import Health
from core.contract.prediction import Explained
from core.contract.record.officer_decisions import RecordedDecision
from core.contract.recourse_found import RecourseFound

if TYPE_CHECKING:
    from core.application import FieldError
    from core.catalogue import Language
    from core.comparison.choice import Choice
    from core.contract.clients.history import HistoryAnswer
    from core.contract.clients.lists import ClientApplication, ClientList, Dataset
    from core.contract.model import ModelDescription
    from core.contract.record.predictions import PredictionDetail
    from core.decision import Value
    from core.portfolio.client_search import ClientFilter, SortKey

Source = Literal["api", "local"]
"""Where an answer was computed: by the API, or by the model in the dashboard's own image."""

_Answer = TypeVar("_Answer")

Order = Literal["asc", "desc"]


class ServiceError(Exception):
    """Any answer that is not the one asked for."""


Fault = Literal[
    "unreachable",
    "timeout",
    "http",
    "no_model",
    "no_portfolio",
    "other_portfolio",
    "no_record",
    "record_closed",
    "not_on_record",
    "key_unknown",
    "key_forbidden",
    "host_unknown",
    "model_kept",
    "model_shipped",
    "person_unknown",
    "busy",
    "spool_full",
    "spool_closed",
]
"""What keeps a service from answering: nobody is there; nobody in time; an answer that is none, or an error of its own;
no model; no list of clients; clients who may be others than those of the API; what is to be kept can be kept by the API
alone, which is away; the record of the API takes nothing; what is to be decided on is not on record; the key of the
dashboard is not known, or does not allow it; the API does not answer under that name; another model decides than the
one asked of the registry: the last that was in use, or the one of the image; who is signed in is not believed; too many
requests; too many decisions of the local model wait for the record; none can be kept for it."""
_gateway_faults: Final = (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)


class ServiceUnavailable(ServiceError):
    """The service cannot answer now.

    Attributes:
        fault: what fails.
        code: the HTTP status where there was one.
        seconds: after which to ask again, where that was said.
    """

    def __init__(self, fault: Fault, code: int = 0, seconds: int = 0) -> None:
        super().__init__(f"{fault} {code}" if code else fault)
        self.fault = fault
        self.code = code
        self.seconds = seconds

    @property
    def away(self) -> bool:
        """Whether nobody is there to decide: the one case in which the dashboard may do so itself.

        A service that refuses is there, and its refusal stands.
        """
        return self.fault in ("unreachable", "timeout", "no_model") or self.code in _gateway_faults


class Rejected(ServiceError):
    """The application has bad fields; `errors` names each."""

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__(", ".join(error.field for error in errors))
        self.errors = errors


class NotFound(ServiceError):
    """There is no such client, job or report."""


class Refused(ServiceError):
    """What was asked for cannot be done; `detail` says why in the reader's language, `code` is the HTTP status."""

    def __init__(self, detail: str, code: int) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code


@dataclass(frozen=True, slots=True)
class Sourced(Generic[_Answer]):
    """An answer of the contract, and who gave it."""

    answer: _Answer
    source: Source = "api"


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


class ScoringService(Protocol):
    """Everything that a page can ask. Each call may raise `ServiceUnavailable`."""

    def health(self) -> ServiceHealth:
        """Whether the service can score."""

    def model(self) -> ModelDescription:
        """The model in use."""

    def dataset(self) -> Dataset:
        """The portfolio in a few numbers."""

    def clients(
        self,
        wanted: ClientFilter | None = None,
        limit: int = 50,
        offset: int = 0,
        by: SortKey = "client_id",
        order: Order = "asc",
    ) -> ClientList:
        """The clients that a filter asks for, sorted; all of them, by number, where nothing is said."""

    def client(self, client_id: int) -> ClientApplication:
        """One client's application, on which nothing is decided. Raises `NotFound`."""

    def client_file(self, client_id: int, lang: Language) -> ClientOnFile:
        """Everything that is known of a client, under one record of the decision. Raises `NotFound`."""

    def assess(
        self,
        features: Mapping[str, Value],
        lang: Language,
        top: int = 40,
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

    def history(self, client_id: int, lang: Language) -> HistoryAnswer:
        """What a client did before; empty where nothing is known. Raises `NotFound`."""

    def decisions_on_client(self, client_id: int) -> tuple[RecordedDecision, ...]:
        """What officers decided on a client's applications, newest first: the first one counts."""

    def decisions_on_prediction(self, prediction_id: str) -> tuple[RecordedDecision, ...]:
        """What officers decided on the application of a recorded prediction, newest first: the first one counts."""

    def recorded(self, prediction_id: str) -> PredictionDetail:
        """A prediction as it was recorded, with the application. Raises `NotFound`."""

    def decide(self, draft: DecisionDraft, lang: Language) -> RecordedDecision:
        """Records an officer's decision on a prediction, once under its key. Raises `Rejected`, `Refused`."""

    def compare(self, client_id: int, choice: Choice, lang: Language) -> ComparisonView:
        """A client among others. Raises `NotFound` where there is no such client, or no such other one."""
