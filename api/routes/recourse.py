"""The ways to an accepted application, or the room that an accepted one has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response

from api import audit
from api.http.json_body import invalid, read_sent, threshold_of
from api.http.language import language
from api.http.messages import message
from api.http.parameters import parameters
from api.http.responses import json_answer
from api.openapi.framework import Resource, answers, json_body
from api.requests.applications import applicant
from api.schemas.changes.recourse import RecourseRequest
from api.schemas.predict import ApplicationQuery
from api.services import services
from core.contract.recourse import RecourseAnswer
from core.explain.what_if import changed
from core.recourse.actions import ActionName, action_names
from core.recourse.plans import recourse as found_recourse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.catalogue import Language

blueprint = Resource(
    "recourse", __name__, title="What if", description="Changes tried on an application, and ways to an acceptance."
)


@blueprint.post(
    "/recourse",
    summary="The smallest changes that make a refused application accepted",
    request_body=json_body(RecourseRequest),
    responses=answers(RecourseAnswer, 400, 404, 408, 409, 413, 415, 503),
)
@parameters
def recourse(query: ApplicationQuery) -> Response:
    """Every option is scored as it is said. For an accepted application: how far it could go and stay accepted."""
    scorer, lang = services().scorer.get(), language()
    sent = read_sent(("features", "threshold", "levers"), query.client_id)
    threshold = threshold_of(sent.body.get("threshold"), lang)
    levers = _levers(sent.body.get("levers"), lang)
    application = applicant(scorer, sent, query.client_id, query.history)
    search = found_recourse(scorer, application, query.threshold if threshold is None else threshold, levers)
    options = (
        (changed(application, {change.field: change.after for change in option.changes}), option.decision)
        for option in search.said
    )
    recorded = audit.record("recourse", ((application, search.decision), *options), scorer.model)
    warnings = application.warnings + recorded.warnings
    return json_answer(RecourseAnswer.of_recourse(search, application, warnings, scorer.model.version, lang))


def _levers(value: object, lang: Language) -> Sequence[ActionName]:
    if value is None:
        return action_names
    expectation = message("expected_list_of", lang, choices=", ".join(action_names))
    if not isinstance(value, list):
        raise invalid("levers", "not_a_list", expectation, lang)
    if len(value) > len(action_names):
        raise invalid("levers", "wrong_length", expectation, lang)
    if not all(isinstance(lever, str) and lever in action_names for lever in value):
        raise invalid("levers", "not_a_choice", expectation, lang)
    return [name for name in action_names if name in value]
