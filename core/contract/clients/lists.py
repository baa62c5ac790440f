"""The clients on hand: one by one, in lists, and all of them in a few numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from core.contract.answer import Answer
from core.contract.record.officer_decisions import CurrentDecisionField, FinalDecisionField
from core.decision import RiskCategory

if TYPE_CHECKING:
    from core.contract.record.officer_decisions import FinalDecisionAnswer


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
    decision: Literal["ACCEPTÉ", "REFUSÉ"] = Field(description="What the model says, at its own threshold.")
    risk_category: RiskCategory
    final_decision: FinalDecisionField
    current_decision: CurrentDecisionField

    def decided(self, final: FinalDecisionAnswer | None) -> ClientLine:
        """The same with what officers are known to have decided; None where none has."""
        current = final.decision if final else self.decision
        return self.model_copy(update={"final_decision": final, "current_decision": current})


class ClientList(Answer):
    """A page of the clients that match a search."""

    clients: list[ClientLine]
    total: int = Field(description="How many match in all.")
    limit: int
    offset: int


class ClientApplication(Answer):
    """The application of a client as it is on file."""

    client_id: int
    features: dict[str, float | int | str | None] = Field(description="Raw Home Credit columns; null where missing.")
    portfolio: str = Field(description="The clients on hand, `ORIGIN:FINGERPRINT`, as in `/health`.")


class Spread(Answer):
    """A number over all clients who have it."""

    mean: float
    median: float
    p5: float
    p95: float
    minimum: float
    maximum: float
    missing: float = Field(description="Share of the clients who do not have it.")


class Dataset(Answer):
    """The portfolio in a few numbers."""

    n_clients: int
    n_columns: int
    default_rate: float | None
    income: Spread
    credit: Spread
    age: Spread
    children: Spread
    ext_source_1: Spread
    ext_source_2: Spread
    ext_source_3: Spread
    gender: dict[str, float]
    synthetic: bool = Field(description="True where the clients were drawn, not observed.")
