"""The scoring service as the pages reach it: the only package of the dashboard that knows HTTP."""

from __future__ import annotations

from dash_app.service.answers import (
    Assessment,
    ClientOnFile,
    ComparisonView,
    DecisionDraft,
    Readiness,
    RiskByAmount,
    RiskPoint,
    ServiceHealth,
    Source,
)
from dash_app.service.client import HttpProbe
from dash_app.service.errors import NotFound, Refused, Rejected, ServiceError, ServiceUnavailable
from dash_app.service.failover import FailoverScoring
from dash_app.service.local import LocalScoring
from dash_app.service.scoring import ScoringService

__all__ = [
    "Assessment",
    "ClientOnFile",
    "ComparisonView",
    "DecisionDraft",
    "FailoverScoring",
    "HttpProbe",
    "LocalScoring",
    "NotFound",
    "Readiness",
    "Refused",
    "Rejected",
    "RiskByAmount",
    "RiskPoint",
    "ScoringService",
    "ServiceError",
    "ServiceHealth",
    "ServiceUnavailable",
    "Source",
]
