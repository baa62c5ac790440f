"""The history features in plain pandas, as a careful analyst writes them: what ours are measured against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path


def build(folder: Path) -> pd.DataFrame:
    """The history features of the clients and tables that `side_tables.write` wrote in `folder`."""
    clients = pd.read_parquet(folder / "clients.parquet")
    for aggregate in (_bureau, _previous, _pos_cash, _installments, _credit_card):
        clients = clients.merge(aggregate(folder), on="SK_ID_CURR", how="left")
    return clients


def write(features: pd.DataFrame, result: Path) -> None:
    """Writes what `build` made as Parquet."""
    features.to_parquet(result)


def _bureau(folder: Path) -> pd.DataFrame:
    loans = pd.read_parquet(folder / "bureau")
    active, closed = loans["CREDIT_ACTIVE"] == "Active", loans["CREDIT_ACTIVE"] == "Closed"
    recent = loans["DAYS_CREDIT"] >= -365
    loans["active"], loans["recent"], loans["active_recent"] = active, recent, active & recent
    loans["active_card"] = active & (loans["CREDIT_TYPE"] == "Credit card")
    loans["microloan"], loans["mortgage"] = loans["CREDIT_TYPE"] == "Microloan", loans["CREDIT_TYPE"] == "Mortgage"
    loans["active_credit"] = loans["AMT_CREDIT_SUM"].where(active)
    loans["active_debt"] = loans["AMT_CREDIT_SUM_DEBT"].where(active)
    loans["debt_credit"] = loans["active_credit"].where(loans["active_debt"].notna())
    loans["active_end"] = loans["DAYS_CREDIT_ENDDATE"].where(active)
    loans["early"] = (loans["DAYS_CREDIT_ENDDATE"] - loans["DAYS_ENDDATE_FACT"]).where(closed)
    found = loans.groupby("SK_ID_CURR").agg(
        BUREAU_LOANS=("active", "size"),
        BUREAU_ACTIVE_LOANS=("active", "sum"),
        BUREAU_LOANS_LAST_YEAR=("recent", "sum"),
        BUREAU_ACTIVE_LAST_YEAR=("active_recent", "sum"),
        BUREAU_DAYS_SINCE_FIRST=("DAYS_CREDIT", "min"),
        BUREAU_DAYS_SINCE_LAST=("DAYS_CREDIT", "max"),
        BUREAU_DAYS_MEAN=("DAYS_CREDIT", "mean"),
        BUREAU_CREDIT_TYPES=("CREDIT_TYPE", "nunique"),
        BUREAU_ACTIVE_CARDS=("active_card", "sum"),
        BUREAU_MICROLOANS=("microloan", "sum"),
        BUREAU_MORTGAGES=("mortgage", "sum"),
        BUREAU_ACTIVE_CREDIT=("active_credit", "sum"),
        BUREAU_ACTIVE_DEBT=("active_debt", "sum"),
        known_debts=("active_debt", "count"),
        debt_credit=("debt_credit", "sum"),
        BUREAU_CREDIT_MEAN=("AMT_CREDIT_SUM", "mean"),
        BUREAU_CREDIT_MAX=("AMT_CREDIT_SUM", "max"),
        BUREAU_OVERDUE=("AMT_CREDIT_SUM_OVERDUE", "sum"),
        BUREAU_OVERDUE_MAX=("AMT_CREDIT_MAX_OVERDUE", "max"),
        BUREAU_DAYS_OVERDUE_MAX=("CREDIT_DAY_OVERDUE", "max"),
        BUREAU_PROLONGATIONS=("CNT_CREDIT_PROLONG", "sum"),
        BUREAU_ACTIVE_END=("active_end", "max"),
        BUREAU_CLOSED_EARLY=("early", "mean"),
        BUREAU_DAYS_UPDATED=("DAYS_CREDIT_UPDATE", "max"),
    )
    found["BUREAU_ACTIVE_SHARE"] = found["BUREAU_ACTIVE_LOANS"] / found["BUREAU_LOANS"]
    debt, credit = found["BUREAU_ACTIVE_DEBT"], found.pop("debt_credit")
    found["BUREAU_DEBT_RATIO"] = debt / credit.where(credit > 0)
    found["BUREAU_ACTIVE_DEBT"] = debt.where((found.pop("known_debts") > 0) | (found["BUREAU_ACTIVE_LOANS"] == 0))
    return found.join(_bureau_balance(folder, loans[["SK_ID_CURR", "SK_ID_BUREAU"]])).reset_index()


def _bureau_balance(folder: Path, loans: pd.DataFrame) -> pd.DataFrame:
    months = pd.read_parquet(folder / "bureau_balance")
    months["late"] = months["STATUS"].isin(["1", "2", "3", "4", "5"])
    months["late_recent"] = months["late"] & (months["MONTHS_BALANCE"] >= -12)
    months["severity"] = pd.to_numeric(months["STATUS"], errors="coerce")
    months["unknown"] = months["STATUS"] == "X"
    by_loan = months.groupby("SK_ID_BUREAU").agg(
        months=("late", "size"),
        late=("late", "sum"),
        late_recent=("late_recent", "sum"),
        worst=("severity", "max"),
        unknown=("unknown", "sum"),
    )
    joined = loans.merge(by_loan, left_on="SK_ID_BUREAU", right_index=True)
    found = joined.groupby("SK_ID_CURR").agg(
        BUREAU_BALANCE_MONTHS=("months", "sum"),
        late=("late", "sum"),
        BUREAU_BALANCE_LATE_LAST_YEAR=("late_recent", "sum"),
        BUREAU_BALANCE_WORST=("worst", "max"),
        unknown=("unknown", "sum"),
    )
    found["BUREAU_BALANCE_LATE_SHARE"] = found.pop("late") / found["BUREAU_BALANCE_MONTHS"]
    found["BUREAU_BALANCE_UNKNOWN_SHARE"] = found.pop("unknown") / found["BUREAU_BALANCE_MONTHS"]
    return found


def _previous(folder: Path) -> pd.DataFrame:
    asked = pd.read_parquet(folder / "previous_application")
    status, credit, payments = asked["NAME_CONTRACT_STATUS"], asked["AMT_CREDIT"], asked["CNT_PAYMENT"]
    approved, refused = status == "Approved", status == "Refused"
    recent = asked["DAYS_DECISION"] >= -365
    asked["approved"], asked["refused"], asked["canceled"] = approved, refused, status == "Canceled"
    asked["recent"], asked["refused_recent"] = recent, refused & recent
    asked["refused_day"] = asked["DAYS_DECISION"].where(refused)
    asked["by_score"] = asked["CODE_REJECT_REASON"].isin(["SCO", "SCOFR", "HC"])
    for name in ("AMT_CREDIT", "AMT_ANNUITY", "RATE_DOWN_PAYMENT", "CNT_PAYMENT"):
        asked[f"approved_{name}"] = asked[name].where(approved)
    wanted = asked["AMT_APPLICATION"]
    asked["granted"] = (credit / wanted.where(wanted != 0)).where(approved)
    interest = (payments * asked["AMT_ANNUITY"] / credit - 1) * 12 / payments
    asked["interest"] = interest.where((credit > 0) & (payments > 0) & approved)
    asked["high_yield"] = asked["NAME_YIELD_GROUP"] == "high"
    asked["cash"] = asked["NAME_CONTRACT_TYPE"] == "Cash loans"
    asked["revolving"] = asked["NAME_CONTRACT_TYPE"] == "Revolving loans"
    asked["running"] = approved & (asked["DAYS_TERMINATION"] == 365243)
    last_due = asked["DAYS_LAST_DUE_1ST_VERSION"]
    asked["last_due"] = last_due.where(approved & (last_due != 365243))
    found = asked.groupby("SK_ID_CURR").agg(
        PREVIOUS_APPLICATIONS=("approved", "size"),
        PREVIOUS_LAST_YEAR=("recent", "sum"),
        PREVIOUS_APPROVED_SHARE=("approved", "mean"),
        PREVIOUS_REFUSED_SHARE=("refused", "mean"),
        PREVIOUS_CANCELED_SHARE=("canceled", "mean"),
        PREVIOUS_REFUSED_LAST_YEAR=("refused_recent", "sum"),
        PREVIOUS_DAYS_SINCE_LAST=("DAYS_DECISION", "max"),
        PREVIOUS_DAYS_SINCE_FIRST=("DAYS_DECISION", "min"),
        PREVIOUS_DAYS_SINCE_REFUSED=("refused_day", "max"),
        PREVIOUS_REJECTED_BY_SCORE=("by_score", "mean"),
        PREVIOUS_CREDIT_MEAN=("approved_AMT_CREDIT", "mean"),
        PREVIOUS_ANNUITY_MAX=("approved_AMT_ANNUITY", "max"),
        PREVIOUS_GRANTED_RATIO=("granted", "mean"),
        PREVIOUS_DOWN_PAYMENT_RATE=("approved_RATE_DOWN_PAYMENT", "mean"),
        PREVIOUS_DURATION=("approved_CNT_PAYMENT", "mean"),
        PREVIOUS_INTEREST=("interest", "mean"),
        PREVIOUS_HIGH_YIELD_SHARE=("high_yield", "mean"),
        PREVIOUS_CASH_SHARE=("cash", "mean"),
        PREVIOUS_REVOLVING_SHARE=("revolving", "mean"),
        PREVIOUS_INSURED_SHARE=("NFLAG_INSURED_ON_APPROVAL", "mean"),
        PREVIOUS_RUNNING=("running", "sum"),
        PREVIOUS_LAST_DUE=("last_due", "max"),
    )
    found["PREVIOUS_LAST_REFUSED"] = found["PREVIOUS_DAYS_SINCE_REFUSED"] == found["PREVIOUS_DAYS_SINCE_LAST"]
    return found.reset_index()


def _pos_cash(folder: Path) -> pd.DataFrame:
    months = pd.read_parquet(folder / "pos_cash_balance")
    months["late"], months["recent"] = months["SK_DPD"] > 0, months["MONTHS_BALANCE"] >= -12
    months["late_recent"] = months["late"] & months["recent"]
    months["completed"] = months["NAME_CONTRACT_STATUS"] == "Completed"
    by_loan = months.groupby(["SK_ID_CURR", "SK_ID_PREV"]).agg(
        months=("late", "size"),
        late=("late", "sum"),
        recent=("recent", "sum"),
        late_recent=("late_recent", "sum"),
        worst=("SK_DPD", "max"),
        worst_tolerated=("SK_DPD_DEF", "max"),
        last=("MONTHS_BALANCE", "max"),
        left=("CNT_INSTALMENT_FUTURE", "min"),
        completed=("completed", "any"),
    )
    by_loan["left"] = by_loan["left"].where(~by_loan["completed"])
    found = by_loan.groupby("SK_ID_CURR").agg(
        POS_LOANS=("months", "size"),
        POS_MONTHS=("months", "sum"),
        POS_COMPLETED_SHARE=("completed", "mean"),
        POS_PAYMENTS_LEFT=("left", "sum"),
        POS_LAST_MONTH=("last", "max"),
        POS_DAYS_LATE_MAX=("worst", "max"),
        POS_DAYS_LATE_TOLERATED_MAX=("worst_tolerated", "max"),
        late=("late", "sum"),
        recent=("recent", "sum"),
        late_recent=("late_recent", "sum"),
    )
    recent = found.pop("recent")
    found["POS_LATE_SHARE"] = found.pop("late") / found["POS_MONTHS"]
    found["POS_LATE_SHARE_LAST_YEAR"] = found.pop("late_recent") / recent.where(recent > 0)
    return found.reset_index()


def _installments(folder: Path) -> pd.DataFrame:
    payments = pd.read_parquet(folder / "installments_payments")
    delay = payments["DAYS_ENTRY_PAYMENT"] - payments["DAYS_INSTALMENT"]
    recent, half = payments["DAYS_INSTALMENT"] >= -365, payments["DAYS_INSTALMENT"] >= -180
    payments["paid"] = payments["AMT_PAYMENT"].fillna(0)
    payments["late"] = (delay > 0).where(delay.notna()).astype(float)
    payments["days_late"], payments["days_early"] = delay.clip(lower=0), (-delay).clip(lower=0)
    payments["late_recent"], payments["late_half"] = payments["late"].where(recent), payments["late"].where(half)
    payments["days_late_recent"] = payments["days_late"].where(recent)
    payments["short"] = payments["paid"] < 0.99 * payments["AMT_INSTALMENT"]
    found = payments.groupby("SK_ID_CURR").agg(
        INSTALMENTS=("paid", "size"),
        INSTALMENT_LATE_SHARE=("late", "mean"),
        INSTALMENT_DAYS_LATE_MEAN=("days_late", "mean"),
        INSTALMENT_DAYS_LATE_MAX=("days_late", "max"),
        INSTALMENT_DAYS_EARLY_MEAN=("days_early", "mean"),
        INSTALMENT_LATE_SHARE_LAST_YEAR=("late_recent", "mean"),
        INSTALMENT_DAYS_LATE_LAST_YEAR=("days_late_recent", "mean"),
        INSTALMENT_LATE_SHARE_LAST_HALF=("late_half", "mean"),
        INSTALMENT_SHORT_SHARE=("short", "mean"),
        INSTALMENT_AMOUNT_MEAN=("AMT_INSTALMENT", "mean"),
        INSTALMENT_DAYS_SINCE_LAST=("DAYS_ENTRY_PAYMENT", "max"),
        paid=("paid", "sum"),
        due=("AMT_INSTALMENT", "sum"),
    )
    due = found.pop("due")
    found["INSTALMENT_PAID_SHARE"] = found.pop("paid") / due.where(due > 0)
    found["INSTALMENT_LATE_TREND"] = found["INSTALMENT_LATE_SHARE_LAST_YEAR"] - found["INSTALMENT_LATE_SHARE"]
    return found.reset_index()


def _credit_card(folder: Path) -> pd.DataFrame:
    months = pd.read_parquet(folder / "credit_card_balance")
    limit, minimum = months["AMT_CREDIT_LIMIT_ACTUAL"], months["AMT_INST_MIN_REGULARITY"]
    months["used"] = months["AMT_BALANCE"] / limit.where(limit > 0)
    months["repaid"] = months["AMT_PAYMENT_CURRENT"].where(minimum > 0)
    months["late"] = months["SK_DPD"] > 0
    months["late_recent"] = months["late"] & (months["MONTHS_BALANCE"] >= -12)
    months["drawing"] = months["AMT_DRAWINGS_CURRENT"] > 0
    last = months["MONTHS_BALANCE"] >= -3
    months["used_last"], months["used_before"] = months["used"].where(last), months["used"].where(~last)
    found = months.groupby("SK_ID_CURR").agg(
        CARDS=("SK_ID_PREV", "nunique"),
        CARD_MONTHS=("late", "size"),
        CARD_LIMIT_MAX=("AMT_CREDIT_LIMIT_ACTUAL", "max"),
        CARD_UTILISATION_MEAN=("used", "mean"),
        CARD_UTILISATION_MAX=("used", "max"),
        CARD_UTILISATION_LAST_QUARTER=("used_last", "mean"),
        before=("used_before", "mean"),
        CARD_DRAWN_MEAN=("AMT_DRAWINGS_CURRENT", "mean"),
        CARD_DRAWING_MONTHS_SHARE=("drawing", "mean"),
        CARD_LATE_SHARE=("late", "mean"),
        CARD_LATE_LAST_YEAR=("late_recent", "sum"),
        CARD_DAYS_LATE_MAX=("SK_DPD", "max"),
        repaid=("repaid", "sum"),
        minimum=("AMT_INST_MIN_REGULARITY", "sum"),
        cash=("AMT_DRAWINGS_ATM_CURRENT", "sum"),
        drawn=("AMT_DRAWINGS_CURRENT", "sum"),
    )
    drawn, minimum = found.pop("drawn"), found.pop("minimum")
    found["CARD_REPAID_RATIO"] = found.pop("repaid") / minimum.where(minimum > 0)
    found["CARD_CASH_SHARE"] = found.pop("cash") / drawn.where(drawn > 0)
    found["CARD_UTILISATION_TREND"] = found["CARD_UTILISATION_LAST_QUARTER"] - found.pop("before")
    return found.reset_index()
