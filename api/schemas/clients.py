"""What the API takes and gives of the clients of the portfolio."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from api.schemas.base import Answer, LanguageQuery
from api.schemas.predict import Prediction
from core.decision import RiskCategory

_largest_id = 2**31 - 1


class ClientsQuery(LanguageQuery):
    """Parameters of a search among the clients."""

    search: str = Field(
        default="", max_length=20, description="First digits of the client's number; all clients where empty."
    )
    limit: int = Field(default=50, ge=1, le=500, description="How many clients to give at most.")
    offset: int = Field(default=0, ge=0, le=_largest_id, description="How many clients to pass over.")


class ClientPath(BaseModel):
    """The client that an address names."""

    client_id: int = Field(ge=0, le=_largest_id, description="The client's number, `SK_ID_CURR`.")


class ClientLine(Answer):
    """A client in a list."""

    client_id: int
    contract_type: str
    income_type: str
    age_years: int
    income: float
    credit: float
    annuity: float | None
    probability: float = Field(ge=0, le=1)
    decision: Literal["ACCEPTÉ", "REFUSÉ"]
    risk_category: RiskCategory


class ClientList(Answer):
    """A page of the clients that match a search."""

    clients: list[ClientLine]
    total: int = Field(description="How many match in all.")
    limit: int
    offset: int


class ClientDetail(Answer):
    """A client of the portfolio with the decision on the application."""

    client_id: int
    features: dict[str, float | int | str | None] = Field(description="Raw Home Credit columns; null where missing.")
    prediction: Prediction
