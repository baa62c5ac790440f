"""Single rows: the same numbers as LightGBM gives for many, to the last bit, from as many threads as ask."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.data import demo
from core.model.booster import Booster
from core.model.prediction.single_row import SingleRow
from tests.core.model.test_model_text import grown

if TYPE_CHECKING:
    from core.scoring import Scorer


@pytest.fixture(scope="module")
def matrix(scorer: Scorer) -> np.ndarray:
    rows = scorer.artefacts.preprocessor.transform(demo.draw_applications(60, 12, "train"))
    return np.vstack([rows, np.full((1, rows.shape[1]), np.nan)])


def test_a_row_gets_what_it_gets_among_others(scorer: Scorer, matrix: np.ndarray) -> None:
    booster, folds = scorer.artefacts.booster, scorer.artefacts.folds
    assert folds is not None
    one, of_folds = SingleRow(booster), SingleRow(folds, "log_odds")
    np.testing.assert_array_equal(
        np.concatenate([one.predict(row[np.newaxis]) for row in matrix]), np.asarray(booster.predict(matrix))
    )
    np.testing.assert_array_equal(
        np.array([of_folds.predict(row[np.newaxis]) for row in matrix]),
        np.asarray(folds.predict(matrix, raw_score=True)),
    )
    contributions = SingleRow(booster, "contributions")
    np.testing.assert_array_equal(
        np.array([contributions.predict(row[np.newaxis]) for row in matrix[-20:]]),
        np.asarray(booster.predict(matrix[-20:], pred_contrib=True)),
    )


def test_threads_do_not_mix_their_rows(scorer: Scorer, matrix: np.ndarray) -> None:
    one = SingleRow(scorer.artefacts.booster)
    expected = np.asarray(scorer.artefacts.booster.predict(matrix))
    places = list(range(len(matrix))) * 20
    with ThreadPoolExecutor(4) as pool:
        predicted = list(pool.map(lambda place: one.predict(matrix[place : place + 1])[0], places))
    np.testing.assert_array_equal(predicted, expected[places])


@pytest.mark.parametrize("shape", [(1, 2), (3,), (2, 3), (1, 4)])
def test_another_shape_is_not_read_beyond(shape: tuple[int, ...]) -> None:
    one = SingleRow(Booster(model_str=grown(2)))
    assert one.predict(np.zeros((1, 3))).shape == (1,)
    with pytest.raises(ValueError, match=r"row: expected \(1, 3\)"):
        one.predict(np.zeros(shape))
