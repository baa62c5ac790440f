"""Where a value stands among the clients that the model was trained on."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import percentileofscore

from core.data import demo
from core.features import build, feature_names
from core.model.preprocessor import Preprocessor


@pytest.fixture(scope="module")
def applications() -> pl.DataFrame:
    return demo.draw_applications(3000, 4, "train")


@pytest.fixture(scope="module")
def preprocessor(applications: pl.DataFrame) -> Preprocessor:
    return Preprocessor.fit(applications)


@pytest.mark.parametrize("name", ["AMT_CREDIT", "EXT_SOURCE_2", "ANNUITY_INCOME_RATIO", "DAYS_BIRTH"])
def test_percentile_is_that_of_scipy(preprocessor: Preprocessor, applications: pl.DataFrame, name: str) -> None:
    known = build(applications)[name].drop_nulls().to_numpy()
    for value in np.quantile(known, [0.02, 0.3, 0.5, 0.77, 0.99]):
        found = preprocessor.percentile(feature_names().index(name), float(value))
        assert found == pytest.approx(percentileofscore(known, value, "mean") / 100, abs=0.02)


def test_what_many_share_or_nobody_knows_has_no_place(preprocessor: Preprocessor) -> None:
    assert preprocessor.percentile(feature_names().index("CNT_CHILDREN"), 0.0) is None
    assert preprocessor.percentile(feature_names().index("AMT_CREDIT"), float("nan")) is None
    assert preprocessor.percentile(feature_names().index("ORGANIZATION_TYPE"), 3.0) is None
    assert preprocessor.percentile(feature_names().index("BUREAU_LOANS"), 3.0) is None


def test_values_beyond_the_training_data_stand_at_the_ends(preprocessor: Preprocessor) -> None:
    index = feature_names().index("AMT_CREDIT")
    assert preprocessor.percentile(index, -1.0) == 0
    assert preprocessor.percentile(index, 1e12) == 1
