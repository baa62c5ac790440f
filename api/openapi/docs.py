"""The documentation routes: the OpenAPI document, and Swagger UI on it, from this machine alone."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final, cast

from flask import Blueprint, Response, current_app

from api.access.cors import at
from api.http.responses import json_answer
from api.openapi.document import document

if TYPE_CHECKING:
    from api.openapi.framework import OpenApiApplication

blueprint = Blueprint(
    "docs",
    __name__,
    static_folder=str(files("flask_openapi_swagger").joinpath("templates", "swagger")),
    static_url_path="/docs/swagger",
)

_policy: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_page: Final = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Home Credit Scoring API</title>
  <link rel="icon" href="docs/swagger/images/swagger.svg">
  <link rel="stylesheet" href="docs/swagger/css/swagger-ui.css">
</head>
<body>
  <div id="swagger-ui"></div>
  <script src="docs/swagger/js/swagger-ui-bundle.js"></script>
  <script src="docs/start.js"></script>
</body>
</html>
"""
# `validatorUrl`: by default Swagger UI sends the address of the document to a validator on the web.
_start: Final = """window.ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
});
"""


def register(app: OpenApiApplication) -> None:
    """Adds `/docs` and `/openapi.json` to an application."""
    app.register_blueprint(blueprint)


@blueprint.get("/docs")
def page() -> Response:
    """Swagger UI."""
    return _guarded(Response(_page, content_type="text/html; charset=utf-8"))


@blueprint.get("/docs/start.js")
def start() -> Response:
    """What starts Swagger UI: a file, because its policy allows no script in the page."""
    return Response(_start, content_type="text/javascript; charset=utf-8")


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The OpenAPI document."""
    app = cast("OpenApiApplication", current_app)
    if "openapi_document" not in app.extensions:
        app.extensions["openapi_document"] = document(app)
    # Without it, the paths of the document begin at the host, and leave out the path of a proxy.
    return json_answer(app.extensions["openapi_document"] | {"servers": [{"url": at("") or "/"}]})


def _guarded(answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = _policy
    return answer
