"""Field errors of a request, from the pydantic model that describes it; never the values."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from api.http.language import language
from api.http.messages import message
from api.http.problems import InvalidRequest
from core.application import FieldError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.catalogue import Language

Model = TypeVar("Model", bound=BaseModel)

# The last ones are raised by our own validators, under the name of the sentence.
_messages_by_type: Final = {
    "missing": "missing",
    "literal_error": "not_a_choice",
    "not_a_choice": "not_a_choice",
    "finite_number": "not_finite",
    "greater_than_equal": "out_of_bounds",
    "less_than_equal": "out_of_bounds",
    "float_parsing": "not_a_number",
    "int_parsing": "not_whole",
    "int_from_float": "not_whole",
    "int_type": "not_whole",
    "int_parsing_size": "out_of_bounds",
    "string_type": "not_text",
    "string_too_short": "too_short",
    "string_too_long": "too_long",
    "too_long": "wrong_length",
    "control_characters": "control_characters",
    "not_a_moment": "not_a_moment",
    "not_an_identifier": "unusable",
    "not_a_day": "not_a_day",
}
_expected_by_format: Final = {
    "date-time": "expected_moment",
    "uuid": "expected_identifier",
    "date": "expected_day",
    "drift-side": "expected_drift_side",
    "population": "expected_population",
    "idempotency-key": "expected_idempotency_key",
}


def validated(model: type[Model], values: Mapping[str, Any], summary: str) -> Model:
    """The values as the model has them.

    Args:
        summary: key of the sentence that says what is wrong as a whole.

    Raises:
        InvalidRequest: with one error a field, however much is wrong with it.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        lang = language()
        details = error.errors(include_input=False, include_url=False, include_context=False)
        first = {detail["loc"][0]: detail for detail in reversed(details)}
        wrong = (
            _field_error(model, first[name], lang) for name in dict.fromkeys(detail["loc"][0] for detail in details)
        )
        raise InvalidRequest(summary, *wrong) from None


def _field_error(model: type[BaseModel], error: Any, lang: Language) -> FieldError:
    name = str(error["loc"][0])
    sentence = message(_messages_by_type.get(error["type"], "unusable"), lang)
    return FieldError(name, sentence, _expected(_properties(model)[name], lang))


@cache
def _properties(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of each field: made once, as it takes longer than all the rest of a refusal."""
    properties: dict[str, Any] = model.model_json_schema()["properties"]
    return properties


def _expected(schema: dict[str, Any], lang: Language) -> str:
    if schema.get("type") == "array":
        return message("expected_names", lang, maximum=str(schema["maxItems"]))
    kinds = [schema, *schema.get("anyOf", ())]
    types = ("number", "integer", "string", "boolean")
    schema = next(alternative for alternative in kinds if alternative.get("type") in types)
    if schema["type"] == "boolean":
        return message("expected_truth", lang)
    if "enum" in schema or "const" in schema:
        return message("expected_choice", lang, choices=", ".join(schema.get("enum") or [schema["const"]]))
    if schema.get("format") in _expected_by_format:
        return message(_expected_by_format[schema["format"]], lang)
    if schema["type"] == "string":
        key = "expected_text_between" if "minLength" in schema else "expected_text"
        return message(key, lang, minimum=str(schema.get("minLength")), maximum=str(schema["maxLength"]))
    kind = "expected_whole_between" if schema["type"] == "integer" else "expected_number_between"
    return message(kind, lang, minimum=_plain(schema["minimum"]), maximum=_plain(schema["maximum"]))


def _plain(number: float) -> str:
    return f"{number:g}" if abs(number) < 1e6 else str(int(number))
