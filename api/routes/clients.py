"""The clients of the portfolio: searched, filtered and sorted, and one at a time."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response

from api.answers import json_answer
from api.framework import Resource, answers
from api.parameters import parameters
from api.schemas.base import LanguageQuery
from api.schemas.clients import ClientDetail, ClientLine, ClientList, ClientPath, ClientsQuery
from api.schemas.predict import Prediction
from api.services import services
from core.application import Application

blueprint = Resource(
    "clients",
    __name__,
    url_prefix="/clients",
    title="Clients",
    description="The clients of the portfolio.",
)


@blueprint.get("", summary="Clients: searched, filtered, sorted, page by page", responses=answers(ClientList, 400, 503))
@parameters
def clients(query: ClientsQuery) -> Response:
    """Those whose number begins with `search` and who meet every filter that is given."""
    portfolio = services().portfolio.get()
    page = portfolio.search(query.wanted(), query.limit, query.offset, query.sort, query.order)
    return json_answer(
        ClientList(
            clients=[ClientLine(**asdict(each)) for each in page.clients],
            total=page.total,
            limit=page.limit,
            offset=page.offset,
        )
    )


@blueprint.get("/<client_id>", summary="One client", responses=answers(ClientDetail, 400, 404, 503))
@parameters
def client(path: ClientPath, query: LanguageQuery) -> Response:  # noqa: ARG001 (`language` reads it)
    """The application on file, with the decision on it at the model's own threshold."""
    found = services().portfolio.get().client(path.client_id)
    scorer = services().scorer.get()
    known = {name: value for name, value in found.features.items() if value is not None and name != "SK_ID_CURR"}
    decision = scorer.decide(Application(known, found.client_id))
    prediction = Prediction.of(decision, (), scorer.model)
    return json_answer(ClientDetail(client_id=found.client_id, features=found.features, prediction=prediction))
