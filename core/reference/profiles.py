"""The profile of one column, in place of its rows: counts, quantiles and bins, in all rows and by decision."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, NonNegativeInt

Population = Literal["all", "accepted", "refused"]

# A value, a bin or a mean is stored only where at least this many rows stand behind it.
fewest: Final = 5
max_bins: Final = 40
percentiles: Final = 101

_strict: Final = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Bin:
    """One of the bins in which two sets of rows are compared; together they take every row once.

    Attributes:
        kind: `interval` (`low < value <= high`, None where open), `special` (the one value `high`), `code`, `unseen`
            (every code that has no bin of its own) or `missing`.
        code: of a category; None for the other kinds.
        share: of all rows, 0 to 1; 0 where no row of the reference fell into it.
    """

    kind: Literal["interval", "special", "code", "unseen", "missing"]
    low: float | None
    high: float | None
    code: str | None
    share: float


@dataclass(frozen=True, slots=True)
class Special:
    """A number that stands for something else, such as 365243 days employed for "not employed".

    Attributes:
        count, accepted, defaults: how many rows have it, were accepted, defaulted (None where that is not known).
    """

    __pydantic_config__: ClassVar = _strict

    value: float
    count: NonNegativeInt
    accepted: NonNegativeInt | None
    defaults: NonNegativeInt | None


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts in at most `max_bins` bins with readable bounds.

    Attributes:
        edges: ascending, one more than there are bins. A bin holds `edges[i] <= value < edges[i + 1]`; the first also
            takes what lies below it and the last what lies above, so that a few far values do not flatten the rest.
        counts: rows in each bin: none, or at least `fewest`.
        accepted: those of them that were accepted; None where too few were accepted or refused to tell.
        defaults: those of them that defaulted; None where no outcome is known.
    """

    __pydantic_config__: ClassVar = _strict

    edges: tuple[float, ...]
    counts: tuple[NonNegativeInt, ...]
    accepted: tuple[NonNegativeInt, ...] | None
    defaults: tuple[NonNegativeInt, ...] | None

    def __post_init__(self) -> None:
        _ascending("edges", self.edges)
        if len(self.edges) != len(self.counts) + bool(self.counts):
            raise ValueError("edges: expected one more than counts")
        if len(self.counts) > max_bins:
            raise ValueError(f"counts: expected at most {max_bins}")
        for name, parts in (("accepted", self.accepted), ("defaults", self.defaults)):
            _parts(name, parts, self.counts)

    def counts_of(self, population: Population) -> tuple[int, ...] | None:
        """Rows in each bin among all, the accepted or the refused; None where too few to tell."""
        return _counts_of(population, self.counts, self.accepted)

    @property
    def default_rates(self) -> tuple[float | None, ...]:
        """Share of each bin's rows that defaulted, 0 to 1; None where the bin is empty or no outcome is known."""
        return _rates(self.counts, self.defaults)

    def place(self, value: float) -> int | None:
        """Which bin a number falls into; None where there are no bins."""
        if not self.counts:
            return None
        return min(max(bisect_right(self.edges, value) - 1, 0), len(self.counts) - 1)


@dataclass(frozen=True, slots=True)
class NumberSpread:
    """How the numbers of some rows are spread.

    Attributes:
        count: rows that have a number.
        mean, std: None where fewer than `fewest` have one; `std` with the divisor `count - 1`.
        quantiles: the 0th to 100th percentile, ascending, empty where fewer than `fewest` have one. Each is a value
            that at least `fewest` rows share, or the mean of as many neighbours; the outermost stand for all beyond.
    """

    __pydantic_config__: ClassVar = _strict

    count: NonNegativeInt
    mean: float | None
    std: float | None
    quantiles: tuple[float, ...]

    def __post_init__(self) -> None:
        if self.quantiles and len(self.quantiles) != percentiles:
            raise ValueError(f"quantiles: expected {percentiles} or none")
        if any(low > high for low, high in pairwise(self.quantiles)):
            raise ValueError("quantiles: expected ascending numbers")
        if len({self.mean is None, self.std is None, not self.quantiles}) > 1:
            raise ValueError("mean, std, quantiles: expected all of them or none")

    def percentile(self, value: float) -> float | None:
        """Share of the rows, 0 to 1, whose number lies below `value`; None where the spread is not known.

        Rows with the same number count half; between two percentiles the share is interpolated. A higher value never
        has a lower share.
        """
        if not self.quantiles or value != value:  # noqa: PLR0124 - only NaN differs from itself
            return None
        last = len(self.quantiles) - 1
        left, right = bisect_left(self.quantiles, value), bisect_right(self.quantiles, value)
        if right > left:
            return (left + right - 1) / 2 / last
        if left in (0, last + 1):
            return float(left > 0)
        low, high = self.quantiles[left - 1], self.quantiles[left]
        return (left - 1 + min((value - low) / (high - low), 1.0)) / last


@dataclass(frozen=True, slots=True)
class NumberProfile:
    """A column of numbers.

    Attributes:
        missing: rows without a value; a special value that fewer than `fewest` rows have counts as missing.
        specials: values that stand for something else; in neither `spread` nor `histogram`.
        spread: of all rows with a number proper; `accepted` and `refused` of those by decision, None where too few.
        psi_edges: the distinct deciles, by which the rows are cut into `len(psi_edges) + 1` bins, right-closed.
        psi_counts: rows in each of these.
    """

    __pydantic_config__: ClassVar = _strict

    name: str
    missing: NonNegativeInt
    specials: tuple[Special, ...]
    spread: NumberSpread
    accepted: NumberSpread | None
    refused: NumberSpread | None
    histogram: Histogram
    psi_edges: tuple[float, ...]
    psi_counts: tuple[NonNegativeInt, ...]
    kind: Literal["number"] = "number"

    def __post_init__(self) -> None:
        _ascending("psi_edges", self.psi_edges)
        if len(self.psi_counts) != len(self.psi_edges) + 1:
            raise ValueError("psi_counts: expected one more than psi_edges")
        if sum(self.psi_counts) != self.count:
            raise ValueError("psi_counts: expected to add up to the count")
        if self.histogram.counts and sum(self.histogram.counts) != self.count:
            raise ValueError("histogram: expected to add up to the count")

    @property
    def count(self) -> int:
        """Rows with a number proper."""
        return self.spread.count

    @property
    def n_rows(self) -> int:
        """All rows."""
        return self.count + self.missing + sum(special.count for special in self.specials)

    @property
    def missing_share(self) -> float:
        """Share of all rows without a value, 0 to 1."""
        return self.missing / self.n_rows

    @property
    def special_shares(self) -> dict[float, float]:
        """Share of all rows with each special value, 0 to 1."""
        return {special.value: special.count / self.n_rows for special in self.specials}

    @property
    def mean(self) -> float | None:
        """Mean of the numbers proper."""
        return self.spread.mean

    @property
    def std(self) -> float | None:
        """Standard deviation of the numbers proper, with the divisor `count - 1`."""
        return self.spread.std

    @property
    def quantiles(self) -> tuple[float, ...]:
        """The 0th to 100th percentile of the numbers proper; empty where too few are known."""
        return self.spread.quantiles

    @property
    def minimum(self) -> float | None:
        """The lowest number that stands for at least `fewest` rows."""
        return self.quantiles[0] if self.quantiles else None

    @property
    def maximum(self) -> float | None:
        """The highest number that stands for at least `fewest` rows."""
        return self.quantiles[-1] if self.quantiles else None

    def of(self, population: Population) -> NumberSpread | None:
        """The spread among all, the accepted or the refused; None where too few to tell."""
        return {"all": self.spread, "accepted": self.accepted, "refused": self.refused}[population]

    def percentile(self, value: float, population: Population = "all") -> float | None:
        """As `NumberSpread.percentile`; None for a special value, too."""
        spread = self.of(population)
        if spread is None or any(value == special.value for special in self.specials):
            return None
        return spread.percentile(value)

    @property
    def bins(self) -> tuple[Bin, ...]:
        """The bins in which other rows are compared with these: intervals, special values, missing."""
        bounds = (None, *self.psi_edges, None)
        return (
            *(
                Bin("interval", low, high, None, count / self.n_rows)
                for (low, high), count in zip(pairwise(bounds), self.psi_counts, strict=True)
            ),
            *(Bin("special", None, special.value, None, special.count / self.n_rows) for special in self.specials),
            Bin("missing", None, None, None, self.missing_share),
        )

    def places(self, values: NDArray[np.float64]) -> NDArray[np.intp]:
        """The place in `bins` of each number; NaN and infinity are missing."""
        places = np.searchsorted(np.asarray(self.psi_edges), values, side="left")
        for place, special in enumerate(self.specials, start=len(self.psi_counts)):
            places[values == special.value] = place
        places[~np.isfinite(values)] = len(self.psi_counts) + len(self.specials)
        return places


@dataclass(frozen=True, slots=True)
class CodeCount:
    """One code of a category.

    Attributes:
        count, accepted, defaults: how many rows have it, were accepted, defaulted (None where that is not known).
    """

    __pydantic_config__: ClassVar = _strict

    code: str
    count: NonNegativeInt
    accepted: NonNegativeInt | None
    defaults: NonNegativeInt | None


@dataclass(frozen=True, slots=True)
class CategoryProfile:
    """A column of codes; a flag has the codes `0` and `1`.

    Attributes:
        missing: rows without a value.
        codes: those that at least `fewest` rows have, in the order of the catalogue.
        rare: rows with any other code.
        accepted_rows: how many rows were accepted, whatever their code; None where too few were accepted or refused.
    """

    __pydantic_config__: ClassVar = _strict

    name: str
    missing: NonNegativeInt
    codes: tuple[CodeCount, ...]
    rare: NonNegativeInt
    accepted_rows: NonNegativeInt | None
    kind: Literal["category"] = "category"

    def __post_init__(self) -> None:
        if len({code.code for code in self.codes}) != len(self.codes):
            raise ValueError("codes: expected each code once")
        for code in self.codes:
            for name in ("accepted", "defaults"):
                part = getattr(code, name)
                _parts(name, None if part is None else (part,), (code.count,))

    @property
    def count(self) -> int:
        """Rows with a value."""
        return sum(code.count for code in self.codes) + self.rare

    @property
    def n_rows(self) -> int:
        """All rows."""
        return self.count + self.missing

    @property
    def missing_share(self) -> float:
        """Share of all rows without a value, 0 to 1."""
        return self.missing / self.n_rows

    @property
    def shares(self) -> dict[str, float]:
        """Share of all rows with each code, 0 to 1."""
        return {code.code: code.count / self.n_rows for code in self.codes}

    @property
    def default_rates(self) -> dict[str, float | None]:
        """Share of the rows of each code that defaulted, 0 to 1; None where no outcome is known."""
        return {code.code: None if code.defaults is None else code.defaults / code.count for code in self.codes}

    def shares_of(self, population: Population) -> dict[str, float] | None:
        """Share of each code among all, the accepted or the refused rows; None where too few to tell."""
        counts = _counts_of(
            population, [code.count for code in self.codes], _all_known([code.accepted for code in self.codes])
        )
        rows = _counts_of(population, [self.n_rows], None if self.accepted_rows is None else [self.accepted_rows])
        if counts is None or rows is None or rows[0] == 0:
            return None
        return {code.code: count / rows[0] for code, count in zip(self.codes, counts, strict=True)}

    @property
    def bins(self) -> tuple[Bin, ...]:
        """The bins in which other rows are compared with these: each code, the unseen ones, missing."""
        return (
            *(Bin("code", None, None, code, share) for code, share in self.shares.items()),
            Bin("unseen", None, None, None, self.rare / self.n_rows),
            Bin("missing", None, None, None, self.missing_share),
        )


ColumnProfile = NumberProfile | CategoryProfile


def _ascending(name: str, numbers: Sequence[float]) -> None:
    if any(low >= high for low, high in pairwise(numbers)):
        raise ValueError(f"{name}: expected ascending numbers, each once")


def _parts(name: str, parts: Sequence[int] | None, counts: Sequence[int]) -> None:
    if parts is not None and (
        len(parts) != len(counts) or any(part > count for part, count in zip(parts, counts, strict=True))
    ):
        raise ValueError(f"{name}: expected no more than the rows, bin by bin")


def _counts_of(population: Population, counts: Sequence[int], accepted: Sequence[int] | None) -> tuple[int, ...] | None:
    if population == "all":
        return tuple(counts)
    if accepted is None:
        return None
    if population == "accepted":
        return tuple(accepted)
    return tuple(count - part for count, part in zip(counts, accepted, strict=True))


def _all_known(parts: Sequence[int | None]) -> list[int] | None:
    known = [part for part in parts if part is not None]
    return known if len(known) == len(parts) else None


def _rates(counts: Sequence[int], defaults: Sequence[int] | None) -> tuple[float | None, ...]:
    if defaults is None:
        return (None,) * len(counts)
    return tuple(part / count if count else None for part, count in zip(defaults, counts, strict=True))
