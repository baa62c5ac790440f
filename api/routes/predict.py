"""Decisions on applications, alone, together and explained."""

from __future__ import annotations

from flask import Response

from api import audit
from api.http.json_body import read_applications
from api.http.language import language
from api.http.parameters import parameters
from api.http.problems import nothing_usable_in
from api.http.responses import json_answer, json_response
from api.openapi.framework import Resource, answers, json_body
from api.requests.applications import complete, read_applicant
from api.schemas.predict import ApplicationQuery, BatchRequest, ExplainQuery, PredictionRequest, PredictQuery
from api.services import services
from core.contract.prediction import BatchPrediction, Explained, Prediction
from core.explain.information import NothingUsable
from core.recourse.plans import recourse

blueprint = Resource(
    "predict",
    __name__,
    url_prefix="/predict",
    title="Decisions",
    description="Decisions on applications, alone, together and explained.",
)


@blueprint.post(
    "",
    summary="The decision on one application",
    request_body=json_body(PredictionRequest),
    responses=answers(Prediction, 400, 404, 408, 409, 413, 415, 503),
)
@parameters
def predict(query: ApplicationQuery) -> Response:
    """`features` holds raw Home Credit columns, any subset that gives the model something: what is absent is missing.

    `client_id` brings the stored application and history of a client on hand, over which goes what is sent.
    `SK_ID_CURR` in `features` brings a history only where clients on hand are real, or `history` asks for it; `history`
    in the answer says whose was used. Names are understood in any case. `missing_essentials` names what no application
    should be decided without; where nothing can be used there is no decision, but 400.
    """
    scorer = services().scorer.get()
    application = read_applicant(scorer, query.client_id, query.history)
    decision = scorer.decide(application, query.threshold)
    recorded = audit.record("predict", ((application, decision),), scorer.model)
    warnings = application.warnings + recorded.warnings
    return json_answer(
        Prediction.content_of(decision, application, warnings, scorer.model.version, language(), recorded.ids[0])
    )


@blueprint.post(
    "/batch",
    summary="The decisions on up to 1,000 applications",
    request_body=json_body(BatchRequest),
    responses=answers(BatchPrediction, 400, 408, 413, 415, 503),
)
@parameters
def predict_batch(query: PredictQuery) -> Response:
    """Decisions in the order of `clients`; one bad field, or one application of which nothing can be used, refuses them
    all, and every such field or place is named.
    """
    scorer = services().scorer.get()
    batch = read_applications()
    threshold = query.threshold if batch.threshold is None else batch.threshold
    applications = complete(scorer, batch.applications, query.history)
    try:
        decisions = scorer.decide_many(applications, threshold)
    except NothingUsable as error:
        return nothing_usable_in(f"clients[{position}]" for position in error.positions)
    recorded = audit.record_together("batch", applications, decisions, scorer.model)
    warnings = (*batch.warnings, *recorded.warnings)
    version = scorer.model.version
    return json_response(BatchPrediction.json_of(applications, decisions, recorded.ids, warnings, version, language()))


@blueprint.post(
    "/explain",
    summary="The decision on one application, with its reasons",
    request_body=json_body(PredictionRequest),
    responses=answers(Explained, 400, 404, 408, 409, 413, 415, 503),
)
@parameters
def predict_explain(query: ExplainQuery) -> Response:
    """Exact contributions (TreeSHAP): with `base_value` and `other_contributions` they sum to the log-odds.

    `include=recourse` brings what could change the decision, which is no decision and leaves no record of its own.
    """
    scorer = services().scorer.get()
    application = read_applicant(scorer, query.client_id, query.history)
    explanation = scorer.explain(application, query.threshold)
    ways = recourse(scorer, application, query.threshold) if query.include == "recourse" else None
    recorded = audit.record("explain", ((application, explanation.decision),), scorer.model)
    warnings = application.warnings + recorded.warnings
    return json_answer(
        Explained.content_of_explanation(
            explanation, query.top_n, application, warnings, scorer.model.version, language(), recorded.ids[0], ways
        )
    )
