"""A points-based scorecard, as banks have built them for decades: the baseline that a model of trees has to beat.

Each variable is cut into bins by a small decision tree, a missing value being a bin of its own; bins become weights of
evidence (Siddiqi, "Credit risk scorecards", 2006, chapter 6), and a logistic regression adds up those of the variables
that tell most. OptBinning builds the same kind. It is not used for three reasons: with its solvers it weighs over
300 MB, it holds protobuf below the version that MLflow resolves to, and it gives missing values the weight of an
average client unless told otherwise (findings/optbinning_missing.sh).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

if TYPE_CHECKING:
    from numpy.typing import NDArray

n_variables: Final = 18
_max_bins: Final = 8
# Of the rows, in each bin.
_min_share: Final = 0.04
# As many rows at the average are added to each bin: the weight of a thin one stays small.
_prior_rows: Final = 20.0
# Variables whose weights correlate more than this say the same: the better one is kept.
_max_correlation: Final = 0.75


@dataclass(frozen=True)
class Binned:
    """One variable of a scorecard.

    Attributes:
        index: its column in the matrix.
        edges: ascending, of the bins of a number; the codes of a category.
        weights: of evidence, of a missing value first, then of each bin; positive where the risk is above average.
        is_category: whether its numbers are codes.
        information: its information value, at least 0.
    """

    index: int
    edges: NDArray[np.float64]
    weights: NDArray[np.float64]
    is_category: bool
    information: float

    def of(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """The weight of evidence of each row: float64 (n_rows,)."""
        return self.weights[_bins(matrix[:, self.index], self.edges, is_category=self.is_category)]


class PointsScorecard(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier with scikit-learn's interface.

    Args:
        categorical: the columns of the matrix whose numbers are codes.
        variables: how many it adds up.
    """

    def __init__(self, categorical: tuple[int, ...] = (), variables: int = n_variables) -> None:
        self.categorical = categorical
        self.variables = variables

    def fit(self, matrix: NDArray[np.float64], target: NDArray[np.int8]) -> Self:
        """Learns from float64 (n_rows, n_features), NaN where missing, and outcomes 0 or 1."""
        self.classes_ = np.array([0, 1])
        every = [
            _binned(matrix, target, index, is_category=index in self.categorical) for index in range(matrix.shape[1])
        ]
        self.binned_ = _chosen(sorted(every, key=lambda binned: -binned.information), matrix, self.variables)
        self.regression_ = LogisticRegression(C=1.0, max_iter=500).fit(self._weights(matrix), target)
        return self

    def predict_proba(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (n_rows, 2): of repayment and of default."""
        probability: NDArray[np.float64] = self.regression_.predict_proba(self._weights(matrix))
        return probability

    def predict(self, matrix: NDArray[np.float64]) -> NDArray[np.int64]:
        """The likelier outcome of each row."""
        likelier: NDArray[np.int64] = self.predict_proba(matrix).argmax(axis=1)
        return likelier

    def _weights(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack([binned.of(matrix) for binned in self.binned_])


def _binned(matrix: NDArray[np.float64], target: NDArray[np.int8], index: int, *, is_category: bool) -> Binned:
    values = matrix[:, index]
    known = ~np.isnan(values)
    edges = np.unique(values[known]) if is_category else _edges(values[known], target[known], len(values))
    bins = _bins(values, edges, is_category=is_category)
    size = len(edges) + 2
    rate = target.mean()
    rows, defaults = np.bincount(bins, minlength=size), np.bincount(bins, target, minlength=size)
    smooth = (defaults + _prior_rows * rate) / (rows + _prior_rows)
    weights = np.log(smooth / (1 - smooth)) - np.log(rate / (1 - rate))
    difference = defaults / defaults.sum() - (rows - defaults) / (rows - defaults).sum()
    return Binned(index, edges, weights, is_category, float(difference @ weights))


def _edges(values: NDArray[np.float64], target: NDArray[np.int8], rows: int) -> NDArray[np.float64]:
    least = max(2, round(_min_share * rows))
    if len(values) < 2 * least:
        return np.empty(0)
    tree = DecisionTreeClassifier(max_leaf_nodes=_max_bins, min_samples_leaf=least, random_state=0)
    fitted = tree.fit(values[:, None], target).tree_
    return np.unique(fitted.threshold[fitted.feature >= 0])


def _bins(values: NDArray[np.float64], edges: NDArray[np.float64], *, is_category: bool) -> NDArray[np.intp]:
    """The bin of each value: 0 where it is missing, from 1 on by its place; a code never seen is in the last."""
    places = np.searchsorted(edges, values)
    if is_category:
        seen = np.isin(values, edges)
        places = np.where(seen, places, len(edges))
    return np.where(np.isnan(values), 0, places + 1)


def _chosen(ranked: list[Binned], matrix: NDArray[np.float64], count: int) -> list[Binned]:
    """The first variables that say what those before them do not."""
    chosen: list[Binned] = []
    weights: list[NDArray[np.float64]] = []
    for binned in ranked:
        if len(chosen) == count:
            break
        own = binned.of(matrix)
        if own.std() == 0:
            continue
        if all(abs(np.corrcoef(own, other)[0, 1]) <= _max_correlation for other in weights):
            chosen.append(binned)
            weights.append(own)
    return chosen
