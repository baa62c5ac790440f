"""The scorer: one probability a row however it comes, and contributions that are exact."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import catalogue
from core.application import Application, parse_application
from core.columnar.applications import Alike, parse_alike
from core.data import demo
from core.explain.information import NothingUsable
from core.features import build, feature_names
from core.scoring import Scorer


@pytest.fixture(scope="module")
def applications() -> pl.DataFrame:
    return demo.draw_applications(300, 11, "train")


def application(row: dict[str, object]) -> Application:
    return parse_application({name: value for name, value in row.items() if value is not None})


@pytest.mark.filterwarnings("ignore:LightGBM binary classifier")
def test_contributions_equal_shap_and_sum_to_the_log_odds(scorer: Scorer, applications: pl.DataFrame) -> None:
    shap = pytest.importorskip("shap")
    matrix = scorer.artefacts.preprocessor.transform(applications)[:40]
    explainer = shap.TreeExplainer(scorer.artefacts.booster, feature_perturbation="tree_path_dependent")
    independent = np.asarray(explainer.shap_values(matrix))
    for position, row in enumerate(applications.head(40).iter_rows(named=True)):
        explanation = scorer.explain(application(row))
        by_name = {contribution.feature: contribution.contribution for contribution in explanation.contributions}
        ours = np.array([by_name[name] for name in feature_names()])
        np.testing.assert_allclose(ours, independent[position], atol=1e-6)
        log_odds = explanation.base_value + ours.sum()
        probability = scorer.decide(application(row)).probability
        assert math.log(probability / (1 - probability)) == pytest.approx(log_odds, abs=1e-6)
        assert explanation.decision.probability == pytest.approx(probability, abs=1e-9)


def test_alone_in_a_batch_and_shuffled_a_row_scores_the_same(scorer: Scorer, applications: pl.DataFrame) -> None:
    together = scorer.probabilities(applications)
    shuffled = applications.with_row_index("position").sample(fraction=1, shuffle=True, seed=5)
    np.testing.assert_allclose(
        scorer.probabilities(shuffled.drop("position")), together[shuffled["position"].to_numpy()], atol=1e-9, rtol=0
    )
    alone = [scorer.decide(application(row)).probability for row in applications.iter_rows(named=True)]
    np.testing.assert_allclose(alone, together, atol=1e-9, rtol=0)


def test_order_of_columns_and_extra_columns_do_not_matter(scorer: Scorer, applications: pl.DataFrame) -> None:
    turned = applications.select(reversed(applications.columns)).with_columns(extra=pl.lit("x"))
    np.testing.assert_array_equal(scorer.probabilities(turned), scorer.probabilities(applications))


def test_absent_columns_count_as_missing(scorer: Scorer, applications: pl.DataFrame) -> None:
    without = applications.drop("EXT_SOURCE_1", "OWN_CAR_AGE")
    as_null = applications.with_columns(EXT_SOURCE_1=pl.lit(None, pl.Float64), OWN_CAR_AGE=pl.lit(None, pl.Float64))
    np.testing.assert_array_equal(scorer.probabilities(without), scorer.probabilities(as_null))


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"CODE_GENDER": "F", "HOUR_APPR_PROCESS_START": 12, "WEEKDAY_APPR_PROCESS_START": "MONDAY"},
        {"FLAG_MOBIL": 1},
        # One of twenty documents: their number stays unknown, and the model asks for nothing else of it.
        {"FLAG_DOCUMENT_5": 1},
        {"APARTMENTS_MEDI": 0.5},
        {"AMT_CREDIT": None},
        {"SOMETHING_ELSE": 1},
    ],
)
def test_nothing_is_decided_on_nothing(scorer: Scorer, values: dict[str, float | str | None]) -> None:
    something, nothing = Application({"AMT_CREDIT": 1e5}), Application(values)
    asked = [something, nothing, Application({"INSTALMENTS": 3}), nothing]
    with pytest.raises(NothingUsable) as caught:
        scorer.decide_many(asked)
    assert caught.value.positions == (1, 3)
    with pytest.raises(NothingUsable):
        scorer.explain(nothing)
    # As many as are put into a frame.
    with pytest.raises(NothingUsable) as caught:
        scorer.decide_many([something] * 99 + [nothing])
    assert caught.value.positions == (99,)


@pytest.mark.parametrize("values", [{"INSTALMENTS": 3.0}, {"AMT_CREDIT": 250_000, "CODE_GENDER": "F"}])
def test_many_get_what_each_would_get_alone(scorer: Scorer, values: dict[str, float | str]) -> None:
    asked = [Application(values=values, client_id=number) for number in range(100)]
    asked[50] = Application(values={"AMT_CREDIT": 1.5, "EXT_SOURCE_2": 0.1, "INSTALMENTS": 3}, client_id=50)
    together = scorer.decide_many(asked)
    assert [each.client_id for each in together] == list(range(100))
    for number in (0, 50, 99):
        alone = scorer.decide(asked[number])
        assert together[number].probability == pytest.approx(alone.probability, abs=1e-12)
        assert together[number].information == alone.information == scorer.explain(asked[number]).decision.information
        assert together[number].missing_essentials == alone.missing_essentials
    alike = scorer.decide_many(asked[51:])
    assert {each.probability for each in alike} == {together[0].probability}


def test_information_is_the_gain_of_the_features_that_have_a_value(scorer: Scorer, applications: pl.DataFrame) -> None:
    gains = dict(zip(scorer.model.feature_names, scorer.model.importances, strict=True))
    features = build(applications)
    categories = {column.name for column in catalogue.columns() if column.type == "category"}
    for position, row in enumerate(applications.head(40).iter_rows(named=True)):
        stated = features.row(position, named=True).items()
        known = [name for name, value in stated if value is not None and (name not in categories or value > 0)]
        expected = math.fsum(gains[name] for name in known) / math.fsum(gains.values())
        decision = scorer.decide(application(row))
        assert decision.information == pytest.approx(expected, abs=1e-9)
        lacking = [column.name for column in catalogue.essential_columns() if row[column.name] is None]
        assert list(decision.missing_essentials) == lacking
    rows = scorer.score_rows(applications)
    np.testing.assert_array_equal(rows.probabilities, scorer.probabilities(applications))
    assert rows.information[:40].tolist() == [
        scorer.decide(application(row)).information for row in applications.head(40).iter_rows(named=True)
    ]
    assert rows.usable.all()


def test_who_is_not_employed_has_said_so(scorer: Scorer) -> None:
    said = scorer.decide(Application({"DAYS_EMPLOYED": 365243, "AMT_CREDIT": 1e5}))
    unsaid = scorer.decide(Application({"AMT_CREDIT": 1e5}))
    assert "DAYS_EMPLOYED" not in said.missing_essentials
    assert "DAYS_EMPLOYED" in unsaid.missing_essentials
    # That there is no time in a job is known, and weighs what the time would.
    assert said.information is not None
    assert unsaid.information is not None
    assert said.information > unsaid.information


def test_no_rows_give_no_probabilities(scorer: Scorer) -> None:
    assert scorer.probabilities(pl.DataFrame(schema=catalogue.polars_schema())).shape == (0,)


def test_a_given_threshold_replaces_the_models(scorer: Scorer) -> None:
    applicant = Application(values={"EXT_SOURCE_2": 0.5})
    assert scorer.decide(applicant).threshold == scorer.model.optimal_threshold
    assert scorer.decide(applicant, threshold=0.0).prediction == 1
    assert scorer.explain(applicant, threshold=1.0).decision.prediction == 0


def test_gender_decides_nothing(scorer: Scorer, applications: pl.DataFrame) -> None:
    assert "CODE_GENDER" not in feature_names()
    swapped = applications.with_columns(CODE_GENDER=pl.lit("XNA"))
    np.testing.assert_array_equal(scorer.probabilities(swapped), scorer.probabilities(applications))


def test_values_are_shown_as_given(scorer: Scorer) -> None:
    applicant = parse_application(
        {"DAYS_EMPLOYED": 365243, "NAME_EDUCATION_TYPE": "Higher education", "AMT_CREDIT": 2e5}
    )
    shown = {contribution.feature: contribution for contribution in scorer.explain(applicant).contributions}
    assert shown["DAYS_EMPLOYED"].value == 365243
    assert shown["NAME_EDUCATION_TYPE"].value == "Higher education"
    assert shown["AMT_CREDIT"].value == 2e5
    assert shown["CREDIT_INCOME_RATIO"].value is None
    place = shown["AMT_CREDIT"].place
    assert place is not None
    assert 0 <= place.below <= 1 - place.above <= 1


constrained = [index for index, name in enumerate(feature_names()) if catalogue.entry(name).direction]


@settings(max_examples=150)
@given(position=st.integers(0, 299), index=st.sampled_from(constrained), data=st.data())
def test_a_constrained_feature_never_moves_the_risk_the_other_way(
    scorer: Scorer, applications: pl.DataFrame, position: int, index: int, data: st.DataObject
) -> None:
    preprocessor, booster = scorer.artefacts.preprocessor, scorer.artefacts.booster
    seen = preprocessor.quantiles[index]
    values = st.floats(float(seen[0]), float(seen[-1]))
    low, high = sorted((data.draw(values), data.draw(values)))
    rows = np.repeat(preprocessor.transform(applications)[position : position + 1], 2, axis=0)
    rows[:, index] = low, high
    below, above = np.asarray(booster.predict(rows))
    assert (above - below) * catalogue.entry(feature_names()[index]).direction >= -1e-12


# The raw columns all of whose ratios point the same way. A higher annuity is not among them: it weighs more on the
# income, and it also shortens the credit.
good_to_have_more_of = {
    "EXT_SOURCE_1": 1,
    "EXT_SOURCE_2": 1,
    "EXT_SOURCE_3": 1,
    "AMT_INCOME_TOTAL": 1,
    "AMT_CREDIT": -1,
}


@settings(max_examples=100)
@given(position=st.integers(0, 299), name=st.sampled_from(sorted(good_to_have_more_of)), data=st.data())
def test_a_what_if_never_moves_against_common_sense(
    scorer: Scorer, applications: pl.DataFrame, position: int, name: str, data: st.DataObject
) -> None:
    column, row = catalogue.column(name), applications.row(position, named=True)
    assert column.minimum is not None
    assert column.maximum is not None
    values = st.floats(column.minimum, column.maximum)
    low, high = sorted((data.draw(values), data.draw(values)))
    below = scorer.decide(application(row | {name: low})).probability
    above = scorer.decide(application(row | {name: high})).probability
    assert (above - below) * good_to_have_more_of[name] <= 1e-12


def test_model_says_what_it_is(scorer: Scorer) -> None:
    model = scorer.model
    assert model.n_features == len(model.feature_names) == len(model.importances)
    assert sum(model.importances) == pytest.approx(1)
    assert 0 < model.optimal_threshold < 1
    assert dataclasses.asdict(model)["trained_on"] in ("demo", "real")


def test_loading_from_an_empty_folder_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"model_config.json is missing"):
        Scorer.load(tmp_path)


@pytest.mark.parametrize("income", [180_000, 90_000_000])
@pytest.mark.parametrize("credit", [600_000, None])
def test_applications_that_are_alike_are_warned_and_decided_as_each_alone(
    scorer: Scorer, income: int, credit: int | None
) -> None:
    """Nothing to be said, a value unlike any, an essential that is missing, or both."""
    rows: list[dict[str, object]] = [
        {"SK_ID_CURR": 900_000 + number, "AMT_INCOME_TOTAL": 180_000, "AMT_CREDIT": 600_000 + number}
        | {"AMT_ANNUITY": 31_000, "DAYS_BIRTH": -14_600 + number, "EXT_SOURCE_2": number / 100}
        for number in range(60)
    ]
    rows[7] |= {"AMT_INCOME_TOTAL": income, "AMT_CREDIT": credit}
    alike = parse_alike(rows)
    assert alike is not None
    together = scorer.warned_many(alike, "fr")
    assert isinstance(together, Alike)
    alone = [scorer.warned(parse_application(row), "fr") for row in rows]
    assert list(together) == alone
    assert list(together.column("warnings")) == [application.warnings for application in alone]
    assert list(scorer.decide_many(together)) == [scorer.decide(application) for application in alone]
