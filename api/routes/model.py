"""The model in use: what it is, and which features it weighs."""

from __future__ import annotations

from flask import Response

from api.answers import json_answer
from api.framework import Resource, answers, listed
from api.language import language
from api.parameters import parameters
from api.schemas.model import FeatureImportance, FeatureNames, FeaturesQuery, ModelDescription
from api.services import services
from core import catalogue

blueprint = Resource(
    "model",
    __name__,
    url_prefix="/model",
    title="Model",
    description="The model in use.",
)


@blueprint.get("/info", summary="What the model is", responses=answers(ModelDescription, 503))
def model_info() -> Response:
    """Its version, threshold, costs, and how well it does on rows that it had not seen."""
    return json_answer(ModelDescription.of(services().scorer.get().model))


@blueprint.get(
    "/features", summary="The most important features", responses=answers(listed(FeatureImportance), 400, 503)
)
@parameters
def model_features(query: FeaturesQuery) -> Response:
    """By their share of the gain of all splits, most important first."""
    model, lang = services().scorer.get().model, language()
    ranked = sorted(zip(model.feature_names, model.importances, strict=True), key=lambda each: -each[1])
    return json_answer(
        [
            FeatureImportance(feature=name, importance=share, rank=rank, label=catalogue.entry(name).label(lang))
            for rank, (name, share) in enumerate(ranked[: query.top_n], start=1)
        ]
    )


@blueprint.get("/feature-names", summary="All features", responses=answers(FeatureNames, 503))
def model_feature_names() -> Response:
    """In the order in which the model reads them."""
    return json_answer(FeatureNames(features=list(services().scorer.get().model.feature_names)))
