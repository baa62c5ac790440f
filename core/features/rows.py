"""The features of a few applications that come as mappings: what `assembly.build` gives, without its overhead.

Most features are raw numbers or history features as they are, or the number of a code. For one application, putting
those into a frame and taking them out again costs more than all the features that are computed; those are computed by
functions made of the same expressions (`scalar`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from core import catalogue
from core.features.assembly import expressions, feature_names, input_schema
from core.features.encoding import category_numbers, unstated_category
from core.features.scalar import scalar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from core.catalogue import Column
    from core.decision import Value
    from core.features.scalar import Scalar


def matrix(applications: Sequence[Mapping[str, Value]]) -> NDArray[np.float64]:
    """The features of each application, one row each, in the same order.

    Args:
        applications: validated raw columns and history features by name; those that are absent or None are missing.

    Returns:
        float64 (n_applications, n_features), columns as `feature_names()`; missing is NaN.
    """
    plan = _plan()
    features = np.empty((len(applications), len(feature_names())))
    for place, application in zip(features, applications, strict=True):
        place[plan.copied] = [_number(application.get(name)) for name in plan.copied_names]
        employment = application.get("DAYS_EMPLOYED")
        place[plan.coded] = [
            numbers.get(application.get(column.name)) or unstated_category(column, employment)
            for column, numbers in plan.categories
        ]
        place[plan.computed] = [_number(function(application)) for function in plan.functions]
    if plan.expressions:
        read = [{name: application.get(name) for name in plan.read} for application in applications]
        features[:, plan.left] = pl.DataFrame(read, schema=plan.read).select(plan.expressions).to_numpy()
    return features


@dataclass(frozen=True)
class _Plan:
    """Which features are copied, coded, computed and left to Polars (places in `feature_names()`), and from what."""

    copied: NDArray[np.intp]
    copied_names: tuple[str, ...]
    coded: NDArray[np.intp]
    categories: tuple[tuple[Column, dict[object, int]], ...]
    computed: NDArray[np.intp]
    functions: tuple[Scalar, ...]
    left: NDArray[np.intp]
    expressions: tuple[pl.Expr, ...]
    read: dict[str, pl.DataType]


@cache
def _plan() -> _Plan:
    schema = input_schema()
    named = dict(zip(feature_names(), expressions(), strict=True))
    copied = [
        place
        for place, (name, expression) in enumerate(named.items())
        if name in schema and schema[name].is_numeric() and expression.meta.eq(_as_it_is(name))
    ]
    columns = {column.name: column for column in catalogue.columns() if column.type == "category"}
    coded = [place for place, name in enumerate(named) if name in columns]
    rest = [place for place in range(len(named)) if place not in {*copied, *coded}]
    functions = {place: scalar(expressions()[place], schema) for place in rest}
    computed = {place: function for place, function in functions.items() if function is not None}
    left = [place for place in rest if place not in computed]
    chosen = tuple(expressions()[place] for place in left)
    read = {name for expression in chosen for name in expression.meta.root_names()}
    return _Plan(
        copied=np.array(copied),
        copied_names=tuple(feature_names()[place] for place in copied),
        coded=np.array(coded),
        categories=tuple(
            (columns[name], category_numbers(columns[name])) for name in (feature_names()[place] for place in coded)
        ),
        computed=np.array(list(computed), dtype=np.intp),
        functions=tuple(computed.values()),
        left=np.array(left, dtype=np.intp),
        expressions=chosen,
        read={name: dtype for name, dtype in schema.items() if name in read},
    )


def _as_it_is(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Float64).alias(name)


def _number(value: Value) -> float:
    return float("nan") if value is None else float(value)
