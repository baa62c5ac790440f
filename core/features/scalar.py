"""Scalar features: an expression as a function of one application, so that a single one needs no frame.

The expressions of the features stay the only place where they are written down. A frame of one row costs half a
millisecond, whatever is computed of it (Polars 2.1); the functions that are made here cost 20 microseconds together.
`tests/core/features/test_scalar.py` shows that both give the same numbers, to the last bit.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import polars as pl

# Polars adds floats by halves; how small its halves become, where there are more, depends on its threads
# (findings/polars_horizontal_threads.sh).
_max_floats: Final = 4

Row = Mapping[str, Any]
Scalar = Callable[[Row], Any]


def scalar(expression: pl.Expr, schema: Mapping[str, pl.DataType]) -> Scalar | None:
    """A function that gives what an expression gives of one row: a number, or None where it is null.

    Args:
        expression: over columns of the schema.
        schema: the type of each column; values come as Python's numbers of that type, or None.

    Returns:
        None where the expression holds something that is not known here: it is to be computed by Polars.
    """
    # Of how Polars writes an expression down, what is read here is looked at part by part.
    try:
        return _made(json.loads(expression.meta.serialize(format="json")), schema)
    except (KeyError, TypeError, ValueError, _Unknown):
        return None


class _Unknown(Exception):
    """A part of an expression that is not known here."""


def _made(node: Any, schema: Mapping[str, pl.DataType]) -> Scalar:
    if not isinstance(node, dict) or len(node) != 1:
        raise _Unknown
    ((kind, parts),) = node.items()
    return _kinds[kind](parts, schema)


def _alias(parts: Any, schema: Mapping[str, pl.DataType]) -> Scalar:
    return _made(parts[0], schema)


def _column(name: Any, schema: Mapping[str, pl.DataType]) -> Scalar:
    dtype = schema[name]
    if dtype.is_integer():
        return lambda row: row.get(name)
    if not dtype.is_float():
        raise _Unknown

    def number(row: Row) -> float | None:
        value = row.get(name)
        return None if value is None else float(value)

    return number


def _literal(parts: Any, _schema: Mapping[str, pl.DataType]) -> Scalar:
    if parts == {"Scalar": {"Null": "Null"}}:
        return lambda _row: None
    ((_, value),) = parts["Dyn"].items()
    return lambda _row: value


def _cast(parts: Any, schema: Mapping[str, pl.DataType]) -> Scalar:
    convert = _casts[parts["dtype"]["Literal"]]
    inner = _made(parts["expr"], schema)

    def converted(row: Row) -> Any:
        value = inner(row)
        return None if value is None else convert(value)

    return converted


def _ternary(parts: Any, schema: Mapping[str, pl.DataType]) -> Scalar:
    predicate, truthy, falsy = (_made(parts[name], schema) for name in ("predicate", "truthy", "falsy"))
    if parts["predicate"] == {"Function": {"input": [parts["truthy"]], "function": _finite}}:
        # As most ratios are written: what is taken where it is finite is computed once.
        return lambda row: value if _is_number(value := truthy(row)) else falsy(row)
    return lambda row: truthy(row) if predicate(row) else falsy(row)


def _binary(parts: Any, schema: Mapping[str, pl.DataType]) -> Scalar:
    operation = _operations[parts["op"]]
    left, right = _made(parts["left"], schema), _made(parts["right"], schema)

    def combined(row: Row) -> Any:
        first, second = left(row), right(row)
        return None if first is None or second is None else operation(first, second)

    return combined


def _function(parts: Any, schema: Mapping[str, pl.DataType]) -> Scalar:
    function = parts["function"]
    inputs = tuple(_made(node, schema) for node in parts["input"])
    if len(inputs) > _max_floats and not all(_is_whole(node, schema) for node in parts["input"]):
        raise _Unknown
    if function == {"SumHorizontal": {"ignore_nulls": False}}:
        return lambda row: _sum([term(row) for term in inputs])
    if function == {"MeanHorizontal": {"ignore_nulls": True}}:
        return lambda row: _mean([term(row) for term in inputs])
    (only,) = inputs
    return _tests[function["Boolean"]](only)


def _is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _is_finite(inner: Scalar) -> Scalar:
    def test(row: Row) -> bool | None:
        value = inner(row)
        return None if value is None else math.isfinite(value)

    return test


def _is_not_null(inner: Scalar) -> Scalar:
    return lambda row: inner(row) is not None


def _divided(numerator: float, denominator: float) -> float:
    first, second = float(numerator), float(denominator)
    if second:
        return first / second
    return math.nan if first == 0 or math.isnan(first) else math.copysign(math.inf, first) * math.copysign(1.0, second)


def _sum(terms: list[Any]) -> Any:
    return None if None in terms else _added(terms)


def _mean(terms: list[Any]) -> float | None:
    known = len(terms) - terms.count(None)
    return _added([0.0 if term is None else term for term in terms]) / known if known else None


def _added(terms: list[Any]) -> Any:
    # By halves, as Polars does.
    if len(terms) == 1:
        return terms[0]
    half = len(terms) // 2
    return _added(terms[:half]) + _added(terms[half:])


def _is_whole(node: Any, schema: Mapping[str, pl.DataType]) -> bool:
    """Whether a term is a whole number, of which the order does not matter in a sum."""
    if "Column" in node:
        return schema[node["Column"]].is_integer()
    return "Cast" in node and node["Cast"]["dtype"] == {"Literal": "Int8"}


_finite: Final = {"Boolean": "IsFinite"}
_kinds: Final[Mapping[str, Callable[[Any, Mapping[str, Any]], Scalar]]] = {
    "Alias": _alias,
    "Column": _column,
    "Literal": _literal,
    "Cast": _cast,
    "Ternary": _ternary,
    "BinaryExpr": _binary,
    "Function": _function,
}
_casts: Final[Mapping[str, Callable[[Any], Any]]] = {"Float64": float, "Int8": int}
_operations: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "TrueDivide": _divided,
    "Eq": lambda first, second: first == second,
    "NotEq": lambda first, second: first != second,
    "Gt": lambda first, second: first > second,
}
_tests: Final[Mapping[str, Callable[[Scalar], Scalar]]] = {"IsFinite": _is_finite, "IsNotNull": _is_not_null}
