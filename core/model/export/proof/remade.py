"""The matrix made again by the table of formulas alone, as another system makes it: its words, in plain arithmetic."""

from __future__ import annotations

import ast
import csv
import io
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

_other: Final = "(other or missing)"


def matrix_of(table: str, applications: pl.DataFrame) -> NDArray[np.float64]:
    """The features of applications: float64 (n_applications, n_features), NaN where missing.

    Args:
        table: as `formulas.table` writes it.
        applications: their columns as they are in the tables, and the features of their history.

    Raises:
        KeyError: for a column that is not there, or a word that the table explains nowhere.
    """
    lines = csv.DictReader(io.StringIO(table))
    # Zeros are divided by, and amounts overflow: the formulas say what becomes of what is not finite.
    with np.errstate(all="ignore"):
        return np.column_stack([_feature(line, applications) for line in lines])


def _feature(line: Mapping[str, str], applications: pl.DataFrame) -> Numbers:
    if line["kind"] == "code":
        return _codes(line, applications)
    formula = (line["formula"] or line["feature"]).replace("if(", "if_(")
    # A column of one value is one number so far.
    return np.broadcast_to(_value(ast.parse(formula, mode="eval").body, applications), len(applications))


def _codes(line: Mapping[str, str], applications: pl.DataFrame) -> Numbers:
    codes = dict(part.rsplit("=", 1) for part in line["codes"].split("; "))
    unstated = np.full(len(applications), float(codes[_other]))
    for words, number in codes.items():
        if words.startswith("(missing, "):
            column, _, value = words.removeprefix("(missing, ").removesuffix(")").partition("=")
            unstated[_column(column, applications) == float(value)] = float(number)
    found = [codes.get(text) if text is not None else None for text in applications[line["feature"]]]
    return np.array([other if code is None else float(code) for code, other in zip(found, unstated, strict=True)])


def _column(name: str, applications: pl.DataFrame) -> Numbers:
    if name not in applications.columns:
        raise KeyError(name)
    return applications[name].to_numpy().astype(np.float64)


def _value(node: ast.expr, applications: pl.DataFrame) -> Numbers:
    """A part of a formula, of all applications at once; a condition is 1 where it holds, and else 0."""
    match node:
        case ast.Name(name):
            value = np.array(np.nan) if name == "missing" else _column(name, applications)
        case ast.Constant(int() | float() as number):
            value = np.array(float(number))
        case ast.UnaryOp(ast.USub(), operand):
            value = -_value(operand, applications)
        case ast.BinOp(left, ast.Div(), right):
            value = _value(left, applications) / _value(right, applications)
        case ast.Compare(left, [comparison], [right]):
            sides = _value(left, applications), _value(right, applications)
            known = ~(np.isnan(sides[0]) | np.isnan(sides[1]))
            value = np.where(known, _comparisons[type(comparison)](*sides), 0.0)
        case ast.Call(ast.Name(name), terms):
            value = _functions[name](*(_value(term, applications) for term in terms))
        case _:
            raise KeyError(ast.unparse(node))
    return value


def _if(condition: Numbers, value: Numbers, otherwise: Numbers) -> Numbers:
    return np.where(condition != 0.0, value, otherwise)


def _sum(*terms: Numbers) -> Numbers:
    total = np.zeros(())
    for term in terms:
        total = total + term
    return total


def _mean_known(*terms: Numbers) -> Numbers:
    known = [~np.isnan(term) for term in terms]
    return _sum(*(np.where(one, term, 0.0) for one, term in zip(known, terms, strict=True))) / _sum(
        *(one.astype(np.float64) for one in known)
    )


_comparisons: Final[Mapping[type[ast.cmpop], Callable[[Numbers, Numbers], NDArray[np.bool_]]]] = {
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
    ast.Gt: np.greater,
}
_functions: Final[Mapping[str, Callable[..., Numbers]]] = {
    "if_": _if,
    "is_finite": lambda value: np.isfinite(value).astype(np.float64),
    "is_known": lambda value: (~np.isnan(value)).astype(np.float64),
    "sum": _sum,
    "mean_known": _mean_known,
}
