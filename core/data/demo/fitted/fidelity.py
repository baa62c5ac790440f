"""Fidelity of synthetic rows to real ones: column by column, pair by pair, and to the eye of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from scipy.stats import ks_2samp, rankdata
from sklearn.model_selection import StratifiedKFold

from core.model import booster as lightgbm
from core.model.evidence.auc import auc

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_discriminator: Final = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 31,
    "min_data_in_leaf": 20,
    "feature_fraction": 0.5,
    "verbose": -1,
    "seed": 0,
    "num_threads": 1,
}
_risk: Final = _discriminator | {
    "learning_rate": 0.03,
    "num_leaves": 15,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.25,
    "lambda_l2": 10.0,
}


def compared(frame: pl.DataFrame) -> list[str]:
    """The columns whose values are compared: all but keys."""
    return [name for name in frame.columns if not name.startswith("SK_ID")]


def distances(real: pl.DataFrame, demo: pl.DataFrame) -> dict[str, float]:
    """Per column, the largest gap between two distributions of known values: Kolmogorov-Smirnov, or total variation."""
    return {name: _distance(real[name].drop_nulls(), demo[name].drop_nulls()) for name in compared(real)}


def missing_gaps(real: pl.DataFrame, demo: pl.DataFrame) -> dict[str, float]:
    """Per column, the absolute difference of the shares of missing values."""
    return {name: abs(_missing(real[name]) - _missing(demo[name])) for name in compared(real)}


def rank_correlation_error(real: pl.DataFrame, demo: pl.DataFrame) -> float:
    """Mean absolute difference of Spearman's correlation over the pairs of numeric columns; NaN where there are none.

    Columns that do not vary in the real rows are left out.
    """
    names = [
        name for name in compared(real) if real[name].dtype.is_numeric() and real[name].drop_nulls().n_unique() > 1
    ]
    gap = np.abs(_rank_correlations(real.select(names)) - _rank_correlations(demo.select(names)))
    pairs = gap[np.triu_indices_from(gap, k=1)]
    known = pairs[~np.isnan(pairs)]
    return float(known.mean()) if len(known) else float("nan")


def told_apart(real: pl.DataFrame, demo: pl.DataFrame, rounds: int = 150) -> float:
    """AUC, over 5 folds, of a LightGBM that learns to tell real rows from as many synthetic ones, TARGET left out."""
    names = [name for name in compared(real) if name != "TARGET"]
    rows = min(real.height, demo.height)
    both = pl.concat([as_numbers(real.head(rows), names), as_numbers(demo.head(rows), names)])
    label = np.repeat([1, 0], rows)
    return cross_validated(both.to_numpy(), label, _discriminator, rounds)


def cross_validated(
    matrix: NDArray[np.float64], label: NDArray[np.int64], parameters: dict[str, object], rounds: int
) -> float:
    """AUC of out-of-fold predictions over 5 stratified folds."""
    predicted = np.empty(len(label))
    for learn, test in StratifiedKFold(5, shuffle=True, random_state=0).split(matrix, label):
        booster = lightgbm.train(parameters, lightgbm.Dataset(matrix[learn], label[learn]), rounds)
        predicted[test] = np.asarray(booster.predict(matrix[test]))
    return auc(label, predicted)


def transferred(
    demo: pl.DataFrame, real: pl.DataFrame, features: Callable[[pl.DataFrame], pl.DataFrame], rounds: int = 400
) -> float:
    """AUC on real rows of a LightGBM that learnt on synthetic rows only."""
    return auc(real["TARGET"].to_numpy(), risk_of(demo, real, features, rounds))


def risk_of(
    learnt: pl.DataFrame, judged: pl.DataFrame, features: Callable[[pl.DataFrame], pl.DataFrame], rounds: int
) -> NDArray[np.float64]:
    """The risk of the judged rows to a LightGBM that learnt on others.

    Args:
        learnt: rows with TARGET.
        judged: rows that `features` understands.
        features: rows into float64 columns, missing as NaN.
        rounds: number of trees.
    """
    data = lightgbm.Dataset(features(learnt).to_numpy(), learnt["TARGET"].to_numpy())
    return np.asarray(lightgbm.train(_risk, data, rounds).predict(features(judged).to_numpy()))


def as_numbers(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Columns as float64: a category as a number that its label always gets, missing as NaN."""
    return frame.select(_number(name, frame.schema[name]) for name in names)


def _number(name: str, dtype: pl.DataType) -> pl.Expr:
    value = pl.col(name)
    if dtype == pl.String:
        value = pl.when(value.is_not_null()).then(value.hash(seed=0) % 10_007)
    return value.cast(pl.Float64).fill_null(float("nan")).alias(name)


def _distance(real: pl.Series, demo: pl.Series) -> float:
    if not len(real) or not len(demo):
        return float(len(real) != len(demo))
    if real.dtype == pl.String:
        shares = [side.value_counts(normalize=True, name="share").rename({side.name: "value"}) for side in (real, demo)]
        both = shares[0].join(shares[1], on="value", how="full", coalesce=True, suffix="_demo").fill_null(0)
        return float((both["share"] - both["share_demo"]).abs().sum() / 2)
    return float(ks_2samp(real.to_numpy(), demo.to_numpy()).statistic)


def _missing(values: pl.Series) -> float:
    return values.null_count() / len(values)


def _rank_correlations(frame: pl.DataFrame) -> NDArray[np.float64]:
    """Spearman's correlations over the rows where both columns are known; NaN where one does not vary."""
    values = frame.cast(pl.Float64).to_numpy()
    known = ~np.isnan(values)
    ranks = np.column_stack([_ranks(values[:, place], known[:, place]) for place in range(values.shape[1])])
    weight = known.astype(float)
    pairs = weight.T @ weight
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (ranks.T @ weight) / pairs
        square = (ranks**2).T @ weight / pairs - mean**2
        cross = ranks.T @ ranks / pairs - mean * mean.T
        correlations: NDArray[np.float64] = cross / np.sqrt(square * square.T)
    return np.where((square > 1e-9) & (square.T > 1e-9) & (pairs > 100), correlations, np.nan)


def _ranks(values: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    ranks = np.zeros(len(values))
    positions = rankdata(values[known])
    ranks[known] = positions / max(len(positions), 1) - 0.5
    return ranks
