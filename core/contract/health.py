"""Whether the API can score, and what the caller may do there."""

from __future__ import annotations

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
