"""The history of a client: earlier applications, loans at other lenders, payments and cards month by month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl

if TYPE_CHECKING:
    from pathlib import Path

# Within the folder of a portfolio; one Parquet file each, sorted by client.
history_folder: Final = "history"
applications_file: Final = "applications.parquet"
loans_file: Final = "loans.parquet"
payments_file: Final = "payments.parquet"
cards_file: Final = "cards.parquet"


@dataclass(frozen=True, slots=True)
class EarlierApplication:
    """An earlier application at the bank.

    Attributes:
        days_before: days between its decision and the application of today.
        contract_type, status, reject_reason: codes of `NAME_CONTRACT_TYPE`, `NAME_CONTRACT_STATUS` and
            `CODE_REJECT_REASON` of the table `previous_application`.
        asked, granted, annuity: amounts; `granted` is what the credit would have been where it was refused.
        payments: how many were agreed; None where that is not known.
    """

    days_before: int
    contract_type: str | None
    status: str | None
    reject_reason: str | None
    asked: float | None
    granted: float | None
    annuity: float | None
    payments: int | None


@dataclass(frozen=True, slots=True)
class OtherLoan:
    """A loan at another lender, as the credit bureau reports it.

    Attributes:
        days_before: days since it was opened.
        credit_type, status: codes of `CREDIT_TYPE` and `CREDIT_ACTIVE` of the table `bureau`.
        amount, debt, overdue: amounts; None where not reported.
        days_overdue: at the day of the report.
        days_to_end: days until it is to end, negative where that is past; None where not reported.
    """

    days_before: int
    credit_type: str | None
    status: str | None
    amount: float | None
    debt: float | None
    overdue: float | None
    days_overdue: int | None
    days_to_end: int | None


@dataclass(frozen=True, slots=True)
class PaymentMonth:
    """The instalments of all earlier loans that were due in one month.

    Attributes:
        month: months before the application, -1 for the last one.
        due, paid: amounts.
        instalments, late: how many payments were due, and how many of them came after their day.
        days_late: of the latest one; 0 where none was late.
    """

    month: int
    due: float
    paid: float
    instalments: int
    late: int
    days_late: int


@dataclass(frozen=True, slots=True)
class CardMonth:
    """All credit cards of the bank in one month.

    Attributes:
        month: months before the application, -1 for the last one.
        balance, limit: amounts, summed over the cards.
        days_late: the most days past due.
    """

    month: int
    balance: float
    limit: float
    days_late: int


@dataclass(frozen=True, slots=True)
class ClientHistory:
    """Everything, latest first for applications and loans, oldest first for months; empty where there is nothing."""

    applications: tuple[EarlierApplication, ...]
    loans: tuple[OtherLoan, ...]
    payments: tuple[PaymentMonth, ...]
    cards: tuple[CardMonth, ...]


def client_history(portfolio_dir: Path, client_id: int) -> ClientHistory:
    """Reads the history of one client; empty for a client without one, or where none was stored."""
    applications, loans, payments, cards = _rows(portfolio_dir / history_folder, client_id)
    return ClientHistory(
        applications=tuple(EarlierApplication(**row) for row in applications),
        loans=tuple(OtherLoan(**row) for row in loans),
        payments=tuple(PaymentMonth(**row) for row in payments),
        cards=tuple(CardMonth(**row) for row in cards),
    )


def _rows(folder: Path, client_id: int) -> list[list[dict[str, Any]]]:
    """The rows of the client in each file, none of a file that is not there; all files in one query."""
    files = [folder / name for name in (applications_file, loans_file, payments_file, cards_file)]
    found = {path: pl.scan_parquet(path) for path in files if path.is_file()}
    # Sorted by client: all row groups but one or two are passed over by their statistics.
    queries = [rows.filter(pl.col("SK_ID_CURR") == client_id).drop("SK_ID_CURR") for rows in found.values()]
    # To start four queries took longer than to read.
    frames = dict(zip(found, pl.collect_all(queries), strict=True))
    return [frames[path].to_dicts() if path in frames else [] for path in files]
