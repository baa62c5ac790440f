"""Comparison routes: a client, or a new application, among the clients on hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from api.final_decisions import answered, with_final_decisions
from api.http.json_body import read_application
from api.http.language import language
from api.http.parameters import parameters
from api.http.responses import json_answer
from api.openapi.framework import Resource, answers, json_body
from api.schemas.clients import ClientPath
from api.schemas.comparison import ApplicationComparisonQuery, ComparisonQuery, NearestQuery
from api.schemas.predict import PredictionRequest
from api.services import services
from core.comparison.accepted import nearest_accepted
from core.comparison.placing import compared, strongest
from core.contract.clients.comparison import ComparisonAnswer
from core.contract.clients.nearest import NearestAccepted
from core.contract.field_warnings import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.application import Application

blueprint = Resource(
    "comparison", __name__, title="Comparison", description="A client among all, accepted, refused or similar clients."
)


@blueprint.get(
    "/clients/<client_id>/comparison",
    summary="One client among others",
    responses=answers(ComparisonAnswer, 400, 404, 503),
)
@parameters
def compare_client(path: ClientPath, query: ComparisonQuery) -> Response:
    """Percentiles in each group, distributions ready to plot, and why the similar clients count as such."""
    portfolio = services().portfolio.get()
    client = portfolio.client(path.client_id)
    (summary,) = with_final_decisions(portfolio.provenance, [portfolio.summary_of(client.client_id)])
    decisions = {"decision": summary.decision, **answered(summary.final_decision, summary.current_decision)}
    return _compare(portfolio.application(client), query, decisions)


@blueprint.post(
    "/comparison",
    summary="One application among the clients on hand",
    request_body=json_body(PredictionRequest),
    responses=answers(ComparisonAnswer, 400, 404, 408, 413, 415, 503),
)
@parameters
def compare_application(query: ApplicationComparisonQuery) -> Response:
    """As for a client on hand, who by `SK_ID_CURR` is kept out of the similar ones; the history is as in `/predict`."""
    (application,) = services().with_history([read_application()], query.history)
    return _compare(application, query, {"decision": None, **answered(None, None)})


@blueprint.post(
    "/comparison/accepted",
    summary="The accepted clients most like one application",
    request_body=json_body(PredictionRequest),
    responses=answers(NearestAccepted, 400, 404, 408, 413, 415, 503),
)
@parameters
def nearest(query: NearestQuery) -> Response:
    """By Gower's distance over what officers compare; who bears its `SK_ID_CURR` is never among them."""
    found = nearest_accepted(services().comparison_columns(), read_application(), query.count, language())
    return json_answer(found)


def _compare(application: Application, query: ComparisonQuery, decisions: Mapping[str, Any]) -> Response:
    choice = query.choice()
    names = choice.names or _strongest(application)
    other = None if choice.against is None else services().portfolio.get().client(choice.against).features
    fields = compared(services().comparison_columns(), application, choice, names, other, language())
    return json_answer(ComparisonAnswer(**fields, **decisions, warnings=texts(application.warnings)))


def _strongest(application: Application) -> tuple[str, ...]:
    explanation = services().scorer.get().explain(application)
    return strongest(contribution.feature for contribution in explanation.contributions)
