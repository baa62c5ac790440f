"""What a client did before, as small charts show it: the rows of the side tables, by client and month."""

import math
from pathlib import Path

import polars as pl
import pytest

from core.contract.clients.history import HistoryAnswer
from core.portfolio.client_history import client_history
from core.portfolio.drawn_clients import draw_tables
from core.portfolio.history_tables import store_history

clients = 300


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    draw_tables(folder, clients, 8)
    return folder


@pytest.fixture(scope="module")
def ids(tables: Path) -> list[int]:
    return pl.read_parquet(tables / "application_train.parquet")["SK_ID_CURR"].to_list()[: clients // 2]


@pytest.fixture(scope="module")
def portfolio_dir(tables: Path, ids: list[int], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("portfolio")
    store_history(tables, folder, pl.Series(ids))
    return folder


def empty(client_id: int) -> HistoryAnswer:
    return HistoryAnswer(client_id=client_id, applications=[], loans=[], payments=[], cards=[])


def rows_of(tables: Path, stem: str, client_id: int) -> pl.DataFrame:
    return pl.read_parquet(tables / f"{stem}.parquet").filter(pl.col("SK_ID_CURR") == client_id)


def test_applications_and_loans_are_the_rows_latest_first(tables: Path, portfolio_dir: Path, ids: list[int]) -> None:
    met = 0
    for client_id in ids:
        history = client_history(portfolio_dir, client_id, "en")
        earlier, loans = (rows_of(tables, stem, client_id) for stem in ("previous_application", "bureau"))
        assert [application.days_before for application in history.applications] == sorted(
            (-earlier["DAYS_DECISION"]).to_list()
        )
        assert sorted(application.asked or 0.0 for application in history.applications) == sorted(
            earlier["AMT_APPLICATION"].fill_null(0).to_list()
        )
        assert [loan.days_before for loan in history.loans] == sorted((-loans["DAYS_CREDIT"]).to_list())
        assert sum(loan.debt or 0.0 for loan in history.loans) == pytest.approx(loans["AMT_CREDIT_SUM_DEBT"].sum())
        met += bool(history.applications) and bool(history.loans)
    assert met > clients / 4


def test_months_hold_every_payment_once(tables: Path, portfolio_dir: Path, ids: list[int]) -> None:
    for client_id in ids[:60]:
        months = client_history(portfolio_dir, client_id, "en").payments
        rows = rows_of(tables, "installments_payments", client_id)
        assert [each.month for each in months] == sorted({each.month for each in months})
        assert sum(each.instalments for each in months) == rows.height
        for month in months:
            due = rows.filter((pl.col("DAYS_INSTALMENT") / 30.4375).floor() == month.month)
            delays = [
                max(paid - due_on, 0)
                for paid, due_on in due.select("DAYS_ENTRY_PAYMENT", "DAYS_INSTALMENT").iter_rows()
                if paid is not None
            ]
            assert month.due == pytest.approx(math.fsum(due["AMT_INSTALMENT"]))
            assert month.paid == pytest.approx(due["AMT_PAYMENT"].sum())
            assert month.late == sum(delay > 0 for delay in delays)
            assert month.days_late == max(delays, default=0)


def test_cards_are_summed_by_month(tables: Path, portfolio_dir: Path, ids: list[int]) -> None:
    found = 0
    for client_id in ids:
        months = client_history(portfolio_dir, client_id, "en").cards
        rows = rows_of(tables, "credit_card_balance", client_id)
        assert len(months) == rows["MONTHS_BALANCE"].n_unique()
        assert sum(month.balance for month in months) == pytest.approx(rows["AMT_BALANCE"].sum())
        found += bool(months)
    assert found


def test_others_are_not_stored(tables: Path, portfolio_dir: Path, ids: list[int]) -> None:
    others = pl.read_parquet(tables / "application_train.parquet")["SK_ID_CURR"].to_list()[clients // 2 :]
    for client_id in (*others[:20], 1, 2**31 - 1):
        assert client_history(portfolio_dir, client_id, "en") == empty(client_id)


def test_tables_that_are_absent_leave_their_part_empty(tables: Path, ids: list[int], tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "bureau.parquet").write_bytes((tables / "bureau.parquet").read_bytes())
    store_history(tmp_path / "tables", tmp_path / "portfolio", pl.Series(ids))
    histories = [client_history(tmp_path / "portfolio", each, "en") for each in ids]
    assert any(history.loans for history in histories)
    assert not any(history.applications or history.payments or history.cards for history in histories)
    assert client_history(tmp_path / "nowhere", ids[0], "en") == empty(ids[0])
