"""Back-testing: how good decisions were, once their outcomes are known; what refusals hide, as bounds.

Discrimination, calibration and the cheapest threshold are those of `core.outcomes.counting.scores`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from core.contract.record.performance import (
    CalibrationBin,
    GroupPerformance,
    HiddenOutcomes,
    PerformanceAnswer,
    is_early,
)
from core.drift.measures.intervals import share_interval
from core.drift.performance import fewest_outcomes
from core.outcomes.challenger import comparison
from core.outcomes.counting.bounds import auc_bounds
from core.outcomes.counting.cells import dimensions, hidden_cells
from core.outcomes.counting.counts import counted
from core.outcomes.counting.scores import decided_cost, score_figures, scores_of
from core.outcomes.estimate import estimate
from core.outcomes.month_coverage import coverage_of
from core.outcomes.officers.overrides import overrides

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.audit.engine import Database
    from core.contract.model import ModelEvaluation
    from core.contract.record.performance import Dimension
    from core.model.artefacts import ModelInfo
    from core.outcomes.counting.counts import RecordCounts


def performance(
    database: Database, model: ModelInfo, made_for: str | None = None, evaluation: ModelEvaluation | None = None
) -> PerformanceAnswer:
    """The performance of the decisions on record whose outcome is known, and its estimate for those that wait.

    Args:
        model: whose costs count.
        made_for: the subject of the person whose decisions alone count; None: everybody's.
        evaluation: of the model: whether it was recalibrated; None where there is none to be had.

    Raises:
        core.audit.writing.AuditUnavailable: where the record cannot be read.
    """
    counts = counted(database, made_for)
    known, hidden = counts.known, hidden_cells(counts.applications)
    groups = [group_performance("all", "", known, model)] if known.height else []
    for dimension in dimensions:
        cells = counts.segments.get(dimension, known)
        groups += [group_performance(dimension, value, part, model) for value, part in _parts(cells, dimension)]
    bounds = [hidden_outcomes("all", "", known, hidden, model)] if hidden.height else []
    bounds += [
        hidden_outcomes("month", month, known.filter(pl.col("month") == month), refused, model)
        for month, refused in _parts(hidden, "month")
    ]
    waiting = {month.month: month.waiting for month in coverage_of(counts.applications)}
    groups = [
        group.model_copy(update={"waiting": waiting.get(group.value, 0)}) if group.dimension == "month" else group
        for group in groups
    ]
    settled = _settled(counts, model.version)
    whole = score_figures(scores_of(known), model.cost_fn, model.cost_fp) if known.height else None
    of_officers = overrides(database, model, made_for)
    return PerformanceAnswer(
        cost_fn=model.cost_fn,
        cost_fp=model.cost_fp,
        threshold=model.optimal_threshold,
        model_version=model.version,
        waiting=sum(waiting.values()),
        early=[group.value for group in groups if group.is_early],
        groups=groups,
        settled=group_performance("model_version", model.version, settled, model) if settled.height else None,
        hidden=bounds,
        overrides=of_officers.groups,
        override_checks=of_officers.checks,
        estimate=estimate(counts, [group for group in groups if group.dimension == "month"], model, evaluation),
        challenger=comparison(database, model.cost_fn, model.cost_fp, made_for),
        calibration=[
            CalibrationBin(
                rows=tenth.rows,
                predicted=tenth.predicted,
                observed=tenth.observed,
                observed_low=share_interval(tenth.observed, tenth.rows)[0],
                observed_high=share_interval(tenth.observed, tenth.rows)[1],
            )
            for tenth in (whole.tenths if whole else ())
        ],
    )


def group_performance(dimension: Dimension, value: str, cells: pl.DataFrame, model: ModelInfo) -> GroupPerformance:
    """The figures of a group.

    Args:
        cells: at least one, as `core.outcomes.counting.cells.known_cells` counts them.
    """
    rows, defaults = int(cells["rows"].sum()), int(cells["defaults"].sum())
    low, high = share_interval(defaults / rows, rows)
    figures = score_figures(scores_of(cells), model.cost_fn, model.cost_fp)
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
        auc=figures.auc if figures else None,
        auc_low=figures.auc_low if figures else None,
        auc_high=figures.auc_high if figures else None,
        auc_promised=figures.auc_promised if figures else None,
        gini=2 * figures.auc - 1 if figures else None,
        calibration_error=figures.calibration_error if figures else None,
        calibration_p_value=figures.calibration_p_value if figures else None,
        cost=decided_cost(cells, "decision", model) / rows,
        model_cost=decided_cost(cells, "model_decision", model) / rows,
        best_threshold=figures.best_threshold if figures else None,
        best_cost=figures.best_cost if figures else None,
        amount_lost=float(cells["amount_lost"].sum()) if amounts else None,
        amounts=amounts,
    )


def hidden_outcomes(
    dimension: Dimension, value: str, known: pl.DataFrame, hidden: pl.DataFrame, model: ModelInfo
) -> HiddenOutcomes:
    """The bounds that refusals without an outcome put on the figures of a group.

    Args:
        known, hidden: as `core.outcomes.counting.cells` counts them; at least one is hidden.
    """
    rows, defaults, refused = int(known["rows"].sum()), int(known["defaults"].sum()), int(hidden["rows"].sum())
    cost, whole = decided_cost(known, "decision", model), rows + refused
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


def _settled(counts: RecordCounts, version: str) -> pl.DataFrame:
    """The decisions of a version with outcomes, of the months of which few of its own wait.

    In the month in which it came into use, those of the version before it are known sooner.
    """
    is_its_own = pl.col("model_version") == version
    waiting = {month.month: month.waiting for month in coverage_of(counts.applications.filter(is_its_own))}
    known = counts.known.filter(is_its_own)
    ripe = [
        month for month, part in _parts(known, "month") if not is_early(int(part["rows"].sum()), waiting.get(month, 0))
    ]
    return known.filter(pl.col("month").is_in(ripe))


def _parts(cells: pl.DataFrame, dimension: str) -> Iterator[tuple[str, pl.DataFrame]]:
    for value in cells[dimension].unique().sort():
        yield value, cells.filter(pl.col(dimension) == value)
