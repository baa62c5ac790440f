"""Performance estimated before outcomes are known, from the probabilities of a model that was recalibrated.

Confidence-based performance estimation: an application of probability p counts as p of a default and 1 - p of a good
client. The expected area under the ROC curve is the share of pairs so weighted that are in order, ties counting half.
It is as true as the probabilities are: that is why it takes a recalibration on real outcomes, and why its error is
measured on past months, where the truth is known by now.

Source: NannyML, "Confidence-based performance estimation (CBPE)" (documentation, 2022).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from core.contract.record.estimate import EstimatedFigures, EstimateError, PerformanceEstimate
from core.drift.performance import fewest_outcomes
from core.model.evidence.threshold import mean_cost
from core.outcomes.counting.scores import area, decided_cost, scores_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.contract.model import ModelEvaluation
    from core.contract.record.estimate import EstimateState
    from core.contract.record.performance import GroupPerformance
    from core.model.artefacts import ModelInfo
    from core.outcomes.counting.counts import RecordCounts


def estimate(
    counts: RecordCounts, months: Sequence[GroupPerformance], model: ModelInfo, evaluation: ModelEvaluation | None
) -> PerformanceEstimate:
    """The estimate for the decisions of the model in use that wait for their outcome, or why there is none.

    Args:
        months: the performance of the months whose outcomes are known; those that are no longer early tell the error.
        model: in use.
        evaluation: of that model; None where there is none to be had.
    """
    made = evaluation.recalibration if evaluation else None
    is_recalibrated = made is not None and made.taken and made.origin == "real"
    waiting = counts.applications.filter(
        (pl.col("has_outcome") == 0) & (pl.col("decision") == "ACCEPTÉ") & (pl.col("model_version") == model.version)
    )
    state: EstimateState = "estimated"
    if not waiting.height:
        state = "nothing_waits"
    elif evaluation is None:
        state = "no_evaluation"
    elif not is_recalibrated:
        state = "not_recalibrated"
    if state != "estimated" or made is None:
        return PerformanceEstimate(
            state=state, model_version=model.version, recalibrated_on=None, figures=[], error=None
        )
    of_months = [(part["month"][0], part) for part in waiting.sort("month").partition_by("month", maintain_order=True)]
    return PerformanceEstimate(
        state=state,
        model_version=model.version,
        recalibrated_on=made.n_rows,
        figures=[expected(month, part, model) for month, part in [("", waiting), *of_months]],
        error=_error(counts.known, months, model),
    )


def expected(month: str, cells: pl.DataFrame, model: ModelInfo) -> EstimatedFigures:
    """The figures of decisions, were their probabilities true.

    Args:
        month: of the decisions, for the answer.
        cells: at least one, with `cell`, `decision`, `rows` and the sum of `probability`.
    """
    rows, defaults = int(cells["rows"].sum()), float(cells["probability"].sum())
    refused = cells.filter(pl.col("decision") == "REFUSÉ")
    turned_away = float(refused["rows"].sum()) - float(refused["probability"].sum())
    missed = defaults - float(refused["probability"].sum())
    enough = min(defaults, rows - defaults) >= fewest_outcomes
    return EstimatedFigures(
        month=month,
        rows=rows,
        default_rate=defaults / rows,
        auc=expected_area(cells) if enough else None,
        cost=mean_cost(missed, turned_away, rows, model.cost_fn, model.cost_fp),
    )


def expected_area(cells: pl.DataFrame) -> float:
    """The expected area under the ROC curve; scores of one cell count as equal."""
    counted = cells.group_by("cell").agg(pl.col("rows", "probability").sum()).sort("cell")
    bad = counted["probability"].to_numpy()
    good = counted["rows"].to_numpy() - bad
    return float((bad * (np.cumsum(good) - good / 2)).sum() / (bad.sum() * good.sum()))


def _error(known: pl.DataFrame, months: Sequence[GroupPerformance], model: ModelInfo) -> EstimateError | None:
    """By how much the same estimate was off in the months of the model in use whose outcomes are there."""
    ripe = {month.value for month in months if not month.is_early}
    of_model = known.filter((pl.col("model_version") == model.version) & pl.col("month").is_in(sorted(ripe)))
    rows, off = 0, []
    for part in of_model.partition_by("month"):
        guess, count = expected("", part, model), int(part["rows"].sum())
        truth = scores_of(part)
        if guess.auc is None or not truth.has_enough:
            continue
        rows += count
        rate, cost = int(part["defaults"].sum()) / count, decided_cost(part, "decision", model) / count
        off.append((guess.default_rate - rate, guess.auc - area(truth).auc, guess.cost - cost))
    if not off:
        return None
    mean, spread = np.mean(off, axis=0), np.sqrt(np.mean(np.square(off), axis=0))
    return EstimateError(
        months=len(off),
        rows=rows,
        default_rate=float(mean[0]),
        default_rate_spread=float(spread[0]),
        auc=float(mean[1]),
        auc_spread=float(spread[1]),
        cost=float(mean[2]),
        cost_spread=float(spread[2]),
    )
