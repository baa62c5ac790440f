"""A client among others: in each column, among those who are similar, and beside another client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from core.audit.entries import Outcome
from core.comparison.choice import Group
from core.comparison.peers import Criterion, described
from core.contract.answer import Answer
from core.contract.prediction import HistoryUsed, PortfolioUsed
from core.contract.record.officer_decisions import CurrentDecisionField, FinalDecisionField

if TYPE_CHECKING:
    from core.catalogue import Language
    from core.comparison.peers import PeerGroup


class PeersAnswer(Answer):
    """Who counts as similar, and why."""

    method: Literal["criteria", "nearest"]
    size: int
    text: str = Field(description="In words.")
    kept: list[Criterion]
    relaxed: list[Criterion] = Field(description="Given up, since too few clients met them as well.")
    unknown: list[Criterion] = Field(description="Not asked for, since the client's own value is missing.")

    @classmethod
    def of(cls, peers: PeerGroup, lang: Language) -> PeersAnswer:
        """The answer that says who is similar in words of `lang`."""
        return cls(
            method=peers.method,
            size=peers.size,
            text=described(peers, lang),
            kept=list(peers.kept),
            relaxed=list(peers.relaxed),
            unknown=list(peers.unknown),
        )


class PlaceAnswer(Answer):
    """Where another client stands."""

    name: str
    value: float | str | None
    percentiles: dict[Group, float | None] = Field(description="As in `spreads`; null for categories.")


class AgainstAnswer(Answer):
    """Another client in the same groups."""

    client_id: int
    places: list[PlaceAnswer]


class SpreadAnswer(Answer):
    """A number over the clients of a group who have it; statistics are null where nobody has."""

    known: int
    missing_share: float
    percentile: float | None = Field(
        description="Share of the group below the client, 0 to 1; equal values count half."
    )
    mean: float | None
    p5: float | None
    p25: float | None
    median: float | None
    p75: float | None
    p95: float | None


class Compared(Answer):
    """One column or feature of the client among those of others."""

    kind: Literal["number", "category"]
    name: str
    label: str
    unit: str
    value: float | str | None = Field(description="The client's: days before the application as years; a code.")
    value_text: str
    spreads: dict[Group, SpreadAnswer] | None = Field(description="Of a number.")
    edges: list[float] | None = Field(
        description="Of a number's bins, one more than there are bins; the outer two hold what lies beyond."
    )
    codes: list[str] | None = Field(description="Of a category, the most frequent first; empty for those without one.")
    code_labels: list[str] | None
    counts: dict[Group, list[int]] = Field(description="Clients by bin or code.")
    default_rate: list[float | None] = Field(description="Observed in the group, by bin or code.")
    risk: list[float | None] = Field(description="Mean predicted probability in the group, by bin or code.")


class ComparedNumber(Compared):
    """A number of the client among those of others."""

    kind: Literal["number"] = "number"
    value: float | None
    spreads: dict[Group, SpreadAnswer]
    edges: list[float] = Field(
        description="Of the bins, one more than there are bins; the outer two hold what lies beyond."
    )
    codes: None = None
    code_labels: None = None


class ComparedCategory(Compared):
    """A category of the client among those of others."""

    kind: Literal["category"] = "category"
    value: str | None
    spreads: None = None
    edges: None = None
    codes: list[str] = Field(description="The most frequent first; the empty one counts those without any.")
    code_labels: list[str]


class DensityAnswer(Answer):
    """Two numbers against each other, as counts on a grid; rows along y."""

    x: str
    y: str
    x_label: str
    y_label: str
    x_unit: str
    y_unit: str
    x_edges: list[float]
    y_edges: list[float]
    counts: list[list[int]]
    default_rate: list[list[float | None]]
    place: list[float] | None = Field(description="The client's two values; null where one is missing.")


class ComparisonAnswer(Answer):
    """A client among others."""

    client_id: int | None
    decision: Outcome | None = Field(description="What the model says of a client on hand; null of what was sent.")
    final_decision: FinalDecisionField
    current_decision: CurrentDecisionField
    group: Group
    sizes: dict[Group, int]
    default_rates: dict[Group, float | None]
    peers: PeersAnswer
    features: list[ComparedNumber | ComparedCategory]
    against: AgainstAnswer | None = Field(description="Where another client stands; null where none was asked for.")
    density: DensityAnswer | None
    warnings: list[str]
    history: HistoryUsed
    portfolio: PortfolioUsed

    @property
    def places(self) -> list[PlaceAnswer]:
        """Where the other client stands; empty where none was asked for."""
        return self.against.places if self.against else []
