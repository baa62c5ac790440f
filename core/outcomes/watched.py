"""What alerts watch of outcomes: calibration where nothing waits any more, and outcomes that are due and not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date

    from core.contract.record.outcomes import OutcomeCoverage
    from core.contract.record.performance import PerformanceAnswer

# A loan that has not defaulted in its first year counts as good: what is older, and still waits, was forgotten.
months_until_due: Final = 12
# As in `docker/prometheus/alerts.yaml`: by so much a rate is off what was predicted, so much of what is due may wait.
_off: Final = 0.1
_missing: Final = 0.1


def settled_calibration(answer: PerformanceAnswer) -> dict[str, float]:
    """Observed against predicted default rate of the model in use, in the months of decision that are not early.

    In early months defaults are known first: their rate is too high, whatever the model is worth.

    Returns:
        `settled_default_rate` with `_low` and `_high` (95 %, Wilson), and `settled_mean_probability`; empty where too
        few of either outcome are known.
    """
    settled = answer.settled
    # As with an area under the curve: a handful tells nothing.
    if settled is None or settled.auc is None:
        return {}
    return {
        "settled_default_rate": settled.default_rate,
        "settled_default_rate_low": settled.default_rate_low,
        "settled_default_rate_high": settled.default_rate_high,
        "settled_mean_probability": settled.mean_probability,
    }


def due_outcomes(coverage: OutcomeCoverage, today: date) -> dict[str, int]:
    """Of the months of decision that ended a year ago or earlier: how many outcomes are `known`, and how many wait."""
    last = (today.year * 12 + today.month - 1) - months_until_due - 1
    due = [month for month in coverage.months if _number(month.month) <= last]
    return {"known": sum(month.with_outcome for month in due), "waiting": sum(month.waiting for month in due)}


def is_off(settled: dict[str, float]) -> bool:
    """Whether the whole interval of a settled rate is a tenth away from what was predicted."""
    predicted = settled["settled_mean_probability"]
    too_many = settled["settled_default_rate_low"] > (1 + _off) * predicted
    return too_many or settled["settled_default_rate_high"] < (1 - _off) * predicted


def is_missing(due: dict[str, int]) -> bool:
    """Whether more than a tenth of the outcomes that are due has not come."""
    return due["waiting"] > _missing * (due["waiting"] + due["known"])


def _number(month: str) -> int:
    year, number = month.split("-")
    return int(year) * 12 + int(number) - 1
