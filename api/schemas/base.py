"""Base schemas: what those of all resources share."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class LanguageQuery(BaseModel):
    """The language of messages and reasons."""

    lang: Literal["fr", "en"] | None = Field(
        default=None,
        description="Language of messages and reasons; without it, `Accept-Language` decides, else English.",
    )
