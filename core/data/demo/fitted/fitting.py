"""The fitting of the profile to real tables. Needs scikit-learn; drawing does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeRegressor

from core.data.demo.applications import calibrated
from core.data.demo.fitted import scorecard as cards
from core.data.demo.fitted.cart import Cart
from core.data.demo.fitted.chained_model import ChainedModel, Predictors
from core.data.demo.fitted.constraints import Line, fit_line, to_variables
from core.data.demo.fitted.discretizer import (
    CategoryDiscretizer,
    NumberDiscretizer,
    category_discretizer,
    missing,
    number_discretizer,
)
from core.data.demo.fitted.profile import Profile
from core.data.demo.fitted.scorecard import Points, Scorecard, facts
from core.data.demo.fitted.variables import buildings, variables
from core.data.demo.histories import history_chains

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from core.data.demo.fitted.chained_model import Variable

# Fewer clients than this never share a leaf alone, so that no leaf describes one of them.
min_leaf: Final = 20
max_leaves: Final = 400
# Values that at least this share of clients have are told apart by the trees, besides their order.
_common: Final = 0.02
_bins: Final = 24
# A category that at least this many rows share is a predictor of its own.
_min_indicator: Final = 150
# Strength of the penalty of the scorecard; chosen by cross-validation on the sample (see benchmarks/demo.py).
_regularisation: Final = 0.005


def fit_profile(frame: pl.DataFrame, histories: Mapping[str, pl.DataFrame]) -> Profile:
    """The profile of typed application rows with their TARGET, and of rows of the history tables by table name."""
    lines = _fit_lines(frame)
    chains = {"application": fit_chained_model(to_variables(frame, lines), variables)}
    for table, fitted in history_chains.items():
        if table in histories:
            chains[table] = fit_chained_model(fitted.to_variables(histories[table]), fitted.variables)
    return calibrated(Profile(chains, lines, fit_scorecard(frame), intercept=0.0, risk_mean=0.0, risk_spread=1.0))


def fit_chained_model(values: pl.DataFrame, variables: tuple[Variable, ...]) -> ChainedModel:
    """The chain of a table whose columns are the variables: text for categories, float64 for numbers."""
    discretizers = {variable.name: _discretizer(values[variable.name], variable) for variable in variables}
    codes = {name: discretizer.encode(values[name]) for name, discretizer in discretizers.items()}
    indicators = tuple(
        (variable.name, code)
        for variable in variables
        if variable.kind == "category"
        for code in range(1, discretizers[variable.name].size)
        if np.count_nonzero(codes[variable.name] == code) >= _min_indicator
    )
    predictors = Predictors(variables, indicators, values.height)
    carts = {}
    for variable in variables:
        carts[variable.name] = _fit_tree(variable, codes, predictors)
        predictors.put(variable.name, codes[variable.name])
    return ChainedModel(variables, discretizers, carts, indicators)


def fit_scorecard(frame: pl.DataFrame) -> Scorecard:
    """A logistic regression on steps: each bound of a fact adds or takes points, and the penalty keeps steps small."""
    known = frame.select(expression.cast(pl.Float64).alias(name) for name, expression in facts().items())
    columns: list[NDArray[np.float64]] = []
    edges: dict[str, NDArray[np.float64]] = {}
    for name in known.columns:
        values = known[name].to_numpy()
        edges[name] = _edges(values)
        columns += [np.where(np.isnan(values), 0.0, values >= edge) for edge in edges[name]]
        columns.append(np.isnan(values).astype(float))
    codes = {name: _labels(frame[name]) for name in cards.categories}
    columns += [(frame[name].fill_null("") == code).to_numpy().astype(float) for name in codes for code in codes[name]]
    design = np.column_stack(columns)
    centre = design.mean(axis=0)
    model = LogisticRegression(C=_regularisation, max_iter=2000)
    model.fit(design - centre, frame["TARGET"].to_numpy())
    weights = iter(model.coef_[0])
    numbers = {}
    for name, bounds in edges.items():
        steps = [next(weights) for _ in bounds]
        numbers[name] = Points(bounds, np.concatenate([[0.0], np.cumsum(steps)]), float(next(weights)))
    weighted = {name: {code: round(float(next(weights)), 5) for code in codes[name]} for name in codes}
    return Scorecard(numbers, weighted, float(model.intercept_[0] - centre @ model.coef_[0]))


def _fit_lines(frame: pl.DataFrame) -> dict[str, Line]:
    return {
        f"{name}_{twin}": fit_line(frame[f"{name}_AVG"], frame[f"{name}_{twin}"])
        for name in buildings
        for twin in ("MODE", "MEDI")
    }


def _discretizer(values: pl.Series, variable: Variable) -> CategoryDiscretizer | NumberDiscretizer:
    if variable.kind == "category":
        return category_discretizer(values)
    return number_discretizer(values, variable.step, variable.cells)


def _fit_tree(variable: Variable, codes: dict[str, NDArray[np.uint16]], predictors: Predictors) -> Cart:
    own = codes[variable.name]
    kept = np.ones(len(own), dtype=bool) if variable.only_if is None else codes[variable.only_if] != missing
    earlier = predictors.before(variable.name)
    own = own[kept]
    if not len(earlier):
        return _single(own)
    tree = DecisionTreeRegressor(min_samples_leaf=min_leaf, max_leaf_nodes=max_leaves, random_state=0)
    seen = predictors.codes[earlier][:, kept].T.astype(np.float32)
    tree.fit(seen, _responses(own, variable))
    return _stored(tree, seen, own, earlier)


def _responses(own: NDArray[np.uint16], variable: Variable) -> NDArray[np.float64]:
    """What a tree tries to tell apart: the order of a number, that it is missing, and the values that are common."""
    codes, inverse, counts = np.unique(own, return_inverse=True, return_counts=True)
    shares = counts / len(own)
    common = codes[(shares >= (_common if variable.kind == "number" else 0.0))]
    flags: NDArray[np.float64] = (own[:, None] == common[None, :]).astype(float)
    if variable.kind == "category":
        return flags
    middle = np.cumsum(shares) - shares / 2
    order = (middle[inverse] - 0.5) * np.sqrt(12.0)
    absent = (own == missing).astype(float) * 3.0
    responses: NDArray[np.float64] = np.column_stack([order, absent, flags])
    return responses


def _single(own: NDArray[np.uint16]) -> Cart:
    codes, counts = np.unique(own, return_counts=True)
    nothing = np.zeros(1)
    return Cart(
        feature=np.full(1, -1, np.int16),
        threshold=nothing.astype(np.uint16),
        left=nothing.astype(np.int32),
        right=nothing.astype(np.int32),
        first=nothing.astype(np.int32),
        codes=codes.astype(np.uint16),
        counts=counts.astype(np.uint16),
    )


def _stored(
    tree: DecisionTreeRegressor, seen: NDArray[np.float32], own: NDArray[np.uint16], earlier: NDArray[np.intp]
) -> Cart:
    fitted = tree.tree_
    leaf = fitted.children_left < 0
    ends = tree.apply(seen)
    order = np.lexsort((own, ends))
    pairs = np.stack([ends[order], own[order].astype(np.int64)])
    starts = np.flatnonzero(np.r_[True, np.any(np.diff(pairs, axis=1) != 0, axis=0)])
    counts = np.diff(np.r_[starts, len(own)])
    nodes = pairs[0, starts]
    return Cart(
        feature=np.where(leaf, -1, earlier[np.where(leaf, 0, fitted.feature)]).astype(np.int16),
        threshold=np.where(leaf, 0, np.floor(fitted.threshold)).astype(np.uint16),
        left=np.where(leaf, 0, fitted.children_left).astype(np.int32),
        right=np.where(leaf, 0, fitted.children_right).astype(np.int32),
        first=np.searchsorted(nodes, np.arange(fitted.node_count)).astype(np.int32),
        codes=pairs[1, starts].astype(np.uint16),
        counts=counts.astype(np.uint16),
    )


def _edges(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bounds between bins of about equal counts, without the lowest, which everybody reaches."""
    known = values[~np.isnan(values)]
    bounds = np.unique(np.quantile(known, np.linspace(0, 1, _bins + 1)[1:-1], method="higher"))
    higher: NDArray[np.float64] = bounds[bounds > known.min()]
    return higher


def _labels(values: pl.Series) -> list[str]:
    return list(category_discretizer(values.fill_null("")).labels)
