"""JSON bodies, read strictly, once, and without handing on anything that could be read in two ways."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast

from flask import request
from pydantic_core import from_json
from werkzeug.http import parse_options_header

from api.http import request_body
from api.http.fields import Model, validated
from api.http.language import language
from api.http.messages import message
from api.http.problems import InvalidRequest, UnsupportedBody
from core.application import Application, FieldError, InvalidApplication, by_known_names, parse_application
from core.columnar.applications import parse_alike
from core.contract.field_warnings import unused
from core.tables.values import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.catalogue import Language
    from core.contract.field_warnings import FieldWarning

max_clients: Final = 1000

_spaced_key = re.compile(rb'"\s+:')
# Found out in a tenth of the time of the pattern.
_begin_of_spaced_key: Final = (b'" ', b'"\n', b'"\r', b'"\t')
_position = re.compile(r"line (\d+) column (\d+)")
_containers: Final = frozenset({dict, list})
_json_type: Final = re.compile(r"application/(.+\+)?json")


@dataclass(frozen=True, slots=True)
class ApplicationBatch:
    """Several applications sent together; `warnings` names what was not used of the body around them."""

    applications: Sequence[Application]
    threshold: float | None
    warnings: tuple[FieldWarning, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """An application as it was sent.

    Attributes:
        application: what of it could be used; `warnings` names what was not, of the body around it as well.
        features: what was sent of it, by the catalogue's names.
        body: the whole body, as JSON gives it.
    """

    application: Application
    features: Mapping[str, object]
    body: Mapping[str, object]

    @property
    def emptied(self) -> frozenset[str]:
        """The columns that were sent as missing."""
        return frozenset(
            name
            for name, value in self.features.items()
            if value is None or (name not in self.application.values and read_json(value, None) is None)
        )


def read_application() -> Application:
    """The application in the `features` of the body. Raises as `read_sent` does."""
    return read_sent(("features",)).application


def read_sent(known: tuple[str, ...], client_id: int | None = None) -> Sent:
    """The application in the `features` of the body, and the rest of it.

    Args:
        known: keys that the body may have.
        client_id: of a client that is named beside the body; `features` may then be absent.

    Raises:
        UnsupportedBody: where the body is not declared as JSON.
        InvalidRequest: where it is not a JSON object with an object in `features`.
        core.application.InvalidApplication: where fields of the application cannot be used.
    """
    lang = language()
    body = read_object(lang)
    if "features" not in body and client_id is None:
        raise invalid("features", "missing", message("expected_features", lang), lang)
    features = body.get("features", {})
    if not isinstance(features, dict):
        raise invalid("features", "not_an_object", message("expected_features", lang), lang)
    features = by_known_names(features, lang)
    application = parse_application(features, lang)
    extra = unknown_keys(body, known, lang)
    return Sent(replace(application, warnings=application.warnings + extra) if extra else application, features, body)


def read_applications() -> ApplicationBatch:
    """The applications in the `clients` of the body, and its `threshold` where it has one.

    Raises:
        UnsupportedBody, InvalidRequest, core.application.InvalidApplication: as for `read_application`, with every bad
            field of every client named, such as `clients[3].AMT_CREDIT`.
    """
    lang = language()
    body = read_object(lang)
    expectation = message("expected_clients", lang, minimum="1", maximum=str(max_clients))
    if "clients" not in body:
        raise invalid("clients", "missing", expectation, lang)
    clients = body["clients"]
    if not isinstance(clients, list):
        raise invalid("clients", "not_a_list", expectation, lang)
    if not 1 <= len(clients) <= max_clients:
        raise invalid("clients", "wrong_length", expectation, lang)
    threshold = threshold_of(body.get("threshold"), lang)
    applications = _parsed(clients, lang)
    return ApplicationBatch(applications, threshold, unknown_keys(body, ("clients", "threshold"), lang))


def _parsed(clients: list[object], lang: Language) -> Sequence[Application]:
    """The applications in a list. Raises `InvalidApplication` with every bad field of every client named."""
    if all(isinstance(features, dict) for features in clients):
        alike = parse_alike(cast("list[dict[str, object]]", clients))
        if alike is not None:
            return alike
    applications: list[Application] = []
    errors: list[FieldError] = []
    for position, features in enumerate(clients):
        place = f"clients[{position}]"
        if not isinstance(features, dict):
            errors.append(FieldError(place, message("not_an_object", lang), message("expected_features", lang)))
            continue
        try:
            applications.append(parse_application(features, lang))
        except InvalidApplication as error:
            errors += [
                FieldError(f"{place}.{field_error.field}", field_error.message, field_error.expected)
                for field_error in error.errors
            ]
    if errors:
        raise InvalidApplication(tuple(errors))
    return applications


def read_as(model: type[Model]) -> tuple[Model, tuple[FieldWarning, ...]]:
    """The body as `model` has it, and warnings that name the keys that it does not know.

    Raises:
        UnsupportedBody: where the body is not declared as JSON.
        InvalidRequest: where it is not a JSON object, or fields of it cannot be used.
    """
    lang = language()
    body = read_object(lang)
    return validated(model, body, "invalid_body"), unknown_keys(body, tuple(model.model_fields), lang)


def read_object(lang: Language) -> dict[str, object]:
    """The body as it is.

    Raises:
        UnsupportedBody: where it is not declared as JSON.
        InvalidRequest: where it is not a JSON object.
    """
    # A body that does not say that it is JSON is one that a page of another site can have sent without asking first.
    # Of the environment: what werkzeug makes of it takes longer than to read a body.
    sent = request.environ
    if not _is_json(sent.get("CONTENT_TYPE", "")) or sent.get("HTTP_CONTENT_ENCODING", "identity") != "identity":
        raise UnsupportedBody
    data = request_body.body()
    try:
        body = from_json(data)
    except ValueError as error:
        raise _malformed(str(error), lang) from None
    if not isinstance(body, dict):
        raise invalid("body", "not_an_object", message("expected_json", lang), lang)
    # The parser keeps the last of two equal keys. Every key is followed by a colon, so that equal counts mean that none
    # was dropped; a text that holds `":` only leads to the slower question.
    colons = data.count(b'":')
    # Where each colon follows a quote, no key has a space behind it; most bodies that have others have none either.
    if data.count(b":") != colons and any(begin in data for begin in _begin_of_spaced_key):
        colons += len(_spaced_key.findall(data))
    if colons != _count_keys(body) and _repeats_a_key(data):
        raise invalid("body", "repeated_key", message("expected_once", lang), lang)
    return body


@lru_cache(64)
def _is_json(content_type: str) -> bool:
    media_type, _ = parse_options_header(content_type)
    return _json_type.fullmatch(media_type.lower()) is not None


def _malformed(reason: str, lang: Language) -> InvalidRequest:
    place = _position.search(reason)
    sentence = message("malformed_json_at", lang, line=place[1], column=place[2]) if place else None
    error = FieldError("body", sentence or message("malformed_json", lang), message("expected_json", lang))
    return InvalidRequest("invalid_body", error)


def _count_keys(value: object) -> int:
    # Most values are numbers and texts, and the parser makes no dict or list of a kind of its own.
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    count = len(value) if isinstance(value, dict) else 0
    if _containers.isdisjoint(map(type, values)):
        return count
    return count + sum([_count_keys(item) for item in values if item.__class__ in _containers])


def _repeats_a_key(data: bytes) -> bool:
    import json

    is_repeated = False

    def look(pairs: list[tuple[str, object]]) -> None:
        nonlocal is_repeated
        is_repeated = is_repeated or len({key for key, _ in pairs}) < len(pairs)

    json.loads(data, object_pairs_hook=look)
    return is_repeated


def threshold_of(value: object, lang: Language) -> float | None:
    """The `threshold` of a body, where it has one. Raises `InvalidRequest`."""
    if value is None:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and 0 <= value <= 1:  # type: ignore[operator]
        return float(value)  # type: ignore[arg-type]
    expectation = message("expected_number_between", lang, minimum="0", maximum="1")
    raise invalid("threshold", "out_of_bounds" if number else "not_a_number", expectation, lang)


def invalid(field: str, kind: str, expectation: str, lang: Language) -> InvalidRequest:
    """What is wrong with one key of a body: `kind` and `expectation` are a sentence's key, and what was expected."""
    return InvalidRequest("invalid_body", FieldError(field, message(kind, lang), expectation))


def unknown_keys(body: Mapping[str, object], known: tuple[str, ...], lang: Language) -> tuple[FieldWarning, ...]:
    """Warnings that name the keys of a body that nothing reads."""
    return unused((("unknown_field", name) for name in body if name not in known), lang)
