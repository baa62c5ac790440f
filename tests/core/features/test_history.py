"""A client's history features: theirs alone, in the order asked for, and null where nothing is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from core import catalogue
from core.features import build_history, history_names
from core.features.history import aggregates
from tests.core.features.side_rows import Row, drawn, table, unhurried

if TYPE_CHECKING:
    import random

side_tables = tuple(name for name in catalogue.tables() if name != "application")
every_table = st.fixed_dictionaries({name: drawn(name) for name in side_tables})
Rows = dict[str, list[Row]]


def built(clients: list[int], rows: Rows) -> pl.DataFrame:
    asked = pl.DataFrame({"SK_ID_CURR": clients}, schema={"SK_ID_CURR": pl.Int32})
    return build_history(asked, {name: table(name, each) for name, each in rows.items()})


def one_of_each(client: int) -> Rows:
    """A row of every table for a client, all else null; its bureau loan has the client's number."""
    keys = {"SK_ID_CURR": client, "SK_ID_BUREAU": client, "SK_ID_PREV": client}
    return {name: [{key: keys[key] for key in catalogue.polars_schema(name) if key in keys}] for name in side_tables}


@pytest.mark.parametrize("name", [name for name in side_tables if name != "bureau_balance"])
def test_each_table_gives_the_features_of_the_catalogue(name: str) -> None:
    given_tables = {each: table(each, []) for each in (name, "bureau_balance")}
    found = aggregates(given_tables)[name].collect_schema().names()
    own = (name, "bureau_balance") if name == "bureau" else (name,)
    assert set(found) == {"SK_ID_CURR"} | {feature.name for of in own for feature in catalogue.features(of)}


def test_the_result_has_every_history_feature_of_the_catalogue_as_a_number() -> None:
    found = built([1], one_of_each(1))
    assert found.columns == ["SK_ID_CURR", *history_names()]
    assert set(found.drop("SK_ID_CURR").dtypes) == {pl.Float64()}


@unhurried
@given(every_table, st.permutations([1, 2, 3, 4, 5]))
def test_clients_come_in_the_order_given(rows: Rows, order: list[int]) -> None:
    found = built(order, rows)
    assert found["SK_ID_CURR"].to_list() == order
    assert_frame_equal(found.sort("SK_ID_CURR"), built([1, 2, 3, 4, 5], rows), rel_tol=1e-9)


@unhurried
@given(every_table)
def test_the_features_of_a_client_do_not_depend_on_other_clients(rows: Rows) -> None:
    together = built([1, 2, 3, 4], rows)
    loans = [row["SK_ID_BUREAU"] for row in rows["bureau"] if row["SK_ID_CURR"] == 1]
    alone = {
        name: [row for row in each if (row["SK_ID_BUREAU"] in loans if name == "bureau_balance" else _of_first(row))]
        for name, each in rows.items()
    }
    assert_frame_equal(built([1], alone), together.head(1), rel_tol=1e-9)


@unhurried
@given(every_table, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: Rows, rng: random.Random) -> None:
    shuffled = {name: rng.sample(each, len(each)) for name, each in rows.items()}
    assert_frame_equal(built([1, 2, 3, 4], shuffled), built([1, 2, 3, 4], rows), rel_tol=1e-9)


@unhurried
@given(every_table)
def test_a_feature_is_a_finite_number_or_null(rows: Rows) -> None:
    values = built([1, 2, 3, 4], rows).drop("SK_ID_CURR")
    assert values.select(pl.all().is_finite().all().all()).row(0) == (True,) * values.width


def test_a_client_without_rows_has_nulls_even_for_counts() -> None:
    found = built([1, 2], one_of_each(1)).row(1, named=True)
    assert set(found.values()) == {2, None}


def test_rows_that_hold_nothing_but_their_keys_give_counts_and_no_error() -> None:
    found = built([1], one_of_each(1)).row(0, named=True)
    counts = (
        "BUREAU_LOANS",
        "BUREAU_BALANCE_MONTHS",
        "PREVIOUS_APPLICATIONS",
        "POS_MONTHS",
        "INSTALMENTS",
        "CARD_MONTHS",
    )
    assert [found[name] for name in counts] == [1] * 6


@pytest.mark.parametrize("absent", side_tables)
def test_the_features_of_an_absent_table_are_null_and_the_others_unchanged(absent: str) -> None:
    rows = one_of_each(1)
    whole = built([1], rows)
    del rows[absent]
    # Months are tied to a client by the loans of the bureau.
    gone = {"bureau", "bureau_balance"} if absent == "bureau" else {absent}
    names = [feature.name for feature in catalogue.features() if feature.table in gone]
    found = built([1], rows)
    assert set(found.select(names).row(0)) == {None}
    assert_frame_equal(found.drop(names), whole.drop(names))


def test_without_any_table_everything_is_null() -> None:
    assert set(built([1], {}).drop("SK_ID_CURR").row(0)) == {None}


def test_no_clients_give_no_rows() -> None:
    assert built([], one_of_each(1)).shape == (0, len(history_names()) + 1)


def _of_first(row: Row) -> bool:
    return bool(row["SK_ID_CURR"] == 1)
