"""Back-testing: how good decisions were, once their outcomes are known; what refusals hide, as bounds.

Discrimination, calibration and the cheapest threshold are those of `core.model.evidence` and `core.drift.performance`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core.contract.record.performance import CalibrationBin, GroupPerformance, HiddenOutcomes, PerformanceAnswer
from core.drift.measures.intervals import share_interval
from core.drift.performance import fewest_outcomes
from core.drift.performance import performance as score_performance
from core.model.evidence.threshold import cost_curve, mean_cost
from core.outcomes.cells import dimensions, hidden_cells, known_cells, segment_cells
from core.outcomes.challenger import comparison
from core.outcomes.coverage import coverage
from core.outcomes.overrides import overrides

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from core.audit.engine import Database
    from core.contract.record.performance import Dimension
    from core.drift.results.scores import ScorePerformance
    from core.model.artefacts import ModelInfo

_refused: Final = "REFUSÉ"


def performance(database: Database, model: ModelInfo, made_for: str | None = None) -> PerformanceAnswer:
    """The performance of the decisions on record whose outcome is known.

    Args:
        model: whose costs count.
        made_for: the subject of the person whose decisions alone count; None: everybody's.

    Raises:
        core.audit.writing.AuditUnavailable: where the record cannot be read.
    """
    known, hidden = known_cells(database, made_for), hidden_cells(database, made_for)
    segments = segment_cells(database, made_for)
    groups = [group_performance("all", "", known, model)] if known.height else []
    for dimension in dimensions:
        cells = segments.get(dimension, known)
        groups += [group_performance(dimension, value, part, model) for value, part in _parts(cells, dimension)]
    months = sorted({*known["month"], *hidden["month"]})
    bounds = [hidden_outcomes("all", "", known, hidden, model)] if hidden.height else []
    bounds += [
        hidden_outcomes(
            "month", month, known.filter(pl.col("month") == month), hidden.filter(pl.col("month") == month), model
        )
        for month in months
        if hidden["month"].eq(month).any()
    ]
    waiting = {month.month: month.waiting for month in coverage(database, made_for)}
    groups = [
        group.model_copy(update={"waiting": waiting.get(group.value, 0)}) if group.dimension == "month" else group
        for group in groups
    ]
    whole = _scored(known, model) if known.height else None
    return PerformanceAnswer(
        cost_fn=model.cost_fn,
        cost_fp=model.cost_fp,
        threshold=model.optimal_threshold,
        waiting=sum(waiting.values()),
        early=[group.value for group in groups if group.is_early],
        groups=groups,
        hidden=bounds,
        overrides=overrides(database, made_for),
        challenger=comparison(database, model.cost_fn, model.cost_fp, made_for),
        calibration=[
            CalibrationBin(
                rows=tenth.rows,
                predicted=tenth.predicted,
                observed=tenth.observed,
                observed_low=share_interval(tenth.observed, tenth.rows)[0],
                observed_high=share_interval(tenth.observed, tenth.rows)[1],
            )
            for tenth in (whole.reliability if whole else ())
        ],
    )


def group_performance(dimension: Dimension, value: str, cells: pl.DataFrame, model: ModelInfo) -> GroupPerformance:
    """The figures of a group.

    Args:
        cells: at least one, as `core.outcomes.cells.known_cells` counts them.
    """
    rows, defaults = int(cells["rows"].sum()), int(cells["defaults"].sum())
    low, high = share_interval(defaults / rows, rows)
    defaulted, probability = _flat(cells)
    scored = score_performance(defaulted.astype(np.float64), probability, model)
    enough = scored is not None and scored.auc is not None
    curve = cost_curve(defaulted, probability, model.cost_fn, model.cost_fp) if enough else None
    amounts = int(cells["amounts"].sum())
    return GroupPerformance(
        dimension=dimension,
        value=value,
        rows=rows,
        defaults=defaults,
        default_rate=defaults / rows,
        default_rate_low=low,
        default_rate_high=high,
        mean_probability=float(cells["probability"].sum()) / rows,
        auc=scored.auc if scored else None,
        auc_low=scored.auc_low if scored else None,
        auc_high=scored.auc_high if scored else None,
        gini=2 * scored.auc - 1 if scored and scored.auc is not None else None,
        calibration_error=scored.calibration_error if scored else None,
        calibration_p_value=scored.calibration_p_value if scored else None,
        cost=_cost(cells, "decision", model) / rows,
        model_cost=_cost(cells, "model_decision", model) / rows,
        best_threshold=curve.best_threshold if curve else None,
        best_cost=curve.least_cost if curve else None,
        amount_lost=float(cells["amount_lost"].sum()) if amounts else None,
        amounts=amounts,
    )


def hidden_outcomes(
    dimension: Dimension, value: str, known: pl.DataFrame, hidden: pl.DataFrame, model: ModelInfo
) -> HiddenOutcomes:
    """The bounds that refusals without an outcome put on the figures of a group.

    Args:
        known, hidden: as `core.outcomes.cells` counts them; at least one is hidden.
    """
    rows, defaults, refused = int(known["rows"].sum()), int(known["defaults"].sum()), int(hidden["rows"].sum())
    cost, whole = _cost(known, "decision", model), rows + refused
    fewer = min(defaults, rows - defaults)
    low, high = auc_bounds(known, hidden) if fewer >= fewest_outcomes else (None, None)
    return HiddenOutcomes(
        dimension=dimension,
        value=value,
        refused=refused,
        default_rate_low=defaults / whole,
        default_rate_high=(defaults + refused) / whole,
        cost_low=cost / whole,
        cost_high=(cost + model.cost_fp * refused) / whole,
        auc_low=low,
        auc_high=high,
    )


def auc_bounds(known: pl.DataFrame, hidden: pl.DataFrame) -> tuple[float, float]:
    """The least and the greatest area under the ROC curve that any outcomes of the hidden decisions lead to.

    Where so many of them default, the area is greatest if it is those with the highest scores, and least if it is those
    with the lowest: to exchange two labels so puts more pairs in order. All numbers of defaults are tried.

    Args:
        known, hidden: cells with `rows`, and `defaults` of those known, of which both outcomes are there.
    """
    size = int(max(known["cell"].max() or 0, hidden["cell"].max() or 0)) + 1  # type: ignore[arg-type]
    bad, good, unknown = (np.zeros(size) for _ in range(3))
    np.add.at(bad, known["cell"].to_numpy(), known["defaults"].to_numpy())
    np.add.at(good, known["cell"].to_numpy(), (known["rows"] - known["defaults"]).to_numpy())
    np.add.at(unknown, hidden["cell"].to_numpy(), hidden["rows"].to_numpy())
    highest = float(_areas(bad, good, unknown).max())
    # Turned round, what is in order is out of order.
    lowest = 1 - float(_areas(bad[::-1], good[::-1], unknown[::-1]).max())
    return lowest, highest


def _areas(bad: NDArray[np.float64], good: NDArray[np.float64], hidden: NDArray[np.float64]) -> NDArray[np.float64]:
    """The area for each number of hidden defaults, which are those with the highest scores; (hidden + 1,)."""
    counts = hidden.astype(np.int64)
    total = int(counts.sum())
    cells = np.repeat(np.arange(len(counts))[::-1], counts[::-1])
    place = np.arange(total)
    # Of those hidden: how many are in higher cells, and how many in higher ones or the same.
    first = (total - np.cumsum(counts))[cells]
    last = first + counts[cells]
    bad_above = (bad.sum() - np.cumsum(bad))[cells]
    good_below = (np.cumsum(good) - good)[cells]
    as_bad = good_below + (total - last) + (good[cells] + last - place - 1) / 2
    as_good = bad_above + first + (bad[cells] + place - first) / 2
    everything_good = good + hidden
    pairs = (bad * (np.cumsum(everything_good) - everything_good / 2)).sum()
    in_order = np.r_[pairs, pairs + np.cumsum(as_bad - as_good)]
    defaults = bad.sum() + np.arange(total + 1)
    others = good.sum() + total - np.arange(total + 1)
    areas: NDArray[np.float64] = in_order / (defaults * others)
    return areas


def _scored(cells: pl.DataFrame, model: ModelInfo) -> ScorePerformance | None:
    defaulted, probability = _flat(cells)
    return score_performance(defaulted.astype(np.float64), probability, model)


def _flat(cells: pl.DataFrame) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """The decisions of cells one by one, each with the mean probability of its cell and decision of the model."""
    counted = cells.group_by("cell", "model_decision").agg(pl.col("rows", "defaults", "probability").sum()).sort("cell")
    rows, defaults = counted["rows"].to_numpy(), counted["defaults"].to_numpy()
    means = (counted["probability"] / counted["rows"]).to_numpy()
    # Defaults evenly among the rows of their cell: tenths cut through cells, and are not to part good ones from bad.
    size, bad = np.repeat(rows, rows), np.repeat(defaults, rows)
    place = np.arange(len(size)) - np.repeat(np.cumsum(rows) - rows, rows)
    labels = (place + 1) * bad // size - place * bad // size
    return labels.astype(np.int8), np.repeat(means, rows)


def _cost(cells: pl.DataFrame, decision: str, model: ModelInfo) -> float:
    """What wrong decisions cost, in all."""
    refused = cells[decision] == _refused
    missed = float(cells.filter(~refused)["defaults"].sum())
    turned_away = float((cells.filter(refused)["rows"] - cells.filter(refused)["defaults"]).sum())
    return mean_cost(missed, turned_away, 1, model.cost_fn, model.cost_fp)


def _parts(cells: pl.DataFrame, dimension: str) -> Iterator[tuple[str, pl.DataFrame]]:
    for value in cells[dimension].unique().sort():
        yield value, cells.filter(pl.col(dimension) == value)
