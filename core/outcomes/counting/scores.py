"""Scores with outcomes that are counted in cells: how they rank, how honest they are, which threshold is cheapest.

The same figures as `core.drift.performance` and `core.model.evidence` give of the rows one by one, each with the mean
probability of its cell, in the time and memory that the cells take and not the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core.drift.measures.intervals import auc_interval
from core.drift.performance import fewest_outcomes, hosmer_lemeshow
from core.model.evidence.auc import Area
from core.model.evidence.calibration import ReliabilityBin, bin_ends, calibration_error
from core.model.evidence.threshold import mean_cost

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.model.artefacts import ModelInfo

_bins: Final = 10
_refused: Final = "REFUSÉ"


@dataclass(frozen=True, slots=True)
class CountedScores:
    """Rows by their score, ascending: in each cell `rows` of the same score, and of these `defaults`.

    Attributes:
        score: float64 (cells,), of each row of the cell.
        rows, defaults: int64 (cells,).
    """

    score: NDArray[np.float64]
    rows: NDArray[np.int64]
    defaults: NDArray[np.int64]

    @property
    def has_enough(self) -> bool:
        """Whether there are so many of either outcome that an area and its error are more than chance."""
        defaults = int(self.defaults.sum())
        return min(defaults, int(self.rows.sum()) - defaults) >= fewest_outcomes


@dataclass(frozen=True, slots=True)
class ScoreFigures:
    """What is said of scores with enough outcomes.

    Attributes:
        auc_promised: the area that these scores let expect, were they true; None where they are all 0, or all 1.
        calibration_p_value: of Hosmer and Lemeshow's test; None where even the tenths are too few.
        tenths: by ascending score.
        best_threshold, best_cost: the cheapest in hindsight, the lowest of several, and its mean cost.
    """

    auc: float
    auc_low: float
    auc_high: float
    auc_promised: float | None
    calibration_error: float
    calibration_p_value: float | None
    tenths: tuple[ReliabilityBin, ...]
    best_threshold: float
    best_cost: float


def scores_of(cells: pl.DataFrame) -> CountedScores:
    """The scores of cells: of a cell the mean probability, apart for who was accepted by the model and who refused."""
    counted = cells.group_by("cell", "model_decision").agg(pl.col("rows", "defaults", "probability").sum())
    ordered = counted.with_columns(score=pl.col("probability") / pl.col("rows")).sort("score", "model_decision")
    return CountedScores(*(ordered[name].to_numpy() for name in ("score", "rows", "defaults")))


def decided_cost(cells: pl.DataFrame, decision: str, model: ModelInfo) -> float:
    """What wrong decisions cost, in all.

    Args:
        decision: the column that says what was decided: `decision`, `model_decision`.
    """
    refused = cells[decision] == _refused
    missed = float(cells.filter(~refused)["defaults"].sum())
    turned_away = float((cells.filter(refused)["rows"] - cells.filter(refused)["defaults"]).sum())
    return mean_cost(missed, turned_away, 1, model.cost_fn, model.cost_fp)


def score_figures(counted: CountedScores, cost_fn: float, cost_fp: float) -> ScoreFigures | None:
    """The figures; None where there are too few outcomes.

    Args:
        cost_fn, cost_fp: of a default that was accepted, of a good client that was refused.
    """
    if not counted.has_enough:
        return None
    defaults = int(counted.defaults.sum())
    rank = area(counted)
    low, high = auc_interval(rank.auc, rank.error or 0.0, min(defaults, int(counted.rows.sum()) - defaults))
    tenths = reliability(counted)
    honest = hosmer_lemeshow(tenths)
    threshold, cost = cheapest(counted, cost_fn, cost_fp)
    return ScoreFigures(
        auc=rank.auc,
        auc_low=low,
        auc_high=high,
        auc_promised=promised_area(counted),
        calibration_error=calibration_error(tenths),
        calibration_p_value=None if np.isnan(honest) else honest,
        tenths=tenths,
        best_threshold=threshold,
        best_cost=cost,
    )


def area(counted: CountedScores) -> Area:
    """The area under the ROC curve with its standard error; as `core.model.evidence.auc.area`, where it is described.

    Args:
        counted: with both outcomes.
    """
    scores = _of_distinct(counted)
    bad, good = scores.defaults.astype(np.float64), (scores.rows - scores.defaults).astype(np.float64)
    # Of a bad one the share of good ones that score below, of a good one that of bad ones above; ties count half.
    above = (np.cumsum(good) - good / 2) / good.sum()
    below = 1 - (np.cumsum(bad) - bad / 2) / bad.sum()
    value = float((above * bad).sum() / bad.sum())
    if min(bad.sum(), good.sum()) == 1:
        return Area(value, None)
    variances = [
        float((weight * (placed - (weight * placed).sum() / weight.sum()) ** 2).sum() / (weight.sum() - 1))
        / float(weight.sum())
        for weight, placed in ((bad, above), (good, below))
    ]
    return Area(value, float(np.sqrt(sum(variances))))


def promised_area(counted: CountedScores) -> float | None:
    """The area under the ROC curve that scores would have, were each the probability of a default.

    Of decisions whose outcome is known, it says what to expect: those whom the model refused are not among them, and
    whoever ranks the rest alone ranks less well than the model did on all applicants of its training.
    """
    scores = _of_distinct(counted)
    bad = scores.rows * scores.score
    good = scores.rows - bad
    if not (bad.sum() and good.sum()):
        return None
    below = (np.cumsum(good) - good / 2) / good.sum()
    return float((below * bad).sum() / bad.sum())


def reliability(counted: CountedScores, bins: int = _bins) -> tuple[ReliabilityBin, ...]:
    """Predicted against observed default rates over equally filled bins.

    As `core.model.evidence.calibration.reliability`: rows of one score share a bin.
    """
    scores = _of_distinct(counted)
    ends = np.cumsum(scores.rows)
    cuts = bin_ends(ends, bins)
    starts = np.r_[0, np.searchsorted(ends, cuts[:-1]) + 1]
    rows, predicted, observed = (
        np.add.reduceat(part, starts) for part in (scores.rows, scores.rows * scores.score, scores.defaults)
    )
    return tuple(
        ReliabilityBin(int(count), min(float(expected / count), 1.0), float(defaults / count))
        for count, expected, defaults in zip(rows, predicted, observed, strict=True)
    )


def cheapest(counted: CountedScores, cost_fn: float, cost_fp: float) -> tuple[float, float]:
    """The threshold that would have cost least, the lowest of several, and its mean cost.

    As `core.model.evidence.threshold.cost_curve`: who reaches the threshold is refused.
    """
    scores = _of_distinct(counted)
    accepted = np.r_[0, np.cumsum(scores.defaults)]
    good = scores.rows - scores.defaults
    refused = good.sum() - np.r_[0, np.cumsum(good)]
    costs = mean_cost(accepted.astype(np.float64), refused.astype(np.float64), int(scores.rows.sum()), cost_fn, cost_fp)
    place = int(np.argmin(costs))
    nobody = min(1.0, float(np.nextafter(scores.score[-1], 2.0)))
    return float(scores.score[place]) if place < len(scores.score) else nobody, float(costs[place])


def _of_distinct(counted: CountedScores) -> CountedScores:
    """With one cell for each score."""
    starts = np.flatnonzero(np.r_[True, np.diff(counted.score) > 0])
    return CountedScores(
        counted.score[starts], np.add.reduceat(counted.rows, starts), np.add.reduceat(counted.defaults, starts)
    )
