"""Recourse: every option is accepted as it is said, asks no more than it must, and stays within the bounds."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.application import Application
from core.data import demo
from core.decision import Value
from core.explain.what_if import changed
from core.features import input_schema
from core.model.booster import Booster
from core.model.training.averaging import parts, written
from core.portfolio.clients import Portfolio
from core.recourse.actions import (
    ActionName,
    Path,
    action_names,
    bounds,
    circumstance_names,
    ways_to_ask_less,
    ways_to_ask_more,
)
from core.recourse.plans import Move, Option, recourse
from core.scoring import Scorer

monotone: tuple[ActionName, ...] = ("credit",)


@pytest.fixture(scope="module")
def applications(portfolio: Portfolio) -> list[Application]:
    """New applications, without history, and clients on hand, with theirs."""
    drawn = demo.draw_applications(60, 23, "test").iter_rows(named=True)
    known = (portfolio.client(client.client_id).features for client in portfolio.search(limit=60).clients)
    left_out = ("SK_ID_CURR", "TARGET")
    return [
        Application({name: value for name, value in row.items() if value is not None and name not in left_out})
        for row in [*drawn, *known]
    ]


def refused(data: st.DataObject, scorer: Scorer, applications: list[Application]) -> tuple[Application, float]:
    """An application, and a threshold at which it is refused by more or less."""
    application = data.draw(st.sampled_from(applications))
    return application, scorer.decide(application).probability * data.draw(st.floats(0.5, 1.0))


def accepted(scorer: Scorer, application: Application, option: Option, threshold: float) -> bool:
    changes = {change.field: change.after for change in option.changes}
    decision = scorer.decide(changed(application, changes), threshold)
    assert decision == option.decision
    return decision.prediction == 0


def goal(threshold: float) -> float:
    """Half a point below the threshold; for thresholds that are hardly higher, half of them."""
    return threshold - min(0.005, threshold / 2)


def path_of(move: Move, ways: list[Path]) -> Path:
    fields = {change.field for change in move.changes}
    (found,) = (
        way
        for way in ways
        if (way.action, way.direction) == (move.action, move.direction) and fields <= set(way.fields)
    )
    return found


def one_step_less(move: Move, ways: list[Path]) -> Iterator[dict[str, Value]]:
    """What the columns of a move are where it asks one rounding step less."""
    before = {change.field: change.before for change in move.changes}
    if move.action == "documents":
        for left_out in move.changes:
            yield {change.field: change.after for change in move.changes if change != left_out}
        return
    path, main = path_of(move, ways), move.changes[0]
    steps = np.arange(1, path.last + 1)
    (place,) = np.flatnonzero(path.at(steps)[main.field] == main.after)
    if place == 0:
        yield before
    else:
        yield {name: float(value[0]) for name, value in path.at(steps[place - 1 : place]).items()}


@settings(max_examples=40)
@given(data=st.data())
def test_every_option_is_accepted_and_none_could_ask_less(
    data: st.DataObject, scorer: Scorer, applications: list[Application]
) -> None:
    application, threshold = refused(data, scorer, applications)
    found = recourse(scorer, application, threshold)
    assert not found.already_accepted
    assert found.reachable == bool(found.options)
    assert [each.effort for each in found.options] == sorted(each.effort for each in found.options)
    ways = ways_to_ask_less(application.values, scorer.artefacts.preprocessor, action_names)
    for option in found.options:
        assert accepted(scorer, application, option, threshold)
        assert not {move.action for move in option.moves} & circumstance_names
        assert option.buffer == pytest.approx(threshold - option.decision.probability)
        assert option.narrow == (option.decision.probability >= goal(threshold))
        if option.narrow:
            # Nothing reaches the buffer: the one that comes nearest to it.
            assert len(found.options) == 1
            continue
        for move in option.moves:
            others = {change.field: change.after for other in option.moves if other != move for change in other.changes}
            for less in one_step_less(move, ways):
                decision = scorer.decide(changed(application, others | less), threshold)
                assert decision.probability >= goal(threshold) * (1 - 1e-9), (move, less)
    for option in found.insufficient:
        assert not accepted(scorer, application, option, threshold)
        assert option.decision.probability < found.decision.probability


@settings(max_examples=25)
@given(data=st.data())
def test_a_monotone_lever_agrees_with_trying_every_step(
    data: st.DataObject, scorer: Scorer, applications: list[Application]
) -> None:
    application, threshold = refused(data, scorer, applications)
    ways = ways_to_ask_less(application.values, scorer.artefacts.preprocessor, monotone)
    assume(ways)
    found = recourse(scorer, application, threshold, monotone)
    alone = {option.moves[0].changes[0].field: option for option in found.options if len(option.moves) == 1}
    schema = input_schema()
    for path in ways:
        steps = np.arange(1, path.last + 1)
        (field,) = path.fields
        values = {name: value for name, value in application.values.items() if name in schema}
        frame = pl.DataFrame([values], schema={name: schema[name] for name in values})
        tried = path.at(steps)[field]
        frame = frame.drop(field, strict=False).join(pl.DataFrame({field: tried}), how="cross")
        enough = np.flatnonzero(scorer.probabilities(frame) < goal(threshold))
        if enough.size:
            assert alone[field].changes[0].after == tried[enough[0]]
        else:
            assert field not in alone or alone[field].narrow


@settings(max_examples=40)
@given(data=st.data())
def test_nothing_leaves_the_bounds_and_no_known_score_is_touched(
    data: st.DataObject, scorer: Scorer, applications: list[Application]
) -> None:
    application, threshold = refused(data, scorer, applications)
    found = recourse(scorer, application, threshold)
    said = [*found.options, *found.insufficient, *([found.nearest] if found.nearest else []), *(found.different or ())]
    for option in said:
        after = dict(application.values) | {change.field: change.after for change in option.changes}
        assert len({change.field for change in option.changes}) == len(option.changes)
        for move in option.moves:
            assert 0 < move.effort <= 4
            for change in move.changes:
                assert change.before == application.values.get(change.field) != change.after
                assert change.before is not None or move.action == "external_score"
            if move.action == "external_score":
                (score,) = move.changes
                assert (score.before or 0) < score.after <= 1  # type: ignore[operator]
                assert score.after == round(score.after, 2)  # type: ignore[arg-type]
            elif move.action == "documents":
                assert {change.after for change in move.changes} == {1}
                assert len(move.changes) <= bounds["documents"].highest
            elif move.action not in ("duration", "income"):
                main = move.changes[0]
                assert main.after >= bounds["amount_share"].lowest * main.before  # type: ignore[operator]
                assert main.after % 100 == 0  # type: ignore[operator]
            if move.action in ("duration", "credit"):
                lasts = after["AMT_CREDIT"] / after["AMT_ANNUITY"]  # type: ignore[operator]
                assert bounds["duration"].lowest <= lasts <= bounds["duration"].highest
            for change in move.changes:
                if change.field == "AMT_ANNUITY":
                    assert change.after == int(change.after)  # type: ignore[arg-type]


@settings(max_examples=30)
@given(data=st.data())
def test_an_accepted_application_is_told_its_room(
    data: st.DataObject, scorer: Scorer, applications: list[Application]
) -> None:
    application = data.draw(st.sampled_from(applications))
    threshold = min(scorer.decide(application).probability * data.draw(st.floats(1.01, 2.0)), 1.0)
    found = recourse(scorer, application, threshold)
    assert found.already_accepted
    assert found.reachable
    assert (found.options, found.insufficient, found.nearest) == ((), (), None)
    ways = ways_to_ask_more(application.values, scorer.artefacts.preprocessor, action_names)
    told = {(margin.moves[0].action, margin.moves[0].direction) for margin in found.margins}
    for option in found.margins:
        assert accepted(scorer, application, option, threshold)
        (move,) = option.moves
        path = path_of(move, ways)
        steps = np.arange(1, path.last + 1)
        (place,) = np.flatnonzero(path.at(steps)[move.changes[0].field] == move.changes[0].after)
        # One step further it is refused: no room is the end of what was looked at.
        further = {name: float(value[0]) for name, value in path.at(steps[place + 1 : place + 2]).items()}
        assert scorer.decide(changed(application, further), threshold).prediction == 1
    assert not (found.never_refused and found.margins)
    for path in ways:
        if (path.action, path.direction) not in told:
            ends = [
                scorer.decide(
                    changed(application, {name: float(value[0]) for name, value in path.at(np.array([step])).items()}),
                    threshold,
                ).prediction
                for step in (1, path.last)
            ]
            # Refused at once, or never.
            assert ends[0] == 1 or ends[1] == 0
            assert not (found.never_refused and 1 in ends)


@settings(max_examples=30)
@given(data=st.data())
def test_credit_instalment_price_and_duration_move_together(
    data: st.DataObject, scorer: Scorer, applications: list[Application]
) -> None:
    application, threshold = refused(data, scorer, applications)
    before = application.values
    assume(all(isinstance(before.get(name), int | float) for name in ("AMT_CREDIT", "AMT_ANNUITY", "AMT_GOODS_PRICE")))
    asked = recourse(scorer, application, threshold)
    room = recourse(scorer, application, 0.9)
    for option in (*asked.options, *asked.insufficient, *room.margins):
        after = dict(before) | {change.field: change.after for change in option.changes}
        credit, instalment, price = (
            (float(before[name]), float(after[name]))  # type: ignore[arg-type]
            for name in ("AMT_CREDIT", "AMT_ANNUITY", "AMT_GOODS_PRICE")
        )
        assert credit[1] <= max(price[1], credit[0] * min(1.0, price[1] / price[0])) + 100
        actions = {move.action for move in option.moves}
        if actions <= {"down_payment", "goods_price", "documents"} and actions != {"documents"}:
            # Of equal duration: one unit of rounding in the instalment is what may be left.
            assert credit[1] / credit[0] == pytest.approx(instalment[1] / instalment[0], abs=1.5 / instalment[0] + 1e-3)
            assert (credit[1] < credit[0]) == (instalment[1] < instalment[0])


def test_where_nothing_suffices_it_says_how_near_one_can_come(scorer: Scorer, applications: list[Application]) -> None:
    seen = 0
    for application in applications[::5]:
        found = recourse(scorer, application, threshold=1e-6)
        assert not found.reachable
        assert found.different == ()
        if found.nearest is None:
            # Nothing that the client could do lowers the risk.
            assert not found.insufficient
            continue
        seen += 1
        assert not accepted(scorer, application, found.nearest, 1e-6)
        lowest = found.nearest.decision.probability
        assert lowest < found.decision.probability
        assert all(lowest <= each.decision.probability + 1e-9 for each in found.insufficient)
        shown = [round(each.decision.probability, 9) for each in found.insufficient]
        assert shown == sorted(shown)
    assert seen > len(applications) / 10


def test_several_levers_together_can_do_what_none_can_alone(scorer: Scorer, applications: list[Application]) -> None:
    seen = 0
    # Each is searched to the end of what can be done, twice.
    some = applications[::3]
    for application in some:
        alone = recourse(scorer, application, threshold=1e-6)
        if alone.nearest is None:
            continue
        reached, by_one = alone.nearest.decision.probability, alone.insufficient[0].decision.probability
        if by_one - reached < 1e-6:
            continue
        between = (reached + by_one) / 2
        found = recourse(scorer, application, between)
        assert found.reachable
        assert all(len(option.moves) > 1 for option in found.options)
        seen += 1
    # Amounts mostly move the same columns: with documents, or credit with duration, two do more than one.
    assert seen > len(some) / 20


def test_the_answer_is_the_same_every_time(scorer: Scorer, applications: list[Application]) -> None:
    for application in applications[:5]:
        assert recourse(scorer, application, 0.03) == recourse(scorer, application, 0.03)


def test_only_the_levers_that_are_allowed_are_pulled(scorer: Scorer, applications: list[Application]) -> None:
    for action in action_names:
        for application in applications[:8]:
            found = recourse(scorer, application, 0.02, [action])
            said = found.said
            assert {move.action for option in said for move in option.moves} <= {action}
    assert recourse(scorer, applications[0], 1e-6, []).nearest is None


def test_a_revolving_credit_keeps_its_annuity_in_proportion(scorer: Scorer) -> None:
    limit: dict[str, Value] = {
        "NAME_CONTRACT_TYPE": "Revolving loans",
        "AMT_CREDIT": 270_000.0,
        "AMT_ANNUITY": 13_500.0,
        "AMT_GOODS_PRICE": 270_000.0,
        "AMT_INCOME_TOTAL": 90_000.0,
    }
    ways = ways_to_ask_less(limit, scorer.artefacts.preprocessor, action_names)
    assert {way.action for way in ways} == {"down_payment"}
    moved = ways[0].at(np.array([500]))
    assert moved["AMT_ANNUITY"][0] / moved["AMT_CREDIT"][0] == pytest.approx(0.05, abs=1e-5)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, set()),
        ({"AMT_CREDIT": 0.0, "AMT_ANNUITY": 100.0}, set()),
        ({"AMT_CREDIT": 500_000.0}, {"down_payment"}),
        ({"AMT_CREDIT": 500_000.0, "AMT_ANNUITY": 25_000.0}, {"credit", "down_payment", "duration"}),
        ({"AMT_CREDIT": 500_000.0, "AMT_GOODS_PRICE": 450_000.0}, {"down_payment", "goods_price"}),
        ({"FLAG_DOCUMENT_3": 0}, {"documents"}),
        ({"FLAG_DOCUMENT_3": 1}, set()),
    ],
)
def test_a_lever_needs_its_columns(scorer: Scorer, values: dict[str, Value], expected: set[str]) -> None:
    names: tuple[ActionName, ...] = tuple(name for name in action_names if name != "external_score")
    assert {each.action for each in ways_to_ask_less(values, scorer.artefacts.preprocessor, names)} == expected


def test_amounts_go_to_the_next_whole_step_first(scorer: Scorer) -> None:
    values: dict[str, Value] = {"AMT_CREDIT": 600_050.0, "AMT_ANNUITY": 30_000.5}
    ways = ways_to_ask_less(values, scorer.artefacts.preprocessor, ["credit", "duration"])
    credit, longer, shorter = ways
    assert credit.at(np.array([1, 2]))["AMT_CREDIT"].tolist() == [600_000, 599_900]
    assert longer.at(np.array([1, 2]))["AMT_ANNUITY"].tolist() == [30_000, 29_999]
    assert shorter.at(np.array([1, 2]))["AMT_ANNUITY"].tolist() == [30_001, 30_002]
    # As far as the bounds allow, and not a step more: 8 annuities, 45 annuities.
    assert credit.at(np.array([credit.last]))["AMT_CREDIT"][0] == 240_100
    assert longer.at(np.array([longer.last]))["AMT_ANNUITY"][0] == 13_335
    assert shorter.at(np.array([shorter.last]))["AMT_ANNUITY"][0] == 75_006


def test_what_nobody_can_choose_is_no_option_but_said(scorer: Scorer, applications: list[Application]) -> None:
    seen = 0
    for application in applications[::2]:
        found = recourse(scorer, application, scorer.decide(application).probability * 0.7)
        if found.options:
            assert found.different is None
            continue
        for option in found.different or ():
            seen += 1
            assert accepted(scorer, application, option, found.decision.threshold)
            assert option.decision.probability < goal(found.decision.threshold)
            assert {move.action for move in option.moves} & circumstance_names
        firsts = [{move.action for move in option.moves} for option in found.different or ()]
        assert firsts == sorted(firsts, key=lambda actions: "external_score" in actions)
    assert seen


# One split a document: none, one, two, or more of them.
_documents_tree = """Tree=0
num_leaves=4
num_cat=0
split_feature={place} {place} {place}
split_gain=1 1 1
threshold=0.5 1.5 2.5
decision_type=10 10 10
left_child=-1 -2 -3
right_child=1 2 -4
leaf_value=0.3 0.1 -0.1 -0.3
leaf_weight=10 10 10 10
leaf_count=100 100 100 100
internal_value=0 -0.1 -0.2
internal_weight=40 30 20
internal_count=400 300 200
is_linear=0
shrinkage=1


"""


@pytest.fixture(scope="module")
def weighing_documents(scorer: Scorer) -> Scorer:
    """Our scorer with a tree in which each document lowers the risk; its others say this or that, by training."""
    head, trees, tail = parts(scorer.artefacts.booster.model_to_string(num_iteration=-1))
    tree = _documents_tree.format(place=scorer.artefacts.preprocessor.feature_names.index("DOCUMENTS_PROVIDED"))
    return Scorer(replace(scorer.artefacts, booster=Booster(model_str=written(head, [*trees, tree], tail)), folds=None))


def test_documents_are_as_few_as_will_do_and_the_best_of_them(
    weighing_documents: Scorer, applications: list[Application]
) -> None:
    """With a threshold between what one and what two documents reach, two are asked for; else one."""
    scorer = weighing_documents
    seen = 0
    for application in applications:
        found = recourse(scorer, application, 1e-6, ["documents"])
        for option in found.insufficient:
            singles = [
                scorer.decide(changed(application, {name: 1})).probability
                for name, value in application.values.items()
                if name.startswith("FLAG_DOCUMENT_") and value == 0
            ]
            threshold = (min(singles) + found.decision.probability) / 2
            if min(singles) < found.decision.probability:
                found_documents = recourse(scorer, application, threshold, ["documents"])
                (best, *_) = found_documents.options
                assert len(best.changes) <= 2
                assert best.decision.probability <= min(singles)
                seen += 1
            assert option.decision.probability <= min(singles)
    assert seen
