"""Filters on rows of a result, which a query carries as JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, get_args

from pydantic_core import from_json

from api.http.language import language
from api.http.messages import message
from api.http.problems import InvalidRequest
from core.application import FieldError
from core.jobs.answers.results import Condition, Operation, column_types

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_max_values: Final = 100


def read_filter(text: str) -> tuple[Condition, ...]:
    """The conditions that a filter says; none where it is empty.

    Args:
        text: a JSON object: by column, an object of operations and their values.

    Raises:
        InvalidRequest: with every column whose conditions cannot be used.
    """
    if not text:
        return ()
    try:
        content = from_json(text)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise InvalidRequest("invalid_parameters", _error("filter"))
    conditions: list[Condition] = []
    errors: list[FieldError] = []
    for column, operations in content.items():
        usable = isinstance(operations, dict) and column in column_types() and operations
        if usable and all(_fits(column, name, value) for name, value in operations.items()):
            conditions += [Condition(column, name, value) for name, value in operations.items()]
        else:
            errors.append(_error(f"filter.{column[:64]}" if column in column_types() else "filter"))
    if errors:
        raise InvalidRequest("invalid_parameters", *errors)
    return tuple(conditions)


def _error(field: str) -> FieldError:
    lang = language()
    return FieldError(field, message("unusable", lang), message("expected_filter", lang))


def _fits(column: str, operation: str, value: Any) -> bool:
    if operation not in get_args(Operation):
        return False
    return _checks[operation](value, column_types()[column].is_numeric())


def _is_number(value: Any, number: bool) -> bool:  # noqa: FBT001
    return number and isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_list(value: Any, number: bool) -> bool:  # noqa: FBT001
    if not isinstance(value, list) or len(value) > _max_values:
        return False
    return all(_is_number(item, number) if number else isinstance(item, str) for item in value)


def _is_prefix(value: Any, _: bool) -> bool:  # noqa: FBT001
    return isinstance(value, str) and len(value) <= 100


def _is_choice(value: Any, _: bool) -> bool:  # noqa: FBT001
    return isinstance(value, bool)


_checks: Final[Mapping[str, Callable[[Any, bool], bool]]] = {
    "min": _is_number,
    "max": _is_number,
    "in": _is_list,
    "prefix": _is_prefix,
    "missing": _is_choice,
}
