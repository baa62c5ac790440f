"""Readiness of the API: what it needs, and what it can do without, each looked at when somebody asks."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, get_args

from flask import current_app

from api import audit
from api.operations import challenger
from api.operations.metrics import gauges
from api.services import services
from core.contract.health import RegistryState, StandIn
from core.model.source import stand_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flask import Flask

    from core.settings import Settings

_extension: Final = "readiness"


class NotReady(Exception):
    """Something that is needed is not there.

    Attributes:
        missing: the names of what is needed and absent.
        checks: of everything, whether it is there.
    """

    def __init__(self, missing: Sequence[str], checks: dict[str, bool]) -> None:
        super().__init__(*missing)
        self.missing = missing
        self.checks = checks


@dataclass(frozen=True, slots=True)
class Check:
    """Something that the API stands on.

    Attributes:
        name: as `/health/ready` names it.
        failure: why it is not there; None where it is. Called in the context of the application, and quick.
        needed: whether nothing useful can be answered without it.
    """

    name: str
    failure: Callable[[], object | None]
    needed: bool


def register(app: Flask, settings: Settings) -> None:
    """Gives an application its checks: the model, the portfolio and the audit log."""
    app.extensions[_extension] = [
        Check("model", _model, needed=True),
        # Applications are scored without it, each standing for itself.
        Check("portfolio", _portfolio, needed=False),
        Check("audit", audit.failure, needed=settings.audit_required),
    ]
    if settings.challenger_uri is not None:
        add(app, Check("challenger", _challenger, needed=False))
    gauges(app).add("scoring_ready", "1 where this part of what the API stands on is there.", "check", _passed)
    gauges(app).add(
        "scoring_registry_time_seconds",
        "When the model registry was last followed with success, and when it last went wrong, in Unix time.",
        "outcome",
        _registry,
    )
    gauges(app).add(
        "scoring_model_stand_in",
        "1 where the registered model that was asked for cannot be used, and this one decides in its place.",
        "model",
        _stand_in,
    )


def add(app: Any, check: Check) -> None:
    """Adds a check of another part, such as the queue of jobs."""
    app.extensions[_extension].append(check)


def ready() -> dict[str, bool]:
    """Which of the checks of the current application pass. Raises `NotReady` where one that is needed does not."""
    checks: list[Check] = current_app.extensions[_extension]
    passed = _passed()
    missing = [check.name for check in checks if check.needed and not passed[check.name]]
    if missing:
        raise NotReady(missing, passed)
    return passed


def registry_state() -> RegistryState | None:
    """How the model of the current application is followed; None where none is."""
    following = services().model.following()
    return None if following is None else RegistryState(**asdict(following))


def _passed() -> dict[str, bool]:
    checks: list[Check] = current_app.extensions[_extension]
    return {check.name: check.failure() is None for check in checks}


def _registry() -> dict[str, float]:
    following = services().model.following()
    if following is None:
        return {}
    times = {"success": following.last_success, "error": following.last_error_time}
    return {outcome: moment.timestamp() for outcome, moment in times.items() if moment is not None}


def _stand_in() -> dict[str, bool]:
    deciding = stand_in(services().model)
    return {model: deciding == model for model in get_args(StandIn)}


def _model() -> Exception | None:
    return services().scorer.failure()


def _challenger() -> str | None:
    state = challenger.current().state()
    return state if state in ("loading", "failed") else None


def _portfolio() -> Exception | None:
    return services().portfolio.failure()
