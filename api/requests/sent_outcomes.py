"""Outcomes in the body of a request, to be recorded once, all or none."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from api import audit
from api.access import roles
from api.http.fields import validated
from api.http.json_body import invalid, read_object, unknown_keys
from api.http.language import language
from api.http.messages import message
from api.http.middleware import request_id
from api.http.problems import InvalidRequest
from api.schemas.record.outcomes import SentOutcome, max_outcomes
from core.application import FieldError
from core.contract.field_warnings import texts, unused
from core.contract.record.outcomes import HandedIn, OutcomeResult
from core.outcomes.entries import OutcomeEntry, OutcomeRefusal, OutcomesRefused

if TYPE_CHECKING:
    from core.catalogue import Language
    from core.outcomes.log import Checked


def record_outcomes() -> HandedIn:
    """Puts the outcomes in the body on record, all or none; those that are there as they are stay as they are.

    Raises:
        api.http.problems.UnsupportedBody, api.http.problems.InvalidRequest: with every bad field named by its place.
        OutcomesRefused: outcomes of no decision, or that contradict it.
        core.audit.writing.AuditUnavailable: none is recorded.
    """
    lang = language()
    body = read_object(lang)
    sent = body.get("outcomes")
    if not isinstance(sent, list) or not 1 <= len(sent) <= max_outcomes:
        expectation = message("expected_outcomes", lang, minimum="1", maximum=str(max_outcomes))
        raise invalid("outcomes", "wrong_length" if isinstance(sent, list) else "not_a_list", expectation, lang)
    entries: list[OutcomeEntry] = []
    errors: list[FieldError] = []
    unread: dict[str, None] = {}
    for position, item in enumerate(sent):
        if not isinstance(item, dict):
            expectation = message("expected_json", lang)
            errors += invalid(f"outcomes[{position}]", "not_an_object", expectation, lang).errors
            continue
        try:
            entries.append(_entry(item, lang))
        except InvalidRequest as error:
            errors += [
                FieldError(f"outcomes[{position}].{field_error.field}", field_error.message, field_error.expected)
                for field_error in error.errors
            ]
        else:
            unread |= dict.fromkeys(f"outcomes[].{name}" for name in item if name not in SentOutcome.model_fields)
    if errors:
        raise InvalidRequest("invalid_body", *errors)
    log = audit.outcomes()
    checked = log.check(entries, datetime.now(UTC))
    refusals = [(position, found) for position, found in enumerate(checked) if isinstance(found, OutcomeRefusal)]
    if refusals:
        raise OutcomesRefused(*refusals)
    sound: list[Checked] = [found for found in checked if not isinstance(found, OutcomeRefusal)]
    statuses = log.record(sound, request_id(), roles.caller())
    counts = Counter(statuses)
    warnings = unknown_keys(body, ("outcomes",), lang) + unused((("unknown_field", name) for name in unread), lang)
    return HandedIn(
        outcomes=[
            OutcomeResult(prediction_id=about.prediction_id, status=status)
            for (_, about), status in zip(sound, statuses, strict=True)
        ],
        recorded=counts["recorded"],
        corrected=counts["corrected"],
        known=counts["known"],
        warnings=texts(warnings),
    )


def _entry(item: dict[str, Any], lang: Language) -> OutcomeEntry:
    sent = validated(SentOutcome, item, "invalid_body")
    if sent.prediction_id is None and (sent.client_id is None or sent.decided is None):
        field = "prediction_id" if sent.client_id is None else "decided"
        raise invalid(field, "missing", message("expected_decision_of_outcome", lang), lang)
    return OutcomeEntry(
        prediction_id=sent.prediction_id,
        client_id=sent.client_id,
        decided=sent.decided,
        defaulted=sent.defaulted,
        observed=sent.observed,
        amount_lost=sent.amount_lost,
    )
