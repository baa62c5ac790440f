"""The accepted clients most like an application: by Gower's distance as pandas has it, never the client itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from core.application import Application, parse_application
from core.comparison.accepted import nearest_accepted, nearest_axes
from core.comparison.comparison_columns import ComparisonColumns, axis
from core.comparison.gower import gower

if TYPE_CHECKING:
    from core.contract.clients.nearest import NearestAccepted
    from core.portfolio.clients import Portfolio


@pytest.fixture(scope="module")
def population(portfolio: Portfolio) -> ComparisonColumns:
    return ComparisonColumns(portfolio)


def asked(population: ComparisonColumns, place: int = 3) -> Application:
    """The application of a client on hand."""
    portfolio = population.portfolio
    return portfolio.application(portfolio.client(int(portfolio.index["SK_ID_CURR"][place])))


def numbers(found: NearestAccepted) -> list[int]:
    return [client.client_id for client in found.clients]


def by_pandas(population: ComparisonColumns, place: int) -> pd.DataFrame:
    """How far each client is from the one at a place, in each variable of which that one has a value."""
    values = pd.DataFrame({name: population.column(name) for name in nearest_axes})
    known = values.columns[values.iloc[place].notna()]
    numeric = [name for name in known if not axis(name).categorical]
    # pandas counts the ranks of a tie from 1, at its middle.
    ranks = (values[numeric].rank(method="average") - 0.5) / values[numeric].notna().sum()
    apart = pd.concat([(ranks - ranks.iloc[place]).abs(), values[known.difference(numeric)]], axis=1)
    for name in known.difference(numeric):
        apart[name] = (values[name] != values.loc[place, name]).astype(float)
    return apart[known].fillna(1.0)


@pytest.mark.parametrize("works", [True, False])
def test_the_distance_is_that_of_pandas(population: ComparisonColumns, works: bool) -> None:
    # Of who has no job the time in it is not compared; to who has one, those without are at 1 in it.
    place = int(np.flatnonzero(np.isnan(population.column("DAYS_EMPLOYED")) != works)[0])
    expected = by_pandas(population, place)
    found = gower(population, asked(population, place).values, nearest_axes)
    assert found.names == tuple(expected.columns)
    assert ("DAYS_EMPLOYED" in found.names) is works
    np.testing.assert_allclose(found.apart, expected, atol=1e-12)
    np.testing.assert_allclose(found.total, expected.mean(axis=1), atol=1e-11)


def test_the_nearest_are_accepted_others_in_order(population: ComparisonColumns) -> None:
    portfolio, application = population.portfolio, asked(population)
    distance = by_pandas(population, 3).mean(axis=1).round(12)
    distance[population.refused] = np.inf
    distance[3] = np.inf
    order = np.argsort(distance, kind="stable")[:5]
    found = nearest_accepted(population, application, 5, "en")
    assert numbers(found) == portfolio.index["SK_ID_CURR"].to_numpy()[order].tolist()
    assert application.client_id not in numbers(found)
    assert [client.distance for client in found.clients] == pytest.approx(distance[order].tolist())
    assert all(client.probability < found.threshold for client in found.clients)
    assert found.accepted == np.count_nonzero(~population.refused) - (not population.refused[3])


def test_what_differs_most_is_named_with_its_value(population: ComparisonColumns) -> None:
    apart = by_pandas(population, 3)
    found = nearest_accepted(population, asked(population), 5, "en")
    labels = {variable.name: variable.value_text for variable in found.variables}
    assert labels["AMT_CREDIT"].startswith("€")
    for client in found.clients:
        place = population.position(client.client_id)
        assert place is not None
        expected = dict(zip(apart.columns, apart.to_numpy()[place].tolist(), strict=True))
        # What reads the same is not said to differ.
        seen = {value.name for value in client.values if value.value_text != labels[value.name]}  # noqa: PD011
        largest = sorted((expected[name] for name in seen & expected.keys() if expected[name] >= 0.1), reverse=True)
        assert [expected[name] for name in client.differences] == largest[:2]
        for value in client.values:  # noqa: PD011 (no data frame)
            assert value.apart == (pytest.approx(expected[value.name]) if value.name in expected else None)


def test_of_clients_equally_far_the_lower_number_comes_first(population: ComparisonColumns) -> None:
    same = parse_application({"NAME_CONTRACT_TYPE": "Cash loans"})
    alike = ~population.refused & (population.column("NAME_CONTRACT_TYPE") == 0)
    found = nearest_accepted(population, same, 5, "en")
    assert numbers(found) == population.portfolio.index["SK_ID_CURR"].to_numpy()[alike][:5].tolist()
    assert {client.distance for client in found.clients} == {0.0}
    assert [variable.name for variable in found.variables if variable.is_compared] == ["NAME_CONTRACT_TYPE"]


def test_without_anything_to_compare_nobody_is_near(population: ComparisonColumns) -> None:
    found = nearest_accepted(population, parse_application({"FLAG_OWN_CAR": "Y"}), 5, "en")
    assert (found.clients, found.accepted > 0) == ([], True)


@pytest.mark.parametrize("accepted", [0, 3])
def test_where_fewer_are_accepted_there_are_fewer(portfolio: Portfolio, accepted: int) -> None:
    threshold = float(np.sort(portfolio.index["probability"].to_numpy())[accepted])
    few = ComparisonColumns(replace(portfolio, threshold=threshold))
    found = nearest_accepted(few, parse_application({"AMT_CREDIT": 300_000.0}), 5, "en")
    assert (len(found.clients), found.accepted, found.threshold) == (accepted, accepted, threshold)
