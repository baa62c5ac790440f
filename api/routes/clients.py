"""The clients of the portfolio: searched, filtered and sorted, and one at a time."""

from __future__ import annotations

from typing import Final

from flask import Response

from api import audit
from api.access.cors import writes_record
from api.final_decisions import answered, outcomes, with_final_decisions
from api.http.language import language
from api.http.parameters import parameters
from api.http.responses import json_answer
from api.openapi.framework import Resource, answers
from api.requests.client_files import client_file
from api.schemas.base import LanguageQuery
from api.schemas.clients import (
    ClientDetail,
    ClientPath,
    ClientQuery,
    ClientsQuery,
)
from api.schemas.facts import facts
from api.services import services
from core import catalogue
from core.contract.clients.history import HistoryAnswer
from core.contract.clients.lists import ClientApplication, ClientList
from core.contract.prediction import Prediction
from core.features import history_names
from core.portfolio.client_history import client_history

_history: Final = tuple(catalogue.entry(name) for name in history_names())

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
    """Those whose number begins with `search` and who meet every filter that is given.

    `decision` is the model's; `final_decision` the last one of an officer; `current_decision` the one that counts.
    """
    portfolio = services().portfolio.get()
    client_filter = query.wanted()
    officers = outcomes(portfolio.provenance) if client_filter.needs_officers else None
    page = portfolio.search(client_filter, query.limit, query.offset, query.sort, query.order, officers)
    decided = with_final_decisions(portfolio.provenance, page.clients)
    return json_answer(page.model_copy(update={"clients": list(decided)}))


@blueprint.get("/<client_id>", summary="One client", responses=answers(ClientDetail, 400, 404, 503))
@parameters
@writes_record
def client(path: ClientPath, query: ClientQuery) -> Response:
    """The application on file, the decision on it at the model's own threshold, and the final one of an officer.

    `include=file` brings the rest of a client's file in the same answer: the reasons, what could change the decision,
    the history, and the officers' decisions. The decision that is shown is one record, whatever comes with it.
    """
    portfolio = services().portfolio.get()
    stored = portfolio.client(path.client_id)
    scorer = services().scorer.get()
    application = scorer.warned(portfolio.application(stored), language())
    file = None
    if query.include == "file":
        file = client_file(portfolio, stored.client_id, application, scorer, query.top_n)
    decision = scorer.decide(application) if file is None else file.decision
    recorded = audit.record("client", ((application, decision),), scorer.model)
    warnings = application.warnings + recorded.warnings
    lang = language()
    prediction = Prediction.of(decision, application, warnings, scorer.model.version, lang, recorded.ids[0])
    (summary,) = with_final_decisions(portfolio.provenance, [portfolio.summary_of(path.client_id)])
    # The model may have changed since the portfolio was built.
    current = prediction.decision if summary.final_decision is None else summary.final_decision.decision
    history = tuple(feature for feature in _history if stored.features.get(feature.name) is not None)
    return json_answer(
        ClientDetail(
            client_id=stored.client_id,
            features=stored.features,
            prediction=prediction,
            **answered(summary.final_decision, current if summary.current_decision else None),
            facts=facts(catalogue.main_columns(), stored.features, lang),
            history_summary=facts(history, stored.features, lang),
            file=None if file is None else file.answer,
        )
    )


@blueprint.get(
    "/<client_id>/application",
    summary="The application of one client",
    responses=answers(ClientApplication, 400, 404, 503),
)
@parameters
def client_application(path: ClientPath, query: LanguageQuery) -> Response:  # noqa: ARG001 (`language` reads it)
    """As it is on file; nothing is decided on it, and nothing recorded."""
    return json_answer(services().portfolio.get().client(path.client_id))


@blueprint.get(
    "/<client_id>/history", summary="What a client did before", responses=answers(HistoryAnswer, 400, 404, 503)
)
@parameters
def client_past(path: ClientPath, query: LanguageQuery) -> Response:  # noqa: ARG001 (`language` reads it)
    """Earlier applications, loans at other lenders, and payments and cards month by month; ready to plot."""
    portfolio = services().portfolio.get()
    client_id = portfolio.client(path.client_id).client_id
    return json_answer(client_history(portfolio.folder, client_id, language()))
