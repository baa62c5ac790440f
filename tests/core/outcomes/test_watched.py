"""What alerts watch of outcomes, recomputed: months that are settled, outcomes that are due."""

from __future__ import annotations

from datetime import date

import pytest
from scipy.stats import binomtest

from core.contract.record.outcomes import MonthCoverage, total_coverage
from core.contract.record.performance import GroupPerformance, PerformanceAnswer
from core.outcomes.watched import due_outcomes, settled_calibration


def month(value: str, rows: int, defaults: int, mean: float, waiting: int) -> GroupPerformance:
    nothing = dict.fromkeys(
        (
            *("auc", "auc_low", "auc_high", "gini", "calibration_error", "calibration_p_value", "best_threshold"),
            *("best_cost", "amount_lost"),
        )
    )
    known = {"rows": rows, "defaults": defaults, "mean_probability": mean, "waiting": waiting, "amounts": 0}
    shares = dict.fromkeys(("default_rate", "default_rate_low", "default_rate_high", "cost", "model_cost"), 0.0)
    return GroupPerformance.model_validate({"dimension": "month", "value": value, **nothing, **shares, **known})


def answer(*months: GroupPerformance) -> PerformanceAnswer:
    groups = [*months, *(each.model_copy(update={"dimension": "age_band"}) for each in months)]
    return PerformanceAnswer(
        cost_fn=10, cost_fp=1, threshold=0.1, waiting=0, early=[], groups=groups, hidden=[], calibration=[]
    )


def test_only_settled_months_say_whether_probabilities_hold() -> None:
    settled = month("2026-01", 200, 8, 0.05, 10), month("2026-02", 300, 12, 0.06, 0)
    found = settled_calibration(answer(*settled, month("2026-03", 20, 18, 0.05, 80)))
    low, high = binomtest(20, 500).proportion_ci(method="wilson")
    assert found == {
        "settled_default_rate": pytest.approx(0.04),
        "settled_default_rate_low": pytest.approx(low),
        "settled_default_rate_high": pytest.approx(high),
        "settled_mean_probability": pytest.approx((200 * 0.05 + 300 * 0.06) / 500),
    }
    assert settled_calibration(answer(month("2026-03", 20, 18, 0.05, 80))) == {}


@pytest.mark.parametrize(
    ("today", "expected"), [(date(2026, 1, 31), (1, 10)), (date(2026, 2, 1), (3, 30)), (date(2025, 12, 31), (0, 0))]
)
def test_what_ended_a_year_ago_is_due(today: date, expected: tuple[int, int]) -> None:
    months = [
        MonthCoverage(month=name, decisions=0, with_outcome=known, waiting=10 * known, refused=7)
        for name, known in (("2024-12", 1), ("2025-01", 2), ("2025-02", 4))
    ]
    found = due_outcomes(total_coverage(months), today)
    assert (found["known"], found["waiting"]) == expected
