"""Outcomes of decisions: handed in, listed, and how many decisions wait for theirs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from flask import Response

from api import audit
from api.http.parameters import parameters
from api.http.responses import json_answer
from api.openapi.framework import Resource, answers, json_body
from api.operations.performance_gauges import current_coverage, current_performance, outdate
from api.requests.sent_outcomes import record_outcomes
from api.schemas.base import LanguageQuery
from api.schemas.record.outcomes import OutcomeList, OutcomesQuery, OutcomesRequest
from core.contract.record.outcomes import HandedIn, OutcomeCoverage, RecordedOutcome
from core.contract.record.performance import PerformanceAnswer

_shown: Final = tuple(RecordedOutcome.model_fields)

blueprint = Resource(
    "outcomes",
    __name__,
    title="Outcomes",
    description="What became of clients after a decision. Nothing of it can be changed; a later outcome corrects.",
)


@blueprint.post(
    "/outcomes",
    summary="Hands in outcomes of decisions",
    request_body=json_body(OutcomesRequest),
    responses=answers(HandedIn, 400, 408, 409, 413, 415, 503),
)
def hand_in() -> Response:
    """All or none. Sent again as it is, an outcome is recorded once; another one of the same decision corrects it."""
    handed_in = record_outcomes()
    if handed_in.recorded + handed_in.corrected:
        outdate()
    return json_answer(handed_in)


@blueprint.get("/outcomes", summary="Outcomes as recorded, newest first", responses=answers(OutcomeList, 400, 503))
@parameters
def outcomes(query: OutcomesQuery) -> Response:
    """Those that meet every filter that is given, those that were corrected since as well."""
    page = audit.outcomes().outcomes(query.wanted(), query.limit, query.offset)
    return json_answer(
        OutcomeList(
            outcomes=[
                RecordedOutcome(**{name: value for name, value in asdict(stored).items() if name in _shown})
                for stored in page.outcomes
            ],
            total=page.total,
            limit=query.limit,
            offset=query.offset,
        )
    )


@blueprint.get(
    "/outcomes/coverage",
    summary="Of the decisions of each month, how many have their outcome",
    responses=answers(OutcomeCoverage, 400, 503),
)
@parameters
def outcome_coverage(query: LanguageQuery) -> Response:  # noqa: ARG001 (`language` reads it)
    """Oldest month first. What waits was accepted; what was refused has no outcome, and never will have one.

    At most a minute old; ten, where it takes more than a second to count.
    """
    return json_answer(current_coverage())


@blueprint.get(
    "/performance",
    summary="How good the decisions were whose outcome is known",
    responses=answers(PerformanceAnswer, 400, 503),
)
@parameters
def decision_performance(query: LanguageQuery) -> Response:  # noqa: ARG001 (`language` reads it)
    """Discrimination, calibration and cost with intervals, by month, model version, decider and segment; what refusals
    hide, as bounds. At most a minute old; ten, where it takes more than a second to count.
    """
    return json_answer(current_performance())
