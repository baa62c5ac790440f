"""Schemas of the service itself."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from api.schemas.problems import Problem
from core.contract.answer import Answer
from core.contract.health import ChallengerState, StandIn

if TYPE_CHECKING:
    from core.model.source import ModelSource


class Welcome(Answer):
    """What the service is, and where to go from here."""

    message: str
    version: str
    docs: str
    health: str


class Live(Answer):
    """The process answers."""

    status: Literal["live"]


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

    @classmethod
    def of(cls, source: ModelSource) -> RegistryState | None:
        """How a model is followed; None where none is."""
        following = source.following()
        return None if following is None else cls(**asdict(following))


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


class NotReadyProblem(Problem):
    """Something that the API stands on is missing."""

    checks: dict[str, bool] = Field(description="As where it is ready.")
    registry: RegistryState | None = Field(description="As where it is ready.")
