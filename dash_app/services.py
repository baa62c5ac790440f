"""What the callbacks of one application talk to, found through the running Flask server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from flask import current_app

from core.model.source import model_source
from dash_app.service import FailoverScoring, HttpProbe, HttpScoring, LocalScoring

if TYPE_CHECKING:
    from core.settings import Settings
    from dash_app.service import ScoringService


@dataclass(frozen=True, slots=True)
class Services:
    """The scoring service, the probe of MLflow, and the addresses that a browser is sent to."""

    key: ClassVar = "workbench"

    scoring: ScoringService
    tracking: HttpProbe
    api_docs_url: str
    mlflow_url: str

    @classmethod
    def reached_by(cls, settings: Settings, scoring: ScoringService | None) -> Services:
        """The services that the settings name; `scoring` replaces the API with the local model behind it."""
        api_url, mlflow_url = settings.api_url.rstrip("/"), settings.mlflow_url.rstrip("/")
        key = settings.api_key.get_secret_value() if settings.api_key else None
        return cls(
            scoring=scoring
            or FailoverScoring(
                HttpScoring(api_url, settings.api_timeout, key=key),
                LocalScoring(model_source(settings), settings.portfolio_dir),
            ),
            tracking=HttpProbe(f"{mlflow_url}/health", settings.api_timeout),
            api_docs_url=f"{api_url}/docs",
            mlflow_url=mlflow_url,
        )


def services() -> Services:
    """The services of the application that answers the current request."""
    return cast("Services", current_app.extensions[Services.key])


def scoring() -> ScoringService:
    """The scoring service of the application that answers the current request."""
    return services().scoring
