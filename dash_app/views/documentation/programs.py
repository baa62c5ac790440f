"""The API section: where it is, how to be let in, and calls to copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dash import html

from dash_app.components.marks import icon, notice, outer_link
from dash_app.i18n import _, mark, translated
from dash_app.services import services
from dash_app.views.documentation.calls import call, examples
from dash_app.views.documentation.markdown import TextMissing
from dash_app.views.documentation.parts import part, table
from dash_app.views.documentation.prose import code

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from dash_app.views.documentation.calls import Example

places: Final = {"where": mark("Where it is"), "access": mark("Being let in"), "resources": mark("All resources")}
with_key: Final = 'curl -s http://localhost:8000/model/info -H "X-API-Key: $API_KEY"'
resources: Final = (
    ("GET /health", mark("whether the service is well")),
    ("GET /model/info", mark("version, threshold and quality of the model")),
    ("GET /model/features", mark("the figures it leans on most")),
    ("GET /model/evaluation", mark("everything that was measured of it")),
    ("GET /model/card", mark("the model card")),
    ("GET /model/approvals", mark("who approved which version, and the next review")),
    ("POST /predict", mark("the decision on one application")),
    ("POST /predict/batch", mark("decisions on up to a thousand")),
    ("POST /predict/explain", mark("the decision with its reasons")),
    ("POST /simulate", mark("changes, and what each of them does")),
    ("POST /recourse", mark("the smallest changes that would be accepted")),
    ("POST /jobs", mark("a file of any size, scored in the background")),
    ("GET /clients", mark("the clients on hand")),
    ("GET /clients/{id}/comparison", mark("a client among others")),
    ("POST /decisions", mark("an officer’s final word")),
    ("GET /predictions", mark("the record of all predictions")),
    ("GET /data/glossary", mark("every column and figure in words")),
    ("GET /data/drift", mark("the newest drift report")),
    ("GET /metrics", mark("how the service does, for Prometheus")),
)


def contents() -> list[tuple[str, str]]:
    """Titles and anchors."""
    return [
        (translated(places["where"]), "where"),
        (translated(places["access"]), "access"),
        *((example.name, example.place) for example in examples),
        (translated(places["resources"]), "resources"),
    ]


def body() -> list[Component]:
    """The whole section."""
    return [
        part(translated(places["where"]), "where", _where()),
        part(
            translated(places["access"]),
            "access",
            [
                html.P(
                    _(
                        "Where the API has keys, each call shows one: as the header {header}, or as a bearer token. "
                        "There are four roles: {monitor} reads the metrics, {score} asks for decisions, {review} reads "
                        "the record as well, {admin} may do everything. A missing key is answered with 401, a role "
                        "that is not enough with 403.",
                        header="X-API-Key",
                        monitor="monitor",
                        score="score",
                        review="review",
                        admin="admin",
                    ),
                    className="said",
                ),
                code(
                    with_key,
                    _("Terminal"),
                    _("A call with a key"),
                ),
            ],
        ),
        *(_example(example) for example in examples),
        part(translated(places["resources"]), "resources", _all()),
    ]


def _where() -> list[Component]:
    return [
        html.P(
            _(
                "The dashboard asks the same API that any program can ask. It speaks JSON over HTTP. Examples assume "
                "that it runs on this machine, on port 8000."
            ),
            className="said",
        ),
        *_swagger(services().api_docs_url),
    ]


def _swagger(address: str | None) -> list[Component]:
    """The way to Swagger UI, where a browser can reach it."""
    if address is None:
        return []
    return [
        html.Div(
            outer_link([html.Span(_("Try it in Swagger UI"))], address, className="button button-quiet"),
            className="card-actions",
        )
    ]


def _example(example: Example) -> Component:
    try:
        sample = call(example)
    except TextMissing as error:
        return part(
            example.name,
            example.place,
            [
                notice(
                    _("This text does not come with this installation."),
                    _("Missing file: {name}", name=str(error)),
                    tone="plain",
                )
            ],
        )
    return part(
        example.name,
        example.place,
        [
            html.P(example.lead, className="said"),
            code(sample.curl, _("Terminal"), example.name),
            html.Details(
                [
                    html.Summary([icon("chevron-right"), html.Span(_("The same in Python"))]),
                    code(sample.python, "Python", example.name),
                ],
                className="code-more",
            ),
            html.Details(
                [
                    html.Summary([icon("chevron-right"), html.Span(_("What is answered"))]),
                    code(sample.answer, "JSON", example.name),
                ],
                className="code-more",
            ),
        ],
    )


def _all() -> list[Component]:
    return [
        html.P(_("The most used ones; Swagger UI has all, with each field."), className="said"),
        table(
            (_("Call"), _("What for")),
            [(call_, translated(says)) for call_, says in resources],
            translated(places["resources"]),
        ),
    ]
