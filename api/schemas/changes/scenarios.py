"""Schemas of thresholds and scenarios on many applications."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from api.schemas.base import LanguageQuery
from core.contract.answer import Answer
from core.decision import RiskCategory, risk_bands
from core.scenarios.outcomes import DecisionOutcome
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

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.scenarios.comparing import ScenarioComparison
    from core.scenarios.populations import Population
    from core.scenarios.trials import StatusQuo

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


class ThresholdOutcome(Answer):
    """What deciding at a threshold comes to."""

    threshold: float
    accepted: int
    refused: int
    expected_defaults: float = Field(description="Sum of the probabilities of the accepted.")
    cost: float = Field(description="Expected, for each application, by the costs of the model.")
    precision: float | None = Field(description="Share of the refused who are expected to default.")
    recall: float | None = Field(description="Share of the expected defaults that are refused.")
    observed_defaults: int | None = Field(description="Among the accepted; null where outcomes are not known.")
    observed_cost: float | None
    observed_precision: float | None
    observed_recall: float | None

    @classmethod
    def of(cls, outcome: DecisionOutcome) -> ThresholdOutcome:
        """The answer that says an outcome."""
        return cls(**asdict(outcome))


class ThresholdCurve(Answer):
    """Outcomes at many thresholds, ascending: a list for each part of them."""

    threshold: list[float]
    accepted: list[int]
    refused: list[int]
    expected_defaults: list[float]
    cost: list[float]
    precision: list[float | None]
    recall: list[float | None]
    observed_defaults: list[int | None]
    observed_cost: list[float | None]
    observed_precision: list[float | None]
    observed_recall: list[float | None]

    @classmethod
    def of(cls, outcomes: Sequence[DecisionOutcome]) -> ThresholdCurve:
        """The answer that says outcomes."""
        return cls(**{name: [getattr(outcome, name) for outcome in outcomes] for name in cls.model_fields})


class PopulationAnswer(Answer):
    """On whom it was tried."""

    name: str = Field(description="`portfolio`, or the name of the file.")
    total: int
    used: int = Field(description="Fewer than `total` where there are very many: a part of them, spread evenly.")
    outcomes_known: bool
    mean_probability: float

    @classmethod
    def of(cls, population: Population, base: StatusQuo) -> PopulationAnswer:
        """The answer that says who a population is."""
        return cls(
            name=population.name,
            total=base.total,
            used=base.used,
            outcomes_known=base.ranking.target is not None,
            mean_probability=base.mean_probability,
        )


class _Tried(Answer):
    population: PopulationAnswer
    model_version: str
    cost_fn: float
    cost_fp: float


class CurveAnswer(_Tried):
    """What every threshold comes to."""

    today: ThresholdOutcome = Field(description="At the model's own threshold.")
    best: ThresholdOutcome = Field(description="The least cost that can be expected.")
    best_observed: ThresholdOutcome | None = Field(description="The least cost in hindsight, where outcomes are known.")
    curve: ThresholdCurve = Field(description="Every tenth of a point up to 50 %, then every point; and those above.")


class DecisionFlows(Answer):
    """Applications by the decision before and after."""

    stay_accepted: int
    become_refused: int
    become_accepted: int
    stay_refused: int


class ScenarioOutcome(Answer):
    """What a scenario comes to."""

    name: str
    outcome: ThresholdOutcome
    mean_probability: float
    touched: int = Field(description="Applications of which a rule changed something.")
    follows: list[Literal["AMT_ANNUITY"]] = Field(description="Columns that changed without a rule of their own.")
    flows: DecisionFlows
    bands: list[list[int]] = Field(description="Applications by risk band before (rows) and after (columns).")

    @classmethod
    def of(cls, found: ScenarioComparison, follows: Sequence[Literal["AMT_ANNUITY"]]) -> ScenarioOutcome:
        """The answer that says a comparison."""
        return cls(
            name=found.name,
            outcome=ThresholdOutcome.of(found.outcome),
            mean_probability=found.mean_probability,
            touched=found.touched,
            follows=list(follows),
            flows=DecisionFlows(
                stay_accepted=found.stay_accepted,
                become_refused=found.become_refused,
                become_accepted=found.become_accepted,
                stay_refused=found.stay_refused,
            ),
            bands=[list(row) for row in found.bands],
        )


class ScenariosAnswer(_Tried):
    """Every scenario at one threshold, beside things as they are."""

    threshold: float
    bands: list[RiskCategory] = Field(default=[name for _, name in risk_bands], description="Their order in `bands`.")
    outcome: ThresholdOutcome = Field(description="Of things as they are.")
    scenarios: list[ScenarioOutcome]
    warnings: list[str]
