"""The training backend: trees grown from a matrix, fold by fold for honest numbers, and once on every row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from sklearn.model_selection import StratifiedKFold

from core.model import booster as lightgbm
from core.model.evidence.auc import auc
from core.model.prediction.predictor import Predictor
from core.model.training.averaging import mean_of, settings_of
from core.model.training.omission_correction import OmissionRows, corrected
from core.model.training.side_by_side import side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from concurrent.futures import Future

    from lightgbm.callback import CallbackEnv
    from numpy.typing import NDArray

    _Callback = Callable[[CallbackEnv], None]

max_rounds: Final = 1500
patience: Final = 60
least_gain: Final = 1e-4
"""Of log loss, that `patience` rounds have to bring: fewer trees turn fewer decisions at the next training, and are
asked sooner. The last quarter of those to the lowest log loss brought 0.0005 of AUC."""


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """What trees grow from.

    Attributes:
        matrix: float64 (n_rows, n_features), NaN where missing: the rows as they are, on which models are judged.
        withheld: the same rows with values withheld (`core.model.training.withholding`) and amounts rounded
            (`core.model.training.round_values`), from which trees are grown: drawn once for each of the boosters that
            the model is the mean of (`core.model.training.averaging`).
        target: (n_rows,), 0 or 1.
        feature_names: of the columns; `categorical_features` are those whose numbers are codes.
        omissions: rows with one thing left out, by which the model is corrected; None where it is not to be.
    """

    matrix: NDArray[np.float64]
    withheld: tuple[NDArray[np.float64], ...]
    target: NDArray[np.int8]
    feature_names: tuple[str, ...]
    categorical_features: tuple[str, ...]
    omissions: OmissionRows | None = None

    def dataset(self, number: int, chosen: NDArray[np.intp] | None = None) -> lightgbm.Dataset:
        """Some of the rows as the trees of booster `number` are grown from them; all without `chosen`."""
        withheld = self.withheld[number]
        return lightgbm.Dataset(
            withheld if chosen is None else withheld[chosen],
            label=self.target if chosen is None else self.target[chosen],
            feature_name=list(self.feature_names),
            categorical_feature=list(self.categorical_features),
        )

    def taken(self, places: NDArray[np.intp]) -> TrainingRows:
        """The rows at some places, in that order; a place may be there several times. Without omissions."""
        return replace(
            self,
            matrix=self.matrix[places],
            withheld=tuple(drawn[places] for drawn in self.withheld),
            target=self.target[places],
            omissions=None,
        )

    def without(self, names: Collection[str]) -> TrainingRows:
        """The rows without some features. Without omissions."""
        kept = [place for place, name in enumerate(self.feature_names) if name not in names]
        return replace(
            self,
            matrix=self.matrix[:, kept],
            withheld=tuple(drawn[:, kept] for drawn in self.withheld),
            feature_names=tuple(self.feature_names[place] for place in kept),
            categorical_features=tuple(name for name in self.categorical_features if name not in names),
            omissions=None,
        )

    def with_category(self, name: str, numbers: NDArray[np.float64]) -> TrainingRows:
        """The rows with one more categorical feature, of which nothing is withheld."""
        return TrainingRows(
            np.column_stack([self.matrix, numbers]),
            tuple(np.column_stack([drawn, numbers]) for drawn in self.withheld),
            self.target,
            (*self.feature_names, name),
            (*self.categorical_features, name),
        )

    def corrected(
        self,
        model: lightgbm.Booster,
        chosen: Mapping[str, object],
        grown_from: NDArray[np.intp] | None = None,
        callbacks: Sequence[_Callback] = (),
    ) -> lightgbm.Booster:
        """The model with its correction for omissions, from some of the rows; as it is where there are no omissions."""
        if self.omissions is None:
            return model
        omissions = self.omissions
        if grown_from is not None:
            among = np.isin(omissions.places, grown_from)
            omissions = OmissionRows(omissions.places[among], omissions.matrix[among])
        return corrected(model, self.matrix, self.withheld[0], omissions, chosen, callbacks)


@dataclass(frozen=True, slots=True)
class Fold:
    """What became of a fold.

    Attributes:
        rows: the places of the rows that were held out.
        probabilities: of these rows, by the model that had not seen them.
        rounds: the mean of the rounds that were best for its boosters.
        model: that model.
    """

    rows: NDArray[np.intp]
    probabilities: NDArray[np.float64]
    auc: float
    rounds: int
    model: lightgbm.Booster


@dataclass(frozen=True, slots=True)
class CrossValidated:
    """What all folds found.

    Attributes:
        out_of_fold: float64 (n_rows,): the probability of each row by the model that had not seen it.
        rounds: the mean of the rounds that were best: trees of each booster.
    """

    folds: tuple[Fold, ...]
    out_of_fold: NDArray[np.float64]
    rounds: int


class TrainingBackend(Protocol):
    """Who grows trees: this process, or the workers of a cluster."""

    def cross_validate(self, rows: TrainingRows, chosen: Mapping[str, object], folds: int, seed: int) -> CrossValidated:
        """Stratified cross-validation with early stopping inside each fold; `chosen` are LightGBM's parameters."""

    def grow(self, rows: TrainingRows, chosen: Mapping[str, object], rounds: int) -> lightgbm.Booster:
        """The model on every row: the mean of boosters of `rounds` trees each."""


class _LocalBackend:
    """This process, two boosters at a time."""

    def cross_validate(self, rows: TrainingRows, chosen: Mapping[str, object], folds: int, seed: int) -> CrossValidated:
        """Stratified cross-validation with early stopping inside each fold."""
        parts = [_part(rows, folds, seed, number) for number in range(folds)]
        with side_by_side() as together:
            grown = [
                [
                    together.begin(_stopped, rows, chosen, number, part, [together.heed])
                    for number in range(len(rows.withheld))
                ]
                for part in parts
            ]
            # Begun behind all boosters: none that a fold waits for is still to begin.
            judged = [
                together.begin(_judged, rows, chosen, part, boosters, [together.heed])
                for part, boosters in zip(parts, grown, strict=True)
            ]
            return combined([fold.result() for fold in judged])

    def grow(self, rows: TrainingRows, chosen: Mapping[str, object], rounds: int) -> lightgbm.Booster:
        """The model on every row: the mean of boosters of `rounds` trees each."""
        with side_by_side() as together:
            grown = [
                together.begin(_grown, rows, chosen, number, rounds, [together.heed])
                for number in range(len(rows.withheld))
            ]
            return mean_of([booster.result() for booster in grown])


local_backend: Final[TrainingBackend] = _LocalBackend()


def grow_fold(rows: TrainingRows, chosen: Mapping[str, object], folds: int, seed: int, number: int) -> Fold:
    """One fold of `folds`, `number` counted from 0; the same whoever computes it."""
    part = _part(rows, folds, seed, number)
    return _fold(rows, chosen, part, [_stopped(rows, chosen, booster, part) for booster in range(len(rows.withheld))])


@dataclass(frozen=True, slots=True)
class _Part:
    """The places of the rows of a fold: those that trees grow from, those that end their growth, those held out."""

    fit: NDArray[np.intp]
    stop: NDArray[np.intp]
    test: NDArray[np.intp]


def _part(rows: TrainingRows, folds: int, seed: int, number: int) -> _Part:
    splitter = StratifiedKFold(n_splits=folds, shuffle=True, random_state=seed)
    train_rows, test_rows = list(splitter.split(rows.matrix, rows.target))[number]
    # The rounds are chosen on a part of the training rows, so that the held-out fold stays unseen; on rows as they are,
    # for so will be most of those that are decided on.
    inner = StratifiedKFold(n_splits=8, shuffle=True, random_state=seed)
    fit_part, stop_part = next(inner.split(rows.matrix[train_rows], rows.target[train_rows]))
    return _Part(train_rows[fit_part], train_rows[stop_part], test_rows)


def _judged(
    rows: TrainingRows,
    chosen: Mapping[str, object],
    part: _Part,
    boosters: Sequence[Future[lightgbm.Booster]],
    callbacks: Sequence[_Callback],
) -> Fold:
    return _fold(rows, chosen, part, [booster.result() for booster in boosters], callbacks)


def _fold(
    rows: TrainingRows,
    chosen: Mapping[str, object],
    part: _Part,
    models: Sequence[lightgbm.Booster],
    callbacks: Sequence[_Callback] = (),
) -> Fold:
    """The fold of boosters that were grown from its rows."""
    final = rows.corrected(mean_of(models), chosen, part.fit, callbacks)
    probabilities = Predictor(final).probabilities(rows.matrix[part.test])
    ranked = auc(rows.target[part.test], probabilities)
    rounds = round(float(np.mean([model.num_trees() for model in models])))
    return Fold(part.test, probabilities, ranked, rounds, final)


def _stopped(
    rows: TrainingRows, chosen: Mapping[str, object], number: int, part: _Part, callbacks: Sequence[_Callback] = ()
) -> lightgbm.Booster:
    """Booster `number`, grown from some rows until others gain nothing more."""
    dataset = rows.dataset(number, part.fit)
    model = lightgbm.train(
        settings_of(chosen, number),
        dataset,
        num_boost_round=max_rounds,
        valid_sets=[dataset.create_valid(rows.matrix[part.stop], label=rows.target[part.stop])],
        callbacks=[lightgbm.early_stopping(patience, verbose=False, min_delta=least_gain), *callbacks],
    )
    # Without the trees that were one too many.
    return lightgbm.Booster(model_str=model.model_to_string(num_iteration=model.best_iteration))


def _grown(
    rows: TrainingRows, chosen: Mapping[str, object], number: int, rounds: int, callbacks: Sequence[_Callback]
) -> lightgbm.Booster:
    """Booster `number`, of `rounds` trees, grown from all rows."""
    return lightgbm.train(
        settings_of(chosen, number), rows.dataset(number), num_boost_round=rounds, callbacks=list(callbacks)
    )


def combined(folds: Sequence[Fold]) -> CrossValidated:
    """What all folds found."""
    out_of_fold = np.empty(sum(len(fold.rows) for fold in folds))
    for fold in folds:
        out_of_fold[fold.rows] = fold.probabilities
    return CrossValidated(tuple(folds), out_of_fold, round(float(np.mean([fold.rounds for fold in folds]))))
