"""Schemas of what is asked of applications."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.http.json_body import max_clients
from api.schemas.base import HistoryQuery, WithApplications
from core.application import ApplicationFeatures

max_top_features = 500


class PredictQuery(HistoryQuery):
    """Parameters of a prediction."""

    threshold: float | None = Field(
        default=None,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="Probability of default from which an application is refused, in place of the model's own.",
    )


class ApplicationQuery(PredictQuery):
    """Parameters of what is asked of one application."""

    client_id: int | None = Field(
        default=None,
        ge=0,
        le=2**31 - 1,
        description="A client on hand, whose stored application and history are taken; what is sent goes before them,"
        " null for missing. `features` may then be absent.",
    )


class ExplainQuery(ApplicationQuery):
    """Parameters of an explanation."""

    top_n: int = Field(
        default=10, ge=1, le=max_top_features, description="How many features to explain, strongest first."
    )
    include: Literal["recourse"] | None = Field(
        default=None, description="Brings what could change the decision, as `/recourse` finds it, under one record."
    )


class PredictionRequest(WithApplications):
    """One application."""

    features: ApplicationFeatures  # type: ignore[valid-type]


class BatchRequest(WithApplications):
    """Several applications."""

    clients: list[ApplicationFeatures] = Field(min_length=1, max_length=max_clients)  # type: ignore[valid-type]
    threshold: float | None = Field(
        default=None, ge=0, le=1, description="As `threshold` of `/predict`; goes before the one in the address."
    )
