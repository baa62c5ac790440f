"""The services that the callbacks of one application talk to, found through the running Flask server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from flask import current_app

from core.access.assertions import Assertions
from dash_app.access.asker import asker, visitor
from dash_app.access.login import reader
from dash_app.service import FailoverScoring, HttpProbe, LocalScoring, ScoringService
from dash_app.service.away.contact import LastContact
from dash_app.service.away.delivery import SpoolDelivery
from dash_app.service.away.spool import Spool
from dash_app.service.client import ApiClient
from dash_app.service.documentation import DocumentationService, LocalDocumentation
from dash_app.service.drift import DriftService
from dash_app.service.failover import Failover
from dash_app.service.jobs import JobService
from dash_app.service.mlflow_link import MlflowLink
from dash_app.service.scenarios import LocalScenarios, ScenarioService
from runtime.model_source import model_source

if TYPE_CHECKING:
    from core.settings import Settings


@dataclass(frozen=True, slots=True)
class DashboardServices:
    """What pages ask, the probe of MLflow, deliveries to the API, and the addresses that a browser is sent to."""

    key: ClassVar = "workbench"

    scoring: ScoringService
    drift: DriftService
    jobs: JobService
    scenarios: ScenarioService
    documentation: DocumentationService
    tracking: HttpProbe
    delivery: SpoolDelivery
    mlflow: MlflowLink
    api_docs_url: str | None
    public_demo: bool
    demonstration: bool

    @classmethod
    def reached_by(
        cls,
        settings: Settings,
        scoring: ScoringService | None,
        drift: DriftService | None = None,
        jobs: JobService | None = None,
    ) -> DashboardServices:
        """The services that the settings name.

        Args:
            scoring: replaces the API with the local model behind it.
            drift: replaces the API's drift reports.
            jobs: replaces the API's scoring of files.
        """
        api_url, mlflow_url = settings.api_url.rstrip("/"), settings.mlflow_url.rstrip("/")
        key = settings.api_key.get_secret_value() if settings.api_key else None
        model = model_source(settings)

        def api() -> ApiClient:
            return ApiClient(api_url, settings.api_timeout, key=key, asker=asker)

        contact = LastContact(kept=settings.spool_dir / "last-portfolio")
        spool = Spool(settings.spool_dir, settings.spool_max_rows, settings.spool_max_bytes)
        asserted = Assertions(settings.secret_key.get_secret_value()).of if settings.secret_key else None
        delivery = SpoolDelivery(spool, ApiClient(api_url, settings.api_timeout, key=key), asserted=asserted)
        whose = visitor if settings.public_demo else reader
        local = LocalScoring(model, settings.portfolio_dir, contact, spool, whose)
        return cls(
            scoring=scoring
            or FailoverScoring(
                ScoringService(api_url, settings.api_timeout, key=key, asker=asker, contact=contact),
                local,
                deliver=delivery.deliver,
            ).service,
            drift=drift or DriftService(api()),
            jobs=jobs or JobService(api()),
            scenarios=Failover["ScenarioService"](ScenarioService(api()), LocalScenarios(local)).service,
            documentation=Failover["DocumentationService"](
                DocumentationService(api()), LocalDocumentation(model)
            ).service,
            tracking=HttpProbe(f"{mlflow_url}/health", settings.api_timeout),
            delivery=delivery,
            mlflow=MlflowLink.of(settings),
            api_docs_url=settings.api_link and f"{settings.api_link}/docs",
            public_demo=settings.public_demo,
            demonstration=settings.demonstration,
        )


def services() -> DashboardServices:
    """The services of the application that answers the current request."""
    return cast("DashboardServices", current_app.extensions[DashboardServices.key])


def scoring() -> ScoringService:
    """The scoring service of the application that answers the current request."""
    return services().scoring


def drift() -> DriftService:
    """The drift reports of the application that answers the current request."""
    return services().drift


def jobs() -> JobService:
    """The files that are scored for the application that answers the current request."""
    return services().jobs


def documentation() -> DocumentationService:
    """What the documentation says of the model of the application that answers the current request."""
    return services().documentation


def scenarios() -> ScenarioService:
    """The scenarios of the application that answers the current request."""
    return services().scenarios
