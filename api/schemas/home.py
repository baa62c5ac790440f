"""What the service says of itself."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.schemas.base import Answer
from api.schemas.provenance import Portfolio
from api.schemas.worker import WorkerState
from core.keys import Role


class Welcome(Answer):
    """What the service is, and where to go from here."""

    message: str
    version: str
    docs: str
    health: str


class Health(Answer):
    """Whether the service can score."""

    status: Literal["healthy", "degraded"]
    model_loaded: bool
    version: str = Field(description="Version of the service.")
    model_version: str | None = Field(description="Version of the model in use.")
    portfolio_loaded: bool = Field(description="Whether the clients of the portfolio can be searched.")
    portfolio: Portfolio | None = Field(
        description="Which clients these are: drawn or imported, and a fingerprint of what is stored of them."
    )
    detail: str | None = Field(description="Why the service is degraded.")
    role: Role | None = Field(
        description="What the caller may do: the role of the key that was sent, null where none is known, `admin` where"
        " no keys are needed."
    )
    worker: WorkerState = Field(description="Whether files that are sent to `/jobs` are scored at the moment.")


class Live(Answer):
    """The process answers."""

    status: Literal["live"]


class RegistryState(Answer):
    """How it goes to follow the model registry, in the worker that answers."""

    version: int | None = Field(description="Version of the registered model in use; null where there is none yet.")
    last_success: datetime | None = Field(description="When the registry last answered, and what it said was in use.")
    last_error: str | None = Field(description="What went wrong last; also where a later time went well.")
    last_error_time: datetime | None = Field(description="When that was.")


class Ready(Answer):
    """What is needed to serve is there."""

    status: Literal["ready"]
    checks: dict[str, bool] = Field(description="What the service stands on, and whether it is there.")
    registry: RegistryState | None = Field(
        default=None, description="How it goes to follow the model registry; null where `MODEL_URI` names none."
    )
