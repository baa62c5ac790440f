"""What the API says of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from api.schemas.base import Answer, LanguageQuery

if TYPE_CHECKING:
    from core.model.artefacts import ModelInfo


class FeaturesQuery(LanguageQuery):
    """Parameters of the list of the model's features."""

    top_n: int = Field(default=20, ge=1, le=100, description="How many features to list, most important first.")


class ModelDescription(Answer):
    """The model in use."""

    model_name: str
    version: str
    optimal_threshold: float
    cost_fn: float = Field(description="What it costs to grant a credit that defaults.")
    cost_fp: float = Field(description="What it costs to refuse a credit that would have been repaid.")
    n_features: int
    training_date: str = Field(description="ISO 8601, UTC.")
    auc: float
    accuracy: float
    business_cost: float = Field(description="Mean cost per application, on predictions of rows not seen in training.")
    trained_on: Literal["demo", "real"]
    n_training_rows: int

    @classmethod
    def of(cls, model: ModelInfo) -> ModelDescription:
        """The description of a loaded model."""
        return cls(**{name: getattr(model, name) for name in cls.model_fields})


class FeatureImportance(Answer):
    """One feature of the model with its weight."""

    feature: str
    importance: float = Field(ge=0, le=1, description="Share of the gain of all splits, 0 to 1.")
    rank: int = Field(ge=1)
    label: str


class FeatureNames(Answer):
    """The features in the order in which the model reads them."""

    features: list[str]
