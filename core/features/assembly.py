"""The assembly of features, for any number of applications."""

from __future__ import annotations

from functools import cache

import polars as pl

from core import catalogue
from core.features.application import application_features, raw_expressions, raw_features
from core.features.encoding import with_not_employed


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


@cache
def expressions() -> tuple[pl.Expr, ...]:
    """How each feature is computed from typed columns, in the order of `feature_names`."""
    named = raw_expressions() | application_features() | {name: pl.col(name) for name in history_names()}
    return tuple(with_not_employed(name, expression).cast(pl.Float64).alias(name) for name, expression in named.items())
