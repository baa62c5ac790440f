"""The history of a client: earlier applications, loans at other lenders, payments and cards month by month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from core import catalogue
from core.contract.clients.history import (
    CardMonthAnswer,
    EarlierApplicationAnswer,
    HistoryAnswer,
    OtherLoanAnswer,
    PaymentMonthAnswer,
)
from core.text.formats import format_value

if TYPE_CHECKING:
    from pathlib import Path

    from core.catalogue import Language

# Within the folder of a portfolio; one Parquet file each, sorted by client.
history_folder: Final = "history"
applications_file: Final = "applications.parquet"
loans_file: Final = "loans.parquet"
payments_file: Final = "payments.parquet"
cards_file: Final = "cards.parquet"


def client_history(portfolio_dir: Path, client_id: int, lang: Language) -> HistoryAnswer:
    """The history of one client in words of `lang`; empty for a client without one, or where none was stored."""
    applications, loans, payments, cards = _rows(portfolio_dir / history_folder, client_id)
    return HistoryAnswer(
        client_id=client_id,
        applications=[
            EarlierApplicationAnswer(
                contract_label=_coded("previous_application", "NAME_CONTRACT_TYPE", row["contract_type"], lang),
                status_label=_coded("previous_application", "NAME_CONTRACT_STATUS", row["status"], lang),
                **row,
            )
            for row in applications
        ],
        loans=[
            OtherLoanAnswer(
                type_label=_coded("bureau", "CREDIT_TYPE", row["credit_type"], lang),
                status_label=_coded("bureau", "CREDIT_ACTIVE", row["status"], lang),
                **row,
            )
            for row in loans
        ],
        payments=[PaymentMonthAnswer(**row) for row in payments],
        cards=[CardMonthAnswer(**row) for row in cards],
    )


def _coded(table: str, column: str, code: str | None, lang: Language) -> str:
    return format_value(catalogue.column(column, table), code, lang)


def _rows(folder: Path, client_id: int) -> list[list[dict[str, Any]]]:
    """The rows of the client in each file, none of a file that is not there; all files in one query."""
    files = [folder / name for name in (applications_file, loans_file, payments_file, cards_file)]
    scans = {path: pl.scan_parquet(path) for path in files if path.is_file()}
    # Sorted by client: all row groups but one or two are passed over by their statistics.
    queries = [rows.filter(pl.col("SK_ID_CURR") == client_id).drop("SK_ID_CURR") for rows in scans.values()]
    # To start four queries took longer than to read.
    frames = dict(zip(scans, pl.collect_all(queries), strict=True))
    return [frames[path].to_dicts() if path in frames else [] for path in files]
