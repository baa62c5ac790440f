"""What the service says of itself."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.schemas.base import Answer


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
    detail: str | None = Field(description="Why the service is degraded.")


class Live(Answer):
    """The process answers."""

    status: Literal["live"]


class Ready(Answer):
    """What is needed to serve is there."""

    status: Literal["ready"]
    checks: dict[str, bool] = Field(description="What the service stands on, and whether it is there.")
