"""The owner's service: approvals of the model, how the API stands, and how many outcomes are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.contract.health import Ready
from core.contract.record.approvals import ModelApprovals
from core.contract.record.outcomes import OutcomeCoverage
from dash_app.service.client import health_patience, read

if TYPE_CHECKING:
    from dash_app.service.client import ApiClient


class OwnerService:
    """What the page Model asks beside what other pages ask. Each call may raise `ServiceUnavailable`, `NotFound`."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    def approvals(self) -> ModelApprovals:
        """Who approved which version, and when the model in use is to be reviewed."""
        return self._api.read(ModelApprovals, "/model/approvals")

    def readiness(self) -> Ready:
        """What the API stands on, how it follows the registry, and what becomes of the challenger."""
        return read(Ready, self._api.ask("GET", "/health/ready", params={}, timeout=health_patience))

    def coverage(self) -> OutcomeCoverage:
        """Of the decisions of each month, how many have their outcome."""
        return self._api.read(OutcomeCoverage, "/outcomes/coverage")
