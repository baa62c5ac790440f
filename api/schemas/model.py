"""Schemas of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

from api.schemas.base import LanguageQuery
from core.contract.answer import Answer
from core.text.messages import message

if TYPE_CHECKING:
    from core.catalogue import Language
    from core.model.source import StandIn
    from core.scoring import Scorer


class FeaturesQuery(LanguageQuery):
    """Parameters of the list of the model's features."""

    top_n: int = Field(default=20, ge=1, le=100, description="How many features to list, most important first.")


class CardQuery(BaseModel):
    """How the model card is given."""

    format: Literal["markdown", "html"] = Field(
        default="markdown", description="Markdown, or a page that stands alone."
    )


class ModelDescription(Answer):
    """The model in use."""

    model_name: str
    version: str
    optimal_threshold: float
    cost_fn: float = Field(description="What it costs to grant a credit that defaults.")
    cost_fp: float = Field(description="What it costs to refuse a credit that would have met no payment difficulties.")
    n_features: int
    training_date: str = Field(description="ISO 8601, UTC.")
    auc: float
    accuracy: float
    business_cost: float = Field(description="Mean cost per application, on predictions of rows not seen in training.")
    trained_on: Literal["demo", "real"]
    n_training_rows: int
    warnings: list[str] = Field(description="What a reader should know before trusting it; empty for a sound model.")

    @classmethod
    def of(cls, scorer: Scorer, lang: Language, stand_in: StandIn | None = None) -> ModelDescription:
        """The description of a loaded model; `stand_in` says in place of which it decides."""
        told = {name: getattr(scorer.model, name) for name in cls.model_fields if name != "warnings"}
        unlearnt = scorer.missing_not_learnt
        names = ", ".join(unlearnt)
        warnings = [message("missing_not_learnt", lang, count=str(len(unlearnt)), fields=names)] if unlearnt else []
        if stand_in is not None:
            warnings.append(message(f"model_stand_in_{stand_in}", lang))
        return cls(**told, warnings=warnings)


class FeatureImportance(Answer):
    """One feature of the model with its weight."""

    feature: str
    importance: float = Field(ge=0, le=1, description="Share of the gain of all splits, 0 to 1.")
    rank: int = Field(ge=1)
    label: str


class FeatureNames(Answer):
    """The features in the order in which the model reads them."""

    features: list[str]
