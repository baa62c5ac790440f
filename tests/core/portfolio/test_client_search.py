"""The list of clients: every filter means what it says, together they narrow down, and sorting keeps everybody."""

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import catalogue
from core.contract.clients.lists import ClientLine
from core.decision import risk_bands
from core.portfolio.client_search import ClientFilter, sort_keys
from core.portfolio.clients import Portfolio

optional_amount = st.none() | st.floats(0, 2e6)
filters = st.builds(
    ClientFilter,
    prefix=st.sampled_from(["", "9", "90", "90002", "7"]),
    decision=st.sampled_from([None, "ACCEPTÉ", "REFUSÉ"]),
    risk_category=st.sampled_from([None, *(name for _, name in risk_bands)]),
    contract_type=st.sampled_from([None, *(code.code for code in catalogue.column("NAME_CONTRACT_TYPE").codes)]),
    income_type=st.sampled_from([None, "Working", "Pensioner"]),
    age_min=st.none() | st.integers(18, 70),
    age_max=st.none() | st.integers(18, 70),
    income_min=optional_amount,
    income_max=optional_amount,
    credit_min=optional_amount,
    credit_max=optional_amount,
)


def matches(wanted: ClientFilter, client: ClientLine) -> bool:
    equal = ("decision", "risk_category", "contract_type", "income_type")
    bounds = (
        (client.age_years, wanted.age_min, wanted.age_max),
        (client.income, wanted.income_min, wanted.income_max),
        (client.credit, wanted.credit_min, wanted.credit_max),
    )
    return (
        str(client.client_id).startswith(wanted.prefix)
        and all(getattr(wanted, name) in (None, getattr(client, name)) for name in equal)
        and all((low is None or value >= low) and (high is None or value <= high) for value, low, high in bounds)
    )


@settings(max_examples=200)
@given(wanted=filters)
def test_a_filter_keeps_just_those_it_describes(portfolio: Portfolio, wanted: ClientFilter) -> None:
    everybody = portfolio.search(limit=1000).clients
    page = portfolio.search(wanted, limit=1000)
    assert page.clients == [each for each in everybody if matches(wanted, each)]
    assert page.total == len(page.clients)


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("key", sort_keys)
def test_sorting_orders_and_keeps_everybody(portfolio: Portfolio, key: str, order: str) -> None:
    clients = portfolio.search(limit=1000, by=key, order=order).clients  # type: ignore[arg-type]
    assert len({client.client_id for client in clients}) == portfolio.index.height
    name = {"age": "age_years"}.get(key, key)
    values = [getattr(client, name) for client in clients]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=order == "desc")
    assert values[: len(known)] == known


def test_clients_without_the_value_come_last(portfolio: Portfolio) -> None:
    index = portfolio.index.with_columns(
        AMT_ANNUITY=pl.when(pl.col("SK_ID_CURR") > portfolio.index["SK_ID_CURR"][0]).then(pl.col("AMT_ANNUITY"))
    )
    changed = replace(portfolio, index=index)
    for order in ("asc", "desc"):
        assert changed.search(limit=1000, by="annuity", order=order).clients[-1].annuity is None
