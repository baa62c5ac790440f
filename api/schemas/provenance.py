"""Schemas of provenance: whose history a decision rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from api.schemas.base import LanguageQuery
from core.portfolio.provenance import HistoryChoice, HistorySource

if TYPE_CHECKING:
    from core.application import Application

# Which clients are on hand, as `core.portfolio.provenance.Provenance` is written.
Portfolio = Annotated[str, Field(pattern="^(synthetic|imported):[0-9a-f]{16}$", max_length=26)]

# The two fields of an answer that rests on an application.
HistoryUsed = Annotated[
    HistorySource,
    Field(
        description="Where the history comes from: `sent` with the application, the `portfolio` (the client on hand),"
        " or `none`."
    ),
]
PortfolioUsed = Annotated[
    Portfolio | None,
    Field(description="The clients on hand that stored values were taken from; null where nothing stored went in."),
]


class HistoryQuery(LanguageQuery):
    """The parameter that says whether stored history is joined."""

    history: HistoryChoice | None = Field(
        default=None,
        description="Whether an application that brings no history gets the one stored under its `SK_ID_CURR`."
        " By default only where the clients on hand are real: a number that a synthetic one has is somebody else's.",
    )


def provenance_of(application: Application) -> dict[str, Any]:
    """What an answer on an application has in these fields."""
    return {
        "history": application.history,
        "portfolio": str(application.portfolio) if application.portfolio else None,
    }
