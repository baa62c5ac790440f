"""The validation of an application: a caller's mapping becomes typed values, or errors that name every bad field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Final, Literal, TypeGuard

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetPydanticSchema,
    TypeAdapter,
    ValidationError,
    create_model,
    with_config,
)
from pydantic_core import PydanticCustomError, core_schema
from typing_extensions import TypedDict

from core import catalogue
from core.catalogue import Column, Language
from core.catalogue.spelling import legacy_gender, name_key
from core.contract.field_warnings import FieldWarning, unused
from core.decision import Value
from core.portfolio.provenance import ApplicationSource, HistorySource, Provenance
from core.tables.values import legacy_flags, read_json
from core.text.messages import message
from core.text.names import capped, max_errors, short

# No amount, count or number of days of a history reaches this.
largest_number: Final = 1e12


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that cannot be used: its name, what is wrong and what was expected; never the value itself."""

    field: str
    message: str
    expected: str


class InvalidApplication(ValueError):
    """An application with at least one bad field.

    Attributes:
        errors: every bad field, in the order of the catalogue.
    """

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        first, more = capped(errors, max_errors)
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in first) + ("; …" if more else ""))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Application:
    """What is known of one applicant.

    Attributes:
        values: raw application columns and, where given, history features, by name; missing ones are absent.
        client_id: `SK_ID_CURR` where given.
        warnings: what was not used, or is not like anything that the model knows, in the reader's language.
        history: where the history features among the values come from.
        portfolio: which stored clients values were taken from; None where none were.
        source: whether it is that of a client on hand.
    """

    values: Mapping[str, Value]
    client_id: int | None = None
    warnings: tuple[FieldWarning, ...] = ()
    history: HistorySource = "none"
    portfolio: Provenance | None = None
    source: ApplicationSource = "sent"


def parse_application(features: Mapping[str, object], lang: Language = "en") -> Application:
    """Validates a mapping of Home Credit columns, any subset of them.

    Args:
        features: raw columns (JSON types) by name, spelt as `by_known_names` takes them; the earlier system's
            `CODE_GENDER_M`, 0/1 in `FLAG_OWN_CAR` and `FLAG_OWN_REALTY`, and derived ratios (recomputed) are
            understood; so are our own history features.
        lang: language of the messages.

    Raises:
        InvalidApplication: with one error per bad field.

    >>> parse_application({"amt_credit": 450000, "CODE_GENDER_M": 1}).values
    {'AMT_CREDIT': 450000.0, 'CODE_GENDER': 'M'}
    >>> parse_application({"EXT_SOURCE_2": 7, "AMT_CREDIT": "much"})
    Traceback (most recent call last):
    core.application.InvalidApplication: AMT_CREDIT: is not a number; EXT_SOURCE_2: is out of bounds
    """
    inputs = _without_legacy_names(by_known_names(features, lang))
    warnings: tuple[FieldWarning, ...] = ()
    try:
        parsed = _validator().validate_python(inputs)
    except ValidationError as error:
        first, inputs = inputs, _with_other_spellings(inputs, error)
        try:
            parsed = _validator().validate_python(inputs)
        except ValidationError as still:
            raise InvalidApplication(_field_errors(still, lang)) from None
        turned = (name for name, value in inputs.items() if _lacks_its_sign(first[name], name) and value != first[name])
        warnings = tuple(FieldWarning.of("sign_turned", name, lang) for name in turned)
    known = value_kinds()
    if not inputs.keys() <= known.keys():
        derived = _derived()
        warnings += unused(
            (("recomputed" if name in derived else "unknown_field", name) for name in inputs if name not in known), lang
        )
        inputs = {name: value for name, value in inputs.items() if name in known}
    values = {name: value for name in inputs if (value := parsed[name]) is not None}
    client_id = values.pop("SK_ID_CURR", None)
    values.pop("TARGET", None)
    sent: HistorySource = "none" if history_columns().isdisjoint(values) else "sent"
    return Application(values=values, client_id=client_id, warnings=warnings, history=sent)


def by_known_names(features: Mapping[str, object], lang: Language = "en") -> Mapping[str, object]:
    """What was sent under the names of the catalogue, whatever their case, and what it does not know as it is.

    Names are understood as those of a file's columns are (`core.catalogue.spelling`).

    Args:
        features: by the name that was sent.
        lang: language of the messages.

    Raises:
        InvalidApplication: where two names mean the same column.
    """
    if features.keys() <= _names():
        return features
    by_name: dict[str, object] = {}
    twice: dict[str, FieldError] = {}
    for sent_name, value in features.items():
        name = _known_name(sent_name)
        if name in by_name:
            twice[name] = FieldError(short(name), message("named_twice", lang), message("expected_once", lang))
        by_name[name] = value
    if twice:
        raise InvalidApplication(tuple(twice.values()))
    return by_name


def _known_name(sent_name: str) -> str:
    # Also the earlier name of the gender, whose values are others, and ratios that are recomputed.
    return _names_by_key().get(name_key(sent_name), sent_name)


def expected(column: Column, lang: Language) -> str:
    """What a valid value of the column is, in words: `a number from 0 to 1`, `one of: Y, N`."""
    if column.type == "category":
        return message("expected_choice", lang, choices=", ".join(code.code for code in column.codes))
    if column.type in ("flag", "target"):
        return message("expected_choice", lang, choices="0, 1")
    kind = "whole" if column.type in ("id", "integer") else "number"
    if column.minimum is not None and column.maximum is not None:
        text = message(f"expected_{kind}_between", lang, minimum=_plain(column.minimum), maximum=_plain(column.maximum))
        if column.sentinel is not None:
            text += message("expected_or", lang, other=_plain(column.sentinel))
        return text
    return message(f"expected_{kind}", lang)


def _expected_feature(lang: Language) -> str:
    return message("expected_number_between", lang, minimum=_plain(-largest_number), maximum=_plain(largest_number))


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def _without_legacy_names(features: Mapping[str, object]) -> dict[str, object]:
    values = dict(features)
    male = values.pop(legacy_gender, None)
    if male is not None:
        code = {0: "F", 1: "M"}[male] if _is_zero_or_one(male) else read_json(male, _columns()["CODE_GENDER"])
        if code in ("F", "M") and code != male:
            values.setdefault("CODE_GENDER", code)
        elif code is not None:
            # Anything but 0 and 1 goes on under the raw name, so that it is refused there.
            values["CODE_GENDER"] = [male]
    for name in legacy_flags:
        value = values.get(name)
        if _is_zero_or_one(value):
            values[name] = "Y" if value else "N"
    return values


def _with_other_spellings(inputs: dict[str, object], error: ValidationError) -> dict[str, object]:
    """What was sent, with what could not be used read as programs and spreadsheets write it (`core.tables.values`)."""
    names = {str(detail["loc"][0]) for detail in error.errors(include_input=False, include_url=False)}
    read = {name: read_json(inputs[name], _columns().get(name)) for name in names if name in inputs}
    for name, value in read.items():
        if isinstance(value, int | float) and _lacks_its_sign(value, name):
            read[name] = -value
    return inputs | read


def _is_zero_or_one(value: object) -> TypeGuard[int]:
    # `true` equals 1, and is no more a number here than in any other column.
    return type(value) in (int, float) and value in (0, 1)


def _field_errors(error: ValidationError, lang: Language) -> tuple[FieldError, ...]:
    kinds = {
        "literal_error": "not_a_choice",
        "finite_number": "not_finite",
        "greater_than_equal": "out_of_bounds",
        "less_than_equal": "out_of_bounds",
        "out_of_bounds": "out_of_bounds",
        "multiple_of": "not_whole",
        "int_from_float": "not_whole",
        "int_parsing_size": "out_of_bounds",
    }
    errors: dict[str, FieldError] = {}
    for detail in error.errors(include_input=False, include_url=False, include_context=False):
        name = str(detail["loc"][0])
        known = _columns().get(name)
        kind = kinds.get(detail["type"], "not_a_choice" if known and known.type == "category" else "not_a_number")
        expectation = expected(known, lang) if known else _expected_feature(lang)
        errors.setdefault(name, FieldError(short(name), message(kind, lang), expectation))
    return tuple(errors.values())


def _lacks_its_sign(value: object, name: str) -> bool:
    """Whether a number of days would be one of the column with a minus before it, and is none without."""
    column = _columns().get(name)
    if column is None or column.unit != "days" or column.minimum is None or column.maximum is None:
        return False
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and column.maximum <= 0 < value and -column.maximum <= value <= -column.minimum  # type: ignore[operator]


@cache
def _columns() -> dict[str, Column]:
    return {column.name: column for column in catalogue.columns()}


@cache
def _names() -> frozenset[str]:
    """All names that are understood, in the catalogue's spelling."""
    return frozenset(value_kinds()) | _derived() | {legacy_gender}


@cache
def _names_by_key() -> dict[str, str]:
    return {name_key(name): name for name in _names()}


@cache
def history_columns() -> frozenset[str]:
    """Names of the history features."""
    return frozenset(feature.name for feature in catalogue.features() if feature.table != "application")


@cache
def _derived() -> frozenset[str]:
    return frozenset(feature.name for feature in catalogue.features("application"))


# `multiple_of` lets a number pass that is whole but for a billionth, of which the whole part would be another one: to
# become an integer it has to be whole. Without a function of ours, of which a row would call ninety.
_as_whole: Final = GetPydanticSchema(
    lambda source, handler: core_schema.chain_schema([handler(source), core_schema.int_schema(strict=False)])
)


def _annotation(column: Column) -> Any:
    if column.type == "category":
        return Literal[tuple(code.code for code in column.codes)]
    bounds = {"ge": column.minimum, "le": column.maximum}
    if column.type in ("flag", "target"):
        bounds = {"ge": 0, "le": 1}
    limits: dict[str, Any] = {name: value for name, value in bounds.items() if value is not None}
    if column.type != "real":
        limits["multiple_of"] = 1
    if column.type == "real" and column.sentinel is None:
        return Annotated[float, Field(**limits)]
    if column.sentinel is None:
        return Annotated[float, Field(**limits), _as_whole]

    def within_bounds(value: int) -> int:
        low, high = column.minimum, column.maximum
        inside = (low is None or value >= low) and (high is None or value <= high)
        if not inside and value != column.sentinel:
            raise PydanticCustomError("out_of_bounds", "out of bounds")
        return value

    return Annotated[float, Field(multiple_of=1), _as_whole, AfterValidator(within_bounds)]


@cache
def value_kinds() -> dict[str, Any]:
    """What a value of each name may be, with its documentation."""
    fields: dict[str, Any] = {
        column.name: Annotated[
            _annotation(column) | None, Field(default=None, title=column.label_en, description=_description(column))
        ]
        for column in catalogue.columns()
    }
    for feature in catalogue.features():
        if feature.table != "application":
            bounded = Annotated[float, Field(ge=-largest_number, le=largest_number)] | None
            documented = Field(default=None, title=feature.label_en, description=feature.help_en)
            fields[feature.name] = Annotated[bounded, documented]
    return fields


_config: Final = ConfigDict(strict=True, extra="allow", allow_inf_nan=False, frozen=True)


def _application_features() -> type[BaseModel]:
    return create_model(
        "ApplicationFeatures",
        # Built when it is first asked for: it takes longer than all else that is imported here.
        __config__={**_config, "defer_build": True},
        __doc__="Raw Home Credit columns of one application; any subset of them.",
        **value_kinds(),
    )


def _description(column: Column) -> str:
    return f"{column.help_en} Expected: {expected(column, 'en')}." if column.help_en else expected(column, "en")


@cache
def _validator() -> Any:
    # A dictionary of what is there, where a model would be given two hundred values that are not.
    return validator_of({name: kind.__origin__ for name, kind in value_kinds().items()})


def validator_of(of_names: Mapping[str, Any]) -> Any:
    """The validator of a mapping of which each value that is there is of its kind; it raises pydantic's errors."""
    given: Any = TypedDict("given", dict(of_names), total=False)  # type: ignore[misc]
    return TypeAdapter(with_config(_config)(given)).validator


ApplicationFeatures = _application_features()
"""The pydantic model of an application: one optional field per catalogue column, and per history feature."""
