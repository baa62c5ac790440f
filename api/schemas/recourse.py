"""Schemas of recourse: the ways to an acceptance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from api.schemas.predict import Prediction
from api.schemas.recourse_found import RecourseFound
from core.application import ApplicationFeatures
from core.recourse.actions import LeverName, lever_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.application import Application
    from core.catalogue import Language
    from core.contract.field_warnings import FieldWarning
    from core.model.artefacts import ModelInfo
    from core.recourse.plans import Recourse


class RecourseRequest(BaseModel):
    """An application, and what of it may be changed."""

    features: ApplicationFeatures  # type: ignore[valid-type]
    threshold: float | None = Field(
        default=None, ge=0, le=1, description="As `threshold` of `/predict`; goes before the one in the address."
    )
    levers: list[LeverName] | None = Field(
        default=None, max_length=len(lever_names), description="What may be changed; everything that can by default."
    )


class RecourseAnswer(RecourseFound, Prediction):
    """The decision on an application, and what could change it."""

    @classmethod
    def of_recourse(
        cls,
        found: Recourse,
        application: Application,
        warnings: Sequence[FieldWarning],
        model: ModelInfo,
        lang: Language,
    ) -> RecourseAnswer:
        """The answer that says what was found, in words of `lang`."""
        prediction = Prediction.of(found.decision, application, warnings, model)
        return cls(**prediction.model_dump(), **RecourseFound.of_search(found, lang).model_dump())
