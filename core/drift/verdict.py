"""The verdict of drift: which columns drift, and which alert rules are broken."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from core.drift.measures.measure import Limits
from core.drift.measures.statistics import benjamini_hochberg, simes
from core.drift.measures.thresholds import measures
from core.drift.results.columns import ColumnDrift
from core.drift.results.drift_report import Alert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.drift.measures.measure import Level
    from core.drift.measures.thresholds import Thresholds
    from core.drift.results.columns import Significance, Statistic
    from core.drift.results.drift_report import DriftReport, Rule

# A column with less of the model's gain than this raises no alert by itself, however far it moves.
important: Final = 0.01

Verdict = Literal["stable", "watch", "alert"]
"""What a report comes to: nothing drifts; something does, and no rule is broken; a rule is broken."""

_order: Final[tuple[Level, ...]] = ("stable", "moderate", "major")
# One column that the model leans on, moved far, is one too many.
_any_column: Final = Limits(1.0, 1.0)


def judged(
    columns: Sequence[ColumnDrift], thresholds: Thresholds, importances: Mapping[str, float] | None
) -> tuple[ColumnDrift, ...]:
    """The columns with corrected p-values, their level and their importance; those that drift and matter first.

    Args:
        columns: as `core.drift.measures.column` compares them.
        thresholds: what counts as drift.
        importances: share of the model's gain by column; None where no model is known.
    """
    corrected = _corrected(columns)
    judged_columns = [
        _judged(column, thresholds, None if importances is None else importances.get(column.name, 0.0))
        for column in corrected
    ]
    return tuple(
        sorted(judged_columns, key=lambda column: (not column.drifted, -(column.importance or 0.0), -column.psi))
    )


def worst(levels: Iterable[Level]) -> Level:
    """The worst of some levels; stable where there are none."""
    return max(levels, key=_order.index, default="stable")


def alerts(report: DriftReport) -> tuple[Alert, ...]:
    """The rules that a report breaks.

    Each rule looks at what drifts, and is broken only where chance hardly explains it: the smallest p-values of the
    tests that it rests on, corrected together (`core.drift.measures.statistics.simes`), against an equal part of
    `Thresholds.alert_significance` for each of the groups of tests that there are (Bonferroni). So all rules together
    raise no more alerts by chance than that.
    """
    limits, broken_rules = report.thresholds, []
    names = tuple(column.name for column in report.drifted)
    chance = _chances(report)
    allowed = limits.alert_significance / len(chance)

    def check(rule: Rule, group: str, value: float | None, limit: Limits, columns: tuple[str, ...] = ()) -> None:
        level = limit.level(value)
        if value is not None and level != "stable" and chance.get(group, 1.0) < allowed:
            broken_rules.append(Alert(rule, level, value, limit.major if level == "major" else limit.moderate, columns))

    if report.score is not None and report.score.column.drifted:
        check("score_psi", "score", report.score.column.psi, limits.score_psi)
    check("drifted_share", "all_columns", report.drifted_share, limits.drifted_share, names)
    check("drifted_importance", "heavy_columns", report.drifted_importance, limits.drifted_importance, names)
    far = [column for column in report.drifted if column.level == "major"]
    heavy = tuple(column.name for column in far if _is_heavy(column))
    check("major_columns", "heavy_columns", float(len(heavy)) or None, _any_column, heavy)
    measured = report.performance
    if measured is not None and measured.auc_level != "stable" and measured.auc_change is not None:
        check("auc_drop", "auc", -measured.auc_change, limits.auc_drop)
    if measured is not None and measured.calibration_level != "stable":
        check("calibration_rise", "calibration", measured.calibration_change, limits.calibration_rise)
    return tuple(broken_rules)


def judged_score(column: ColumnDrift, thresholds: Thresholds) -> ColumnDrift:
    """The probability of default with its level, which goes by its PSI against a limit of its own.

    It counts where either test, that of its bins or that of its distribution, is significant; each is corrected for the
    other (Bonferroni).
    """
    numbers = column.numbers
    both = [column.chi_squared, *([] if numbers is None else [numbers.kolmogorov_smirnov])]
    corrected = [replace(test, corrected=min(test.p_value * len(both), 1.0)) for test in both]
    counts = any(_counts(test, thresholds) for test in corrected)
    level = thresholds.score_psi.level(column.psi if counts else None)
    return replace(
        column,
        level=level,
        reasons=() if level == "stable" else ("psi",),
        chi_squared=corrected[0],
        numbers=numbers and replace(numbers, kolmogorov_smirnov=corrected[1]),
    )


def measured_level(column: ColumnDrift, name: Statistic, limits: Thresholds) -> Level:
    """What one measure of a column comes to: stable where the test that belongs to it is not significant."""
    test = column.test(measures[name].test)
    reached: Limits = getattr(limits, name)
    return reached.level(measures[name].of(column)) if test is not None and _counts(test, limits) else "stable"


def verdict(report: DriftReport) -> Verdict:
    """What a report comes to; an alert is what `run.py drift` ends with exit code 3 for."""
    if report.alerts:
        return "alert"
    moved = report.drifted or (report.score is not None and report.score.column.drifted)
    return "watch" if moved else "stable"


def _corrected(columns: Sequence[ColumnDrift]) -> list[ColumnDrift]:
    """All tests of all columns, corrected for their number."""
    corrected = iter(benjamini_hochberg([test.p_value for column in columns for test in _tests(column)]))
    drifts = []
    for column in columns:
        new = {kind: replace(test, corrected=next(corrected)) for kind, test in _named_tests(column).items()}
        drifts.append(
            replace(
                column,
                chi_squared=new["bins"],
                missing=replace(column.missing, test=new.get("missing", column.missing.test)),
                numbers=column.numbers and replace(column.numbers, kolmogorov_smirnov=new["numbers"]),
            )
        )
    return drifts


def _tests(column: ColumnDrift) -> list[Significance]:
    return list(_named_tests(column).values())


def _named_tests(column: ColumnDrift) -> dict[str, Significance]:
    """The tests of a column. That of missing values is none where no value is missing, or every one: nothing could be
    found there, and others would be corrected for it.

    Source: Tarone, "A modified Bonferroni method for discrete data" (Biometrics 46, 1990).
    """
    tests = {"bins": column.chi_squared}
    if not column.missing.reference == column.missing.current in (0, 1):
        tests["missing"] = column.missing.test
    if column.numbers is not None:
        tests["numbers"] = column.numbers.kolmogorov_smirnov
    return tests


def _chances(report: DriftReport) -> dict[str, float]:
    """How well chance explains what was found, by group of tests that a rule rests on; those that there are."""
    chances = {
        "all_columns": simes([test.p_value for column in report.columns for test in _tests(column)]),
        "heavy_columns": simes(
            [test.p_value for column in report.columns if _is_heavy(column) for test in _tests(column)]
        ),
    }
    if report.score is not None:
        of = report.score.column
        numbers = [] if of.numbers is None else [of.numbers.kolmogorov_smirnov]
        chances["score"] = min(test.corrected for test in (of.chi_squared, *numbers))
    if report.performance is not None:
        if report.performance.auc_p_value is not None:
            chances["auc"] = report.performance.auc_p_value
        if report.performance.calibration_p_value is not None:
            chances["calibration"] = report.performance.calibration_p_value
    return chances


def _is_heavy(column: ColumnDrift) -> bool:
    return column.importance is None or column.importance >= important


def _judged(column: ColumnDrift, limits: Thresholds, importance: float | None) -> ColumnDrift:
    levels = {name: measured_level(column, name, limits) for name in measures}
    reasons = tuple(name for name, level in levels.items() if level != "stable")
    return replace(column, importance=importance, level=worst(levels.values()), reasons=reasons)


def _counts(test: Significance, limits: Thresholds) -> bool:
    return test.corrected <= limits.significance
