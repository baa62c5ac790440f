"""Stability: how many decisions turn where the same model is trained again, by chance alone or on other rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.model.prediction.predictor import Predictor
from core.model.training.fitting import constrained_parameters, training_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from numpy.typing import NDArray

    from core.model.preprocessor import Preprocessor
    from core.model.training.backend import TrainingBackend, TrainingRows

# Of the rows, held out to be decided on.
_held_out: Final = 0.1


@dataclass(frozen=True, slots=True)
class Stability:
    """The decisions of trainings that differ in one thing, on rows that none of them saw.

    Attributes:
        n_rows: how many rows each training had.
        n_decided: the applications decided on.
        by_seed: the share of decisions that turn with another seed, which draws the columns, rows and withheld values.
        by_rows: the share that turns where the rows are drawn again, with replacement.
    """

    n_rows: int
    n_decided: int
    by_seed: float
    by_rows: float


def measure_stability(
    applications: pl.DataFrame,
    preprocessor: Preprocessor,
    threshold: float,
    rounds: int,
    seed: int,
    backend: TrainingBackend,
    rows: int,
) -> Stability:
    """Trains three times on nine tenths of some rows, and decides on the others.

    Args:
        applications: typed, with `TARGET`.
        threshold: probability from which an application is refused.
        rounds: trees of each model.
        seed: of the first training; the second has the next.
        backend: who grows the trees.
        rows: how many of the applications at most.
    """
    places = np.sort(np.random.default_rng(seed).permutation(applications.height)[:rows])
    held_out = np.zeros(len(places), dtype=np.bool_)
    held_out[np.random.default_rng(seed + 1).permutation(len(places))[: max(1, round(_held_out * len(places)))]] = True
    learnt, decided = applications[places[~held_out]], preprocessor.transform(applications[places[held_out]])
    first = training_rows(learnt, preprocessor, seed)
    again = np.sort(np.random.default_rng(seed).integers(0, learnt.height, learnt.height))

    def refused(grown_from: TrainingRows, chosen: Mapping[str, object]) -> NDArray[np.bool_]:
        return Predictor(backend.grow(grown_from, chosen, rounds)).probabilities(decided) >= threshold

    usual = constrained_parameters(preprocessor.feature_names, seed)
    refusals = refused(first, usual)
    # One after the other: of 300,000 rows each has a gigabyte.
    of_rows = refused(first.taken(again), usual)
    of_seed = refused(training_rows(learnt, preprocessor, seed + 1), usual | {"seed": seed + 1})
    return Stability(
        n_rows=learnt.height,
        n_decided=int(held_out.sum()),
        by_seed=float((refusals != of_seed).mean()),
        by_rows=float((refusals != of_rows).mean()),
    )
