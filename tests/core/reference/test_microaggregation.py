"""Numbers that nobody shares are put into groups, in order, and the others stay."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reference.microaggregation import microaggregated
from core.reference.profiles import fewest

few_or_many = st.integers(0, 8).map(float) | st.floats(-1e6, 1e6).map(lambda number: round(number, 3))


def one_by_one(numbers: list[float]) -> list[float]:
    """The rule, row by row."""
    ordered = sorted(numbers)
    shared = [number for number in ordered if ordered.count(number) >= fewest]
    lone = [number for number in ordered if ordered.count(number) < fewest]
    groups = [lone[start : start + fewest] for start in range(0, len(lone) // fewest * fewest, fewest)]
    if not lone:
        return ordered
    if len(groups) < 3:
        if not shared:
            return []
        atoms = sorted(set(shared))
        return sorted([*shared, *(min(atoms, key=lambda atom: (abs(number - atom), atom)) for number in lone)])
    groups[-1] += lone[len(groups) * fewest :]
    means = [float(f"{sum(group) / len(group):.5e}") for group in groups]
    means[0], means[-1] = means[1], means[-2]
    return sorted([*shared, *(mean for mean, group in zip(means, groups, strict=True) for _ in group)])


@given(numbers=st.lists(few_or_many, max_size=120))
def test_the_rule_row_by_row(numbers: list[float]) -> None:
    found = microaggregated(np.sort(np.array(numbers, dtype=np.float64)))
    # A mean that lies in the middle of two roundings may take either.
    assert found.tolist() == pytest.approx(one_by_one(numbers), rel=2e-5, abs=1e-9)
    assert (np.diff(found) >= 0).all()
