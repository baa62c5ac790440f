"""The history of a client, labelled for a reader."""

from __future__ import annotations

from pydantic import Field

from core.contract.answer import Answer


class EarlierApplicationAnswer(Answer):
    """An earlier application at the bank."""

    days_before: int = Field(description="Days between its decision and the application of today.")
    contract_type: str | None
    contract_label: str
    status: str | None
    status_label: str
    reject_reason: str | None
    asked: float | None
    granted: float | None
    annuity: float | None
    payments: int | None


class OtherLoanAnswer(Answer):
    """A loan at another lender, as the credit bureau reports it."""

    days_before: int = Field(description="Days since it was opened.")
    credit_type: str | None
    type_label: str
    status: str | None
    status_label: str
    amount: float | None
    debt: float | None
    overdue: float | None
    days_overdue: int | None
    days_to_end: int | None


class PaymentMonthAnswer(Answer):
    """The instalments of all earlier loans that were due in one month."""

    month: int = Field(description="Months before the application, -1 for the last one.")
    due: float
    paid: float
    instalments: int
    late: int
    days_late: int


class CardMonthAnswer(Answer):
    """All credit cards of the bank in one month."""

    month: int
    balance: float
    limit: float
    days_late: int


class HistoryAnswer(Answer):
    """What the client did before: latest first for applications and loans, oldest first for months."""

    client_id: int
    applications: list[EarlierApplicationAnswer]
    loans: list[OtherLoanAnswer]
    payments: list[PaymentMonthAnswer]
    cards: list[CardMonthAnswer]
