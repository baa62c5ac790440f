"""What the pages ask of a scoring service, whichever way it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.application import FieldError
    from core.catalogue import Language
    from core.client_history import ClientHistory
    from core.decision import Contribution, Decision, Value
    from core.portfolio import Client, ClientPage, DatasetSummary
    from core.reasons import Reason

Source = Literal["api", "local"]
"""Where an answer was computed: by the API, or by the model in the dashboard's own image."""


class ServiceError(Exception):
    """Any answer that is not the one asked for."""


class ServiceUnavailable(ServiceError):
    """The service cannot answer now.

    Attributes:
        fault: what fails: `unreachable`, `timeout`, `http` (an answer that is none), `no_model` or `no_portfolio`.
        code: the HTTP status where there was one.
    """

    def __init__(
        self,
        fault: Literal["unreachable", "timeout", "http", "no_model", "no_portfolio"],
        code: int = 0,
    ):
        super().__init__(f"{fault} {code}" if code else fault)
        self.fault = fault
        self.code = code


class Rejected(ServiceError):
    """The application has bad fields; `errors` names each."""

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__(", ".join(each.field for each in errors))
        self.errors = errors


class NotFound(ServiceError):
    """No client has that number."""


@dataclass(frozen=True, slots=True)
class Health:
    """How the service is.

    Attributes:
        model_loaded: whether it can score.
        model_version: of the model in use; empty where not told.
        version: of the service.
        source: who answered.
    """

    model_loaded: bool
    model_version: str
    version: str
    source: Source


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """What the sidebar says of the model. `training_date` is ISO 8601; `trained_on` is empty where not told."""

    name: str
    version: str
    threshold: float
    training_date: str
    auc: float
    trained_on: Literal["demo", "real", ""]


@dataclass(frozen=True, slots=True)
class Weighed:
    """One reason, with what it weighs in log-odds."""

    contribution: Contribution
    reason: Reason


@dataclass(frozen=True, slots=True)
class Assessment:
    """A decision, explained.

    Attributes:
        reasons: strongest first.
        warnings: what of the application was not used, in the reader's language.
    """

    decision: Decision
    reasons: tuple[Weighed, ...]
    warnings: tuple[str, ...]
    model_version: str
    source: Source


@dataclass(frozen=True, slots=True)
class Way:
    """A way to another decision, or how far one could still go.

    Attributes:
        text: what has to be done and what follows, in the reader's language.
        changes: the columns it changes, with their new values.
        decision: what follows.
        alone: whether a single lever is pulled.
    """

    text: str
    changes: Mapping[str, Value]
    probability: float
    decision: str
    alone: bool


@dataclass(frozen=True, slots=True)
class Ways:
    """What could change a decision.

    Attributes:
        text: what the search came to, in one sentence.
        options: changes that make a refused application accepted, the least effort first.
        insufficient: what does not suffice alone, at its best.
        nearest: where nothing suffices, the lowest risk that was found.
        margins: for an accepted application, how far each lever could go.
    """

    text: str
    accepted: bool
    options: tuple[Way, ...]
    insufficient: tuple[Way, ...]
    nearest: Way | None
    margins: tuple[Way, ...]


class ScoringService(Protocol):
    """Everything that a page can ask. Each call may raise `ServiceUnavailable`."""

    def health(self) -> Health:
        """Whether the service can score."""

    def model(self) -> ModelSummary:
        """The model in use."""

    def dataset(self) -> DatasetSummary:
        """The portfolio in a few numbers."""

    def clients(self, prefix: str = "", limit: int = 50, offset: int = 0) -> ClientPage:
        """The clients whose number begins with `prefix`."""

    def client(self, client_id: int) -> Client:
        """One client's application. Raises `NotFound`."""

    def assess(self, features: Mapping[str, Value], lang: Language, top: int = 40) -> Assessment:
        """The decision on an application and its `top` strongest reasons. Raises `Rejected`."""

    def ways(self, features: Mapping[str, Value], lang: Language) -> Ways:
        """What could change the decision on an application. Raises `Rejected`."""

    def history(self, client_id: int) -> ClientHistory:
        """What a client did before; empty where nothing is known. Raises `NotFound`."""
