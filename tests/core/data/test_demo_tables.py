"""The demo tables on disk: names, types, keys that join, and histories that carry the risk of their clients."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import polars as pl
import pytest

from core import catalogue
from core.data import demo
from core.data.demo import applications
from core.data.demo.tables import history_files

if TYPE_CHECKING:
    from pathlib import Path

    from core.data.demo import DemoTables

clients: Final = 4_000
# Rows of the real tables over the clients of both application tables.
real_rows: Final = {
    "bureau": 1_716_428,
    "bureau_balance": 27_299_925,
    "previous_application": 1_670_214,
    "pos_cash_balance": 10_001_358,
    "installments_payments": 13_605_401,
    "credit_card_balance": 3_840_312,
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> DemoTables:
    return demo.write_tables(tmp_path_factory.mktemp("demo"), clients, seed=9)


@pytest.fixture(scope="module")
def tables(written: DemoTables) -> dict[str, pl.DataFrame]:
    named = history_files | {"application_train": "application_train", "application_test": "application_test"}
    return {name: pl.read_parquet(written.paths[stem]) for name, stem in named.items()}


def digests(written: DemoTables) -> dict[str, str]:
    return {stem: hashlib.sha256(path.read_bytes()).hexdigest() for stem, path in written.paths.items()}


def test_eight_files_are_named_like_the_real_ones(written: DemoTables) -> None:
    folder = next(iter(written.paths.values())).parent
    assert sorted(path.name for path in folder.iterdir()) == [
        "POS_CASH_balance.parquet",
        "application_test.parquet",
        "application_train.parquet",
        "bureau.parquet",
        "bureau_balance.parquet",
        "credit_card_balance.parquet",
        "installments_payments.parquet",
        "previous_application.parquet",
    ]


def test_the_report_counts_the_rows(written: DemoTables, tables: dict[str, pl.DataFrame]) -> None:
    assert written.rows == {
        (history_files | {"application_train": "application_train", "application_test": "application_test"})[name]: (
            frame.height
        )
        for name, frame in tables.items()
    }
    assert written.rows["application_train"] == clients
    assert written.rows["application_test"] == round(clients * 48_744 / 307_511)


def test_the_applications_are_those_that_are_drawn_alone(tables: dict[str, pl.DataFrame]) -> None:
    assert tables["application_train"].equals(demo.draw_applications(clients, seed=9, split="train"))
    assert tables["application_test"].equals(
        demo.draw_applications(tables["application_test"].height, seed=9, split="test")
    )


@pytest.mark.parametrize("name", list(history_files))
def test_each_history_table_has_the_columns_and_types_of_the_catalogue(
    tables: dict[str, pl.DataFrame], name: str
) -> None:
    assert dict(tables[name].schema) == catalogue.polars_schema(name)


@pytest.mark.parametrize("name", list(history_files))
def test_columns_that_are_always_known_are_known(tables: dict[str, pl.DataFrame], name: str) -> None:
    required = [column.name for column in catalogue.columns(name) if not column.nullable]
    assert tables[name].select(required).null_count().row(0) == (0,) * len(required)


@pytest.mark.parametrize("name", ["bureau", "previous_application", "installments_payments", "credit_card_balance"])
def test_numbers_are_finite(tables: dict[str, pl.DataFrame], name: str) -> None:
    reals = tables[name].select(pl.selectors.float())
    assert reals.width > 0
    assert reals.select(pl.all().is_finite().all()).row(0) == (True,) * reals.width


@pytest.mark.parametrize("name", list(history_files))
def test_clients_have_about_as_many_rows_as_the_real_ones(tables: dict[str, pl.DataFrame], name: str) -> None:
    drawn = tables["application_train"].height + tables["application_test"].height
    assert tables[name].height / drawn == pytest.approx(real_rows[name] / 356_255, rel=0.15)


@pytest.mark.parametrize("name", [file for file in history_files if file != "bureau_balance"])
def test_every_row_belongs_to_a_client_of_either_split(tables: dict[str, pl.DataFrame], name: str) -> None:
    known = pl.concat([tables["application_train"]["SK_ID_CURR"], tables["application_test"]["SK_ID_CURR"]])
    owners = tables[name]["SK_ID_CURR"].unique()
    assert owners.is_in(known.implode()).all()
    assert owners.is_in(tables["application_test"]["SK_ID_CURR"].implode()).any()


@pytest.mark.parametrize(("name", "key"), [("bureau", "SK_ID_BUREAU"), ("previous_application", "SK_ID_PREV")])
def test_keys_are_unique(tables: dict[str, pl.DataFrame], name: str, key: str) -> None:
    assert tables[name][key].is_unique().all()


def test_every_month_of_the_bureau_belongs_to_a_credit(tables: dict[str, pl.DataFrame]) -> None:
    months = tables["bureau_balance"]
    assert months["SK_ID_BUREAU"].unique().is_in(tables["bureau"]["SK_ID_BUREAU"].implode()).all()
    assert not months.select("SK_ID_BUREAU", "MONTHS_BALANCE").is_duplicated().any()


@pytest.mark.parametrize("name", ["pos_cash_balance", "installments_payments", "credit_card_balance"])
def test_what_was_lent_was_approved_for_the_same_client(tables: dict[str, pl.DataFrame], name: str) -> None:
    loans = tables[name].select("SK_ID_PREV", "SK_ID_CURR").unique()
    joined = loans.join(tables["previous_application"], on="SK_ID_PREV", how="left", suffix="_APPLIED")
    assert (joined["SK_ID_CURR"] == joined["SK_ID_CURR_APPLIED"]).all()
    assert (joined["NAME_CONTRACT_STATUS"] == "Approved").all()
    kinds = set(joined["NAME_CONTRACT_TYPE"])
    if name == "credit_card_balance":
        assert kinds == {"Revolving loans"}
    else:
        assert {"Cash loans", "Consumer loans"} <= kinds


@pytest.mark.parametrize("name", ["pos_cash_balance", "credit_card_balance"])
def test_a_loan_has_one_row_a_month_in_the_past(tables: dict[str, pl.DataFrame], name: str) -> None:
    months = tables[name].select("SK_ID_PREV", "MONTHS_BALANCE")
    assert not months.is_duplicated().any()
    assert months["MONTHS_BALANCE"].is_between(-96, -1).all()


def test_a_credit_ends_between_its_start_and_today(tables: dict[str, pl.DataFrame]) -> None:
    ended = tables["bureau"].drop_nulls("DAYS_ENDDATE_FACT")
    assert (ended["DAYS_ENDDATE_FACT"] >= ended["DAYS_CREDIT"]).all()
    assert (ended["DAYS_ENDDATE_FACT"] <= 0).all()
    assert (tables["bureau"]["DAYS_CREDIT_UPDATE"] <= 0).all()


def test_a_closed_month_is_never_followed_by_an_open_one(tables: dict[str, pl.DataFrame]) -> None:
    months = tables["bureau_balance"].sort("SK_ID_BUREAU", "MONTHS_BALANCE")
    same = months["SK_ID_BUREAU"] == months["SK_ID_BUREAU"].shift(1)
    was_closed = months["STATUS"].shift(1) == "C"
    assert (months.filter(same & was_closed)["STATUS"] == "C").all()
    assert set(months["STATUS"]) == {"0", "1", "2", "3", "4", "5", "C", "X"}


def test_payments_lie_in_the_past(tables: dict[str, pl.DataFrame]) -> None:
    payments = tables["installments_payments"]
    assert (payments["DAYS_INSTALMENT"] < 0).all()
    assert (payments["DAYS_ENTRY_PAYMENT"].drop_nulls() < 0).all()
    assert (payments["AMT_PAYMENT"].drop_nulls() >= 0).all()
    assert payments.select((pl.col("AMT_PAYMENT").is_null() == pl.col("DAYS_ENTRY_PAYMENT").is_null()).all()).item()


def test_drawings_of_a_card_add_up(tables: dict[str, pl.DataFrame]) -> None:
    card = tables["credit_card_balance"]
    for unit in ("AMT", "CNT"):
        parts = [f"{unit}_DRAWINGS_{kind}_CURRENT" for kind in ("ATM", "POS", "OTHER")]
        gap = card.select(pl.sum_horizontal(parts) - pl.col(f"{unit}_DRAWINGS_CURRENT")).to_series()
        assert (gap.abs() < 1e-6).all()


def test_an_application_that_was_not_approved_has_no_due_dates(tables: dict[str, pl.DataFrame]) -> None:
    refused = tables["previous_application"].filter(pl.col("NAME_CONTRACT_STATUS") != "Approved")
    assert refused["DAYS_FIRST_DUE"].is_null().all()
    reasons = tables["previous_application"].filter(pl.col("NAME_CONTRACT_STATUS") == "Approved")["CODE_REJECT_REASON"]
    assert set(reasons) == {"XAP"}


def test_who_defaults_paid_late_borrowed_more_and_was_refused_more_often(tables: dict[str, pl.DataFrame]) -> None:
    target = tables["application_train"].select("SK_ID_CURR", "TARGET")

    def gap(name: str, fact: pl.Expr) -> float:
        own = tables[name].group_by("SK_ID_CURR").agg(fact.cast(pl.Float64).mean().alias("fact")).drop_nulls()
        means = own.join(target, on="SK_ID_CURR").group_by("TARGET").agg(pl.col("fact").mean())
        found = dict(means.rows())
        return float(found[1] / found[0])

    late = pl.col("DAYS_ENTRY_PAYMENT") > pl.col("DAYS_INSTALMENT")
    assert gap("installments_payments", late) > 1.1
    assert gap("bureau", pl.col("CREDIT_ACTIVE") == "Active") > 1.1
    assert gap("bureau", pl.col("AMT_CREDIT_SUM_DEBT") > 0) > 1.1
    assert gap("previous_application", pl.col("NAME_CONTRACT_STATUS") == "Refused") > 1.1
    assert gap("pos_cash_balance", pl.col("SK_DPD") > 0) > 1.2
    used = pl.when(pl.col("AMT_CREDIT_LIMIT_ACTUAL") > 0).then(
        pl.col("AMT_BALANCE") / pl.col("AMT_CREDIT_LIMIT_ACTUAL")
    )
    assert gap("credit_card_balance", used) > 1.0


def test_the_same_seed_writes_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    first, again, other = (
        digests(demo.write_tables(tmp_path / name, 300, seed))
        for name, seed in (("first", 1), ("again", 1), ("other", 2))
    )
    assert first == again
    assert all(first[stem] != other[stem] for stem in first)


def test_keys_stay_unique_over_several_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applications, "block", 200)
    written = demo.write_tables(tmp_path, 700, seed=3)
    assert pl.read_parquet(written.paths["bureau"])["SK_ID_BUREAU"].is_unique().all()
    assert pl.read_parquet(written.paths["previous_application"])["SK_ID_PREV"].is_unique().all()
    ids = pl.read_parquet(written.paths["application_train"])["SK_ID_CURR"]
    assert ids.len() == 700
    assert (ids.diff().drop_nulls() > 0).all()


def test_files_of_an_earlier_run_are_replaced(tmp_path: Path) -> None:
    demo.write_tables(tmp_path, 300, seed=1)
    written = demo.write_tables(tmp_path, 100, seed=1)
    assert pl.read_parquet(written.paths["application_train"]).height == 100
    assert len(list(tmp_path.iterdir())) == 8


def test_one_client_is_enough(tmp_path: Path) -> None:
    written = demo.write_tables(tmp_path, 1, seed=4)
    assert written.rows["application_train"] == 1
    assert pl.read_parquet(written.paths["previous_application"]).columns == list(
        catalogue.polars_schema("previous_application")
    )
