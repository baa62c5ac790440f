"""The terms of the glossary, with how they were spread in training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from core import catalogue
from core.contract.answer import Answer
from core.reference.profiles import NumberProfile

if TYPE_CHECKING:
    from core.catalogue import Language
    from core.catalogue.glossary import Term
    from core.reference.profiles import CategoryProfile


class TermLine(Answer):
    """A term in a list."""

    table: str
    name: str
    label: str
    help: str = Field(description="What it is; of a feature, how it is computed.")
    unit: str
    group: str
    group_label: str
    direction: int = Field(description="+1 where a higher value may only raise the risk, -1 only lower it, else 0.")
    importance: float | None = Field(description="Share of the gain of all splits; null where the model sees it not.")
    rank: int | None
    essential: str | None = Field(
        description="Why no application should be decided without it; null where it is not essential."
    )


class TermList(Answer):
    """A page of the glossary, what the model leans on first."""

    terms: list[TermLine]
    total: int
    limit: int
    offset: int


class CodeLine(Answer):
    """One value of a category."""

    code: str
    label: str


class NumberDistribution(Answer):
    """How a number was spread in the rows that the model was trained on; nobody's own value is in it."""

    kind: Literal["number"]
    missing_share: float
    mean: float | None
    quantiles: list[float] = Field(description="The 0th to 100th percentile; empty where too few are known.")
    edges: list[float]
    counts: list[int]
    default_rate: list[float | None]


class CategoryDistribution(Answer):
    """How often each code was met in the rows that the model was trained on."""

    kind: Literal["category"]
    missing_share: float
    codes: list[str]
    shares: list[float]
    default_rate: list[float | None]


class TermDetail(TermLine):
    """A term with its values and their distribution."""

    codes: list[CodeLine]
    distribution: NumberDistribution | CategoryDistribution | None = Field(
        description="Null for columns of other tables, and where the model came without a reference."
    )


def line(term: Term, lang: Language) -> dict[str, Any]:
    """What a list says of a term in words of `lang`."""
    entry = term.entry
    return {
        "table": term.table,
        "name": entry.name,
        "label": entry.label(lang),
        "help": entry.help(lang),
        "unit": entry.unit,
        "group": entry.group,
        "group_label": catalogue.group_label(entry.group, lang),
        "direction": entry.direction,
        "importance": term.importance,
        "rank": term.rank,
        "essential": (entry.why_essential(lang) or None) if isinstance(entry, catalogue.Column) else None,
    }


def distribution(profile: NumberProfile | CategoryProfile) -> NumberDistribution | CategoryDistribution:
    """The answer that says a profile."""
    if isinstance(profile, NumberProfile):
        return NumberDistribution(
            kind="number",
            missing_share=profile.missing_share,
            mean=profile.mean,
            quantiles=list(profile.quantiles),
            edges=list(profile.histogram.edges),
            counts=list(profile.histogram.counts),
            default_rate=list(profile.histogram.default_rates),
        )
    return CategoryDistribution(
        kind="category",
        missing_share=profile.missing_share,
        codes=list(profile.shares),
        shares=list(profile.shares.values()),
        default_rate=list(profile.default_rates.values()),
    )
