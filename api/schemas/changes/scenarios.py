"""Schemas of requests for thresholds and scenarios on many applications."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from api.schemas.base import LanguageQuery
from core.scenarios.rules import (
    Operation,
    bounds,
    changeable,
    is_whole,
    largest_sum,
    longest_name,
    max_rules,
    max_scenarios,
    operations_of,
)

_population: Final = "^(portfolio|[0-9a-f]{32})$"


def _known(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(_population[1:-1], value):
        return value
    raise PydanticCustomError("not_a_choice", "not a choice")


PopulationName = Annotated[
    str,
    BeforeValidator(_known),
    WithJsonSchema({"type": "string", "format": "population", "maxLength": 32, "pattern": _population}),
]


class CurveQuery(LanguageQuery):
    """On whom thresholds are tried."""

    population: PopulationName = Field(default="portfolio", description="`portfolio`, or the id of a job that is done.")


def _rules() -> dict[str, Any]:
    """The rules that the catalogue allows; columns with the same values share a line."""
    values: defaultdict[tuple[Any, ...], list[str]] = defaultdict(list)
    for column in changeable():
        codes = tuple(code.code for code in column.codes)
        operations: defaultdict[tuple[Any, ...], list[str]] = defaultdict(list)
        for operation in operations_of(column):
            if operation != "missing":
                kind = "integer" if is_whole(column, operation) else "number"
                operations[kind, *bounds(column, operation)].append(operation)
        for value, done in operations.items():
            values[tuple(done), codes, *value].append(column.name)
    return {
        "anyOf": [
            _rule([column.name for column in changeable()], ["missing"], None),
            *(
                _rule(columns, list(done), {"enum": list(codes)} if codes else _number(*value))
                for (done, codes, *value), columns in values.items()
            ),
        ]
    }


def _number(kind: str, low: float | None, high: float | None) -> dict[str, Any]:
    ends = {"minimum": -largest_sum if low is None else low, "maximum": largest_sum if high is None else high}
    return {"type": kind, **ends}


def _rule(columns: list[str], done: list[str], value: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "properties": {
            "column": {"enum": columns},
            "operation": {"enum": done},
            "value": {"type": "null"} if value is None else value,
        },
        "required": ["column", "operation", *([] if value is None else ["value"])],
    }


class ScenarioRule(BaseModel):
    """One change of a column, of every application."""

    model_config = ConfigDict(json_schema_extra=_rules())

    column: str = Field(max_length=64, description="A column of the application.")
    operation: Operation = Field(
        description="`multiply`, `add`, `at_most` and `at_least` of a number; `set` and `missing` of any column."
    )
    value: float | str | None = Field(
        default=None,
        description="A number, or a code of a category; none for `missing`. In a column of whole numbers, `set` and"
        " `add` take a whole number; `multiply` rounds to the nearest, a half to the even one; a cap rounds inwards:"
        " `at_most` 1.5 leaves at most 1, `at_least` 1.5 at least 2.",
    )


class RuleScenario(BaseModel):
    """Rules that hold together, in their order.

    Where the credit changes and no rule names the annuity, the annuity changes in proportion.
    """

    name: str = Field(min_length=1, max_length=longest_name)
    rules: list[ScenarioRule] = Field(min_length=1, max_length=max_rules)


class ScenariosRequest(BaseModel):
    """What is to be tried on whom."""

    population: PopulationName = Field(default="portfolio", description="`portfolio`, or the id of a job that is done.")
    threshold: float | None = Field(default=None, ge=0, le=1, description="In place of the model's own.")
    scenarios: list[RuleScenario] = Field(default=[], max_length=max_scenarios)
