"""What a file lacks is weighed as the model weighs it, and told from a third of its gain on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.data import demo
from core.explain.absent_gain import absent_gain, max_unasked_share
from core.features import build, feature_names, history_names

if TYPE_CHECKING:
    from core.scoring import Scorer

scores = {"EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3"}


@pytest.mark.parametrize(
    "dropped", [set(), {"EXT_SOURCE_1"}, scores, {"AMT_CREDIT", "AMT_ANNUITY"}, {"DAYS_EMPLOYED", *scores}]
)
def test_the_share_is_that_of_the_features_that_no_row_has(scorer: Scorer, dropped: set[str]) -> None:
    rows = demo.draw_applications(2000, 7, "test")
    whole, part = build(rows), build(rows.drop(dropped))
    lost = [
        gain
        for name, gain in zip(feature_names(), scorer.model.importances, strict=True)
        # Of a category that is not known the features have a number of its own: raw columns of this test are numbers.
        if name not in history_names() and part[name].null_count() == rows.height > whole[name].null_count()
    ]
    found = absent_gain(rows.drop(dropped).columns, scorer.model.importances)
    assert found.share == pytest.approx(sum(lost) / sum(scorer.model.importances))
    assert set(found.columns) <= dropped
    assert found.asks == (found.share > max_unasked_share)


def test_all_of_the_application_and_none_of_it(scorer: Scorer) -> None:
    gains = dict(zip(feature_names(), scorer.model.importances, strict=True))
    history = sum(gains[name] for name in history_names())
    found = absent_gain(["SK_ID_CURR"], scorer.model.importances)
    assert found.share == pytest.approx(1 - history / sum(gains.values()))
    assert set(found.columns[:3]) & scores
    assert found.sentence("fr").count(",") >= 7
    assert absent_gain(["SK_ID_CURR"], [0.0] * len(gains)).share == 0
