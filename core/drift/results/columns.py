"""The drift of a column: its bins, its tests, its level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema

from core.drift.measures.measure import Kind, Level
from core.drift.measures.thresholds import measures

if TYPE_CHECKING:
    from core.drift.measures.measure import Test

strict: Final = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
Share = Annotated[float, Field(ge=0, le=1)]


def _known(name: str) -> str:
    if name not in measures:
        raise ValueError(f"expected one of {', '.join(measures)}")
    return name


# The name of a measure.
Statistic = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(measures)})]


@dataclass(frozen=True, slots=True)
class Significance:
    """A test.

    Attributes:
        p_value: of the statistic; where too few rows are expected for it to hold, of an exact test instead.
        corrected: the p-value corrected for the number of all tests of all columns (Benjamini-Hochberg).
        exact: whether the p-value is that of the exact test.
    """

    __pydantic_config__: ClassVar = strict

    statistic: float
    p_value: Share
    corrected: Share
    exact: bool = False


@dataclass(frozen=True, slots=True)
class BinShift:
    """One bin on both sides; the bins of a column take every row once.

    Attributes:
        kind: as in `core.reference.profiles.Bin`.
        low, high: `low < value <= high`, None where open; of a special value, `high`.
        code: of a category.
        reference, current: share of all rows, 0 to 1.
        psi: what the bin adds to the PSI: which slice moved.
    """

    __pydantic_config__: ClassVar = strict

    kind: Literal["interval", "special", "code", "unseen", "missing"]
    low: float | None
    high: float | None
    code: str | None
    reference: Share
    current: Share
    psi: Annotated[float, Field(ge=0)]


@dataclass(frozen=True, slots=True)
class QuantileShift:
    """The quantile of a share (0.5 is the median) on both sides, in the unit of the column."""

    __pydantic_config__: ClassVar = strict

    share: Share
    reference: float
    current: float


@dataclass(frozen=True, slots=True)
class PairedHistogram:
    """Both sides in bins with readable bounds, for a chart.

    Attributes:
        edges: ascending, one more than there are bins; the first bin also takes what lies below it and the last what
            lies above.
        reference, current: share of the numbers proper in each bin, 0 to 1.
    """

    __pydantic_config__: ClassVar = strict

    edges: tuple[float, ...]
    reference: tuple[Share, ...]
    current: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class MissingShift:
    """Share of missing values on both sides; the statistic of the test is z, positive where the share has risen."""

    __pydantic_config__: ClassVar = strict

    reference: Share
    current: Share
    test: Significance

    @property
    def difference(self) -> float:
        """Current less reference, -1 to 1."""
        return self.current - self.reference


@dataclass(frozen=True, slots=True)
class NumberShift:
    """What only numbers have; special values and missing ones are left out of it, and are bins of their own.

    Attributes:
        kolmogorov_smirnov: where only a profile of the reference is known, the largest gap at the edges of its bins:
            no more than the true one.
        wasserstein: in the unit of the column; where only a profile is known, from its percentiles, which is within a
            few hundredths of a standard deviation where values repeat.
        wasserstein_scaled: in standard deviations of the reference; None where that has none.
        quantiles: empty where too few rows are known.
    """

    __pydantic_config__: ClassVar = strict

    kolmogorov_smirnov: Significance
    wasserstein: float | None
    wasserstein_scaled: float | None
    reference_mean: float | None
    current_mean: float | None
    quantiles: tuple[QuantileShift, ...]
    histogram: PairedHistogram | None


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """One column, compared.

    Attributes:
        kind: numbers, or codes (a flag has the codes `0` and `1`).
        importance: share of the model's gain, 0 to 1; 0 for a column that it does not see, None where no model is
            known.
        level: the worst of what `reasons` names; a statistic counts only where its test is significant.
        reasons: the statistics that reach their limit.
        psi: Population Stability Index over `bins`.
        jensen_shannon: distance in base 2 over `bins`.
        psi_by_chance: what the PSI is to be expected to be where nothing has changed: with few rows, not nothing.
        total_variation: over `bins`; counts against its limit for codes only.
        chi_squared: over `bins`, the test behind the three above.
        numbers: None for codes, and where a side has no number at all.
    """

    __pydantic_config__: ClassVar = strict

    name: str
    kind: Kind
    importance: Share | None
    level: Level
    reasons: tuple[Statistic, ...]
    psi: Annotated[float, Field(ge=0)]
    jensen_shannon: Share
    total_variation: Share
    chi_squared: Significance
    missing: MissingShift
    numbers: NumberShift | None
    bins: tuple[BinShift, ...]
    psi_by_chance: Annotated[float, Field(ge=0)] = 0.0

    @property
    def drifted(self) -> bool:
        """Whether anything reaches its limit."""
        return self.level != "stable"

    def test(self, name: Test) -> Significance | None:
        """The test of the bins, of the numbers or of the missing values; None where the column has no numbers."""
        if name == "missing":
            return self.missing.test
        if name == "bins":
            return self.chi_squared
        return self.numbers.kolmogorov_smirnov if self.numbers else None

    def moved(self, most: int = 3) -> tuple[BinShift, ...]:
        """The bins that moved most, by what they add to the PSI."""
        return tuple(sorted((bin_ for bin_ in self.bins if bin_.psi > 0), key=lambda bin_: -bin_.psi)[:most])
