"""The reference profile of a model: what its training rows looked like, column by column, without one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Annotated, ClassVar, Final, Literal

from pydantic import ConfigDict, Discriminator, Field, NonNegativeInt, PositiveInt, TypeAdapter, ValidationError

from core.reference.profiles import Bin, CategoryProfile, ColumnProfile, NumberProfile, Population

__all__ = [
    "Bin",
    "CategoryProfile",
    "ColumnProfile",
    "Cutoff",
    "InvalidReference",
    "Meaning",
    "NumberProfile",
    "Population",
    "ReferenceProfile",
    "UnknownColumn",
    "probability_name",
]

# The name under which the predicted probability of default is profiled.
probability_name: Final = "probability"
_strict: Final = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

_Share = Annotated[float, Field(ge=0, le=1)]


class InvalidReference(ValueError):
    """A text is no reference profile; the message names what is wrong with it."""


class UnknownColumn(LookupError):
    """The reference has no profile of that name."""


@dataclass(frozen=True, slots=True)
class Cutoff:
    """What deciding at one threshold comes to.

    Attributes:
        threshold: an application is refused where its probability of default reaches it.
        accepted_share: share of all applications below it.
        accepted_default_rate, refused_default_rate: share of the accepted, the refused who defaulted; None where there
            are too few or no outcome is known.
        cost: mean cost per application; None where no outcome is known.
    """

    __pydantic_config__: ClassVar = _strict

    threshold: _Share
    accepted_share: _Share
    accepted_default_rate: _Share | None
    refused_default_rate: _Share | None
    cost: float | None


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a column or feature meant when the reference was made; as in `core.catalogue.Entry`."""

    __pydantic_config__: ClassVar = _strict

    table: str
    unit: str
    label_fr: str
    label_en: str
    help_fr: str
    help_en: str


@dataclass(frozen=True, slots=True)
class ReferenceProfile:
    """Rows summed up, frozen with the model that was trained on them (or with the portfolio that holds them).

    Attributes:
        n_rows: how many rows there were.
        origin: whether they were drawn or observed.
        threshold: the threshold by which they count as accepted or refused.
        accepted_count: rows below it.
        default_rate: share of the rows that defaulted; None where no outcome is known.
        cost_fn, cost_fp: cost of an accepted default, of a refused good client.
        cutoffs: what other thresholds come to, ascending.
        columns: by name: the application columns, the features computed from them and from the client's history, and
            `probability`. A raw column that is a feature too is profiled once, as it stands in the tables.
        dictionary: what each column or feature means.

    >>> from core.scoring import Scorer
    >>> from core.settings import settings
    >>> reference = Scorer.load(settings().models_dir).artefacts.reference
    >>> reference.percentile("AMT_INCOME_TOTAL", 0.0), reference.percentile("AMT_INCOME_TOTAL", 1e12)
    (0.0, 1.0)
    >>> sum(each.share for each in reference.bins("NAME_CONTRACT_TYPE")) > 0.999
    True
    """

    __pydantic_config__: ClassVar = _strict

    n_rows: PositiveInt
    origin: Literal["demo", "real"]
    threshold: _Share
    accepted_count: NonNegativeInt
    default_rate: _Share | None
    cost_fn: Annotated[float, Field(gt=0)]
    cost_fp: Annotated[float, Field(gt=0)]
    cutoffs: tuple[Cutoff, ...]
    columns: Mapping[str, Annotated[NumberProfile | CategoryProfile, Discriminator("kind")]]
    dictionary: Mapping[str, Meaning] = field(repr=False)

    def __post_init__(self) -> None:
        if self.accepted_count > self.n_rows:
            raise ValueError("accepted_count: expected no more than n_rows")
        if any(low.threshold >= high.threshold for low, high in pairwise(self.cutoffs)):
            raise ValueError("cutoffs: expected ascending thresholds, each once")
        if probability_name not in self.columns:
            raise ValueError(f"columns: expected {probability_name} among them")
        for name, profile in self.columns.items():
            if profile.name != name:
                raise ValueError(f"columns: {name} holds the profile of another column")
            if profile.n_rows != self.n_rows:
                raise ValueError(f"columns: {name} does not add up to n_rows")

    @property
    def refused_count(self) -> int:
        """Rows at or above the threshold."""
        return self.n_rows - self.accepted_count

    def column(self, name: str) -> ColumnProfile:
        """The profile of one column, of whichever kind. Raises `UnknownColumn`."""
        try:
            return self.columns[name]
        except KeyError:
            raise UnknownColumn(name) from None

    def number(self, name: str) -> NumberProfile:
        """The profile of a column of numbers. Raises `UnknownColumn` where it holds codes."""
        profile = self.column(name)
        if isinstance(profile, NumberProfile):
            return profile
        raise UnknownColumn(name)

    def category(self, name: str) -> CategoryProfile:
        """The profile of a column of codes. Raises `UnknownColumn` where it holds numbers."""
        profile = self.column(name)
        if isinstance(profile, CategoryProfile):
            return profile
        raise UnknownColumn(name)

    def percentile(self, name: str, value: float, population: Population = "all") -> float | None:
        """Share, 0 to 1, of the rows of a population whose number lies below `value`, ties counting half.

        None where it cannot be said: a special value, NaN, or too few rows. Raises `UnknownColumn`.
        """
        return self.number(name).percentile(value, population)

    def bins(self, name: str) -> tuple[Bin, ...]:
        """The bins, frozen, in which other rows are compared with these. Raises `UnknownColumn`."""
        return self.column(name).bins

    def to_json(self) -> bytes:
        """The profile as compact JSON in UTF-8; the same profile gives the same bytes."""
        return _adapter().dump_json(self) + b"\n"

    @classmethod
    def from_json(cls, text: bytes | str) -> ReferenceProfile:
        """Reads what `to_json` wrote. Raises `InvalidReference` where a field is absent, unknown or unsound."""
        try:
            return _adapter().validate_json(text)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise InvalidReference(f"{place or 'reference'}: {first['msg']}") from None


@cache
def _adapter() -> TypeAdapter[ReferenceProfile]:
    return TypeAdapter(ReferenceProfile)
