"""Grows trees from a matrix: fold by fold for honest numbers, and once on every row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from core.model import booster as lightgbm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    # The out-of-fold probabilities (n_rows,), the AUC of each fold, and the mean of the rounds that were best.
    CrossValidated = tuple[NDArray[np.float64], tuple[float, ...], int]

most_rounds: Final = 1500
patience: Final = 60


@dataclass(frozen=True, slots=True)
class Rows:
    """What trees grow from.

    Attributes:
        matrix: float64 (n_rows, n_features), NaN where missing.
        target: (n_rows,), 0 or 1.
        feature_names: of the columns; `categorical_features` are those whose numbers are codes.
    """

    matrix: NDArray[np.float64]
    target: NDArray[np.int8]
    feature_names: tuple[str, ...]
    categorical_features: tuple[str, ...]

    def dataset(self, chosen: NDArray[np.intp] | None = None) -> lightgbm.Dataset:
        """Some of the rows as LightGBM takes them; all without `chosen`."""
        return lightgbm.Dataset(
            self.matrix if chosen is None else self.matrix[chosen],
            label=self.target if chosen is None else self.target[chosen],
            feature_name=list(self.feature_names),
            categorical_feature=list(self.categorical_features),
        )


@dataclass(frozen=True, slots=True)
class Fold:
    """What became of a fold: its rows, their probabilities by the model that had not seen them, its AUC and rounds."""

    rows: NDArray[np.intp]
    probabilities: NDArray[np.float64]
    auc: float
    rounds: int


class Growing(Protocol):
    """Who grows trees."""

    def cross_validate(self, rows: Rows, chosen: Mapping[str, object], folds: int, seed: int) -> CrossValidated:
        """Stratified cross-validation with early stopping inside each fold; `chosen` are LightGBM's parameters."""

    def grow(self, rows: Rows, chosen: Mapping[str, object], rounds: int) -> lightgbm.Booster:
        """One model of `rounds` trees on every row."""


class _Here:
    """This process, one fold after the other."""

    def cross_validate(self, rows: Rows, chosen: Mapping[str, object], folds: int, seed: int) -> CrossValidated:
        """Stratified cross-validation with early stopping inside each fold."""
        return together([fold(rows, chosen, folds, seed, number) for number in range(folds)])

    def grow(self, rows: Rows, chosen: Mapping[str, object], rounds: int) -> lightgbm.Booster:
        """One model of `rounds` trees on every row."""
        return lightgbm.train(dict(chosen), rows.dataset(), num_boost_round=rounds)


here: Final[Growing] = _Here()


def fold(rows: Rows, chosen: Mapping[str, object], folds: int, seed: int, number: int) -> Fold:
    """One fold of `folds`, `number` counted from 0; the same whoever computes it."""
    splitter = StratifiedKFold(n_splits=folds, shuffle=True, random_state=seed)
    train_rows, test_rows = list(splitter.split(rows.matrix, rows.target))[number]
    # The rounds are chosen on a part of the training rows, so that the held-out fold stays unseen.
    inner = StratifiedKFold(n_splits=8, shuffle=True, random_state=seed)
    fit_part, stop_part = next(inner.split(rows.matrix[train_rows], rows.target[train_rows]))
    fit_rows, stop_rows = train_rows[fit_part], train_rows[stop_part]
    dataset = rows.dataset(fit_rows)
    model = lightgbm.train(
        dict(chosen),
        dataset,
        num_boost_round=most_rounds,
        valid_sets=[dataset.create_valid(rows.matrix[stop_rows], label=rows.target[stop_rows])],
        callbacks=[lightgbm.early_stopping(patience, verbose=False)],
    )
    probabilities = np.asarray(model.predict(rows.matrix[test_rows]))
    auc = float(roc_auc_score(rows.target[test_rows], probabilities))
    return Fold(test_rows, probabilities, auc, model.best_iteration)


def together(folds: Sequence[Fold]) -> CrossValidated:
    """What all folds found."""
    out_of_fold = np.empty(sum(len(each.rows) for each in folds))
    for each in folds:
        out_of_fold[each.rows] = each.probabilities
    return out_of_fold, tuple(each.auc for each in folds), round(float(np.mean([each.rounds for each in folds])))
