"""Whether the API can score, and what the caller may do there."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from core.access.keys import Role
from core.contract.answer import Answer
from core.contract.jobs import WorkerState
from core.contract.prediction import Portfolio

StandIn = Literal["kept", "shipped"]
"""What decides in place of the model of the registry: the version that was last in use, or the model of the image."""

ChallengerState = Literal["loading", "asked", "same", "failed"]
"""What becomes of applications that the challenger is to be asked of; same: it is the model in use, and is not."""


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
    model_stand_in: StandIn | None = Field(
        description="What decides in place of the model that `MODEL_URI` names, as in `/health/ready`."
    )
    detail: str | None = Field(description="Why the service is degraded.")
    role: Role | None = Field(
        description="What the caller may do: the role of the key that was sent, null where none is known, `admin` where"
        " no keys are needed, `review` for visitors of a public demonstration."
    )
    worker: WorkerState = Field(description="Whether files that are sent to `/jobs` are scored at the moment.")


class RegistryState(Answer):
    """How it goes to follow the model registry, in the worker that answers."""

    version: int | None = Field(description="Version of the registered model in use; null where none is.")
    wanted: int | None = Field(description="The version that `MODEL_URI` means, as the registry last said it.")
    stand_in: StandIn | None = Field(
        description="What decides in place of that version, which cannot be had or used: the version that was last in"
        " use (`kept`), or the model of the image (`shipped`); null where it decides itself, or nothing does."
    )
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
    challenger: ChallengerState | None = Field(
        default=None,
        description="What becomes of applications that the challenger is to be asked of: `asked`; `loading`; `same`: "
        "it is the model in use, and is not asked; `failed`: the log says why. Null where `CHALLENGER_URI` names none.",
    )
