"""The features of a few applications that come as mappings: what `assembly.build` gives, without its overhead.

Most features are raw numbers or history features as they are, or the number of a code. For one application, putting
those into a frame and taking them out again costs more than all the features that are computed; those are computed by
functions made of the same expressions (`scalar`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import chain
from operator import itemgetter
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
    features = np.array([_features(application, plan) for application in applications], dtype=np.float64)
    features = features.reshape(-1, len(plan.nothing))
    if plan.expressions:
        read = [{name: application.get(name) for name in plan.read} for application in applications]
        features[:, plan.left] = pl.DataFrame(read, schema=plan.read).select(plan.expressions).to_numpy()
    return features


def by_column(rows: Sequence[Mapping[str, Value]]) -> dict[str, Sequence[Value]]:
    """The values of each column that a row has, one a row; None where a row lacks it.

    To look up fifty values in each of a thousand rows takes longer than to decide on them.

    Returns:
        By name, in the order in which the rows name them first.

    >>> by_column([{"AMT_CREDIT": 450000.0, "CODE_GENDER": "F"}, {"CODE_GENDER": "M"}])
    {'AMT_CREDIT': [450000.0, None], 'CODE_GENDER': ['F', 'M']}
    >>> by_column([{"AMT_CREDIT": 450000.0}, {"AMT_CREDIT": 270000.0}])
    {'AMT_CREDIT': (450000.0, 270000.0)}
    """
    names = list(dict.fromkeys(chain.from_iterable(rows)))
    if all(len(row) == len(names) for row in rows):
        # One name alone would be fetched as it is, and not as a row of one.
        fetched = map(itemgetter(*names), rows) if len(names) > 1 else ([row[name] for name in names] for row in rows)
        return dict(zip(names, zip(*fetched, strict=True), strict=True))
    return {name: [row.get(name) for row in rows] for name in names}


def _features(application: Mapping[str, Value], plan: _Plan) -> list[float]:
    """The features of one application; those that are left to Polars are missing."""
    # Of what nothing is said, the features are those of an application that says nothing.
    features = plan.nothing.copy()
    for name, value in application.items():
        place = plan.copied.get(name)
        if place is not None and value is not None:
            features[place] = float(value)
    employment = application.get("DAYS_EMPLOYED")
    for place, column, numbers in plan.categories:
        features[place] = numbers.get(application.get(column.name)) or unstated_category(column, employment)
    for place, function, read in plan.computed:
        for name in read:
            if name in application:
                features[place] = _number(function(application))
                break
    return features


@dataclass(frozen=True)
class _Plan:
    """Which features are copied, coded, computed and left to Polars (places in `feature_names()`), and from what.

    Attributes:
        nothing: the features of an application that says nothing.
        computed: each with the columns that it reads.
    """

    nothing: list[float]
    copied: dict[str, int]
    categories: tuple[tuple[int, Column, dict[object, int]], ...]
    computed: tuple[tuple[int, Scalar, tuple[str, ...]], ...]
    left: NDArray[np.intp]
    expressions: tuple[pl.Expr, ...]
    read: dict[str, pl.DataType]


@cache
def _plan() -> _Plan:
    schema = input_schema()
    named = dict(zip(feature_names(), expressions(), strict=True))
    copied = {
        name: place
        for place, (name, expression) in enumerate(named.items())
        if name in schema and schema[name].is_numeric() and expression.meta.eq(_as_it_is(name))
    }
    columns = {column.name: column for column in catalogue.columns() if column.type == "category"}
    categories = [
        (place, columns[name], category_numbers(columns[name])) for place, name in enumerate(named) if name in columns
    ]
    computed, left = [], []
    for place, (name, expression) in enumerate(named.items()):
        if name in copied or name in columns:
            continue
        function = scalar(expression, schema)
        if function is None:
            left.append(place)
        else:
            computed.append((place, function, tuple(expression.meta.root_names())))
    nothing = [math.nan] * len(named)
    for place, function, _ in computed:
        nothing[place] = _number(function({}))
    chosen = tuple(expressions()[place] for place in left)
    read = {name for expression in chosen for name in expression.meta.root_names()}
    return _Plan(
        nothing=nothing,
        copied=copied,
        categories=tuple(categories),
        computed=tuple(computed),
        left=np.array(left, dtype=np.intp),
        expressions=chosen,
        read={name: dtype for name, dtype in schema.items() if name in read},
    )


def _as_it_is(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Float64).alias(name)


def _number(value: Value) -> float:
    return math.nan if value is None else float(value)
