"""The place of a client among others: percentiles, distributions, and how often such clients default."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from core.comparison.comparison_columns import ComparisonColumns, axes, axis, values_of
from core.decision import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray


Group = Literal["all", "accepted", "refused", "similar"]
groups: Final[tuple[Group, ...]] = ("all", "accepted", "refused", "similar")

_bins: Final = 30
_strongest: Final = 6
_density_bins: Final = 40
# What lies beyond these shares of the clients goes into the first and the last bin: one fortune would flatten the rest.
_shown: Final = (0.005, 0.995)
_half: Final = 0.5
_quantiles: Final = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, slots=True)
class GroupSpread:
    """A number over the clients of a group who have it.

    Attributes:
        known: how many have it; the statistics are None where nobody has.
        missing_share: share of the group who have none, 0 to 1.
        percentile: share of them, 0 to 1, below the client, those with the same value counting half; None where the
            client has no value.
    """

    known: int
    missing_share: float
    percentile: float | None
    mean: float | None
    p5: float | None
    p25: float | None
    median: float | None
    p75: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class NumberComparison:
    """A number of the client among those of others.

    Attributes:
        value: the client's, in the unit of `core.comparison.comparison_columns.axis`; None where missing.
        edges: of the bins, ascending, one more than there are bins; the outer ones also hold what lies beyond them.
        counts: clients in each bin, by group.
        default_rate: observed in each bin of the chosen group; None where nobody is, or no outcome is known.
        risk: mean predicted probability in each bin of the chosen group; None where nobody is.
    """

    name: str
    value: float | None
    spreads: dict[Group, GroupSpread]
    edges: tuple[float, ...]
    counts: dict[Group, tuple[int, ...]]
    default_rate: tuple[float | None, ...]
    risk: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class CategoryComparison:
    """A category of the client among those of others.

    Attributes:
        value: the client's code; None where missing.
        codes: those that anybody has, the most frequent first; the empty code counts those who have none.
        counts: clients with each code, by group.
        default_rate, risk: as for numbers, by code.
    """

    name: str
    value: str | None
    codes: tuple[str, ...]
    counts: dict[Group, tuple[int, ...]]
    default_rate: tuple[float | None, ...]
    risk: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Density:
    """Two numbers against each other, as counts on a grid.

    Attributes:
        x, y: their names.
        x_edges, y_edges: ascending; the outer bins also hold what lies beyond.
        counts: clients in each cell, rows along y.
        default_rate: observed in each cell; None where no outcome is known, or nobody is there.
        place: the client's own two values; None where one is missing.
    """

    x: str
    y: str
    x_edges: tuple[float, ...]
    y_edges: tuple[float, ...]
    counts: tuple[tuple[int, ...], ...]
    default_rate: tuple[tuple[float | None, ...], ...]
    place: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class ClientPlace:
    """Where one client stands: the value, and by group the share below it, both as in `NumberComparison`."""

    name: str
    value: float | str | None
    percentiles: dict[Group, float | None]


def strongest(features: Iterable[str]) -> tuple[str, ...]:
    """What a client is first compared by: of features, the strongest reason first, as many as a page shows at once."""
    return tuple(feature for feature in features if feature in axes())[:_strongest]


class Comparison:
    """Compares one application with the clients on hand."""

    def __init__(
        self,
        population: ComparisonColumns,
        applicant: Mapping[str, Value],
        similar: NDArray[np.bool_],
        chosen: Group = "all",
    ) -> None:
        """Prepares a comparison.

        Args:
            population: whom to compare with.
            applicant: the application's raw columns and history features by name.
            similar: bool (n_clients,), who belongs to the group `similar` (see `core.comparison.peers`).
            chosen: the group whose default rates are given.
        """
        self._population = population
        self._applicant = applicant
        refused = population.refused
        self._members: dict[Group, NDArray[np.bool_]] = {
            "all": np.ones(population.size, dtype=bool),
            "accepted": ~refused,
            "refused": refused,
            "similar": similar,
        }
        self._group = chosen
        self._chosen = self._members[chosen]
        self._sizes = {name: int(np.count_nonzero(members)) for name, members in self._members.items()}

    def sizes(self) -> dict[Group, int]:
        """How many clients each group has."""
        return dict(self._sizes)

    def default_rates(self) -> dict[Group, float | None]:
        """The observed default rate of each group; None where no outcome is known."""
        default = self._population.default
        return {
            name: None if default is None or not members.any() else _mean(default[members])
            for name, members in self._members.items()
        }

    def of(self, name: str) -> NumberComparison | CategoryComparison:
        """One column or feature. Raises `catalogue.UnknownEntry` for one that clients are not compared by."""
        return self._category(name) if axis(name).categorical else self._number(name)

    def several(self, names: Sequence[str]) -> list[NumberComparison | CategoryComparison]:
        """Several columns or features, in their order."""
        return [self.of(name) for name in names]

    def places(self, other: Mapping[str, Value], names: Sequence[str]) -> list[ClientPlace]:
        """Where another application stands in the same groups.

        Args:
            other: its raw columns and history features by name.
            names: columns or features; a category has a value and no percentiles.

        Raises:
            catalogue.UnknownEntry: for a name that clients are not compared by.
        """
        return [self._place(name, own) for name, own in values_of(other, tuple(names)).items()]

    def density(self, x: str, y: str) -> Density:
        """Two numbers against each other, in the chosen group.

        Raises:
            catalogue.UnknownEntry: for a name that clients are not compared by.
            ValueError: where one of them is a category.
        """
        for name in (x, y):
            if axis(name).categorical:
                raise ValueError(f"{name} is a category: expected a number")
        both = self._chosen & ~np.isnan(self._population.column(x)) & ~np.isnan(self._population.column(y))
        x_values, y_values = self._population.column(x)[both], self._population.column(y)[both]
        own = values_of(self._applicant, (x, y))
        x_edges, y_edges = (
            _edges(values, np.quantile(values, _shown).tolist() if len(values) else [], value, _density_bins)
            for values, value in ((x_values, own[x]), (y_values, own[y]))
        )
        width = len(x_edges) - 1
        cell = _bin(y_values, y_edges) * width + _bin(x_values, x_edges)
        cells = width * (len(y_edges) - 1)
        counts = np.bincount(cell, minlength=cells)
        rates = self._rates(self._population.default, both, cell, cells)
        return Density(
            x=x,
            y=y,
            x_edges=tuple(x_edges.tolist()),
            y_edges=tuple(y_edges.tolist()),
            counts=tuple(tuple(row) for row in counts.reshape(-1, width).tolist()),
            default_rate=tuple(tuple(rates[start : start + width]) for start in range(0, cells, width)),
            place=None if np.isnan([own[x], own[y]]).any() else (own[x], own[y]),
        )

    def _place(self, name: str, own: float) -> ClientPlace:
        known = not np.isnan(own)
        if axis(name).categorical:
            return ClientPlace(name, axis(name).codes[int(own)] if known else None, dict.fromkeys(groups))
        values = self._population.column(name)
        return ClientPlace(
            name,
            own if known else None,
            {group: _percentile(values[members], own) if known else None for group, members in self._members.items()},
        )

    def _number(self, name: str) -> NumberComparison:
        own = values_of(self._applicant, (name,))[name]
        ranked = self._population.ranked(name)
        edges = _edges(ranked.values, _span(ranked.values), own, _bins)
        # In ascending order a bin is a stretch, from one of these places to the next; the outer ones reach to the ends.
        ends = np.concatenate(([0], np.searchsorted(ranked.values, edges[1:-1], side="left"), [len(ranked.values)]))
        ranks = {group: members[ranked.order] for group, members in self._members.items()}
        chosen = ranks[self._group]
        return NumberComparison(
            name=name,
            value=None if np.isnan(own) else own,
            spreads={
                group: _spread(ranked.values[within], int(self._sizes[group]), own) for group, within in ranks.items()
            },
            edges=tuple(edges.tolist()),
            counts={group: tuple(_stretches(within, ends).tolist()) for group, within in ranks.items()},
            default_rate=self._ranked_rates(self._population.default, ranked.order, chosen, ends),
            risk=self._ranked_rates(self._population.probability, ranked.order, chosen, ends),
        )

    def _category(self, name: str) -> CategoryComparison:
        codes = axis(name).codes
        values, own = self._population.column(name), values_of(self._applicant, (name,))[name]
        # Those without a value stand behind the last code.
        place = np.nan_to_num(values, nan=len(codes)).astype(np.intp)
        total = np.bincount(place, minlength=len(codes) + 1)
        shown = [index for index in np.argsort(-total, kind="stable").tolist() if total[index] or index == own]
        named = [*codes, ""]
        default, risk = (
            self._rates(outcome, self._chosen, place[self._chosen], len(named))
            for outcome in (self._population.default, self._population.probability)
        )
        counts = {group: np.bincount(place[members], minlength=len(named)) for group, members in self._members.items()}
        return CategoryComparison(
            name=name,
            value=None if np.isnan(own) else codes[int(own)],
            codes=tuple(named[index] for index in shown),
            counts={group: tuple(by_code[shown].tolist()) for group, by_code in counts.items()},
            default_rate=tuple(default[index] for index in shown),
            risk=tuple(risk[index] for index in shown),
        )

    @staticmethod
    def _ranked_rates(
        outcome: NDArray[np.float64] | None, order: NDArray[np.int32], within: NDArray[np.bool_], ends: NDArray[np.intp]
    ) -> tuple[float | None, ...]:
        """The mean outcome in each stretch, of those within; `order` and `within` are of the clients in that order."""
        if outcome is None:
            return (None,) * (len(ends) - 1)
        ranked = outcome[order]
        known = within & ~np.isnan(ranked)
        summed = np.where(known, ranked, 0.0)
        count = _stretches(known, ends).tolist()
        total = [float(summed[low:high].sum()) for low, high in pairwise(ends.tolist())]
        return tuple(part / of if of else None for part, of in zip(total, count, strict=True))

    @staticmethod
    def _rates(
        outcome: NDArray[np.float64] | None, members: NDArray[np.bool_], place: NDArray[np.intp], bins: int
    ) -> tuple[float | None, ...]:
        """The mean outcome in each bin; `place` is the bin of each of the `members`."""
        if outcome is None:
            return (None,) * bins
        known = ~np.isnan(outcome[members])
        count = np.bincount(place[known], minlength=bins)
        total = np.bincount(place[known], weights=outcome[members][known], minlength=bins)
        return tuple(float(part) / int(of) if of else None for part, of in zip(total, count, strict=True))


def _stretches(within: NDArray[np.bool_], ends: NDArray[np.intp]) -> NDArray[np.intp]:
    """How many are within, from each of the ends to the next."""
    return np.array([np.count_nonzero(within[low:high]) for low, high in pairwise(ends.tolist())], dtype=np.intp)


def _spread(known: NDArray[np.float64], size: int, own: float) -> GroupSpread:
    """The values of a group of `size` clients; `known` are those that have one, in ascending order."""
    missing = 1 - len(known) / size if size else 0.0
    if not len(known):
        return GroupSpread(0, missing, None, None, None, None, None, None, None)
    percentile = None
    if not np.isnan(own):
        below, upto = np.searchsorted(known, own, side="left"), np.searchsorted(known, own, side="right")
        percentile = float(below + upto) / 2 / len(known)
    p5, p25, median, p75, p95 = (_quantile(known, quantile) for quantile in _quantiles)
    return GroupSpread(len(known), missing, percentile, float(known.mean()), p5, p25, median, p75, p95)


def _quantile(ascending: NDArray[np.float64], part: float) -> float:
    """As `numpy.quantile`, which would sort once more: between the two neighbours, by how near each is."""
    place = part * (len(ascending) - 1)
    before = int(place)
    low, high = float(ascending[before]), float(ascending[min(before + 1, len(ascending) - 1)])
    share = place - before
    return high - (high - low) * (1 - share) if share >= _half else low + (high - low) * share


def _percentile(values: NDArray[np.float64], own: float) -> float | None:
    known = int(np.count_nonzero(~np.isnan(values)))
    # Comparisons with NaN are false: those without a value are neither below nor equal.
    below = int(np.count_nonzero(values < own)) + int(np.count_nonzero(values == own)) / 2
    return below / known if known else None


def _span(ascending: NDArray[np.float64]) -> list[float]:
    """Between which values most of them lie."""
    return [_quantile(ascending, quantile) for quantile in _shown] if len(ascending) else []


def _edges(known: NDArray[np.float64], span: Sequence[float], own: float, bins: int) -> NDArray[np.float64]:
    """Edges of bins of one width over most of the values and the client's; a few whole numbers get one each.

    Args:
        known: the values.
        span: from where to where most of them are; anything where there are none.
    """
    if not len(known):
        centre = 0.0 if np.isnan(own) else own
        return np.array([centre - 0.5, centre + 0.5])
    low, high = span
    if not np.isnan(own):
        low, high = min(low, max(own, float(known.min()))), max(high, min(own, float(known.max())))
    if high - low <= bins and bool((known == np.round(known)).all()):
        return np.arange(np.floor(low), np.ceil(high) + 2) - 0.5
    if low == high:
        return np.array([low - 0.5, low + 0.5])
    return np.linspace(low, high, bins + 1)


def _bin(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.intp]:
    """The bin of each value; what lies outside goes into the nearest, and NaN into the last."""
    return (np.searchsorted(edges, values, side="right") - 1).clip(0, len(edges) - 2)


def _mean(values: NDArray[np.float64]) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
