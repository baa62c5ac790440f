"""Thresholds: what a number comes to, and what may be asked for on a command line."""

from __future__ import annotations

import pytest

from core.drift.measures.measure import Limits
from core.drift.measures.thresholds import InvalidThreshold, Thresholds


def test_limits_are_included() -> None:
    limits = Thresholds().psi
    found = [limits.level(each) for each in (None, 0.0999, 0.1, 0.2499, 0.25, 5.0)]
    assert found == ["stable", "stable", "moderate", "moderate", "major", "major"]


def test_some_are_replaced_and_the_others_stay() -> None:
    found = Thresholds().with_limits({"psi": "0.05:0.2", "significance": "0.01", "missing": "0.5"})
    assert found.psi == Limits(0.05, 0.2)
    assert found.significance == 0.01
    # A moderate limit above the usual major one takes that along.
    assert found.missing == Limits(0.5, 0.5)
    assert found.wasserstein == Thresholds().wasserstein


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("psy", "0.1"),
        ("psi", ""),
        ("psi", "much"),
        ("psi", "0.3:0.1"),
        ("psi", "0.1:0.2:0.3"),
        ("psi", "-0.1"),
        ("psi", "nan"),
        ("psi", "inf"),
        ("significance", "0.1:0.2"),
        ("significance", "1.5"),
    ],
)
def test_others_are_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(InvalidThreshold, match=f"^{name}: expected"):
        Thresholds().with_limits({name: text})
