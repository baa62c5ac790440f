"""States of the services, asked for real, with when each last answered."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from core.access.keys import Role, roles
from dash_app.errors import why_unavailable
from dash_app.i18n import _
from dash_app.service import ServiceUnavailable
from dash_app.service.away.spool import SpoolUnavailable, Waiting
from dash_app.service.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.contract.health import StandIn
    from core.contract.jobs import WorkerState
    from dash_app.services import DashboardServices

_log = logging.getLogger(__name__)

Level = Literal["up", "degraded", "down", "unknown"]

# What the dashboard does for an officer, up to the recording of a decision.
role_needed: Final[Role] = "review"
# Faults of a service that is there.
_stand_in_faults: Final[dict[StandIn, Fault]] = {"kept": "model_kept", "shipped": "model_shipped"}
_answering: Final = frozenset[Fault](
    ["no_model", "key_unknown", "key_forbidden", "person_unknown", "busy", *_stand_in_faults.values()]
)


@dataclass(frozen=True, slots=True)
class ServiceState:
    """How a service is, as the sidebar shows it.

    Attributes:
        key: `api`, `worker` or `mlflow`.
        level: `degraded` where it answers but cannot do its work; `unknown` where nobody is there who could tell.
        fault: what fails, in words; empty where nothing does.
        seen: when it last answered, in seconds of the epoch; None where it never did.
        seen_ago: seconds since then.
        away: whether nobody is there to ask, rather than somebody who refuses.
    """

    key: str
    name: str
    level: Level
    fault: str
    seen: float | None
    seen_ago: float | None
    away: bool = False


@dataclass(frozen=True, slots=True)
class States:
    """All services together.

    Attributes:
        model_version: of the API's model; empty where it cannot score.
        waiting: decisions of the model on hand that wait for the record of the API; None where they cannot be counted.
    """

    services: tuple[ServiceState, ...]
    model_version: str = ""
    waiting: Waiting | None = field(default_factory=lambda: Waiting(0, 0))

    @property
    def local(self) -> bool:
        """Whether the model on hand stands in for the API."""
        return any(service.key == "api" and service.away for service in self.services)

    @property
    def seen(self) -> dict[str, float]:
        """When each service last answered."""
        return {service.key: service.seen for service in self.services if service.seen is not None}


def check(services: DashboardServices, seen: Mapping[str, float]) -> States:
    """Asks every service; `seen` tells when each last answered before."""
    versions: list[str] = []
    workers: list[WorkerState] = []

    def ask_api() -> None:
        health = services.scoring.health()
        workers.append(health.worker)
        if not health.model_loaded:
            raise ServiceUnavailable("no_model")
        versions.append(health.model_version or "")
        if health.role is None:
            raise ServiceUnavailable("key_unknown")
        if roles.index(health.role) < roles.index(role_needed):
            raise ServiceUnavailable("key_forbidden")
        if health.model_stand_in is not None:
            raise ServiceUnavailable(_stand_in_faults[health.model_stand_in])

    def ask_mlflow() -> None:
        services.tracking.check()
        services.mlflow.look_up()

    # At once: where neither answers, who looks would else wait for one after the other.
    with ThreadPoolExecutor(1) as pool:
        tracking = pool.submit(ask_mlflow)
        api = _state("api", _("Scoring API"), ask_api, seen.get("api"))
        mlflow = _state("mlflow", "MLflow", tracking.result, seen.get("mlflow"))
    worker = _worker_state(next(iter(workers), None), seen.get("worker"))
    return States((api, worker, mlflow), next(iter(versions), ""), _waiting(services))


def _worker_state(worker: WorkerState | None, seen: float | None) -> ServiceState:
    """The worker listens nowhere: the API tells when it was last there."""
    level: Level = "unknown" if worker is None else "up" if worker.alive else "down"
    fault = _("files that are sent wait for it") if level == "down" else ""
    if worker is not None and worker.seen is not None:
        seen = worker.seen.timestamp()
    # The clocks of two machines differ a little.
    ago = None if seen is None else max(0.0, time.time() - seen)
    return ServiceState("worker", _("File scoring"), level, fault, seen, ago)


def _waiting(services: DashboardServices) -> Waiting | None:
    try:
        return services.delivery.spool.waiting()
    except SpoolUnavailable as error:
        _log.error("What waits for the record cannot be counted: %s", error)
        return None


def _state(key: str, name: str, ask: Callable[[], None], seen: float | None) -> ServiceState:
    level: Level = "up"
    fault, away = "", False
    try:
        ask()
    except ServiceUnavailable as error:
        level = "degraded" if error.fault in _answering else "down"
        fault, away = why_unavailable(error), error.away
    now = time.time()
    seen = now if level != "down" else seen
    return ServiceState(key, name, level, fault, seen, None if seen is None else now - seen, away)
