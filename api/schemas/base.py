"""What the schemas of all resources share."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """What all answers share: no key that is not documented."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())


class LanguageQuery(BaseModel):
    """The language of messages and reasons."""

    lang: Literal["fr", "en"] | None = Field(
        default=None,
        description="Language of messages and reasons; without it, `Accept-Language` decides, else English.",
    )
