"""Rounded values, from which trees are grown, so that no threshold lies where applications crowd.

Amounts are round, and their ratios are too: a credit of the very price of the goods, of twenty annuities, of 450,000.
A tree that is grown from them as they are cuts right beside them, and ten euros less of credit are then judged as
another kind of credit: on the demo's clients that moved 7.7 % of the log-odds by more than 0.05. Rounded to a step
whose cells have round values well inside, thresholds lie between what people ask for. Applications are judged by their
values as they are: only where a tree may cut is changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# The step of each feature that an amount of the application moves.
steps: Final[dict[str, float]] = {
    "AMT_CREDIT": 4500.0,
    "AMT_GOODS_PRICE": 4500.0,
    "AMT_INCOME_TOTAL": 4500.0,
    "AMT_ANNUITY": 450.0,
    "INCOME_PER_PERSON": 2250.0,
    "ANNUITY_INCOME_RATIO": 0.005,
    "CREDIT_INCOME_RATIO": 0.05,
    "GOODS_INCOME_RATIO": 0.05,
    "CREDIT_GOODS_RATIO": 0.01,
    "CREDIT_DURATION": 0.25,
}
# Where in its cell a multiple of the step lies: cells end at 0.63 of a step, which no half, third or quarter is.
_shift: Final = 0.13


def rounded(matrix: NDArray[np.float64], feature_names: Sequence[str]) -> NDArray[np.float64]:
    """The matrix with the features of `steps` rounded, each to the middle of its cell; others as they are.

    Args:
        matrix: float64 (n_rows, n_features), NaN where missing.
        feature_names: of its columns.
    """
    values = matrix.copy()
    round_in_place(values, feature_names)
    return values


def round_in_place(matrix: NDArray[np.float64], feature_names: Sequence[str]) -> None:
    """Rounds a matrix that nobody else reads, as `rounded` does: of many rows a copy takes as much memory again."""
    for index, name in enumerate(feature_names):
        step = steps.get(name)
        if step is not None:
            matrix[:, index] = (np.round(matrix[:, index] / step - _shift) + _shift) * step
