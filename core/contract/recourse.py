"""Recourse: the ways to an acceptance, beside the decision that they would change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.contract.prediction import Prediction
from core.contract.recourse_found import RecourseFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.application import Application
    from core.catalogue import Language
    from core.contract.field_warnings import FieldWarning
    from core.recourse.plans import Recourse


class RecourseAnswer(RecourseFound, Prediction):
    """The decision on an application, and what could change it."""

    @classmethod
    def of_recourse(
        cls,
        search: Recourse,
        application: Application,
        warnings: Sequence[FieldWarning],
        model_version: str,
        lang: Language,
    ) -> RecourseAnswer:
        """The answer that says what was found, in words of `lang`."""
        prediction = Prediction.of(search.decision, application, warnings, model_version, lang)
        return cls(**prediction.model_dump(), **RecourseFound.of_search(search, lang).model_dump())
