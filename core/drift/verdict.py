"""What the statistics come to: which columns drift, and which rules are broken."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from core.drift.results import Alert, ColumnDrift
from core.drift.statistics import benjamini_hochberg

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.drift.results import DriftReport, Rule, Significance, Statistic
    from core.drift.thresholds import Level, Limits, Thresholds

# A column with less of the model's gain than this raises no alert by itself, however far it moves.
important: Final = 0.01

Verdict = Literal["stable", "watch", "alert"]
"""What a report comes to: nothing drifts; something does, and no rule is broken; a rule is broken."""

_order: Final[tuple[Level, ...]] = ("stable", "moderate", "major")


def judged(
    columns: Sequence[ColumnDrift], thresholds: Thresholds, importances: Mapping[str, float] | None
) -> tuple[ColumnDrift, ...]:
    """The columns with corrected p-values, their level and their importance; those that drift and matter first.

    Args:
        columns: as `core.drift.columns` compares them.
        thresholds: what counts as drift.
        importances: share of the model's gain by column; None where no model is known.
    """
    corrected = _corrected(columns)
    found = [
        _judged(each, thresholds, None if importances is None else importances.get(each.name, 0.0))
        for each in corrected
    ]
    return tuple(sorted(found, key=lambda each: (not each.drifted, -(each.importance or 0.0), -each.psi)))


def worst(levels: Iterable[Level]) -> Level:
    """The worst of some levels; stable where there are none."""
    return max(levels, key=_order.index, default="stable")


def alerts(report: DriftReport) -> tuple[Alert, ...]:
    """The rules that a report breaks."""
    limits, found = report.thresholds, []
    names = tuple(each.name for each in report.drifted)

    def check(rule: Rule, value: float | None, limit: Limits, columns: tuple[str, ...] = ()) -> None:
        level = limit.level(value)
        if value is not None and level != "stable":
            found.append(Alert(rule, level, value, limit.major if level == "major" else limit.moderate, columns))

    if report.score is not None and report.score.column.drifted:
        check("score_psi", report.score.column.psi, limits.score_psi)
    check("drifted_share", report.drifted_share, limits.drifted_share, names)
    check("drifted_importance", report.drifted_importance, limits.drifted_importance, names)
    far = [each for each in report.drifted if each.level == "major"]
    heavy = tuple(each.name for each in far if each.importance is None or each.importance >= important)
    if heavy:
        found.append(Alert("major_columns", "major", float(len(heavy)), 1.0, heavy))
    measured = report.performance
    if measured is not None and measured.auc_level != "stable":
        check("auc_drop", -measured.auc_change, limits.auc_drop)
    if measured is not None and measured.calibration_level != "stable":
        check("calibration_rise", measured.calibration_change, limits.calibration_rise)
    return tuple(found)


def judged_score(column: ColumnDrift, thresholds: Thresholds) -> ColumnDrift:
    """The probability of default with its level, which goes by its PSI against a limit of its own."""
    level = thresholds.score_psi.level(column.psi if _counts(column.chi_squared, thresholds) else None)
    return replace(column, level=level, reasons=() if level == "stable" else ("psi",))


def verdict(report: DriftReport) -> Verdict:
    """What a report comes to; an alert is what `run.py drift` ends with exit code 3 for."""
    if report.alerts:
        return "alert"
    moved = report.drifted or (report.score is not None and report.score.column.drifted)
    return "watch" if moved else "stable"


def _corrected(columns: Sequence[ColumnDrift]) -> list[ColumnDrift]:
    """Each family of tests corrected for the number of columns in it."""
    bins = benjamini_hochberg([each.chi_squared.p_value for each in columns])
    missing = benjamini_hochberg([each.missing.test.p_value for each in columns])
    numbers = iter(
        benjamini_hochberg([each.numbers.kolmogorov_smirnov.p_value for each in columns if each.numbers is not None])
    )
    return [
        replace(
            each,
            chi_squared=replace(each.chi_squared, corrected=by_bin),
            missing=replace(each.missing, test=replace(each.missing.test, corrected=by_share)),
            numbers=each.numbers
            and replace(
                each.numbers, kolmogorov_smirnov=replace(each.numbers.kolmogorov_smirnov, corrected=next(numbers))
            ),
        )
        for each, by_bin, by_share in zip(columns, bins, missing, strict=True)
    ]


def _judged(column: ColumnDrift, limits: Thresholds, importance: float | None) -> ColumnDrift:
    levels: dict[Statistic, Level] = {}
    if _counts(column.chi_squared, limits):
        levels["psi"] = limits.psi.level(column.psi)
        levels["jensen_shannon"] = limits.jensen_shannon.level(column.jensen_shannon)
        if column.kind == "category":
            levels["total_variation"] = limits.total_variation.level(column.total_variation)
    if column.numbers is not None and _counts(column.numbers.kolmogorov_smirnov, limits):
        gap = column.numbers.kolmogorov_smirnov.statistic
        levels["kolmogorov_smirnov"] = limits.kolmogorov_smirnov.level(gap)
        levels["wasserstein"] = limits.wasserstein.level(column.numbers.wasserstein_scaled)
    if _counts(column.missing.test, limits):
        levels["missing"] = limits.missing.level(abs(column.missing.difference))
    reasons = tuple(name for name, level in levels.items() if level != "stable")
    return replace(column, importance=importance, level=worst(levels.values()), reasons=reasons)


def _counts(test: Significance, limits: Thresholds) -> bool:
    return test.corrected <= limits.significance
