"""The table of formulas: how each column of the matrix is made from an application, to be made again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from core import catalogue
from core.features.assembly import expressions, feature_names, history_names
from core.features.encoding import (
    category_numbers,
    not_employed,
    not_employed_values,
    unknown_category,
    unstated_category,
)

if TYPE_CHECKING:
    import polars as pl

    from core.catalogue import Column

file: Final = "features.csv"
columns: Final = (
    "place",
    "feature",
    "kind",
    "reads",
    "formula",
    "codes",
    "not_employed",
    "unit",
    "label_fr",
    "label_en",
    "meaning_fr",
    "meaning_en",
)
"""Of the table. `kind` is `number` (the column as it is), `code` (see `codes`), `formula`, or `history` (`meaning_*`
says how it is computed from the table that `reads` names).

A `formula` is written from the very expression that is computed: `/` in double precision, where a division by zero is
not finite; `if(condition, value, otherwise)`, which goes to `otherwise` where a condition compares a missing value;
`sum(...)`, missing where a term is; `mean_known(...)` of the terms that are not missing; `is_finite`, `is_known`."""

_tests: Final = {"IsFinite": "is_finite", "IsNotNull": "is_known"}
_operators: Final = {"TrueDivide": "/", "Eq": "==", "NotEq": "!=", "Gt": ">"}


def table() -> str:
    """The table as CSV: one line a feature, in the order of the matrix; a missing value is NaN there."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for place, (name, expression) in enumerate(zip(feature_names(), expressions(), strict=True)):
        writer.writerow(_line(place, name, expression))
    return text.getvalue()


def _line(place: int, name: str, expression: pl.Expr) -> list[object]:
    entry = catalogue.entry(name)
    kind, reads, formula, codes = _made(name, expression)
    return [
        place,
        name,
        kind,
        reads,
        formula,
        codes,
        not_employed_values.get(name, ""),
        entry.unit,
        entry.label_fr,
        entry.label_en,
        entry.help_fr,
        entry.help_en,
    ]


def _made(name: str, expression: pl.Expr) -> tuple[str, str, str, str]:
    """Kind, what is read, formula and codes of a feature."""
    if name in history_names():
        return "history", catalogue.feature(name).table, "", ""
    reads = " ".join(sorted(set(expression.meta.root_names())))
    column = {column.name: column for column in catalogue.columns()}.get(name)
    if column is not None and column.type == "category":
        return "code", reads, "", _codes(column)
    formula = _plain(expression)
    return ("number" if formula == name else "formula"), reads, formula, ""


def _codes(column: Column) -> str:
    """The number of each code, of any other and of none: `Cash loans=2; Revolving loans=3; (other or missing)=0`."""
    said = [f"{code}={number}" for code, number in category_numbers(column).items()]
    said.append(f"(other or missing)={unknown_category}")
    nobody = unstated_category(column, not_employed)
    if nobody != unknown_category:
        said.append(f"(missing, DAYS_EMPLOYED={not_employed})={nobody}")
    return "; ".join(said)


def _plain(expression: pl.Expr) -> str:
    return _written(json.loads(expression.meta.serialize(format="json")))


def _written(node: dict[str, Any]) -> str:
    """A part of an expression, as Polars stores it. Raises `KeyError` for one that no feature has had so far."""
    ((kind, parts),) = node.items()
    return _kinds[kind](parts)


def _literal(parts: Any) -> str:
    if parts == {"Scalar": {"Null": "Null"}}:
        return "missing"
    ((_, value),) = parts["Dyn"].items()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _binary(parts: Any) -> str:
    return f"{_written(parts['left'])} {_operators[parts['op']]} {_written(parts['right'])}"


def _function(parts: Any) -> str:
    function, terms = parts["function"], ", ".join(map(_written, parts["input"]))
    if function == {"SumHorizontal": {"ignore_nulls": False}}:
        return f"sum({terms})"
    if function == {"MeanHorizontal": {"ignore_nulls": True}}:
        return f"mean_known({terms})"
    return f"{_tests[function['Boolean']]}({terms})"


_kinds: Final[Mapping[str, Callable[[Any], str]]] = {
    "Alias": lambda parts: _written(parts[0]),
    "Column": str,
    "Literal": _literal,
    "Cast": lambda parts: _written(parts["expr"]),
    "Ternary": lambda parts: (
        "if(" + ", ".join(_written(parts[name]) for name in ("predicate", "truthy", "falsy")) + ")"
    ),
    "BinaryExpr": _binary,
    "Function": _function,
}
