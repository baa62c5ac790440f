"""Peers: those who meet the criteria and nobody else, criteria given up in order, neighbours as scikit-learn finds."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from core.comparison import peers
from core.comparison.comparison_columns import ComparisonColumns, values_of
from core.comparison.peers import alike, described, nearest
from core.contract.clients.lists import ClientApplication
from core.portfolio.clients import Portfolio


@pytest.fixture(scope="module")
def population(portfolio: Portfolio) -> ComparisonColumns:
    return ComparisonColumns(portfolio)


@pytest.fixture(scope="module")
def client(portfolio: Portfolio) -> ClientApplication:
    return portfolio.client(int(portfolio.index["SK_ID_CURR"][3]))


def test_peers_meet_every_criterion(
    population: ComparisonColumns, client: ClientApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers, "fewest", 1)
    group = alike(population, client.features, ("contract", "age", "income", "family"), client.client_id)
    income, age = population.column("AMT_INCOME_TOTAL")[3], population.column("DAYS_BIRTH")[3]
    expected = (
        (population.column("NAME_CONTRACT_TYPE") == population.column("NAME_CONTRACT_TYPE")[3])
        & (np.abs(population.column("DAYS_BIRTH") - age) <= 5)
        & (np.abs(population.column("AMT_INCOME_TOTAL") - income) <= income / 4)
        & (population.column("NAME_FAMILY_STATUS") == population.column("NAME_FAMILY_STATUS")[3])
    )
    expected[3] = False
    np.testing.assert_array_equal(group.members, expected)
    assert 0 < group.size < 100
    assert (group.kept, group.relaxed, group.unknown) == (("contract", "age", "income", "family"), (), ())


def test_the_least_telling_criteria_are_given_up_first(
    population: ComparisonColumns, client: ClientApplication
) -> None:
    group = alike(population, client.features, peers.criteria, client.client_id)
    assert group.size >= peers.fewest
    assert group.relaxed
    assert group.kept + group.relaxed[::-1] == peers.criteria


def test_without_criteria_everybody_else_is_a_peer(population: ComparisonColumns, client: ClientApplication) -> None:
    assert alike(population, client.features, (), client.client_id).size == population.size - 1
    assert alike(population, client.features, ()).size == population.size


def test_a_missing_value_cannot_be_shared(population: ComparisonColumns, client: ClientApplication) -> None:
    group = alike(population, {**client.features, "AMT_INCOME_TOTAL": None}, ("contract", "income"))
    assert group.unknown == ("income",)
    assert group.kept == ("contract",)


def test_neighbours_are_those_of_scikit_learn(population: ComparisonColumns, client: ClientApplication) -> None:
    scaled, own = [], []
    values = values_of(client.features, peers.neighbour_axes)
    for name in peers.neighbour_axes[:7]:
        column, value = population.column(name), values[name]
        if name.startswith("AMT_"):
            column, value = np.log1p(column), np.log1p(value)
        mean, deviation = np.nanmean(column), np.nanstd(column)
        scaled.append(np.where(np.isnan(column), 0, (column - mean) / deviation))
        own.append(0 if np.isnan(value) else (value - mean) / deviation)
    for name in peers.neighbour_axes[7:]:
        scaled.append(2.0 * (population.column(name) != values[name]))
        own.append(0)
    found = NearestNeighbors(n_neighbors=41).fit(np.column_stack(scaled)).kneighbors([own], return_distance=False)[0]
    group = nearest(population, client.features, 40, client.client_id)
    assert set(np.flatnonzero(group.members)) == set(found) - {3}
    assert group.size == 40
    assert group.method == "nearest"


def test_more_neighbours_than_clients_are_all_others(population: ComparisonColumns, client: ClientApplication) -> None:
    assert nearest(population, client.features, 10**6, client.client_id).size == population.size - 1
    assert nearest(population, {}, 10).size == 10


def test_the_group_is_explained(population: ComparisonColumns, client: ClientApplication) -> None:
    group = alike(population, client.features, ("contract", "age"), client.client_id)
    assert described(group, "en") == f"{group.size} clients: same type of contract, age within 5 years"
    assert described(group, "fr") == f"{group.size} clients\u00a0: même contrat, âge à 5 ans près"
    narrow = alike(population, client.features, peers.criteria, client.client_id)
    assert ". Not asked, as too few would be left: same family status" in described(narrow, "en")
    assert described(nearest(population, client.features, 40), "fr").startswith("les 40 clients les plus proches")
    assert described(alike(population, client.features, ()), "en").endswith("nothing asked in common")
