"""Segments against the same numbers computed one by one."""

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from core.model.evidence.segments import by_segment

generator = np.random.default_rng(5)
size = 4000
rows = pl.DataFrame(
    {
        "NAME_CONTRACT_TYPE": generator.choice(["Cash loans", "Revolving loans"], size, p=[0.9, 0.1]),
        "NAME_INCOME_TYPE": generator.choice(["Working", "Pensioner", "Student"], size, p=[0.7, 0.29, 0.01]),
        "DAYS_BIRTH": -generator.integers(20 * 366, 69 * 365, size),
        "CODE_GENDER": generator.choice(["F", "M"], size),
    }
)
probability = generator.beta(1, 9, size)
target = (generator.random(size) < probability).astype(np.int8)


def test_each_segment_is_what_its_rows_say() -> None:
    found = {(each.dimension, each.value): each for each in by_segment(rows, target, probability, 0.1)}
    assert ("NAME_INCOME_TYPE", "Student") not in found
    women = (rows["CODE_GENDER"] == "F").to_numpy()
    segment = found["CODE_GENDER", "F"]
    assert segment.n_rows == women.sum()
    assert segment.auc == pytest.approx(roc_auc_score(target[women], probability[women]))
    assert segment.approval_rate == pytest.approx((probability[women] < 0.1).mean())
    good = women & (target == 0)
    assert segment.false_refusal_rate == pytest.approx((probability[good] >= 0.1).mean())
    assert segment.mean_probability == pytest.approx(probability[women].mean())


def test_age_bands_cover_everybody_once() -> None:
    bands = [each for each in by_segment(rows, target, probability, 0.1) if each.dimension == "age_band"]
    assert [band.value for band in bands] == ["30-39", "40-49", "50-59", "< 30", ">= 60"]
    assert sum(band.n_rows for band in bands) == size
    thirties = ((-rows["DAYS_BIRTH"] / 365.25 >= 30) & (-rows["DAYS_BIRTH"] / 365.25 < 40)).sum()
    assert bands[0].n_rows == thirties
