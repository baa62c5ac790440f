"""Rules of a scenario: changes of circumstances, on columns, applied to every application."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import polars as pl

from core import catalogue

if TYPE_CHECKING:
    from core.catalogue import Column

Operation = Literal["multiply", "add", "set", "at_most", "at_least", "missing"]

operations: Final[tuple[Operation, ...]] = get_args(Operation)
max_rules: Final = 12
max_scenarios: Final = 8
longest_name: Final = 80
# What a scenario cannot change: who somebody is, and what became of their credit.
_fixed: Final = frozenset({"SK_ID_CURR", "TARGET", "CODE_GENDER"})
largest_factor: Final = 100.0
largest_sum: Final = 1e9
# No number of the catalogue is beyond.
_largest: Final = 1e15
_credit: Final = "AMT_CREDIT"
_annuity: Final[Literal["AMT_ANNUITY"]] = "AMT_ANNUITY"


@dataclass(frozen=True, slots=True)
class Rule:
    """One change: an operation on a column; `value` is a number, or a code of a category for `set`; none for `missing`.

    Attributes:
        column: a column of the application.
        operation: `multiply` and `add` leave what is missing missing; `at_most` and `at_least` cap; `set` and `missing`
            replace every value.

    In a column of whole numbers each operation has one rule, so that no result is other than what was asked for:
    `set` and `add` take a whole number and nothing else; `multiply` rounds its result to the nearest, a half to the
    even one; a cap holds, so `at_most` 1.5 leaves at most 1, and `at_least` 1.5 at least 2.
    """

    column: str
    operation: Operation
    value: float | str | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """Rules that hold together, in their order, under a name.

    What depends on them follows: ratios are computed anew, and where the credit changes and no rule names the
    annuity, the annuity changes in proportion, so that the loan lasts as long as before.
    """

    name: str
    rules: tuple[Rule, ...]


class UnusableRule(ValueError):
    """A rule that cannot be applied.

    Attributes:
        part: what is wrong with it: its column, its operation or its value.
        codes: those that the value may be, where it is one of a category.
    """

    def __init__(self, part: Literal["column", "operation", "value"], codes: tuple[str, ...] = ()) -> None:
        super().__init__(part)
        self.part: Literal["column", "operation", "value"] = part
        self.codes = codes


def operations_of(column: Column) -> tuple[Operation, ...]:
    """What can be done to a column: everything to a number, the rest is replaced."""
    return operations if column.type in ("integer", "real") else ("set", "missing")


def is_whole(column: Column, operation: Operation) -> bool:
    """Whether the value of an operation on a column is a whole number, because no other can be kept to."""
    return column.type == "flag" or (column.type == "integer" and operation in ("set", "add"))


def bounds(column: Column, operation: Operation) -> tuple[float | None, float | None]:
    """The least and the largest number that an operation takes for a column of numbers; None where there is no end."""
    if operation == "multiply":
        return 0, largest_factor
    if operation == "add":
        return -largest_sum, largest_sum
    return (0, 1) if column.type == "flag" else (column.minimum, column.maximum)


def check_rule(rule: Rule) -> None:
    """Makes sure that a rule can be applied. Raises `UnusableRule`."""
    column = {column.name: column for column in changeable()}.get(rule.column)
    if column is None:
        raise UnusableRule("column")
    if rule.operation not in operations_of(column):
        raise UnusableRule("operation")
    if rule.operation == "missing":
        if rule.value is not None:
            raise UnusableRule("value")
    elif column.type == "category":
        codes = tuple(code.code for code in column.codes)
        if rule.value not in codes:
            raise UnusableRule("value", codes)
    elif not isinstance(rule.value, int | float) or isinstance(rule.value, bool) or not _fits(column, rule):
        raise UnusableRule("value")


def _fits(column: Column, rule: Rule) -> bool:
    value: float = rule.value  # type: ignore[assignment]
    # Neither NaN nor a number that no float is.
    if not -_largest < value < _largest:
        return False
    if is_whole(column, rule.operation) and not float(value).is_integer():
        return False
    low, high = bounds(column, rule.operation)
    return (low is None or value >= low) and (high is None or value <= high)


def changeable() -> tuple[Column, ...]:
    """The columns that rules may change, in the order of the catalogue."""
    return tuple(column for column in catalogue.columns() if column.name not in _fixed)


def follows(scenario: Scenario) -> tuple[Literal["AMT_ANNUITY"], ...]:
    """The columns that change with what the rules change, without a rule of their own."""
    named = {rule.column for rule in scenario.rules}
    moved = any(rule.column == _credit and rule.operation != "missing" for rule in scenario.rules)
    return (_annuity,) if moved and _annuity not in named else ()


def apply(applications: pl.DataFrame, scenario: Scenario) -> pl.DataFrame:
    """Applications as they would be.

    Args:
        applications: any of the application columns, typed by `catalogue.polars_schema`; others are left alone.
        scenario: of rules that `check_rule` lets pass.

    Returns:
        The same rows and columns; a column that a rule sets and that was not there is added. Values stay within the
        bounds of the catalogue, whole numbers whole as `Rule` says, and sentinels (365243 days: no employment) as they
        are.
    """
    schema = catalogue.polars_schema("application")
    columns = {column.name: column for column in catalogue.columns()}
    changed = applications
    for rule in scenario.rules:
        column, kind = columns[rule.column], schema[rule.column]
        if rule.column not in changed.columns:
            changed = changed.with_columns(pl.lit(None, dtype=kind).alias(rule.column))
        changed = changed.with_columns(_changed(rule, column, kind).alias(rule.column))
    for name in follows(scenario):
        if name in changed.columns and _credit in applications.columns:
            proportion = changed[_credit] / applications[_credit]
            # A credit of 0, or one that was missing, has no proportion: the annuity stays.
            proportion = pl.select(pl.when(proportion.is_finite()).then(proportion).otherwise(1.0)).to_series()
            changed = changed.with_columns((pl.col(name) * proportion).cast(schema[name]))
    return changed


def _changed(rule: Rule, column: Column, kind: pl.DataType) -> pl.Expr:
    before = pl.col(rule.column)
    if rule.operation == "missing":
        return pl.lit(None, dtype=kind)
    if rule.operation == "set":
        return pl.lit(rule.value).cast(kind)
    number = before.cast(pl.Float64)
    value = float(rule.value)  # type: ignore[arg-type]  # `check_rule` has made sure
    if kind.is_integer() and rule.operation in ("at_most", "at_least"):
        # The nearest whole number may be beyond the cap.
        value = math.floor(value) if rule.operation == "at_most" else math.ceil(value)
    after = {
        "multiply": number * value,
        "add": number + value,
        "at_most": pl.min_horizontal(number, pl.lit(float(value))),
        "at_least": pl.max_horizontal(number, pl.lit(float(value))),
    }[rule.operation].clip(column.minimum, column.maximum)
    # Polars takes the other one where a value is missing.
    after = pl.when(number.is_null()).then(None).otherwise(after)
    if kind.is_integer():
        after = after.round()
    if column.sentinel is not None:
        after = pl.when(number == column.sentinel).then(number).otherwise(after)
    return after.cast(kind)
