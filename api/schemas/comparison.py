"""Schemas of a comparison with other clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, field_validator

from api.schemas.base import HistoryQuery, LanguageQuery
from core.audit.entries import Outcome
from core.comparison.comparison_columns import axes, axis
from core.comparison.peers import Criterion, criteria, default_criteria
from core.comparison.placing import Group, NumberComparison
from core.contract.answer import Answer
from core.contract.comparison import AgainstAnswer, PeersAnswer
from core.contract.prediction import HistoryUsed, PortfolioUsed
from core.contract.record.officer_decisions import CurrentDecisionField, FinalDecisionField
from core.text.formats import format_value

if TYPE_CHECKING:
    from core.application import Application
    from core.catalogue import Language
    from core.comparison.placing import CategoryComparison, Density

# Beside the criteria, the word that asks for none: an address cannot tell an empty list from one that was left out.
Wanted = Literal[Criterion, "none"]
max_compared = 24

# As the catalogue lists them; a type checker cannot follow.
Name: Any = Literal[tuple(axes())]
Number: Any = Literal[tuple(name for name, each in axes().items() if not each.categorical)]


class ComparisonQuery(LanguageQuery):
    """Parameters of a comparison."""

    features: list[Name] = Field(
        default=[],
        max_length=max_compared,
        description="Columns or features, the parameter repeated or its names separated by commas;"
        " the strongest reasons of the decision where there is none.",
    )
    group: Group = Field(default="all", description="Whose default rates are given.")
    method: Literal["criteria", "nearest"] = Field(default="criteria", description="How similar clients are chosen.")
    criteria: list[Wanted] = Field(
        default=list(default_criteria),
        max_length=len(criteria),
        description="What similar clients have in common; `none` stands for nothing.",
    )
    neighbours: int = Field(default=500, ge=10, le=10_000, description="How many clients are the nearest.")
    x: Number | None = Field(default=None, description="A number for the horizontal axis of a density.")
    y: Number | None = Field(default=None, description="A number for its vertical axis.")
    against: int | None = Field(
        default=None,
        ge=0,
        le=2**31 - 1,
        lt=2**63,
        description="The number of another client, to be placed in the same groups.",
    )

    @property
    def common(self) -> list[Criterion]:
        """What similar clients have in common."""
        return [criterion for criterion in self.criteria if criterion != "none"]

    @field_validator("features", "criteria", mode="before")
    @classmethod
    def _split(cls, given: list[str]) -> list[str]:
        """The names, whichever way they are sent; an empty one stays, to be refused: it is the name of nothing."""
        return [name.strip() for text in given for name in text.split(",")]


class ApplicationComparisonQuery(HistoryQuery, ComparisonQuery):
    """Parameters of a comparison of an application that is sent."""


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
    features: list[Compared]
    against: AgainstAnswer | None = Field(description="Where another client stands; null where none was asked for.")
    density: DensityAnswer | None
    warnings: list[str]
    history: HistoryUsed
    portfolio: PortfolioUsed


def compared(found: NumberComparison | CategoryComparison, application: Application, lang: Language) -> Compared:
    """The answer that says one comparison in words of `lang`."""
    entry, unit = axis(found.name).entry, axis(found.name).unit
    shared = {
        "name": found.name,
        "label": entry.label(lang),
        "unit": unit,
        "value": found.value,
        "counts": found.counts,
        "default_rate": found.default_rate,
        "risk": found.risk,
    }
    if isinstance(found, NumberComparison):
        given = application.values.get(found.name, found.value if unit == entry.unit else None)
        return Compared.model_validate(
            shared
            | {
                "kind": "number",
                "value_text": format_value(entry, given, lang),
                "spreads": {
                    name: SpreadAnswer.model_validate(each, from_attributes=True)
                    for name, each in found.spreads.items()
                },
                "edges": found.edges,
                "codes": None,
                "code_labels": None,
            }
        )
    coded = {code: int(code) if axis(found.name).codes == ("0", "1") and code else code or None for code in found.codes}
    return Compared.model_validate(
        shared
        | {
            "kind": "category",
            "value_text": format_value(entry, application.values.get(found.name), lang),
            "spreads": None,
            "edges": None,
            "codes": found.codes,
            "code_labels": [format_value(entry, coded[code], lang) for code in found.codes],
        }
    )


def density_answer(found: Density, lang: Language) -> DensityAnswer:
    """The answer that says a density."""
    x, y = axis(found.x), axis(found.y)
    return DensityAnswer(
        x=found.x,
        y=found.y,
        x_label=x.entry.label(lang),
        y_label=y.entry.label(lang),
        x_unit=x.unit,
        y_unit=y.unit,
        x_edges=list(found.x_edges),
        y_edges=list(found.y_edges),
        counts=[list(row) for row in found.counts],
        default_rate=[list(row) for row in found.default_rate],
        place=None if found.place is None else list(found.place),
    )
