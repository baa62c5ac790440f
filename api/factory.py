"""The factory of the Flask application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api import audit
from api.access import cors, limits, persons, roles
from api.access.wrong_keys import WrongKeys
from api.http import middleware, problems, request_body
from api.openapi import docs
from api.openapi.document import description, title
from api.openapi.framework import OpenApiApplication
from api.operations import challenger, job_gauges, performance_gauges, readiness
from api.routes import blueprints
from api.services import Services
from core import __version__
from core.settings import Settings
from core.settings import settings as settings_of_process
from runtime.gunicorn_worker import admission

if TYPE_CHECKING:
    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer


def create_app(
    settings: Settings | None = None, scorer: Scorer | None = None, portfolio: Portfolio | None = None
) -> OpenApiApplication:
    """Makes the application.

    Args:
        settings: where things are, and limits; by default those of the environment.
        scorer, portfolio: what to answer from; by default what is in the folders of the settings, loaded again when the
            files there change. Neither has to be there: what needs it answers 503 until it is.

    Raises:
        access.InvalidKeys, limits.InvalidLimit, origins.InvalidOrigins, persons.UnknownSigner: a setting that cannot
            be used.
    """
    settings = settings or settings_of_process()
    app = OpenApiApplication(__name__, title=title, version=__version__, description=description)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    admission.install(app)
    Services.of(settings, scorer, portfolio).install(app)
    middleware.register(app)
    cors.register(app, settings)
    keys = roles.known_keys(settings)
    roles.register(app, keys, WrongKeys(settings))
    delegating = limits.delegating_of(settings)
    persons.register(app, settings, delegating)
    limits.register(app, limits.limits_of(settings, keys), settings.redis_url, delegating)
    audit.register(app, settings)
    challenger.register(app, settings)
    readiness.register(app, settings)
    job_gauges.register(app, settings)
    performance_gauges.register(app)
    problems.register(app)
    for blueprint in blueprints:
        app.register_api(blueprint)
    docs.register(app)
    request_body.register(app)
    return app
