"""Rules: what may be changed, what it becomes, and what follows from it."""

from __future__ import annotations

from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import catalogue
from core.catalogue import Column
from core.data import demo
from core.scenarios.rules import (
    Operation,
    Rule,
    Scenario,
    UnusableRule,
    apply,
    changeable,
    check_rule,
    follows,
    operations,
)

schema = catalogue.polars_schema("application")


def tried(rows: dict[str, list[object]], *rules: Rule) -> dict[str, list[object]]:
    frame = pl.DataFrame(rows, schema={name: schema[name] for name in rows})
    return apply(frame, Scenario("tried", rules)).to_dict(as_series=False)


@pytest.mark.parametrize(
    ("rule", "after"),
    [
        (Rule("AMT_INCOME_TOTAL", "multiply", 0.9), [90_000.0, 180_000.0, None]),
        (Rule("AMT_INCOME_TOTAL", "add", -50_000), [50_000.0, 150_000.0, None]),
        (Rule("AMT_INCOME_TOTAL", "add", -150_000), [1.0, 50_000.0, None]),
        (Rule("AMT_INCOME_TOTAL", "set", 120_000), [120_000.0, 120_000.0, 120_000.0]),
        (Rule("AMT_INCOME_TOTAL", "at_most", 150_000), [100_000.0, 150_000.0, None]),
        (Rule("AMT_INCOME_TOTAL", "at_least", 150_000), [150_000.0, 200_000.0, None]),
        (Rule("AMT_INCOME_TOTAL", "missing"), [None, None, None]),
    ],
)
def test_an_operation_changes_every_row_within_the_bounds(rule: Rule, after: list[float | None]) -> None:
    assert tried({"AMT_INCOME_TOTAL": [100_000.0, 200_000.0, None]}, rule)["AMT_INCOME_TOTAL"] == after


def test_rules_follow_each_other_in_their_order() -> None:
    rows: dict[str, list[object]] = {"AMT_INCOME_TOTAL": [100_000.0]}
    cut, cap = Rule("AMT_INCOME_TOTAL", "multiply", 0.5), Rule("AMT_INCOME_TOTAL", "at_least", 80_000)
    assert tried(rows, cut, cap)["AMT_INCOME_TOTAL"] == [80_000]
    assert tried(rows, cap, cut)["AMT_INCOME_TOTAL"] == [50_000]


@pytest.mark.parametrize(
    ("rule", "after"),
    [
        (Rule("CNT_CHILDREN", "set", 2.0), [2, 2, 2, 2]),
        (Rule("CNT_CHILDREN", "add", -1), [0, 0, 2, None]),
        (Rule("CNT_CHILDREN", "multiply", 0.9), [0, 1, 3, None]),
        (Rule("CNT_CHILDREN", "multiply", 0.5), [0, 0, 2, None]),
        (Rule("CNT_CHILDREN", "at_most", 1.5), [0, 1, 1, None]),
        (Rule("CNT_CHILDREN", "at_least", 1.5), [2, 2, 3, None]),
    ],
)
def test_whole_numbers_stay_whole_and_within_a_cap(rule: Rule, after: list[int | None]) -> None:
    check_rule(rule)
    assert tried({"CNT_CHILDREN": [0, 1, 3, None]}, rule)["CNT_CHILDREN"] == after


@given(
    cap=st.floats(0, 30),
    children=st.lists(st.integers(0, 30) | st.none(), min_size=1),
    operation=st.sampled_from(["at_most", "at_least"]),
)
def test_nobody_is_beyond_a_cap_nor_moved_further_than_to_it(
    cap: float, children: list[object], operation: Operation
) -> None:
    rule = Rule("CNT_CHILDREN", operation, cap)
    check_rule(rule)
    after = tried({"CNT_CHILDREN": children}, rule)["CNT_CHILDREN"]
    for before, found in zip(children, after, strict=True):
        if not isinstance(before, int) or (before <= cap if operation == "at_most" else before >= cap):
            assert found == before
            continue
        assert isinstance(found, int)
        # Exactly: a float of 1 less a hair is 1.
        moved = Fraction(cap) - found if operation == "at_most" else found - Fraction(cap)
        assert 0 <= moved < 1


def test_somebody_without_employment_stays_without() -> None:
    days: dict[str, list[object]] = {"DAYS_EMPLOYED": [-1000, 365_243, None]}
    assert tried(days, Rule("DAYS_EMPLOYED", "multiply", 0.5))["DAYS_EMPLOYED"] == [-500, 365_243, None]


def test_a_column_that_is_not_there_can_be_set_and_a_category_too() -> None:
    after = tried({"AMT_CREDIT": [1.0]}, Rule("NAME_INCOME_TYPE", "set", "Pensioner"), Rule("FLAG_PHONE", "set", 1))
    assert (after["NAME_INCOME_TYPE"], after["FLAG_PHONE"]) == (["Pensioner"], [1])


def test_the_annuity_follows_the_credit_so_that_the_loan_lasts_as_long() -> None:
    loans: dict[str, list[object]] = {
        "AMT_CREDIT": [1_000_000.0, 400_000.0, 0.0, None],
        "AMT_ANNUITY": [50_000.0, 20_000.0, 10.0, 10.0],
    }
    cap = Rule("AMT_CREDIT", "at_most", 500_000)
    assert follows(Scenario("cap", (cap,))) == ("AMT_ANNUITY",)
    assert tried(loans, cap)["AMT_ANNUITY"] == [25_000, 20_000, 10, 10]


def test_an_annuity_that_a_rule_names_does_not_follow() -> None:
    loans: dict[str, list[object]] = {"AMT_CREDIT": [1_000_000.0], "AMT_ANNUITY": [50_000.0]}
    rules = Rule("AMT_CREDIT", "at_most", 500_000), Rule("AMT_ANNUITY", "multiply", 1.08)
    assert follows(Scenario("both", rules)) == ()
    assert tried(loans, *rules)["AMT_ANNUITY"] == [54_000]


@pytest.mark.parametrize(
    ("rule", "part"),
    [
        (Rule("NO_SUCH", "missing"), "column"),
        (Rule("TARGET", "set", 0), "column"),
        (Rule("SK_ID_CURR", "add", 1), "column"),
        (Rule("CODE_GENDER", "set", "F"), "column"),
        (Rule("AMT_CREDIT", "missing", 1), "value"),
        (Rule("AMT_CREDIT", "multiply"), "value"),
        (Rule("AMT_CREDIT", "multiply", -1), "value"),
        (Rule("AMT_CREDIT", "multiply", 101), "value"),
        (Rule("AMT_CREDIT", "multiply", float("nan")), "value"),
        (Rule("AMT_CREDIT", "add", float("inf")), "value"),
        (Rule("AMT_CREDIT", "add", 10**400), "value"),
        (Rule("AMT_CREDIT", "set", -1), "value"),
        (Rule("AMT_CREDIT", "set", "many"), "value"),
        (Rule("AMT_CREDIT", "set", True), "value"),
        (Rule("EXT_SOURCE_2", "at_least", 1.5), "value"),
        (Rule("CNT_CHILDREN", "set", 0.9), "value"),
        (Rule("CNT_CHILDREN", "add", 0.4), "value"),
        (Rule("DAYS_BIRTH", "add", -365.25), "value"),
        (Rule("FLAG_PHONE", "set", 0.5), "value"),
        (Rule("FLAG_PHONE", "set", 2), "value"),
        (Rule("NAME_INCOME_TYPE", "set", "Astronaut"), "value"),
        (Rule("NAME_INCOME_TYPE", "set", 1), "value"),
        (Rule("NAME_INCOME_TYPE", "multiply", 2), "operation"),
    ],
)
def test_a_rule_that_cannot_be_applied_says_which_part_of_it(rule: Rule, part: str) -> None:
    with pytest.raises(UnusableRule) as raised:
        check_rule(rule)
    assert raised.value.part == part


def test_a_code_that_is_none_is_answered_with_those_that_are() -> None:
    with pytest.raises(UnusableRule) as raised:
        check_rule(Rule("NAME_CONTRACT_TYPE", "set", "Gift"))
    assert raised.value.codes == ("Cash loans", "Revolving loans")


@pytest.fixture(scope="module")
def applications() -> pl.DataFrame:
    return demo.draw_applications(60, 5, "train").drop("TARGET")


def rules(column: Column) -> st.SearchStrategy[Rule]:
    codes: list[str | int] = [code.code for code in column.codes] or [0, 1]
    values = st.none() | st.floats(allow_nan=False) | st.sampled_from(codes)
    return st.builds(Rule, st.just(column.name), st.sampled_from(operations), values)


@settings(max_examples=150)
@given(chosen=st.lists(st.sampled_from(changeable()).flatmap(rules), min_size=1, max_size=4))
def test_whatever_passes_the_check_leaves_applications_that_the_catalogue_allows(
    chosen: list[Rule], applications: pl.DataFrame
) -> None:
    sound = []
    for each in chosen:
        try:
            check_rule(each)
        except UnusableRule:
            continue
        sound.append(each)
    after = apply(applications, Scenario("drawn", tuple(sound)))
    assert after.height == applications.height
    columns = {each.name: each for each in catalogue.columns()}
    for each in sound:
        column, values = columns[each.column], after[each.column]
        assert values.dtype == schema[each.column]
        known = values.drop_nulls()
        if column.type == "category":
            assert set(known.cast(pl.String)) <= {code.code for code in column.codes}
        elif len(known):
            valid = known.filter(known != column.sentinel) if column.sentinel is not None else known
            assert valid.is_finite().all() if valid.dtype.is_float() else True
            assert column.minimum is None or (valid >= column.minimum).all()
            assert column.maximum is None or (valid <= column.maximum).all()
