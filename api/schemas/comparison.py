"""Schemas of what is asked of a comparison with other clients."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from api.schemas.base import HistoryQuery, LanguageQuery
from core.comparison.accepted import default_count
from core.comparison.choice import Choice, Group
from core.comparison.comparison_columns import axes
from core.comparison.peers import Criterion, criteria, default_criteria

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

    def choice(self) -> Choice:
        """The choice that the parameters say."""
        return Choice(
            names=tuple(dict.fromkeys(self.features)),
            group=self.group,
            method=self.method,
            criteria=tuple(criterion for criterion in self.criteria if criterion != "none"),
            neighbours=self.neighbours,
            x=self.x or "",
            y=self.y or "",
            against=self.against,
        )

    @field_validator("features", "criteria", mode="before")
    @classmethod
    def _split(cls, texts: list[str]) -> list[str]:
        """The names, whichever way they are sent; an empty one stays, to be refused: it is the name of nothing."""
        return [name.strip() for text in texts for name in text.split(",")]


class ApplicationComparisonQuery(HistoryQuery, ComparisonQuery):
    """Parameters of a comparison of an application that is sent."""


class NearestQuery(LanguageQuery):
    """Parameters of the accepted clients most like an application."""

    count: int = Field(default=default_count, ge=1, le=20, description="How many at most.")
