"""Delivered predictions, made elsewhere while the API was away, to be put on record once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from api import audit
from api.access import persons, roles
from api.http.fields import validated
from api.http.json_body import invalid, read_object
from api.http.language import language
from api.http.messages import message
from api.http.middleware import request_id
from api.http.problems import InvalidRequest
from api.schemas.record.delivered import LocalPredictionFacts, max_delivered
from core.application import FieldError, InvalidApplication, parse_application
from core.audit.entries import PredictionEntry
from core.decision import Decision
from core.explain.information import missing_essentials, nothing_usable

if TYPE_CHECKING:
    from core.catalogue import Language


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many predictions of a delivery were put on record, and how many were there."""

    recorded: int
    known: int


def record_delivered() -> Delivered:
    """Puts the predictions in the body on record, all or none; those that are there under their id stay as they are.

    Raises:
        api.http.problems.UnsupportedBody, api.http.problems.InvalidRequest: with every bad field named by its place.
        core.audit.writing.AuditUnavailable: none is recorded.
    """
    lang = language()
    sent = read_object(lang).get("predictions")
    if not isinstance(sent, list) or not 1 <= len(sent) <= max_delivered:
        expectation = message("expected_predictions", lang, minimum="1", maximum=str(max_delivered))
        raise invalid("predictions", "wrong_length" if isinstance(sent, list) else "not_a_list", expectation, lang)
    entries: list[tuple[str, datetime, PredictionEntry]] = []
    errors: list[FieldError] = []
    for position, item in enumerate(sent):
        try:
            entries.append(_entry(item, lang))
        except (InvalidRequest, InvalidApplication) as error:
            errors += [
                FieldError(f"predictions[{position}].{field_error.field}", field_error.message, field_error.expected)
                for field_error in error.errors
            ]
    if errors:
        raise InvalidRequest("invalid_body", *errors)
    recorded = audit.predictions().record_delivered(entries)
    return Delivered(recorded, len({key for key, _, _ in entries}) - recorded)


def _entry(item: object, lang: Language) -> tuple[str, datetime, PredictionEntry]:
    if not isinstance(item, dict):
        raise invalid("body", "not_an_object", message("expected_json", lang), lang)
    inputs = item.get("inputs")
    if not isinstance(inputs, dict):
        raise invalid("inputs", "not_an_object", message("expected_features", lang), lang)
    facts = validated(LocalPredictionFacts, {name: item[name] for name in item if name != "inputs"}, "invalid_body")
    application = parse_application(inputs, lang)
    if not application.values:
        raise InvalidRequest("invalid_body", nothing_usable("inputs", lang))
    entry = PredictionEntry(
        "local",
        request_id(),
        roles.caller(),
        application.values,
        Decision(
            facts.client_id,
            facts.probability,
            facts.threshold,
            missing_essentials(application.values),
            agreement=facts.fold_agreement,
        ),
        facts.model_version,
        history=facts.history,
        portfolio=facts.portfolio,
        person=persons.sender().person,
        application=facts.application,
    )
    return facts.id, _made(facts.id), entry


def _made(key: str) -> datetime:
    """When an id was made, which it begins with (UUID version 7); a clock that is ahead does not reach the record."""
    made = datetime.fromtimestamp(int(key.replace("-", "")[:12], 16) / 1000, UTC)
    return min(made, datetime.now(UTC))
