"""Base schemas: what those of all resources share."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from core.portfolio.provenance import HistoryChoice


class WithApplications(BaseModel):
    """A body with applications, which `core.application` reads: this describes it.

    It is built when the document is asked for: six of these, of three hundred names each, would be a twentieth of what
    the API takes to start.
    """

    model_config = ConfigDict(defer_build=True)


class LanguageQuery(BaseModel):
    """The language of messages and reasons."""

    lang: Literal["fr", "en"] | None = Field(
        default=None,
        description="Language of messages and reasons; without it, `Accept-Language` decides, else English.",
    )


class HistoryQuery(LanguageQuery):
    """The parameter that says whether stored history is joined."""

    history: HistoryChoice | None = Field(
        default=None,
        description="Whether an application that brings no history gets the one stored under its `SK_ID_CURR`."
        " By default only where the clients on hand are real: a number that a synthetic one has is somebody else's.",
    )
