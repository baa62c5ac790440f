"""The place of a client among others: percentiles, distributions, and how often such clients default."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.comparison.choice import Group, groups
from core.comparison.comparison_columns import ComparisonColumns, axes, axis, values_of
from core.contract.clients.comparison import (
    AgainstAnswer,
    ComparedCategory,
    ComparedNumber,
    DensityAnswer,
    PeersAnswer,
    PlaceAnswer,
    SpreadAnswer,
)
from core.contract.prediction import provenance_of
from core.text.formats import format_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from core.application import Application
    from core.catalogue import Language
    from core.comparison.choice import Choice
    from core.decision import Value


_bins: Final = 30
_strongest: Final = 6
_density_bins: Final = 40
# What lies beyond these shares of the clients goes into the first and the last bin: one fortune would flatten the rest.
_shown: Final = (0.005, 0.995)
_half: Final = 0.5
_quantiles: Final = (0.05, 0.25, 0.5, 0.75, 0.95)


def strongest(features: Iterable[str]) -> tuple[str, ...]:
    """What a client is first compared by: of features, the strongest reason first, as many as a page shows at once."""
    return tuple(feature for feature in features if feature in axes())[:_strongest]


def compared(
    population: ComparisonColumns,
    application: Application,
    choice: Choice,
    names: Sequence[str],
    other: Mapping[str, Value] | None,
    lang: Language,
) -> dict[str, Any]:
    """The fields of a `core.contract.clients.comparison.ComparisonAnswer` but its decisions and warnings.

    Args:
        choice: whom to compare with, and how.
        names: what to compare in, in the order of the answer.
        other: the application of the client `choice.against`; None where there is none.
        lang: of the sentences.

    Raises:
        catalogue.UnknownEntry: for a name that clients are not compared by.
    """
    peers = choice.peers(population, application.values, application.client_id)
    comparison = Comparison(population, application.values, peers.members, choice.group)
    return {
        "client_id": application.client_id,
        "group": choice.group,
        "sizes": comparison.sizes(),
        "default_rates": comparison.default_rates(),
        "peers": PeersAnswer.of(peers, lang),
        "features": [comparison.of(name, lang) for name in names],
        "against": None
        if choice.against is None or other is None
        else AgainstAnswer(client_id=choice.against, places=comparison.places(other, names)),
        "density": comparison.density(choice.x, choice.y, lang) if choice.x and choice.y else None,
        **provenance_of(application),
    }


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

    def of(self, name: str, lang: Language) -> ComparedNumber | ComparedCategory:
        """One column or feature. Raises `catalogue.UnknownEntry` for one that clients are not compared by."""
        return self._category(name, lang) if axis(name).categorical else self._number(name, lang)

    def places(self, other: Mapping[str, Value], names: Sequence[str]) -> list[PlaceAnswer]:
        """Where another application stands in the same groups.

        Args:
            other: its raw columns and history features by name.
            names: columns or features; a category has a value and no percentiles.

        Raises:
            catalogue.UnknownEntry: for a name that clients are not compared by.
        """
        return [self._place(name, own) for name, own in values_of(other, tuple(names)).items()]

    def density(self, x: str, y: str, lang: Language) -> DensityAnswer:
        """Two numbers against each other, in the chosen group, named in words of `lang`.

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
        return DensityAnswer(
            x=x,
            y=y,
            x_label=axis(x).entry.label(lang),
            y_label=axis(y).entry.label(lang),
            x_unit=axis(x).unit,
            y_unit=axis(y).unit,
            x_edges=x_edges.tolist(),
            y_edges=y_edges.tolist(),
            counts=counts.reshape(-1, width).tolist(),
            default_rate=[rates[start : start + width] for start in range(0, cells, width)],
            place=None if np.isnan([own[x], own[y]]).any() else [own[x], own[y]],
        )

    def _place(self, name: str, own: float) -> PlaceAnswer:
        known = not np.isnan(own)
        if axis(name).categorical:
            code = axis(name).codes[int(own)] if known else None
            return PlaceAnswer(name=name, value=code, percentiles=dict.fromkeys(groups))
        values = self._population.column(name)
        percentiles = {
            group: _percentile(values[members], own) if known else None for group, members in self._members.items()
        }
        return PlaceAnswer(name=name, value=own if known else None, percentiles=percentiles)

    def _number(self, name: str, lang: Language) -> ComparedNumber:
        entry, unit = axis(name).entry, axis(name).unit
        own = values_of(self._applicant, (name,))[name]
        value = None if np.isnan(own) else own
        ranked = self._population.ranked(name)
        edges = _edges(ranked.values, _span(ranked.values), own, _bins)
        # In ascending order a bin is a stretch, from one of these places to the next; the outer ones reach to the ends.
        ends = np.concatenate(([0], np.searchsorted(ranked.values, edges[1:-1], side="left"), [len(ranked.values)]))
        ranks = {group: members[ranked.order] for group, members in self._members.items()}
        chosen = ranks[self._group]
        return ComparedNumber(
            name=name,
            label=entry.label(lang),
            unit=unit,
            value=value,
            # As the application has it: days before it, not the years of the axis.
            value_text=format_value(entry, self._applicant.get(name, value if unit == entry.unit else None), lang),
            spreads={
                group: _spread(ranked.values[within], int(self._sizes[group]), own) for group, within in ranks.items()
            },
            edges=edges.tolist(),
            counts={group: _stretches(within, ends).tolist() for group, within in ranks.items()},
            default_rate=self._ranked_rates(self._population.default, ranked.order, chosen, ends),
            risk=self._ranked_rates(self._population.probability, ranked.order, chosen, ends),
        )

    def _category(self, name: str, lang: Language) -> ComparedCategory:
        entry, codes = axis(name).entry, axis(name).codes
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
        is_flag = codes == ("0", "1")
        return ComparedCategory(
            name=name,
            label=entry.label(lang),
            unit=axis(name).unit,
            value=None if np.isnan(own) else codes[int(own)],
            value_text=format_value(entry, self._applicant.get(name), lang),
            codes=[named[index] for index in shown],
            code_labels=[
                format_value(entry, int(named[index]) if is_flag and named[index] else named[index] or None, lang)
                for index in shown
            ],
            counts={group: by_code[shown].tolist() for group, by_code in counts.items()},
            default_rate=[default[index] for index in shown],
            risk=[risk[index] for index in shown],
        )

    @staticmethod
    def _ranked_rates(
        outcome: NDArray[np.float64] | None, order: NDArray[np.int32], within: NDArray[np.bool_], ends: NDArray[np.intp]
    ) -> list[float | None]:
        """The mean outcome in each stretch, of those within; `order` and `within` are of the clients in that order."""
        if outcome is None:
            return [None] * (len(ends) - 1)
        ranked = outcome[order]
        known = within & ~np.isnan(ranked)
        summed = np.where(known, ranked, 0.0)
        count = _stretches(known, ends).tolist()
        total = [float(summed[low:high].sum()) for low, high in pairwise(ends.tolist())]
        return [part / of if of else None for part, of in zip(total, count, strict=True)]

    @staticmethod
    def _rates(
        outcome: NDArray[np.float64] | None, members: NDArray[np.bool_], place: NDArray[np.intp], bins: int
    ) -> list[float | None]:
        """The mean outcome in each bin; `place` is the bin of each of the `members`."""
        if outcome is None:
            return [None] * bins
        known = ~np.isnan(outcome[members])
        count = np.bincount(place[known], minlength=bins)
        total = np.bincount(place[known], weights=outcome[members][known], minlength=bins)
        return [float(part) / int(of) if of else None for part, of in zip(total, count, strict=True)]


def _stretches(within: NDArray[np.bool_], ends: NDArray[np.intp]) -> NDArray[np.intp]:
    """How many are within, from each of the ends to the next."""
    return np.array([np.count_nonzero(within[low:high]) for low, high in pairwise(ends.tolist())], dtype=np.intp)


def _spread(known: NDArray[np.float64], size: int, own: float) -> SpreadAnswer:
    """The values of a group of `size` clients; `known` are those that have one, in ascending order."""
    missing = 1 - len(known) / size if size else 0.0
    if not len(known):
        nothing = dict.fromkeys(("percentile", "mean", "p5", "p25", "median", "p75", "p95"))
        return SpreadAnswer(known=0, missing_share=missing, **nothing)
    percentile = None
    if not np.isnan(own):
        below, upto = np.searchsorted(known, own, side="left"), np.searchsorted(known, own, side="right")
        percentile = float(below + upto) / 2 / len(known)
    p5, p25, median, p75, p95 = (_quantile(known, quantile) for quantile in _quantiles)
    return SpreadAnswer(
        known=len(known),
        missing_share=missing,
        percentile=percentile,
        mean=float(known.mean()),
        p5=p5,
        p25=p25,
        median=median,
        p75=p75,
        p95=p95,
    )


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
