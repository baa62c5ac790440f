"""The shipped model keeps to the directions of the catalogue, for features and for what a client can change."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import catalogue
from core.application import Application
from core.data import demo
from core.model.training.fitting import directions
from core.scoring import Scorer

clients = 200
# Every feature that these move has a direction, and all point the same way.
raw_columns = ("AMT_INCOME_TOTAL", "AMT_CREDIT", "EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3")


@pytest.fixture(scope="module")
def applications() -> pl.DataFrame:
    return demo.draw_applications(clients, 77, "train")


@settings(max_examples=400)
@given(
    client=st.integers(0, clients - 1),
    place=st.integers(min_value=0),
    ends=st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)).map(sorted),
    within=st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted),
    wide=st.booleans(),
)
def test_a_constrained_feature_never_moves_the_risk_the_other_way(
    scorer: Scorer,
    applications: pl.DataFrame,
    client: int,
    place: int,
    ends: list[float],
    within: list[float],
    wide: bool,
) -> None:
    preprocessor, model = scorer.artefacts.preprocessor, scorer.artefacts.booster
    signs = directions(preprocessor.feature_names)
    constrained = [index for index, sign in enumerate(signs) if sign]
    index = constrained[place % len(constrained)]
    quantiles = preprocessor.quantiles[index]
    low, high = ends if wide else np.quantile(quantiles, within)
    rows = np.repeat(preprocessor.transform(applications[client]), 2, axis=0)
    rows[:, index] = low, high
    before, after = np.asarray(model.predict(rows))
    assert (after - before) * signs[index] >= 0, preprocessor.feature_names[index]


def test_the_model_leans_on_what_is_constrained(scorer: Scorer) -> None:
    """Else the property above would hold of a model that ignores these features."""
    used = dict(zip(scorer.model.feature_names, scorer.model.importances, strict=True))
    assert sum(used[name] for name in used if catalogue.entry(name).direction) > 0.2


@settings(max_examples=150)
@given(
    client=st.integers(0, clients - 1),
    name=st.sampled_from(raw_columns),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted),
)
def test_what_a_client_changes_moves_the_risk_as_common_sense_says(
    scorer: Scorer, applications: pl.DataFrame, client: int, name: str, shares: list[float]
) -> None:
    row = applications.drop("SK_ID_CURR", "TARGET").row(client, named=True)
    application = Application({key: value for key, value in row.items() if value is not None}, None)
    lowest, highest = (0.0, 1.0) if name.startswith("EXT_") else (10_000.0, 5_000_000.0)
    low, high = (
        scorer.decide(
            replace(application, values=dict(application.values) | {name: lowest + share * (highest - lowest)})
        )
        for share in shares
    )
    assert (high.probability - low.probability) * catalogue.entry(name).direction >= 0
