"""The comparison of two sets of applications: every column, the score, and what the score was worth."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import polars as pl

from core import catalogue
from core.drift.baselines import ProfileReference, RowsReference, features_of, known_names, outcomes
from core.drift.errors import NothingToCompare
from core.drift.measures.bins import frozen_bins
from core.drift.measures.thresholds import Thresholds
from core.drift.performance import calibration_change_p_value, performance, performance_drift
from core.drift.probabilities import probabilities
from core.drift.results.drift_report import DriftReport, Side
from core.drift.results.scores import NotComparable
from core.drift.verdict import alerts, judged
from core.features import application_features, history_names
from core.reference.reference_profile import ReferenceProfile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.drift.baselines import Reference
    from core.drift.measures.bins import ColumnBins
    from core.drift.results.columns import ColumnDrift
    from core.drift.results.scores import PerformanceDrift
    from core.model.artefacts import ModelInfo
    from core.scoring import Scorer

    Rows = pl.DataFrame | pl.LazyFrame

# With less of the model's gain than this on columns that one side lacks, its score is still the same score.
max_lost: Final = 0.01
# More threads would wait for one another: half of the time is Python's own.
_max_threads: Final = 4


def compare(
    reference: Rows | ReferenceProfile,
    current: Rows,
    *,
    scorer: Scorer | None = None,
    edges: Mapping[str, ColumnBins] | ReferenceProfile | None = None,
    thresholds: Thresholds | None = None,
    names: tuple[str, str] = ("reference", "current"),
) -> DriftReport:
    """Compares applications with those of a reference.

    Args:
        reference: typed application columns, any subset, with or without `TARGET` and history features; or the profile
            that was frozen with the model or the portfolio.
        current: typed in the same way. Codes that the catalogue does not know are compared, too.
        scorer: scores both sides; its features that both have, or that can be computed, are compared as well, and what
            it leans on comes first. Where one side lacks columns that carry more than `max_lost` of its gain, the
            scores are not comparable, which the report says in their place.
        edges: the bins of some columns, or a profile that has them; by default, and for the columns it does not name,
            they are the deciles of the reference. Of no use where the reference is a profile, which has its own.
        thresholds: what counts as drift; the usual ones where nothing is said.
        names: what the two sides are called in the report.

    Raises:
        NothingToCompare: a side has no row, or they have no column in common.

    >>> before = pl.DataFrame({"AMT_INCOME_TOTAL": [50_000.0 + 1_000 * row for row in range(500)]})
    >>> report = compare(before, before.with_columns(pl.col("AMT_INCOME_TOTAL") * 1.5))
    >>> [(column.name, column.level) for column in report.drifted]
    [('AMT_INCOME_TOTAL', 'major')]
    >>> compare(before, before).alerts
    ()
    """
    limits = thresholds or Thresholds()
    now = _collected(current, names[1])
    was: Reference
    if isinstance(reference, ReferenceProfile):
        was = ProfileReference(reference, scorer)
    else:
        was = RowsReference(_collected(reference, names[0]), _bins(edges), scorer)
    columns = _columns(was, now, with_features=scorer is not None)
    if not columns:
        raise NothingToCompare(f"{names[0]} and {names[1]} have no application column in common")
    model = None if scorer is None else scorer.model
    report = DriftReport(
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        reference=Side(names[0], was.rows, was.detail, was.synthetic),
        current=Side(names[1], now.height, "rows"),
        model=None if model is None else f"{model.model_name} {model.version}",
        thresholds=limits,
        columns=judged(columns, limits, None if model is None else _importances(model)),
        not_compared=_left_over(was, now),
        score=None,
        performance=None,
        alerts=(),
    )
    if scorer is not None and (apart := _apart(was, now, scorer.model)) is not None:
        report = replace(report, score_not_comparable=apart)
    elif scorer is not None:
        probability = probabilities(scorer, now)
        measured = performance(outcomes(now), probability, scorer.model)
        before = None if measured is None else was.performance()
        change: PerformanceDrift | None = None
        if before is not None and measured is not None:
            known = was.outcomes()
            moved = None if known is None else calibration_change_p_value(known, (outcomes(now), probability))
            change = performance_drift(before, measured, limits, moved)
        report = replace(report, score=was.score(now, probability, limits), performance=change)
    return replace(report, alerts=alerts(report))


def _collected(rows: Rows, name: str) -> pl.DataFrame:
    frame = rows.collect() if isinstance(rows, pl.LazyFrame) else rows
    if frame.height == 0:
        raise NothingToCompare(f"{name} has no row")
    return frame


def _bins(edges: Mapping[str, ColumnBins] | ReferenceProfile | None) -> Mapping[str, ColumnBins]:
    if isinstance(edges, ReferenceProfile):
        return {name: frozen_bins(profile) for name, profile in edges.columns.items()}
    return edges or {}


def _importances(model: ModelInfo) -> dict[str, float]:
    return dict(zip(model.feature_names, model.importances, strict=True))


def _apart(was: Reference, now: pl.DataFrame, model: ModelInfo) -> NotComparable | None:
    """What of the model one side has, and the other has not; None where that is next to nothing.

    A score without the history of its client is another score: compared with one that had it, everybody has moved.
    """
    sides = [was.known_names, known_names(now)]
    lacking: set[str] = set()
    lost = 0.0
    computed = application_features()
    for name, importance in _importances(model).items():
        needed = set(computed[name].meta.root_names()) if name in computed else {name}
        of_one = needed & (sides[0] ^ sides[1])
        if importance > 0 and of_one:
            lacking |= of_one
            lost += importance
    if lost <= max_lost:
        return None
    return NotComparable(tuple(sorted(lacking)), min(lost, 1.0))


def _columns(was: Reference, now: pl.DataFrame, *, with_features: bool) -> list[ColumnDrift]:
    """The columns that both have, compared; with the features that they allow for where these are asked for."""
    both = was.names & set(now.columns)
    after = {name: now[name] for name in _application_columns() if name in both}
    if with_features and after:
        names = set(after)
        computed = features_of(now)
        for name, expression in application_features().items():
            if was.derives(name) and set(expression.meta.root_names()) <= names:
                after[name] = computed[name]
        after |= {name: now[name] for name in history_names() if name in both}
    with ThreadPoolExecutor(min(os.cpu_count() or 1, _max_threads)) as threads:
        return list(threads.map(lambda name: was.column(name, after[name]), after))


def _left_over(was: Reference, now: pl.DataFrame) -> tuple[str, ...]:
    """The columns that only one side has, or that no catalogue knows; those computed for a profile are none."""
    before = was.names
    if was.detail == "profile":
        before &= {*_application_columns(), *history_names()}
    compared = before & set(now.columns) & {*_application_columns(), *history_names()}
    return tuple(sorted((before | set(now.columns)) - compared - {"SK_ID_CURR", "TARGET"}))


def _application_columns() -> tuple[str, ...]:
    return tuple(column.name for column in catalogue.columns() if column.type not in ("id", "target"))
