"""The tails by closed forms are those of scipy."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import chdtrc, ndtr

from core.drift.measures.tails import chi_squared_tail, normal_two_sided


@given(freedom=st.integers(1, 200), statistic=st.floats(0, 1400))
def test_chi_squared(freedom: int, statistic: float) -> None:
    assert chi_squared_tail(freedom, statistic) == pytest.approx(
        float(chdtrc(freedom, statistic)), rel=1e-11, abs=1e-290
    )


@given(z=st.floats(-37, 37))
def test_the_normal_distribution(z: float) -> None:
    assert normal_two_sided(z) == pytest.approx(2 * float(ndtr(-abs(z))), rel=1e-11, abs=1e-290)


def test_the_ends() -> None:
    assert [chi_squared_tail(freedom, 0.0) for freedom in (1, 2, 9)] == [1.0] * 3
    assert [chi_squared_tail(freedom, math.inf) for freedom in (1, 2, 9)] == [0.0] * 3
    assert chi_squared_tail(4, 1e5) == 0.0
    assert math.isnan(chi_squared_tail(3, math.nan))
    assert (normal_two_sided(0.0), normal_two_sided(math.inf)) == (1.0, 0.0)
