"""The search for parameters of the trees with Optuna, on a part of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import optuna
from sklearn.metrics import log_loss

from core.model.preprocessor import Preprocessor
from core.model.training.backend import TrainingBackend, local_backend
from core.model.training.fitting import constrained_parameters, training_rows

if TYPE_CHECKING:
    import polars as pl

# A search compares; it needs fewer rows than the model that comes of it.
search_rows: Final = 40_000
_folds: Final = 3


@dataclass(frozen=True, slots=True)
class TuningTrial:
    """One set of parameters that was tried, with its out-of-fold log loss."""

    parameters: dict[str, Any]
    log_loss: float


@dataclass(frozen=True, slots=True)
class Search:
    """What a search tried, in order, and the parameters of the best trial."""

    trials: tuple[TuningTrial, ...]
    best: dict[str, Any]


def search(applications: pl.DataFrame, trials: int, seed: int, backend: TrainingBackend = local_backend) -> Search:
    """Tries `trials` sets of parameters (tree-structured Parzen estimator; Bergstra et al., NeurIPS 2011).

    The first is the one in use, so that a search never ends below it. Log loss, not AUC, is what is minimised: the
    probabilities have to be honest, not only in the right order.

    Args:
        applications: typed applications with `TARGET`, as for `core.model.training.fitting.train`.
        trials: at least 1.
        backend: who grows the trees.
    """
    rows = np.sort(np.random.default_rng(seed).permutation(applications.height)[:search_rows])
    part = applications[rows]
    preprocessor = Preprocessor.fit(part)
    drawn = training_rows(part, preprocessor, seed)
    base = constrained_parameters(preprocessor.feature_names, seed)

    def objective(trial: optuna.Trial) -> float:
        chosen = base | _suggest(trial)
        validated = backend.cross_validate(drawn, chosen, _folds, seed)
        return float(log_loss(drawn.target, validated.out_of_fold))

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="minimize", sampler=optuna.samplers.TPESampler(seed=seed))
    study.enqueue_trial({name: base[name] for name in _space})
    study.optimize(objective, n_trials=trials)
    tuning_trials = tuple(
        TuningTrial(trial.params, float(trial.value)) for trial in study.trials if trial.value is not None
    )
    return Search(trials=tuning_trials, best=study.best_params)


_space: Final[dict[str, tuple[float, float, bool]]] = {
    "num_leaves": (7, 63, True),
    "min_data_in_leaf": (20, 400, True),
    "feature_fraction": (0.1, 0.7, False),
    "bagging_fraction": (0.5, 1.0, False),
    "lambda_l2": (0.1, 100.0, True),
    "cat_smooth": (5.0, 200.0, True),
}


def _suggest(trial: optuna.Trial) -> dict[str, Any]:
    return {
        name: trial.suggest_int(name, int(low), int(high), log=log)
        if isinstance(low, int)
        else trial.suggest_float(name, low, high, log=log)
        for name, (low, high, log) in _space.items()
    }
