"""Schema of what is asked of a search for ways to an acceptance."""

from __future__ import annotations

from pydantic import Field

from api.schemas.base import WithApplications
from core.application import ApplicationFeatures
from core.recourse.actions import ActionName, action_names


class RecourseRequest(WithApplications):
    """An application, and what of it may be changed."""

    features: ApplicationFeatures  # type: ignore[valid-type]
    threshold: float | None = Field(
        default=None, ge=0, le=1, description="As `threshold` of `/predict`; goes before the one in the address."
    )
    levers: list[ActionName] | None = Field(
        default=None, max_length=len(action_names), description="What may be changed; everything that can by default."
    )
