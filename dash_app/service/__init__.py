"""The scoring service as the pages reach it: the only package of the dashboard that knows HTTP."""

from __future__ import annotations

from dash_app.service.failover import FailoverScoring
from dash_app.service.http import HttpProbe, HttpScoring
from dash_app.service.local import LocalScoring
from dash_app.service.protocol import (
    Assessment,
    ClientOnFile,
    ComparisonView,
    DecisionDraft,
    NotFound,
    Refused,
    Rejected,
    ScoringService,
    ServiceError,
    ServiceHealth,
    ServiceUnavailable,
    Source,
)

__all__ = [
    "Assessment",
    "ClientOnFile",
    "ComparisonView",
    "DecisionDraft",
    "FailoverScoring",
    "HttpProbe",
    "HttpScoring",
    "LocalScoring",
    "NotFound",
    "Refused",
    "Rejected",
    "ScoringService",
    "ServiceError",
    "ServiceHealth",
    "ServiceUnavailable",
    "Source",
]
