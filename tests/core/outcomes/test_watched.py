"""What alerts watch of outcomes, recomputed: months that are settled, outcomes that are due."""

from __future__ import annotations

from datetime import date

import pytest
from scipy.stats import binomtest

from core.contract.record.outcomes import MonthCoverage, total_coverage
from core.contract.record.performance import GroupPerformance, PerformanceAnswer
from core.outcomes.watched import due_outcomes, settled_calibration


def settled(rows: int, defaults: int, mean: float, auc: float | None) -> PerformanceAnswer:
    nothing = dict.fromkeys(GroupPerformance.model_fields)
    low, high = binomtest(defaults, rows).proportion_ci(method="wilson")
    known = {"rows": rows, "defaults": defaults, "mean_probability": mean, "amounts": 0, "cost": 0.0, "model_cost": 0.0}
    rates = {"default_rate": defaults / rows, "default_rate_low": low, "default_rate_high": high}
    of_model = {"dimension": "model_version", "value": "2.0", "auc": auc}
    group = GroupPerformance.model_validate(nothing | known | rates | of_model)
    return PerformanceAnswer(
        cost_fn=10, cost_fp=1, threshold=0.1, waiting=0, early=[], groups=[], settled=group, hidden=[], calibration=[]
    )


def test_only_settled_decisions_of_the_model_in_use_say_whether_probabilities_hold() -> None:
    low, high = binomtest(20, 500).proportion_ci(method="wilson")
    assert settled_calibration(settled(500, 20, 0.056, 0.7)) == {
        "settled_default_rate": pytest.approx(0.04),
        "settled_default_rate_low": pytest.approx(low),
        "settled_default_rate_high": pytest.approx(high),
        "settled_mean_probability": 0.056,
    }
    # Too few of either outcome, or none.
    assert settled_calibration(settled(3, 0, 0.056, None)) == {}
    assert settled_calibration(settled(3, 0, 0.056, None).model_copy(update={"settled": None})) == {}


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
