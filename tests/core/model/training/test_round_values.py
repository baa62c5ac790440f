"""Rounded values: thresholds stay away from round amounts and ratios."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.features import feature_names
from core.model.training.round_values import rounded, steps


@given(st.sampled_from(sorted(steps)), st.floats(0, 1e7), st.floats(0, 1e7))
def test_a_value_moves_by_less_than_a_step_and_never_past_another(name: str, first: float, second: float) -> None:
    low, high = sorted((first, second))
    below, above = rounded(np.array([[low], [high]]), [name])[:, 0]
    assert below <= above
    assert abs(below - low) <= steps[name] / 2 * (1 + 1e-9)


@pytest.mark.parametrize(
    ("name", "value", "less"),
    [
        ("CREDIT_GOODS_RATIO", 1.0, 1.0 - 10 / 450_000),
        ("CREDIT_DURATION", 20.0, 20.0 - 10 / 22_500),
        ("CREDIT_INCOME_RATIO", 2.25, 2.25 - 10 / 200_000),
        ("AMT_CREDIT", 450_000.0, 449_990.0),
    ],
)
def test_a_little_less_than_a_round_value_is_the_same(name: str, value: float, less: float) -> None:
    same = rounded(np.array([[value], [less]]), [name])
    assert same[0, 0] == same[1, 0]


def test_other_features_and_missing_values_stay() -> None:
    matrix = np.array([[-12_345.0, np.nan], [-9_000.0, 123_456.0]])
    values = rounded(matrix, ["DAYS_BIRTH", "AMT_CREDIT"])
    np.testing.assert_array_equal(values[:, 0], matrix[:, 0])
    assert np.isnan(values[0, 1])
    assert np.isnan(matrix[0, 1])


def test_each_rounded_feature_is_one() -> None:
    assert set(steps) <= set(feature_names())
