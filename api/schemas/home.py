"""Schemas of the service itself."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.schemas.problems import Problem
from core.contract.answer import Answer
from core.contract.health import RegistryState


class Welcome(Answer):
    """What the service is, and where to go from here."""

    message: str
    version: str
    docs: str
    health: str


class Live(Answer):
    """The process answers."""

    status: Literal["live"]


class NotReadyProblem(Problem):
    """Something that the API stands on is missing."""

    checks: dict[str, bool] = Field(description="As where it is ready.")
    registry: RegistryState | None = Field(description="As where it is ready.")
