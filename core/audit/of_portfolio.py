"""Decisions on clients of a portfolio, told from those on another application that bears their number.

The number of a client says who it is only together with the clients it is taken from: a row of a file, an application
that somebody typed, and a client drawn for a demonstration may bear it too, and a real client may apply again. What
such an application took from a client, their history, makes it no application on file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, case, func, or_

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from core.audit.tables import DecisionRow, OutcomeRow, PredictionRow
    from core.portfolio.provenance import Provenance


def is_of(portfolio: Provenance, decision: type[DecisionRow]) -> ColumnElement[bool]:
    """Whether a decision is about the application of a client of a portfolio.

    One that names no portfolio is about none. Of decisions that are older than the column `application`, nobody can
    tell: they are taken for what they named.

    The number of a real client stays theirs when the tables are imported again with more rows, whose fingerprint is
    another one. A client who was drawn is nobody: drawn again, the number is another's.

    Args:
        decision: the table, or another name for it in a query.
    """
    recorded, written = decision.portfolio, str(portfolio)
    is_named = recorded == written if portfolio.is_synthetic else recorded.startswith(f"{portfolio.origin}:")
    return and_(is_named, or_(decision.application.is_(None), decision.application == "on_file"))


def numbering_of(entry: type[PredictionRow | OutcomeRow]) -> ColumnElement[str]:
    """Among whom the number of a client is theirs: two entries of one number and one numbering are about one client.

    As `is_of` has it: of all imported clients, of those of one drawing, or of applications that were sent. Of entries
    that are older than the column `application`, those that name a portfolio are taken to be about its clients.

    Args:
        entry: the table, or another name for it in a query.
    """
    # As `numbering`.
    is_of_none = entry.portfolio.is_(None)
    clients = case((is_of_none, ""), (entry.portfolio.startswith("imported:"), "imported"), else_=entry.portfolio)
    source = func.coalesce(entry.application, case((is_of_none, "sent"), else_="on_file"))
    return clients + ":" + source


def numbering(application: str | None, portfolio: str | None) -> str:
    """The same of an entry with that application and portfolio, as they are recorded.

    >>> numbering(None, "imported:3f9a")
    'imported:on_file'
    """
    clients = portfolio or ""
    if clients.lower().startswith("imported:"):
        clients = "imported"
    return f"{clients}:{application or ('sent' if portfolio is None else 'on_file')}"
