"""Schemas of the clients of the portfolio."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from api.schemas.base import LanguageQuery
from api.schemas.facts import Fact
from api.schemas.predict import max_top_features
from core import catalogue
from core.contract.answer import Answer
from core.contract.clients.history import HistoryAnswer
from core.contract.prediction import Prediction, Reasons
from core.contract.record.officer_decisions import CurrentDecisionField, FinalDecisionField, RecordedDecision, deciders
from core.contract.recourse_found import RecourseFound
from core.decision import RiskCategory
from core.portfolio.client_search import ClientFilter, SortKey

_largest_id = 2**31 - 1
_largest_amount = 1e12

# As the catalogue and the contract list them; a type checker cannot follow.
ContractType: Any = Literal[tuple(code.code for code in catalogue.column("NAME_CONTRACT_TYPE").codes)]
IncomeType: Any = Literal[tuple(code.code for code in catalogue.column("NAME_INCOME_TYPE").codes)]
DecidedBy: Any = Literal[deciders]
Amount = Annotated[float | None, Field(ge=0, le=_largest_amount, allow_inf_nan=False)]


class ClientsQuery(LanguageQuery):
    """Parameters of a search among the clients."""

    search: str = Field(
        default="", max_length=20, description="First digits of the client's number; all clients where empty."
    )
    decision: Literal["ACCEPTÉ", "REFUSÉ"] | None = Field(
        default=None, description="What the model says, at its own threshold, whatever officers decided."
    )
    current_decision: Literal["ACCEPTÉ", "REFUSÉ"] | None = Field(
        default=None, description="The decision that counts: the last one of an officer, else the model's."
    )
    decided_by: DecidedBy | None = Field(
        default=None, description="Whose decision counts; `model` are those on whom no officer has decided."
    )
    risk_category: RiskCategory | None = Field(default=None, description="Risk band of the client.")
    contract_type: ContractType | None = Field(default=None, description="Code of `NAME_CONTRACT_TYPE`.")
    income_type: IncomeType | None = Field(default=None, description="Code of `NAME_INCOME_TYPE`.")
    age_min: int | None = Field(default=None, ge=0, le=120, description="Least age in completed years.")
    age_max: int | None = Field(default=None, ge=0, le=120, description="Greatest age in completed years.")
    income_min: Amount = Field(default=None, description="Least income, over the period of an instalment.")
    income_max: Amount = Field(default=None, description="Greatest income, over the period of an instalment.")
    credit_min: Amount = Field(default=None, description="Least credit asked for.")
    credit_max: Amount = Field(default=None, description="Greatest credit asked for.")
    sort: SortKey = Field(default="client_id", description="What to sort by; ties stay by number.")
    order: Literal["asc", "desc"] = Field(default="asc", description="Ascending or descending.")
    limit: int = Field(default=50, ge=1, le=500, description="How many clients to give at most.")
    offset: int = Field(default=0, ge=0, le=_largest_id, description="How many clients to pass over.")

    def wanted(self) -> ClientFilter:
        """The filter that the parameters say."""
        named = self.model_dump(include={field.name for field in fields(ClientFilter)})
        return ClientFilter(prefix=self.search.strip(), **named)


class ClientPath(BaseModel):
    """The client that an address names."""

    client_id: int = Field(ge=0, le=_largest_id, description="The client's number, `SK_ID_CURR`.")


class ClientQuery(LanguageQuery):
    """Parameters of what is asked of one client."""

    include: Literal["file"] | None = Field(
        default=None, description="Brings everything that is known beside, in `file`, under the one record."
    )
    top_n: int = Field(
        default=10, ge=1, le=max_top_features, description="How many features to explain in `file`, strongest first."
    )


class ClientFile(Answer):
    """What is known beside the decision on a client."""

    explanation: Reasons
    recourse: RecourseFound
    history: HistoryAnswer
    decisions: list[RecordedDecision] | None = Field(
        description="What officers decided on the client, newest first, as `/decisions?on_hand=true`; null where it"
        " cannot be read, or not by this caller."
    )


class ClientDetail(Answer):
    """A client of the portfolio with the decision on the application."""

    client_id: int
    features: dict[str, float | int | str | None] = Field(description="Raw Home Credit columns; null where missing.")
    prediction: Prediction
    final_decision: FinalDecisionField
    current_decision: CurrentDecisionField
    facts: list[Fact] = Field(description="The main columns, labelled.")
    history_summary: list[Fact] = Field(description="The history features that have a value, labelled.")
    file: ClientFile | None = Field(description="What is known beside; null where it was not asked for.")
