"""The decisions of officers on predictions, and the predictions that were recorded, for those who review them."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from flask import Response

from api import audit
from api.access import persons, roles
from api.access.public_demo import without_words
from api.final_decisions import answered
from api.http.json_body import invalid, read_as
from api.http.language import language
from api.http.messages import message
from api.http.middleware import request_id
from api.http.parameters import parameters
from api.http.responses import json_answer
from api.openapi.framework import Resource, answers, created, json_body
from api.requests.delivered import record_delivered
from api.schemas.base import LanguageQuery
from api.schemas.record.decisions import (
    DecisionHeaders,
    DecisionList,
    DecisionRequest,
    DecisionsFilterQuery,
    DecisionsQuery,
    NewDecision,
    PredictionList,
    PredictionPath,
    PredictionsQuery,
)
from api.schemas.record.delivered import Delivery, DeliveryRequest
from api.services import services
from core.audit.decisions import DecisionEntry, StoredDecision, UnknownPrediction, applicant_of
from core.contract.field_warnings import texts
from core.contract.record.officer_decisions import RecordedDecision
from core.contract.record.predictions import PredictionDetail, PredictionLine
from core.explain.first_reason import first_reason
from core.exports.csv_text import as_csv

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.audit.decisions import DecisionFilter
    from core.audit.entries import RecordedPrediction

_columns: Final = tuple(field.name for field in fields(StoredDecision))
_lines_at_once: Final = 200

blueprint = Resource(
    "decisions",
    __name__,
    title="Review",
    description="What officers decide, and what was predicted. Nothing of it can be changed.",
)


@blueprint.post(
    "/decisions",
    summary="An officer's decision on an application",
    request_body=json_body(DecisionRequest),
    responses={200: NewDecision} | created(NewDecision, 400, 403, 404, 408, 409, 413, 415, 503),
)
@parameters
def decide(header: DecisionHeaders) -> Response:
    """Confirms or overrides what the model said. The last decision counts; earlier ones stay beside it.

    With `Idempotency-Key`, a request can be sent again where no answer came: it is recorded once, and answered 201 the
    first time, 200 with the same record from then on. The same key with another content is 409.
    """
    asked, warnings = read_as(DecisionRequest)
    if asked.prediction_id is None and asked.client_id is None:
        lang = language()
        raise invalid("prediction_id", "missing", message("expected_prediction", lang), lang)
    entry = DecisionEntry(
        officer=persons.named_officer(asked.officer) or _named_caller(),
        decision=asked.decision,
        reason=asked.reason,
        prediction_id=asked.prediction_id,
        client_id=asked.client_id,
        request_id=request_id(),
        caller=roles.caller(),
        idempotency_key=header.idempotency_key,
        subject=who.subject if (who := persons.person()) else None,
    )
    recording = audit.decisions().record(without_words(entry), _repeated)
    answer = NewDecision(**asdict(recording.decision), warnings=texts(warnings))
    return json_answer(answer, 201 if recording.is_new else 200)


@blueprint.get("/decisions", summary="Decisions of officers, newest first", responses=answers(DecisionList, 400, 503))
@parameters
def decisions(query: DecisionsQuery) -> Response:
    """Those who meet every filter that is given."""
    page = audit.decisions().decisions(_wanted(query), query.limit, query.offset)
    return json_answer(
        DecisionList(
            decisions=[RecordedDecision(**asdict(decision)) for decision in page.decisions],
            total=page.total,
            limit=query.limit,
            offset=query.offset,
        )
    )


@blueprint.get(
    "/decisions/export.csv",
    summary="Decisions of officers as a file",
    responses=answers({"description": "OK", "content": {"text/csv": {"schema": {"type": "string"}}}}, 400, 503),
)
@parameters
def export(query: DecisionsFilterQuery) -> Response:
    """All that meet the filters, newest first: UTF-8, a header; what a spreadsheet would run has a quote before it."""
    lines = _lines(audit.decisions().each(_wanted(query)))
    # What can fail at first, fails before the answer has begun.
    begun = chain([next(lines)], lines)
    return Response(
        begun,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="decisions.csv"'},
    )


@blueprint.get(
    "/predictions", summary="Predictions as recorded, newest first", responses=answers(PredictionList, 400, 503)
)
@parameters
def predictions(query: PredictionsQuery) -> Response:
    """Those who meet every filter that is given, without what the model was given unless `include` asks for it."""
    log = audit.predictions()
    read = log.predictions_with_inputs if query.include == "inputs" else log.predictions
    page = read(query.wanted(), query.limit, query.offset)
    return json_answer(
        PredictionList(
            predictions=[PredictionLine(**asdict(recorded)) for recorded in page.predictions],
            total=page.total,
            limit=query.limit,
            offset=query.offset,
        )
    )


@blueprint.get(
    "/predictions/<prediction_id>",
    summary="One prediction as recorded, with what the model was given",
    responses=answers(PredictionDetail, 400, 404, 503),
)
@parameters
def prediction(path: PredictionPath, query: LanguageQuery) -> Response:  # noqa: ARG001 (`language` reads it)
    """The application that was decided, and the last decision of an officer on it."""
    recorded = audit.predictions().prediction_with_inputs(path.prediction_id)
    if recorded is None:
        raise UnknownPrediction
    final = audit.final_decisions().of_prediction(recorded.id)
    current = recorded.decision if final is None else final.decision
    return json_answer(PredictionDetail(**asdict(recorded), **answered(final, current)))


@blueprint.post(
    "/predictions",
    summary="Hands in predictions that were made while the API was away",
    request_body=json_body(DeliveryRequest),
    responses=answers(Delivery, 400, 408, 413, 415, 503),
)
def deliver() -> Response:
    """Of kind `local`, each recorded once under its id, however often it is handed in."""
    return json_answer(Delivery(**asdict(record_delivered())))


def _wanted(query: DecisionsFilterQuery) -> DecisionFilter:
    """The filter that the parameters say. Raises `core.portfolio.clients.PortfolioMissing` where nobody is on hand."""
    decision_filter = query.wanted()
    return (
        replace(decision_filter, portfolio=services().portfolio.get().provenance)
        if query.on_hand == "true"
        else decision_filter
    )


def _repeated(about: RecordedPrediction) -> dict[str, str | None]:
    """What a decision repeats of the application: its segments, and the model's first reason where one is at hand.

    In a public demonstration nothing, and the gender only where the settings keep it: the record could never lose it.
    """
    settings, scorer = services().settings, services().scorer
    if settings.public_demo:
        return {}
    # Without a model, officers decide all the same.
    repeated = applicant_of(about) | {"model_reason": None if scorer.failure() else first_reason(scorer.get(), about)}
    return repeated if settings.audit_keep_gender else repeated | {"gender": None}


def _named_caller() -> str:
    caller = roles.caller()
    if caller != roles.anonymous:
        return caller
    lang = language()
    expectation = message("expected_text_between", lang, minimum="1", maximum="128")
    raise invalid("officer", "missing", expectation, lang)


def _lines(rows: Iterable[StoredDecision]) -> Iterator[str]:
    """The file, some lines at a time: the header comes with the first ones."""
    rest = iter(rows)
    head: list[tuple[object, ...]] = [_columns]
    while part := [*head, *(_cells(decision) for decision in islice(rest, _lines_at_once))]:
        yield as_csv(part)
        head = []


def _cells(decision: StoredDecision) -> tuple[object, ...]:
    cells = asdict(decision) | {"time": decision.time.isoformat()}
    return tuple(cells[name] for name in _columns)
