"""The history of a client, labelled for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from core import catalogue
from core.contract.answer import Answer
from core.text.formats import format_value

if TYPE_CHECKING:
    from core.catalogue import Language
    from core.portfolio.client_history import ClientHistory, EarlierApplication, OtherLoan


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

    @classmethod
    def of(cls, client_id: int, history: ClientHistory, lang: Language) -> HistoryAnswer:
        """The answer that says a history in words of `lang`."""
        return cls(
            client_id=client_id,
            applications=[_application(application, lang) for application in history.applications],
            loans=[_loan(loan, lang) for loan in history.loans],
            payments=[PaymentMonthAnswer.model_validate(month, from_attributes=True) for month in history.payments],
            cards=[CardMonthAnswer.model_validate(month, from_attributes=True) for month in history.cards],
        )


def _application(found: EarlierApplication, lang: Language) -> EarlierApplicationAnswer:
    return EarlierApplicationAnswer(
        days_before=found.days_before,
        contract_type=found.contract_type,
        contract_label=_coded("previous_application", "NAME_CONTRACT_TYPE", found.contract_type, lang),
        status=found.status,
        status_label=_coded("previous_application", "NAME_CONTRACT_STATUS", found.status, lang),
        reject_reason=found.reject_reason,
        asked=found.asked,
        granted=found.granted,
        annuity=found.annuity,
        payments=found.payments,
    )


def _loan(found: OtherLoan, lang: Language) -> OtherLoanAnswer:
    return OtherLoanAnswer(
        days_before=found.days_before,
        credit_type=found.credit_type,
        type_label=_coded("bureau", "CREDIT_TYPE", found.credit_type, lang),
        status=found.status,
        status_label=_coded("bureau", "CREDIT_ACTIVE", found.status, lang),
        amount=found.amount,
        debt=found.debt,
        overdue=found.overdue,
        days_overdue=found.days_overdue,
        days_to_end=found.days_to_end,
    )


def _coded(table: str, column: str, code: str | None, lang: Language) -> str:
    return format_value(catalogue.column(column, table), code, lang)
