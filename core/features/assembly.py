"""The assembly of features, for any number of applications."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from core import catalogue
from core.features.application import application_features, raw_expressions, raw_features
from core.features.encoding import with_not_employed

if TYPE_CHECKING:
    from numpy.typing import NDArray


@cache
def feature_names() -> tuple[str, ...]:
    """Every feature, in the order of `build`: raw columns, derived ones, then the history of the client."""
    return raw_features() + tuple(application_features()) + history_names()


@cache
def history_names() -> tuple[str, ...]:
    """The features that come from a client's history rather than from the application."""
    return tuple(feature.name for feature in catalogue.features() if feature.table != "application")


def build(applications: pl.DataFrame) -> pl.DataFrame:
    """The features of each application, one row each, in the same order.

    Args:
        applications: any subset of the application columns, typed by `catalogue.polars_schema`, and of the history
            features; columns it lacks count as missing, others are ignored.

    Returns:
        Float64 columns named by `feature_names()`; missing is null. Categories are numbered and "not employed" has a
        value of its own, as `core.features.encoding` says.
    """
    return with_all_columns(applications).select(expressions())


def matrix(applications: pl.DataFrame) -> NDArray[np.float64]:
    """The features of each application as numbers: what `build` gives, NaN where missing.

    Of columns that are absent, the features are those of an application that says nothing: only the others are
    computed.

    Args:
        applications: as for `build`.

    Returns:
        float64 (n_applications, n_features), columns as `feature_names()`, each of them contiguous.
    """
    present = set(applications.columns)
    computed = [place for place, read in enumerate(_columns_read()) if not present.isdisjoint(read)]
    every = expressions()
    if 2 * len(computed) > len(every):
        return _numbers(build(applications))
    features = np.empty((len(every), applications.height))
    features[:] = _of_nothing()[:, np.newaxis]
    if not computed:
        return features.T
    needed = {name for place in computed for name in _columns_read()[place]} - present
    typed = applications.with_columns(_nothings()[name] for name in input_schema() if name in needed)
    features[computed] = _numbers(typed.select(every[place] for place in computed)).T
    return features.T


def with_all_columns(applications: pl.DataFrame) -> pl.DataFrame:
    """The applications with every column that the features read; those that were absent are null."""
    present = set(applications.columns)
    absent = [nothing for name, nothing in _nothings().items() if name not in present]
    return applications.with_columns(absent) if absent else applications


@cache
def input_schema() -> dict[str, pl.DataType]:
    """The columns that the features read, with their Polars types: the application's, then the history features."""
    return catalogue.polars_schema("application") | dict.fromkeys(history_names(), pl.Float64())


@cache
def _nothings() -> dict[str, pl.Expr]:
    return {name: pl.lit(None, dtype).alias(name) for name, dtype in input_schema().items()}


def _numbers(features: pl.DataFrame) -> NDArray[np.float64]:
    numbers: NDArray[np.float64] = features.to_numpy()
    return numbers


@cache
def _columns_read() -> tuple[frozenset[str], ...]:
    """The columns that each feature is computed from."""
    return tuple(frozenset(expression.meta.root_names()) for expression in expressions())


@cache
def _of_nothing() -> NDArray[np.float64]:
    """The features of an application that says nothing: float64 (n_features,)."""
    name, dtype = next(iter(input_schema().items()))
    of_one: NDArray[np.float64] = _numbers(build(pl.DataFrame({name: [None]}, schema={name: dtype})))[0]
    return of_one


@cache
def expressions() -> tuple[pl.Expr, ...]:
    """How each feature is computed from typed columns, in the order of `feature_names`."""
    named = raw_expressions() | application_features() | {name: pl.col(name) for name in history_names()}
    return tuple(with_not_employed(name, expression).cast(pl.Float64).alias(name) for name, expression in named.items())
