"""Steadiness: what a small change of an application does, and whether any curve goes against its sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core import catalogue
from core.features.assembly import expressions, feature_names, with_all_columns
from core.model.prediction.predictor import Predictor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from core.model.training.backend import Fold

change: Final = 10.0
max_rows: Final = 10_000
large_move: Final = 0.05
_curve_rows: Final = 300
_curve_points: Final = 15
# Smaller differences of log-odds are those of adding up leaves.
_least: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Steadiness:
    """What was found, each application judged by the model of the fold that held it out.

    Attributes:
        change: by how much less credit was asked for.
        n_rows: the applications that were changed.
        flipped: the share of decisions that turned.
        moved: the share whose log-odds moved by more than 0.05.
        curves: the curves looked at, one a client and a feature with a direction.
        contradicting: the share of them that somewhere go against the direction.
    """

    change: float
    n_rows: int
    flipped: float
    moved: float
    curves: int
    contradicting: float


def measure_steadiness(
    folds: Sequence[Fold], applications: pl.DataFrame, threshold: float, rows: int = max_rows
) -> Steadiness:
    """Decides again with a little less credit, and follows each feature that has a direction.

    Args:
        folds: of the cross-validation, with their models.
        applications: the training rows, typed.
        threshold: probability from which an application is refused.
        rows: how many applications at most, the same share of each fold, from its beginning.
    """
    share = min(1.0, rows / sum(len(fold.rows) for fold in folds))
    parts = [fold.rows[: max(1, int(len(fold.rows) * share))] for fold in folds]
    moves, turns, against, curves = [], [], 0, 0
    for fold, part in zip(folds, parts, strict=True):
        held_out = with_all_columns(applications[part])
        less = held_out.with_columns(pl.col("AMT_CREDIT") - change)
        predictor = Predictor(fold.model)
        before, after = (_log_odds(predictor, frame.select(expressions()).to_numpy()) for frame in (held_out, less))
        limit = np.log(threshold / (1 - threshold))
        moves.append(np.abs(after - before) > large_move)
        turns.append((before >= limit) != (after >= limit))
        few = held_out.head(max(1, _curve_rows // len(folds))).select(expressions()).to_numpy()
        seen = held_out.select(expressions()).to_numpy()
        contradictions, looked_at = _contradicting(predictor, few, seen)
        against, curves = against + contradictions, curves + looked_at
    return Steadiness(
        change=change,
        n_rows=sum(len(part) for part in parts),
        flipped=float(np.concatenate(turns).mean()),
        moved=float(np.concatenate(moves).mean()),
        curves=curves,
        contradicting=against / max(curves, 1),
    )


def _contradicting(predictor: Predictor, few: NDArray[np.float64], seen: NDArray[np.float64]) -> tuple[int, int]:
    """How many curves of a few clients go against the direction of their feature, and how many there are."""
    against = curves = 0
    for place, name in enumerate(feature_names()):
        direction = catalogue.entry(name).direction
        known = seen[~np.isnan(seen[:, place]), place]
        if not direction or not known.size:
            continue
        points = np.unique(np.quantile(known, np.linspace(0, 1, _curve_points)))
        rows = np.repeat(few, len(points), axis=0)
        rows[:, place] = np.tile(points, len(few))
        curve = _log_odds(predictor, rows).reshape(len(few), len(points))
        against += int((np.diff(curve, axis=1) * direction < -_least).any(axis=1).sum())
        curves += len(few)
    return against, curves


def _log_odds(predictor: Predictor, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return predictor.log_odds(matrix)[:, 0]
