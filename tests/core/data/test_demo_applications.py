"""The synthetic applications: their shape, their keys, and what must hold between their columns."""

from __future__ import annotations

import polars as pl
import pytest

from core import catalogue
from core.data import demo
from core.data.demo.applications import client_ids, first_id, test_clients, train_clients

clients = 6_000


@pytest.fixture(scope="module")
def train() -> pl.DataFrame:
    return demo.draw_applications(clients, seed=3, split="train")


@pytest.fixture(scope="module")
def test_split() -> pl.DataFrame:
    return demo.draw_applications(clients, seed=3, split="test")


def test_train_has_every_column_of_the_catalogue_in_order(train: pl.DataFrame) -> None:
    assert dict(train.schema) == catalogue.polars_schema("application")
    assert train.height == clients


def test_test_split_has_no_target(test_split: pl.DataFrame) -> None:
    assert test_split.columns == [name for name in catalogue.polars_schema("application") if name != "TARGET"]


def test_no_column_that_must_be_known_is_missing(train: pl.DataFrame) -> None:
    required = [column.name for column in catalogue.columns() if not column.nullable and column.name != "AMT_ANNUITY"]
    assert train.select(required).null_count().row(0) == (0,) * len(required)


def test_categories_are_codes_of_the_catalogue(train: pl.DataFrame) -> None:
    for column in catalogue.columns():
        if column.type == "category":
            assert set(train[column.name].drop_nulls()) <= {code.code for code in column.codes}, column.name


def test_numbers_lie_within_the_catalogue_bounds(train: pl.DataFrame) -> None:
    for column in catalogue.columns():
        values = train[column.name].drop_nulls()
        if column.type in ("integer", "real") and column.name != "DAYS_EMPLOYED":
            assert column.minimum is None or values.min() >= column.minimum, column.name  # type: ignore[operator]
            assert column.maximum is None or values.max() <= column.maximum, column.name  # type: ignore[operator]


def test_client_numbers_ascend_and_the_splits_never_meet(train: pl.DataFrame, test_split: pl.DataFrame) -> None:
    ids = train["SK_ID_CURR"]
    assert ids[0] == first_id + 1
    assert test_split["SK_ID_CURR"][0] == first_id
    assert (ids.diff().drop_nulls() > 0).all()
    assert not set(ids) & set(test_split["SK_ID_CURR"])


def test_no_number_is_that_of_a_real_client() -> None:
    """A drawn history is never joined to somebody of the real tables, which number 100001 to 456255."""

    train_ids, test_ids = client_ids(0, train_clients, "train"), client_ids(0, test_clients, "test")
    assert sorted([*train_ids, *test_ids]) == list(range(first_id, first_id + train_clients + test_clients))
    beyond = client_ids(train_clients, train_clients + 2, "train")
    assert beyond.min() >= first_id + train_clients + test_clients
    assert not set(range(100_001, 456_256)) & {*train_ids, *test_ids, *beyond}
    assert beyond.max() <= (catalogue.column("SK_ID_CURR").maximum or 0)


def test_the_same_seed_gives_the_same_rows(train: pl.DataFrame) -> None:
    assert train.equals(demo.draw_applications(clients, seed=3, split="train"))


def test_another_seed_gives_other_rows(train: pl.DataFrame) -> None:
    other = demo.draw_applications(clients, seed=4, split="train")
    assert other["SK_ID_CURR"].equals(train["SK_ID_CURR"])
    assert not other["AMT_CREDIT"].equals(train["AMT_CREDIT"])


def test_a_table_without_clients_has_its_columns() -> None:
    assert dict(demo.draw_applications(0, seed=1, split="train").schema) == catalogue.polars_schema("application")


def test_the_real_share_defaults() -> None:
    drawn = demo.draw_applications(40_000, seed=5, split="train")
    assert 0.075 < drawn["TARGET"].mean() < 0.086  # type: ignore[operator]


def test_who_is_not_employed_is_a_pensioner_without_organisation_or_work_phone(train: pl.DataFrame) -> None:
    says = train.select(
        days=pl.col("DAYS_EMPLOYED") == 365_243,
        pensioner=pl.col("NAME_INCOME_TYPE") == "Pensioner",
        organisation=pl.col("ORGANIZATION_TYPE") == "XNA",
        phone=pl.col("FLAG_EMP_PHONE") == 0,
    )
    assert says.unique().height == 2
    assert says.filter(pl.col("days")).unique().row(0) == (True,) * 4
    assert train.filter(pl.col("DAYS_EMPLOYED") == 365_243)["OCCUPATION_TYPE"].is_null().all()


def test_nobody_has_worked_longer_than_lived(train: pl.DataFrame) -> None:
    employed = train.filter(pl.col("DAYS_EMPLOYED") != 365_243)
    assert (employed["DAYS_EMPLOYED"] <= 0).all()
    assert (employed["DAYS_EMPLOYED"] > employed["DAYS_BIRTH"]).all()


def test_a_car_has_an_age_and_no_car_has_none(train: pl.DataFrame) -> None:
    assert (train["OWN_CAR_AGE"].is_not_null() == (train["FLAG_OWN_CAR"] == "Y")).all()
    assert 0.2 < (train["FLAG_OWN_CAR"] == "Y").mean() < 0.5  # type: ignore[operator]


def test_a_family_is_the_client_a_partner_and_the_children(train: pl.DataFrame) -> None:
    couple = train["NAME_FAMILY_STATUS"].is_in(["Married", "Civil marriage"]).cast(pl.Int32)
    assert (train["CNT_FAM_MEMBERS"] == train["CNT_CHILDREN"] + 1 + couple).all()


def test_building_twins_are_missing_together_and_stay_close(train: pl.DataFrame) -> None:
    for name in (column.removesuffix("_AVG") for column in train.columns if column.endswith("_AVG")):
        average = train[f"{name}_AVG"]
        for twin in (f"{name}_MODE", f"{name}_MEDI"):
            assert (train[twin].is_null() == average.is_null()).all(), twin
            assert (train[twin] - average).abs().median() < 0.02, twin  # type: ignore[operator]


def test_amounts_lie_on_their_grid(train: pl.DataFrame) -> None:
    for name in ("AMT_CREDIT", "AMT_ANNUITY", "AMT_GOODS_PRICE"):
        steps = train[name].drop_nulls() / 4.5
        assert ((steps - steps.round()).abs() < 1e-6).all(), name


def test_credit_follows_the_price_of_the_goods(train: pl.DataFrame) -> None:
    ratio = (train["AMT_CREDIT"] / train["AMT_GOODS_PRICE"]).drop_nulls()
    assert (ratio > 0.1).all()
    assert ratio.quantile(0.01) > 0.95  # type: ignore[operator]
    assert ratio.quantile(0.99) < 1.6  # type: ignore[operator]


def test_a_revolving_loan_repays_a_twentieth(train: pl.DataFrame) -> None:
    revolving = train.filter(pl.col("NAME_CONTRACT_TYPE") == "Revolving loans")
    share = revolving["AMT_ANNUITY"] / revolving["AMT_CREDIT"]
    assert revolving.height > 300
    assert ((share - 0.05).abs() < 1e-4).mean() > 0.98  # type: ignore[operator]


def test_a_longer_delay_is_never_seen_more_often(train: pl.DataFrame) -> None:
    circle = train.drop_nulls("OBS_30_CNT_SOCIAL_CIRCLE")
    assert (circle["OBS_60_CNT_SOCIAL_CIRCLE"] <= circle["OBS_30_CNT_SOCIAL_CIRCLE"]).all()
    assert (circle["DEF_60_CNT_SOCIAL_CIRCLE"] <= circle["DEF_30_CNT_SOCIAL_CIRCLE"]).all()
    for days in (30, 60):
        assert (circle[f"DEF_{days}_CNT_SOCIAL_CIRCLE"] <= circle[f"OBS_{days}_CNT_SOCIAL_CIRCLE"]).all()


def test_enquiries_are_known_together(train: pl.DataFrame) -> None:
    enquiries = train.select(pl.col("^AMT_REQ_CREDIT_BUREAU_.*$").is_null())
    assert enquiries.unique().height == 2


def test_few_clients_hand_in_more_than_one_document(train: pl.DataFrame) -> None:
    handed_in = train.select(pl.sum_horizontal(pl.col("^FLAG_DOCUMENT_.*$"))).to_series()
    assert (handed_in > 1).mean() < 0.05  # type: ignore[operator]
    assert (handed_in > 3).sum() == 0


def test_who_lives_and_works_where_registered_does_not_commute(train: pl.DataFrame) -> None:
    at_home = (train["REG_REGION_NOT_LIVE_REGION"] == 0) & (train["REG_REGION_NOT_WORK_REGION"] == 0)
    assert (train.filter(at_home)["LIVE_REGION_NOT_WORK_REGION"] == 0).all()


def test_the_test_split_has_few_revolving_loans_and_differs(train: pl.DataFrame, test_split: pl.DataFrame) -> None:
    revolving = (test_split["NAME_CONTRACT_TYPE"] == "Revolving loans").mean()
    assert 0.003 < revolving < 0.02  # type: ignore[operator]
    assert (train["NAME_CONTRACT_TYPE"] == "Revolving loans").mean() > 0.08  # type: ignore[operator]
    assert test_split["AMT_CREDIT"].mean() > 1.03 * train["AMT_CREDIT"].mean()  # type: ignore[operator]
    assert test_split["DAYS_LAST_PHONE_CHANGE"].mean() > 0.95 * train["DAYS_LAST_PHONE_CHANGE"].mean()  # type: ignore[operator]
    monthly = "AMT_REQ_CREDIT_BUREAU_MON"
    assert test_split[monthly].mean() < 0.5 * train[monthly].mean()  # type: ignore[operator]
