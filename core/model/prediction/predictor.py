"""The predictor of a model: what LightGBM says of rows, to the last bit, and of their features, in the quickest way.

Trees of up to eight splits, as `core.model.training.fitting` grows them, are read as bit patterns. A model with larger
ones, which tuning may choose, is left to LightGBM.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from core.model.prediction.bit_patterns import BitPatterns, expressible
from core.model.prediction.contributions import Contributions, explainable
from core.model.prediction.single_row import SingleRow
from core.model.prediction.trees import read

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.model.booster import Booster

# Of LightGBM's: from this many rows on, the time saved by a second thread is more than what it costs to wake it.
_rows_worth_threads: Final = 256


class Predictor:
    """What a booster that does not change any more says of rows.

    A row's numbers do not depend on how many are asked for at once.
    """

    def __init__(self, booster: Booster) -> None:
        self._booster = booster

    def log_odds(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sum of the trees for each row.

        Args:
            matrix: float64 (n_rows, n_features), NaN where missing.

        Returns:
            float64 (n_rows, n_outputs): one output for each model that the booster joins.
        """
        if self._patterns is not None:
            return self._patterns.log_odds(matrix)
        if len(matrix) == 1:
            return self._single_row.predict(matrix)[np.newaxis]
        if not len(matrix):
            return np.empty((0, self._booster.num_model_per_iteration()))
        threads = 1 if len(matrix) < _rows_worth_threads else 0
        sums = np.asarray(self._booster.predict(matrix, raw_score=True, num_threads=threads), dtype=np.float64)
        return sums.reshape(len(matrix), -1)

    def probabilities(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probability of each row, by a model that `core.model.model_text` found sound: float64 (n_rows,)."""
        return _probabilities(self.log_odds(matrix)[:, 0])

    def contributions(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each feature adds to the log-odds of each row, by TreeSHAP; equal to LightGBM's but for rounding.

        What is looked up is computed at the first call, which takes 0.2 s.

        Args:
            matrix: as for `log_odds`; the booster is one model.

        Returns:
            float64 (n_rows, n_features + 1): those of the features, then the base value.
        """
        if self._contributions is not None:
            return self._contributions.of_rows(matrix)
        if len(matrix) == 1:
            return self._contributions_of_single_row.predict(matrix)[np.newaxis]
        return np.asarray(self._booster.predict(matrix, pred_contrib=True, num_threads=1), dtype=np.float64)

    def explained(self, matrix: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The `contributions` and the `probabilities` of few rows, of which the trees are read once."""
        if self._contributions is None or self._patterns is None or not self._patterns.are_few(matrix):
            return self.contributions(matrix), self.probabilities(matrix)
        places = self._patterns.leaf_places(matrix)
        log_odds = self._patterns.sums_at(places)[:, 0]
        return self._contributions.at(places, matrix.shape[1]), _probabilities(log_odds)

    @cached_property
    def _patterns(self) -> BitPatterns | None:
        trees = read(self._booster)
        return BitPatterns.of(trees) if expressible(trees) else None

    @cached_property
    def _contributions(self) -> Contributions | None:
        trees = read(self._booster)
        if self._patterns is None or not explainable(trees):
            return None
        return Contributions.of(trees, self._patterns)

    @cached_property
    def _single_row(self) -> SingleRow:
        return SingleRow(self._booster, "log_odds")

    @cached_property
    def _contributions_of_single_row(self) -> SingleRow:
        return SingleRow(self._booster, "contributions")


def _probabilities(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([_probability(each) for each in log_odds.tolist()])


def _probability(log_odds: float) -> float:
    # By the exponential of the C library, as LightGBM; NumPy's own differs from it in the last digit.
    try:
        return 1 / (1 + math.exp(-log_odds))
    except OverflowError:
        return 0.0
