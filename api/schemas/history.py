"""Schemas of a client's facts and history, labelled for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from core import catalogue
from core.contract.answer import Answer
from core.text.formats import format_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.catalogue import Entry, Language
    from core.decision import Value
    from core.portfolio.client_history import ClientHistory, EarlierApplication, OtherLoan


class Fact(Answer):
    """One value of the client, as a reader sees it."""

    name: str
    label: str
    value: float | int | str | None
    value_text: str
    group: str = Field(description="Key of the family it is read with.")
    group_label: str


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


def facts(entries: tuple[Entry, ...], values: Mapping[str, Value], lang: Language) -> list[Fact]:
    """The values of these columns or features in words of `lang`, in their order."""
    return [
        Fact(
            name=entry.name,
            label=entry.label(lang),
            value=values.get(entry.name),
            value_text=format_value(entry, values.get(entry.name), lang),
            group=entry.group,
            group_label=catalogue.group_label(entry.group, lang),
        )
        for entry in entries
    ]


def history_answer(client_id: int, history: ClientHistory, lang: Language) -> HistoryAnswer:
    """The answer that says a history in words of `lang`."""
    return HistoryAnswer(
        client_id=client_id,
        applications=[_application(application, lang) for application in history.applications],
        loans=[_loan(loan, lang) for loan in history.loans],
        payments=[PaymentMonthAnswer.model_validate(payment, from_attributes=True) for payment in history.payments],
        cards=[CardMonthAnswer.model_validate(card, from_attributes=True) for card in history.cards],
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
