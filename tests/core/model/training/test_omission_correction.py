"""The correction for omissions: the trees that LightGBM grows where it continues a model by itself, to the last bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from core.data import demo
from core.model import booster as lightgbm
from core.model.preprocessor import Preprocessor
from core.model.training import omission_correction
from core.model.training.averaging import mean_of, settings_of
from core.model.training.fitting import constrained_parameters, training_rows
from core.model.training.omission_correction import corrected, omission_rows
from core.model.training.round_values import rounded

if TYPE_CHECKING:
    import pytest
    from numpy.typing import NDArray


def test_it_is_what_lightgbm_makes_of_the_model_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    applications = demo.draw_applications(600, 4, "train")
    preprocessor = Preprocessor.fit(applications)
    rows = training_rows(applications, preprocessor, 4)
    omissions = omission_rows(applications, preprocessor, 4)
    chosen = constrained_parameters(preprocessor.feature_names, 4)
    model = mean_of(
        [lightgbm.train(settings_of(chosen, number), rows.dataset(number), num_boost_round=9) for number in range(2)]
    )
    given: dict[str, Any] = {}

    def kept(features: list[NDArray[np.float64]], **described: Any) -> lightgbm.Dataset:
        given.update(described, features=np.concatenate(features))
        return dataset(features, **described)

    dataset = lightgbm.Dataset
    monkeypatch.setattr(lightgbm, "Dataset", kept)

    found = corrected(model, rows.matrix, rows.withheld[0], omissions, chosen)

    # LightGBM adds up the trees itself, of all rows.
    log_odds = np.asarray(model.predict(given["features"], raw_score=True))
    np.testing.assert_array_equal(given["init_score"], log_odds)
    names = list(preprocessor.feature_names)
    whole = dataset(
        given["features"],
        label=given["label"],
        weight=given["weight"],
        feature_name=names,
        categorical_feature=given["categorical_feature"],
        free_raw_data=False,
    )
    parameters = chosen | dict(omission_correction._parameters)
    continued = lightgbm.train(parameters, whole, num_boost_round=12, init_model=model)
    assert found.model_to_string() == lightgbm.Booster(model_str=continued.model_to_string()).model_to_string()
    assert found.num_trees() == model.num_trees() + 12
    np.testing.assert_array_equal(found.feature_importance("gain"), continued.feature_importance("gain"))
    seen = rounded(rows.matrix, preprocessor.feature_names)
    np.testing.assert_array_equal(np.asarray(found.predict(seen)), np.asarray(continued.predict(seen)))
