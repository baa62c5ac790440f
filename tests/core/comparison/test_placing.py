"""A client among others: percentiles as scipy has them, bins that count everybody once, rates that are means."""

import numpy as np
import pytest
from scipy.stats import percentileofscore

from core import catalogue
from core.comparison.choice import Group, groups
from core.comparison.comparison_columns import ComparisonColumns, axes, axis
from core.comparison.peers import alike
from core.comparison.placing import Comparison
from core.contract.clients.comparison import ComparedCategory, ComparedNumber
from core.contract.clients.lists import ClientApplication
from core.portfolio.clients import Portfolio

names = (
    "AMT_INCOME_TOTAL",
    "DAYS_BIRTH",
    "EXT_SOURCE_1",
    "CREDIT_INCOME_RATIO",
    "INSTALMENT_LATE_SHARE",
    "CNT_CHILDREN",
)


@pytest.fixture(scope="module")
def population(portfolio: Portfolio) -> ComparisonColumns:
    return ComparisonColumns(portfolio)


@pytest.fixture(scope="module")
def client(portfolio: Portfolio) -> ClientApplication:
    return portfolio.client(int(portfolio.index["SK_ID_CURR"][9]))


@pytest.fixture(scope="module")
def comparison(population: ComparisonColumns, client: ClientApplication) -> Comparison:
    members = alike(population, client.features, client_id=client.client_id).members
    return Comparison(population, client.features, members, "accepted")


@pytest.mark.parametrize("name", names)
def test_percentiles_are_those_of_scipy(comparison: Comparison, population: ComparisonColumns, name: str) -> None:
    found = comparison.of(name, "en")
    assert isinstance(found, ComparedNumber)
    masks: dict[Group, np.ndarray] = {
        "all": np.ones(population.size, bool),
        "accepted": ~population.refused,
        "refused": population.refused,
    }
    for group, mask in masks.items():
        values = population.column(name)[mask]
        known = values[~np.isnan(values)]
        spread = found.spreads[group]
        if found.value is None:
            assert spread.percentile is None
        else:
            assert spread.percentile == pytest.approx(percentileofscore(known, found.value, kind="mean") / 100)
        assert spread.median == pytest.approx(np.median(known))
        assert spread.known == len(known)
        assert spread.missing_share == pytest.approx(np.isnan(values).mean())


@pytest.mark.parametrize("name", axes())
def test_everybody_is_counted_once(comparison: Comparison, population: ComparisonColumns, name: str) -> None:
    found = comparison.of(name, "en")
    sizes = comparison.sizes()
    for group in groups:
        known = found.spreads[group].known if isinstance(found, ComparedNumber) else sizes[group]
        assert sum(found.counts[group]) == known
    assert len(found.default_rate) == len(found.risk) == len(found.counts["all"])


def test_rates_of_bins_are_means(comparison: Comparison, population: ComparisonColumns) -> None:
    found = comparison.of("EXT_SOURCE_2", "en")
    assert isinstance(found, ComparedNumber)
    values, default = population.column("EXT_SOURCE_2"), population.default
    assert default is not None
    edges = np.array(found.edges)
    for index, (rate, risk) in enumerate(zip(found.default_rate, found.risk, strict=True)):
        low = -np.inf if index == 0 else edges[index]
        high = np.inf if index == len(edges) - 2 else edges[index + 1]
        inside = ~population.refused & (values >= low) & (values < high)
        if not inside.any():
            assert rate is None
            assert risk is None
            continue
        assert rate == pytest.approx(default[inside].mean())
        assert risk == pytest.approx(population.probability[inside].mean())


def test_categories_come_by_frequency_with_the_clients_own(comparison: Comparison, client: ClientApplication) -> None:
    found = comparison.of("OCCUPATION_TYPE", "en")
    assert isinstance(found, ComparedCategory)
    assert list(found.counts["all"]) == sorted(found.counts["all"], reverse=True)
    assert found.value == client.features["OCCUPATION_TYPE"]
    assert "" in found.codes  # some have none
    assert set(found.codes) <= {*axis("OCCUPATION_TYPE").codes, ""}


def test_few_whole_numbers_get_a_bin_each(comparison: Comparison) -> None:
    found = comparison.of("CNT_CHILDREN", "en")
    assert isinstance(found, ComparedNumber)
    assert np.diff(found.edges) == pytest.approx(1)
    assert found.edges[0] == -0.5


def test_density_counts_those_who_have_both(
    comparison: Comparison, population: ComparisonColumns, client: ClientApplication
) -> None:
    found = comparison.density("AMT_INCOME_TOTAL", "EXT_SOURCE_1", "en")
    known = ~np.isnan(population.column("EXT_SOURCE_1")) & ~population.refused
    assert np.sum(found.counts) == known.sum()
    assert np.shape(found.counts) == (len(found.y_edges) - 1, len(found.x_edges) - 1)
    assert [len(row) for row in found.default_rate] == [len(row) for row in found.counts]
    if client.features["EXT_SOURCE_1"] is None:
        assert found.place is None
    else:
        assert found.place == [client.features["AMT_INCOME_TOTAL"], client.features["EXT_SOURCE_1"]]


def test_a_category_has_no_density(comparison: Comparison) -> None:
    with pytest.raises(ValueError, match="NAME_INCOME_TYPE"):
        comparison.density("AMT_CREDIT", "NAME_INCOME_TYPE", "en")
    with pytest.raises(catalogue.UnknownEntry):
        comparison.density("AMT_CREDIT", "CODE_GENDER", "en")


def test_an_empty_application_still_shows_the_others(population: ComparisonColumns) -> None:
    empty = Comparison(population, {}, np.zeros(population.size, bool), "similar")
    for name in names:
        found = empty.of(name, "en")
        assert isinstance(found, ComparedNumber)
        assert found.value is None
        assert found.spreads["similar"].median is None
        assert set(found.default_rate) == {None}
    assert empty.density("AMT_CREDIT", "AMT_ANNUITY", "en").place is None
    assert empty.sizes()["similar"] == 0
    assert empty.default_rates()["similar"] is None


def test_a_value_beyond_all_others_is_in_the_last_bin(population: ComparisonColumns, client: ClientApplication) -> None:
    rich = Comparison(population, {**client.features, "AMT_INCOME_TOTAL": 1e9}, np.zeros(population.size, bool))
    found = rich.of("AMT_INCOME_TOTAL", "en")
    assert isinstance(found, ComparedNumber)
    assert found.spreads["all"].percentile == 1
    assert found.edges[-1] <= np.nanmax(population.column("AMT_INCOME_TOTAL"))


def test_without_outcomes_no_rate_is_known(
    population: ComparisonColumns, client: ClientApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ComparisonColumns, "default", None)
    found = Comparison(population, client.features, np.zeros(population.size, bool))
    assert set(found.of("AMT_CREDIT", "en").default_rate) == {None}
    assert found.default_rates()["all"] is None
    assert found.of("AMT_CREDIT", "en").risk[5] is not None
