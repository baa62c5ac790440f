"""Schemas of the model."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from api.schemas.base import LanguageQuery
from core.contract.answer import Answer


class FeaturesQuery(LanguageQuery):
    """Parameters of the list of the model's features."""

    top_n: int = Field(default=20, ge=1, le=100, description="How many features to list, most important first.")


class CardQuery(BaseModel):
    """How the model card is given."""

    format: Literal["markdown", "html"] = Field(
        default="markdown", description="Markdown, or a page that stands alone."
    )


class ExportPath(BaseModel):
    """Which export is asked for."""

    format: Literal["lightgbm-text", "c", "onnx", "onnx-single", "treelite", "treelite-single", "pmml", "scorecard"] = (
        Field(description="What the other system reads; in double precision where its name does not say single.")
    )


class FeatureImportance(Answer):
    """One feature of the model with its weight."""

    feature: str
    importance: float = Field(ge=0, le=1, description="Share of the gain of all splits, 0 to 1.")
    rank: int = Field(ge=1)
    label: str


class FeatureNames(Answer):
    """The features in the order in which the model reads them."""

    features: list[str]
