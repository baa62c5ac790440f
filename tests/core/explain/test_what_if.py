"""Simulations: two decisions and an exact, order-independent share of the difference for each change."""

from itertools import permutations
from math import exp, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.application import Application
from core.data import demo
from core.decision import Value
from core.explain.what_if import TooManyChanges, changed, max_changes, max_scenarios, simulate
from core.scoring import Scorer

values: dict[str, st.SearchStrategy[Value]] = {
    "AMT_CREDIT": st.floats(20_000, 3_000_000) | st.none(),
    "AMT_ANNUITY": st.floats(1_000, 200_000) | st.none(),
    "AMT_GOODS_PRICE": st.floats(20_000, 3_000_000) | st.none(),
    "AMT_INCOME_TOTAL": st.floats(10_000, 900_000),
    "EXT_SOURCE_1": st.floats(0, 1) | st.none(),
    "EXT_SOURCE_2": st.floats(0, 1) | st.none(),
    "EXT_SOURCE_3": st.floats(0, 1) | st.none(),
    "DAYS_EMPLOYED": st.integers(-12_000, -1) | st.just(365_243),
    "DAYS_BIRTH": st.integers(-25_000, -7_500),
    "CNT_CHILDREN": st.integers(0, 6),
    "NAME_INCOME_TYPE": st.sampled_from(["Working", "Pensioner", "State servant"]),
    "FLAG_DOCUMENT_3": st.sampled_from([0, 1]),
    "BUREAU_DEBT_RATIO": st.floats(0, 2) | st.none(),
    "CODE_GENDER": st.sampled_from(["F", "M"]),
}


def scenarios(fewest: int, most: int) -> st.SearchStrategy[dict[str, Value]]:
    names = st.lists(st.sampled_from(sorted(values)), min_size=fewest, max_size=most, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: values[name] for name in chosen}))


@pytest.fixture(scope="module")
def applications() -> list[Application]:
    rows = demo.draw_applications(30, 17, "train").iter_rows(named=True)
    left_out = ("SK_ID_CURR", "TARGET")
    return [
        Application({name: value for name, value in row.items() if value is not None and name not in left_out})
        for row in rows
    ]


def log_odds(scorer: Scorer, application: Application) -> float:
    probability = scorer.decide(application).probability
    return log(probability / (1 - probability))


@settings(max_examples=40)
@given(data=st.data())
def test_the_effects_sum_to_the_difference(
    data: st.DataObject, scorer: Scorer, applications: list[Application]
) -> None:
    application, changes = data.draw(st.sampled_from(applications)), data.draw(scenarios(0, 7))
    (found,) = simulate(scorer, application, [changes])
    assert found.before == scorer.decide(application)
    assert found.after == scorer.decide(changed(application, changes))
    assert [(effect.field, effect.after) for effect in found.effects] == list(changes.items())
    assert [effect.before for effect in found.effects] == [application.values.get(name) for name in changes]
    total = sum(effect.log_odds for effect in found.effects)
    assert found.log_odds_before + total == pytest.approx(found.log_odds_after, abs=1e-9)
    assert 1 / (1 + exp(-found.log_odds_after)) == pytest.approx(found.after.probability, abs=1e-12)
    points = sum(effect.probability for effect in found.effects)
    assert found.before.probability + points == pytest.approx(found.after.probability, abs=1e-9)


@settings(max_examples=15)
@given(data=st.data())
def test_three_changes_share_as_every_order_of_making_them_does(
    data: st.DataObject, scorer: Scorer, applications: list[Application]
) -> None:
    application, changes = data.draw(st.sampled_from(applications)), data.draw(scenarios(3, 3))
    expected = dict.fromkeys(changes, 0.0)
    for order in permutations(changes):
        done: dict[str, Value] = {}
        for name in order:
            before = log_odds(scorer, changed(application, done))
            done[name] = changes[name]
            expected[name] += (log_odds(scorer, changed(application, done)) - before) / 6
    (found,) = simulate(scorer, application, [changes])
    assert {effect.field: effect.log_odds for effect in found.effects} == pytest.approx(expected, abs=1e-9)


@settings(max_examples=15)
@given(data=st.data())
def test_the_order_of_naming_changes_does_not_matter(
    data: st.DataObject, scorer: Scorer, applications: list[Application]
) -> None:
    application, changes = data.draw(st.sampled_from(applications)), data.draw(scenarios(2, 5))
    turned = {name: changes[name] for name in data.draw(st.permutations(list(changes)))}
    first, second = simulate(scorer, application, [changes, turned])
    assert {effect.field: effect.log_odds for effect in first.effects} == pytest.approx(
        {effect.field: effect.log_odds for effect in second.effects}, abs=1e-9
    )
    assert first.after == second.after


@settings(max_examples=20)
@given(data=st.data())
def test_one_change_is_the_whole_difference(
    data: st.DataObject, scorer: Scorer, applications: list[Application]
) -> None:
    application, changes = data.draw(st.sampled_from(applications)), data.draw(scenarios(1, 1))
    (found,) = simulate(scorer, application, [changes])
    (effect,) = found.effects
    assert effect.log_odds == pytest.approx(found.log_odds_after - found.log_odds_before, abs=1e-12)
    assert effect.probability == pytest.approx(found.after.probability - found.before.probability, abs=1e-12)


def test_a_field_that_is_no_feature_or_keeps_its_value_has_no_effect(
    scorer: Scorer, applications: list[Application]
) -> None:
    application = applications[0]
    same = application.values["AMT_CREDIT"]
    (found,) = simulate(scorer, application, [{"CODE_GENDER": "M", "AMT_CREDIT": same, "EXT_SOURCE_2": 0.9}])
    gender, credit, score = found.effects
    assert (gender.log_odds, gender.probability) == (0.0, 0.0)
    assert (credit.log_odds, credit.probability) == (0.0, 0.0)
    assert score.log_odds == pytest.approx(found.log_odds_after - found.log_odds_before, abs=1e-9)


def test_none_removes_a_value(scorer: Scorer) -> None:
    application = Application({"AMT_CREDIT": 500_000.0, "EXT_SOURCE_2": 0.8})
    (found,) = simulate(scorer, application, [{"EXT_SOURCE_2": None}])
    assert found.after == scorer.decide(Application({"AMT_CREDIT": 500_000.0}))
    assert found.effects[0].log_odds > 0


def test_as_many_fields_as_allowed_are_still_exact_and_more_are_refused(
    scorer: Scorer, applications: list[Application]
) -> None:
    many: dict[str, Value] = {f"FLAG_DOCUMENT_{number}": 1 for number in range(5, 16)}
    bare = Application({"AMT_CREDIT": 500_000.0})
    most = dict(list(many.items())[:max_changes])
    (found,) = simulate(scorer, bare, [most])
    assert sum(effect.log_odds for effect in found.effects) == pytest.approx(
        found.log_odds_after - found.log_odds_before, abs=1e-9
    )
    with pytest.raises(TooManyChanges) as caught:
        simulate(scorer, bare, [most, many])
    assert (caught.value.scenario, caught.value.count) == (1, 11)
    # Those that keep their value do not count.
    with_them = Application(dict(applications[0].values) | many)
    (found,) = simulate(scorer, with_them, [many | {"AMT_CREDIT": 90_000.0}])
    assert [effect.field for effect in found.effects if effect.log_odds] == ["AMT_CREDIT"]


def test_a_hundred_scenarios_at_once_are_each_on_their_own(scorer: Scorer, applications: list[Application]) -> None:
    wanted: list[dict[str, Value]] = [{"AMT_CREDIT": 1000.0 * (each + 50)} for each in range(max_scenarios)]
    together = simulate(scorer, applications[1], wanted, threshold=0.2)
    alone = [simulate(scorer, applications[1], [each], threshold=0.2)[0] for each in wanted[::20]]
    assert together[::20] == alone
    assert {each.after.threshold for each in together} == {0.2}
    with pytest.raises(ValueError, match="at most 100"):
        simulate(scorer, applications[1], [*wanted, {}])


def test_no_scenario_is_no_simulation(scorer: Scorer, applications: list[Application]) -> None:
    assert simulate(scorer, applications[0], []) == []
