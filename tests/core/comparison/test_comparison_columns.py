"""The clients on hand column by column: the same numbers as computed by hand, and an application in the same terms."""

import numpy as np
import polars as pl
import pytest

from core import catalogue
from core.comparison.comparison_columns import ComparisonColumns, axes, axis, values_of
from core.portfolio.clients import Portfolio, clients_file


@pytest.fixture(scope="module")
def population(portfolio: Portfolio) -> ComparisonColumns:
    return ComparisonColumns(portfolio)


@pytest.fixture(scope="module")
def stored(portfolio: Portfolio) -> pl.DataFrame:
    return pl.read_parquet(portfolio.folder / clients_file)


def test_age_is_in_years_and_not_employed_is_missing(population: ComparisonColumns, stored: pl.DataFrame) -> None:
    np.testing.assert_allclose(population.column("DAYS_BIRTH"), -stored["DAYS_BIRTH"].to_numpy() / 365.25)
    employed = population.column("DAYS_EMPLOYED")
    assert (np.isnan(employed) == (stored["DAYS_EMPLOYED"] == 365243).to_numpy()).all()
    assert np.nanmin(employed) >= 0
    assert axis("DAYS_BIRTH").unit == "years"


def test_time_that_has_passed_counts_upwards(population: ComparisonColumns, stored: pl.DataFrame) -> None:
    since = -stored["BUREAU_DAYS_SINCE_LAST"].to_numpy() / 365.25
    np.testing.assert_allclose(population.column("BUREAU_DAYS_SINCE_LAST"), since)
    assert axis("BUREAU_DAYS_SINCE_LAST").unit == "years"
    np.testing.assert_allclose(population.column("POS_LAST_MONTH"), -stored["POS_LAST_MONTH"].to_numpy())
    assert axis("POS_LAST_MONTH").unit == "months"
    # Elsewhere a number below zero means what it says, such as an end that lies behind.
    assert axis("BUREAU_ACTIVE_END").unit == "days"
    np.testing.assert_array_equal(population.column("BUREAU_ACTIVE_END"), stored["BUREAU_ACTIVE_END"].to_numpy())
    for name, each in axes().items():
        if each.unit in ("years", "months"):
            assert not (population.column(name) < 0).any(), name


def test_categories_are_places_in_their_codes(population: ComparisonColumns, stored: pl.DataFrame) -> None:
    codes = axis("NAME_INCOME_TYPE").codes
    named = [codes[int(place)] for place in population.column("NAME_INCOME_TYPE")]
    assert named == stored["NAME_INCOME_TYPE"].to_list()


def test_derived_features_are_computed(population: ComparisonColumns, stored: pl.DataFrame) -> None:
    expected = (stored["AMT_CREDIT"] / stored["AMT_INCOME_TOTAL"]).to_numpy()
    np.testing.assert_allclose(population.column("CREDIT_INCOME_RATIO"), expected)


def test_outcome_and_refusals(population: ComparisonColumns, portfolio: Portfolio, stored: pl.DataFrame) -> None:
    assert population.default is not None
    np.testing.assert_array_equal(population.default, stored["TARGET"].to_numpy())
    np.testing.assert_array_equal(population.refused, stored["probability"].to_numpy() >= portfolio.threshold)


def test_what_is_protected_or_unknown_is_no_axis(population: ComparisonColumns) -> None:
    for name in ("CODE_GENDER", "SK_ID_CURR", "TARGET", "nothing"):
        with pytest.raises(catalogue.UnknownEntry):
            population.column(name)


def test_a_stored_client_reads_the_same_as_an_application(population: ComparisonColumns, portfolio: Portfolio) -> None:
    names = tuple(axes())
    for place in (0, 7, population.size - 1):
        client = portfolio.client(int(portfolio.index["SK_ID_CURR"][place]))
        own = values_of(client.features, names)
        for name in names:
            assert own[name] == pytest.approx(population.column(name)[place], nan_ok=True), name
        assert population.position(client.client_id) == place


def test_an_unknown_client_has_no_position(population: ComparisonColumns) -> None:
    assert population.position(1) is None
    assert population.position(2**31 - 1) is None


def test_an_empty_application_has_no_values() -> None:
    own = values_of({}, tuple(axes()))
    assert all(np.isnan(value) for value in own.values())
    assert np.isnan(values_of({"NAME_INCOME_TYPE": "Astronaut"}, ("NAME_INCOME_TYPE",))["NAME_INCOME_TYPE"])


def test_columns_are_given_up_and_read_again(population: ComparisonColumns) -> None:
    before = population.column("AMT_CREDIT").copy()
    for name in list(axes())[:40]:
        population.column(name)
    np.testing.assert_array_equal(population.column("AMT_CREDIT"), before)
    with pytest.raises(ValueError, match="read-only"):
        population.column("AMT_CREDIT")[0] = 1
