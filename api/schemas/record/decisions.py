"""Schemas of officers' decisions, and of the predictions that were recorded."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, TypeAdapter, WithJsonSchema
from pydantic_core import PydanticCustomError

from api.schemas.base import LanguageQuery
from core.access.person import longest_subject
from core.audit.decisions import DecisionFilter
from core.audit.entries import Kind, Outcome, PredictionFilter
from core.contract.answer import Answer
from core.contract.record.officer_decisions import DecisionKind, RecordedDecision
from core.contract.record.predictions import PredictionLine

if TYPE_CHECKING:
    from collections.abc import Callable

_largest_id: Final = 2**31 - 1
_longest_caller: Final = 64
_longest_officer: Final = 128
_shortest_reason, _longest_reason = 3, 2000

_moment: Final = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)?)?")
_first_moment: Final = datetime.min.replace(tzinfo=UTC)
_last_moment: Final = datetime.max.replace(tzinfo=UTC)
# As `X-Request-ID`; in quotes where the caller writes it as a string of RFC 8941.
_idempotency_key: Final = re.compile(r'("?)([A-Za-z0-9._-]{8,64})\1')
_identifier: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# In the words of JSON Schema, what `_written` takes: no control character but ends of lines within, and no space,
# however it is written, at the ends.
_spaces: Final = r" \n\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
_controls: Final = r"\u0000-\u0009\u000b-\u001f\u007f-\u009f"
_other: Final = f"[^{_spaces}{_controls}]"


def _as_moment(value: object) -> object:
    if isinstance(value, str) and _moment.fullmatch(value):
        # Of a fraction of a second, a database keeps microseconds.
        text = re.sub(r"(\.\d{6})\d+", r"\1", value.upper())
        try:
            moment = datetime.fromisoformat(text)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except OverflowError:
            return _first_moment if value.startswith("0001") else _last_moment
        except ValueError:
            pass
    raise PydanticCustomError("not_a_moment", "not a moment")


def _as_identifier(value: object) -> object:
    if isinstance(value, str) and _identifier.fullmatch(value):
        return value.lower()
    raise PydanticCustomError("not_an_identifier", "not an identifier")


def _as_idempotency_key(value: object) -> object:
    match = _idempotency_key.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise PydanticCustomError("not_an_identifier", "not a key")
    return match[2]


def _as_whole(value: object) -> object:
    """JSON knows one kind of number: 3.0 is 3."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _written(value: str) -> str:
    """What somebody wrote, without the spaces around it. Ends of lines belong to a reason; no other control does."""
    value = value.replace("\r\n", "\n")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value if character != "\n"):
        raise PydanticCustomError("control_characters", "control characters")
    return value.strip(" \n\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200C))))


def _one_line(value: str) -> str:
    if "\n" in value:
        raise PydanticCustomError("control_characters", "control characters")
    return value


def _text(least: int, most: int, pattern: str, *checks: Callable[[str], str]) -> Any:
    """Text as `_written` takes it, `least` to `most` characters of it."""

    def long_enough(value: str) -> str:
        if len(value) < least:
            raise PydanticCustomError("string_too_short", "too short")
        return value

    return Annotated[
        str,
        Field(strict=True, max_length=most),
        *(AfterValidator(check) for check in (_written, long_enough, *checks)),
        WithJsonSchema({"type": "string", "minLength": least, "maxLength": most, "pattern": pattern}),
    ]


Moment = Annotated[
    datetime, BeforeValidator(_as_moment), WithJsonSchema({"type": "string", "format": "date-time", "maxLength": 40})
]
Identifier = Annotated[str, BeforeValidator(_as_identifier), WithJsonSchema({"type": "string", "format": "uuid"})]
IdempotencyKey = Annotated[
    str,
    BeforeValidator(_as_idempotency_key),
    WithJsonSchema({"type": "string", "format": "idempotency-key", "pattern": "^[A-Za-z0-9._-]{8,64}$"}),
]
ClientId = Annotated[int, Field(strict=True, ge=0, le=_largest_id), BeforeValidator(_as_whole)]
Officer = _text(1, _longest_officer, f"^[{_spaces}]*{_other}([^\\n{_controls}]*{_other})?[{_spaces}]*$", _one_line)
_officer_schema: Final = TypeAdapter(Officer).json_schema()
Reason = _text(
    _shortest_reason,
    _longest_reason,
    f"^[{_spaces}]*{_other}[^{_controls}]{{{_shortest_reason - 2},}}{_other}[{_spaces}]*$",
)


class DecisionHeaders(BaseModel):
    """The headers of a request that records a decision.

    As draft-ietf-httpapi-idempotency-key-header-07 has it, but for 409 in place of its 422 where a key is used for
    another content: what stands in the way is a record that is there, and 422 is given by no other route.
    """

    idempotency_key: IdempotencyKey | None = Field(
        default=None,
        alias="Idempotency-Key",
        description="Made by the caller, such as a UUID, and kept until there is an answer: the same decision sent "
        "again under it is recorded once. The key is the caller's own, and never forgotten.",
    )


class DecisionRequest(BaseModel):
    """The decision of an officer on a prediction: that of `prediction_id`, else the last one of `client_id`."""

    model_config = {
        "json_schema_extra": {
            # Which is not null, is for the officer's name: a key of the API can stand for it.
            "required": ["decision", "reason", "officer"],
            "anyOf": [
                {"required": ["prediction_id"], "properties": {"prediction_id": {"type": "string"}}},
                {"required": ["client_id"], "properties": {"client_id": {"type": "integer"}}},
            ],
        }
    }

    prediction_id: Identifier | None = Field(default=None, description="As the prediction was answered.")
    client_id: ClientId | None = Field(default=None, description="`SK_ID_CURR`, of whom a prediction is recorded.")
    decision: Outcome = Field(description="What the officer decides.")
    reason: Reason = Field(  # type: ignore[valid-type]
        description="Why, for whoever reads it later; ends of lines are kept, spaces around it are not."
    )
    officer: Annotated[Officer | None, WithJsonSchema(_officer_schema)] = Field(  # type: ignore[valid-type]
        default=None,
        description="Who decides; may be absent where a key names the caller, who is then the officer. Where somebody "
        "is signed in, it is them: absent, or their name.",
    )


class NewDecision(RecordedDecision):
    """A decision that was just recorded (201), or that was before under the same key (200)."""

    warnings: list[str] = Field(description="What was not used of the request: names, never values.")


Subject = Annotated[
    str | None,
    Field(max_length=longest_subject, description="Who was signed in, as their identity provider knows them."),
]


class PeriodQuery(LanguageQuery):
    """Parameters of what is asked of a period."""

    since: Moment | None = Field(
        default=None, description="The first moment; a date, or a time without a zone, is in UTC."
    )
    until: Moment | None = Field(default=None, description="The moment from which on nothing is wanted.")
    client_id: int | None = Field(default=None, ge=0, le=_largest_id, description="`SK_ID_CURR`.")


class DecisionsFilterQuery(PeriodQuery):
    """Parameters that say which decisions are wanted."""

    officer: str | None = Field(default=None, max_length=_longest_officer, description="The whole name.")
    subject: Subject = None
    kind: DecisionKind | None = Field(default=None, description="Confirmed, or decided otherwise.")
    prediction_id: Identifier | None = Field(default=None, description="Which they are about.")
    on_hand: Literal["true", "false"] = Field(
        default="false",
        description="Only those on the clients on hand, and not on other applications that bear their number.",
    )

    def wanted(self) -> DecisionFilter:
        """The filter that the parameters say, whoever is on hand."""
        return DecisionFilter(
            client_id=self.client_id,
            prediction_id=self.prediction_id,
            officer=self.officer,
            subject=self.subject,
            kind=self.kind,
            since=self.since,
            until=self.until,
        )


class DecisionsQuery(DecisionsFilterQuery):
    """Parameters of a page of decisions."""

    limit: int = Field(default=50, ge=1, le=500, description="How many to give at most.")
    offset: int = Field(default=0, ge=0, le=_largest_id, description="How many to pass over.")


class DecisionList(Answer):
    """A page of decisions, newest first."""

    decisions: list[RecordedDecision]
    total: int = Field(description="How many match in all.")
    limit: int
    offset: int


class PredictionsQuery(PeriodQuery):
    """Parameters of a page of predictions."""

    kind: Kind | None = Field(default=None, description="What was asked for.")
    caller: str | None = Field(default=None, max_length=_longest_caller, description="Name of a key, or `anonymous`.")
    subject: Subject = None
    decision: Outcome | None = Field(default=None, description="What the model said.")
    include: Literal["inputs"] | None = Field(default=None, description="Brings what the model was given as well.")
    limit: int = Field(default=50, ge=1, le=500, description="How many to give at most.")
    offset: int = Field(default=0, ge=0, le=_largest_id, description="How many to pass over.")

    def wanted(self) -> PredictionFilter:
        """The filter that the parameters say."""
        return PredictionFilter(
            client_id=self.client_id,
            since=self.since,
            until=self.until,
            kind=self.kind,
            caller=self.caller,
            subject=self.subject,
            decision=self.decision,
        )


class PredictionPath(BaseModel):
    """The recorded prediction that an address names."""

    prediction_id: Identifier = Field(description="As the prediction was answered.")


class PredictionList(Answer):
    """A page of recorded predictions, newest first."""

    predictions: list[PredictionLine]
    total: int = Field(description="How many match in all.")
    limit: int
    offset: int
