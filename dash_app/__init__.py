"""The dashboard: a Dash application in front of the scoring service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.settings import settings as read_settings
from dash_app import access, errors
from dash_app.application import Workbench
from dash_app.services import DashboardServices
from dash_app.shell import frame
from dash_app.uploads import drift as drift_uploads
from dash_app.uploads import importing as import_uploads
from dash_app.uploads import validation as validation_download
from runtime.gunicorn_worker import admission

if TYPE_CHECKING:
    from dash import Dash

    from core.settings import Settings
    from dash_app.service import ScoringService
    from dash_app.service.drift import DriftService

__all__ = ["create_app"]


def create_app(
    settings: Settings | None = None, service: ScoringService | None = None, drift: DriftService | None = None
) -> Dash:
    """Builds the dashboard.

    Args:
        settings: replaces what the environment says.
        service: replaces the API with the local model behind it; tests pass their own.
        drift: replaces the API's drift reports; tests pass their own.

    Raises:
        dash_app.access.IncompleteLogin: settings of the login that belong together are not all there.
    """
    settings = settings or read_settings()
    app = Workbench("dash_app", on_error=errors.show, base_path=settings.dash_url_base_pathname)
    admission.install(app.server)
    app.server.extensions[DashboardServices.key] = DashboardServices.reached_by(settings, service, drift)
    with app.server.app_context():
        app.layout = frame.layout
    frame.register_callbacks(app)
    drift_uploads.register(app)
    import_uploads.register(app)
    validation_download.register(app)
    access.protect(app, settings)
    return app
