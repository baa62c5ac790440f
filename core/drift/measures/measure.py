"""A measure of drift, and the limits from which on one counts; `core.drift.measures.thresholds` declares them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

from pydantic import ConfigDict

if TYPE_CHECKING:
    from collections.abc import Callable

Level = Literal["stable", "moderate", "major"]
Kind = Literal["number", "category"]
Test = Literal["bins", "numbers", "missing"]
Written = Literal["statistic", "share", "count"]


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a number is moderate and from where on major, both included."""

    __pydantic_config__: ClassVar = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    moderate: float
    major: float

    def __post_init__(self) -> None:
        if not 0 <= self.moderate <= self.major:
            raise ValueError("expected 0 <= moderate <= major")

    def level(self, number: float | None) -> Level:
        """What a number comes to; one that is not known is stable."""
        if number is None or number < self.moderate:
            return "stable"
        return "moderate" if number < self.major else "major"


class _Tested(Protocol):
    @property
    def statistic(self) -> float: ...


class _Missing(Protocol):
    @property
    def difference(self) -> float: ...


class _Numbers(Protocol):
    @property
    def kolmogorov_smirnov(self) -> _Tested: ...
    @property
    def wasserstein_scaled(self) -> float | None: ...


class ComparedColumn(Protocol):
    """What measures read of a `core.drift.results.columns.ColumnDrift`, which is made with their limits."""

    @property
    def kind(self) -> Kind:
        """Numbers, or codes."""

    @property
    def psi(self) -> float:
        """Population Stability Index over the bins."""

    @property
    def jensen_shannon(self) -> float:
        """Distance in base 2 over the bins."""

    @property
    def total_variation(self) -> float:
        """Over the bins."""

    @property
    def missing(self) -> _Missing:
        """Shares of missing values."""

    @property
    def numbers(self) -> _Numbers | None:
        """None for codes, and where a side has no number at all."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of how far a column has moved; its name is that of the field of `Thresholds` that declares it.

    Its words are in `core/text/locales/*/LC_MESSAGES/drift.po`: under its name what it is called, under `NAME_help`
    what it says.

    Attributes:
        test: which test has to be significant for it to count; see `ColumnDrift.test`.
        value: of a column that was compared, in whatever its limits are in; None where there is none.
        kinds: of columns that have it.
    """

    test: Test
    value: Callable[[ComparedColumn], float | None]
    kinds: tuple[Kind, ...] = ("number", "category")

    def of(self, column: ComparedColumn) -> float | None:
        """The value of a column; None where it has none, or is of another kind."""
        return self.value(column) if column.kind in self.kinds else None
