"""Where a value stands among the clients that the model was trained on."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import percentileofscore

from core.data import demo
from core.decision import PlaceAmong
from core.features import build, feature_names
from core.features.encoding import not_employed_values
from core.model.preprocessor import Preprocessor


@pytest.fixture(scope="module")
def applications() -> pl.DataFrame:
    return demo.draw_applications(3000, 4, "train")


@pytest.fixture(scope="module")
def preprocessor(applications: pl.DataFrame) -> Preprocessor:
    return Preprocessor.fit(applications)


def place(preprocessor: Preprocessor, name: str, value: float) -> PlaceAmong | None:
    row = np.full(len(feature_names()), np.nan)
    row[feature_names().index(name)] = value
    return preprocessor.places(row)[feature_names().index(name)]


@pytest.mark.parametrize("name", ["AMT_CREDIT", "EXT_SOURCE_2", "CREDIT_GOODS_RATIO", "DAYS_BIRTH", "CNT_CHILDREN"])
def test_a_place_is_that_of_scipy(preprocessor: Preprocessor, applications: pl.DataFrame, name: str) -> None:
    known = build(applications)[name].drop_nulls().to_numpy()
    for value in np.quantile(known, [0.02, 0.3, 0.5, 0.77, 0.99]):
        found = place(preprocessor, name, float(value))
        assert found is not None
        below = percentileofscore(known, value, "strict") / 100
        above = 1 - percentileofscore(known, value, "weak") / 100
        # "More than for 69 %" is never too much said.
        assert below - 0.025 <= found.below <= below + 0.001
        assert above - 0.025 <= found.above <= above + 0.001


def test_what_nobody_knows_or_is_no_number_has_no_place(preprocessor: Preprocessor) -> None:
    assert place(preprocessor, "AMT_CREDIT", float("nan")) is None
    assert place(preprocessor, "ORGANIZATION_TYPE", 3.0) is None
    assert place(preprocessor, "BUREAU_LOANS", 3.0) is None
    assert place(preprocessor, "DAYS_EMPLOYED", not_employed_values["DAYS_EMPLOYED"]) is None


def test_values_beyond_the_training_data_stand_at_the_ends(preprocessor: Preprocessor) -> None:
    assert place(preprocessor, "AMT_CREDIT", -1.0) == PlaceAmong(0.0, 1.0)
    assert place(preprocessor, "AMT_CREDIT", 1e12) == PlaceAmong(1.0, 0.0)
