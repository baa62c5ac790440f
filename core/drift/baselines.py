"""Baselines of drift: rows, or a frozen profile, behind one set of questions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

import numpy as np
import polars as pl

from core import catalogue
from core.drift.measures.bins import CategoryBins, NumberBins, number_bins
from core.drift.measures.column import CategoryRows, NumberRows, compare_codes, compare_numbers
from core.drift.measures.segments import segment_drift
from core.drift.performance import performance, stored_performance
from core.drift.probabilities import probabilities
from core.drift.results.scores import ScoreDrift
from core.drift.verdict import judged_score
from core.features import application_features
from core.features.assembly import with_all_columns
from core.reference.reference_profile import probability_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from core.drift.measures.bins import ColumnBins
    from core.drift.measures.thresholds import Thresholds
    from core.drift.results.columns import ColumnDrift
    from core.drift.results.drift_report import Detail
    from core.drift.results.scores import ScorePerformance
    from core.reference.reference_profile import ReferenceProfile
    from core.scoring import Scorer


# Rows without a value in a column, for the column to be taken for one that nobody filled.
_enough_to_be_empty: Final = 100


class Reference(Protocol):
    """What current rows are compared with."""

    detail: ClassVar[Detail]

    @property
    def rows(self) -> int:
        """How many rows there are, or were."""

    @property
    def synthetic(self) -> bool | None:
        """Whether they were drawn; None where that is not known."""

    @property
    def names(self) -> frozenset[str]:
        """The columns it has, derived features included where they need no computing."""

    def derives(self, feature: str) -> bool:
        """Whether a feature of the application can be had of it, given that its raw columns can."""

    def column(self, name: str, current: pl.Series) -> ColumnDrift:
        """A column compared, not yet judged. May be called by several threads."""

    def score(self, current: pl.DataFrame, probability: NDArray[np.float64], thresholds: Thresholds) -> ScoreDrift:
        """The probability of default compared."""

    def performance(self) -> ScorePerformance | None:
        """How good the model is on it; None where no outcome is known."""

    def outcomes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """The outcome of each row, NaN where not known, and its probability; None where its rows are not known."""

    @property
    def known_names(self) -> frozenset[str]:
        """The columns that hold anything."""


@dataclass(frozen=True)
class RowsReference:
    """Rows of applications.

    Attributes:
        frame: typed application columns, any subset, with or without `TARGET` and history features.
        bins: those frozen beforehand, by column; for others the deciles of the rows.
        scorer: None where no probability is asked for.
    """

    frame: pl.DataFrame
    bins: Mapping[str, ColumnBins]
    scorer: Scorer | None

    detail: ClassVar[Detail] = "rows"
    synthetic: ClassVar[None] = None

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.frame.height

    @property
    def names(self) -> frozenset[str]:
        """The columns of the frame."""
        return frozenset(self.frame.columns)

    def derives(self, feature: str) -> bool:
        """Any feature can be computed."""
        return feature in application_features()

    def column(self, name: str, current: pl.Series) -> ColumnDrift:
        """A column compared by the bins given for it, else by its deciles."""
        bins, before = self.bins.get(name), self._features[name] if name in self._features else self.frame[name]
        if holds_codes(name):
            chosen = bins if isinstance(bins, CategoryBins) else None
            return compare_codes(name, CategoryRows.of(before), CategoryRows.of(current), chosen)
        return _compare_numbers(name, before, current, bins)

    def score(self, current: pl.DataFrame, probability: NDArray[np.float64], thresholds: Thresholds) -> ScoreDrift:
        """The probability compared, in all rows and by segment."""
        before, after = pl.Series(self._probability), pl.Series(probability)
        column = _compare_numbers(probability_name, before, after, self.bins.get(probability_name))
        edges = tuple(bin_.high for bin_ in column.bins if bin_.kind == "interval" and bin_.high is not None)
        return ScoreDrift(
            column=judged_score(column, thresholds),
            threshold=self._threshold,
            reference_refused=float((self._probability >= self._threshold).mean()),
            current_refused=float((probability >= self._threshold).mean()),
            segments=segment_drift(
                (self.frame, self._probability), (current, probability), NumberBins(edges), thresholds
            ),
        )

    def performance(self) -> ScorePerformance | None:
        """As measured on the rows: of those that the model was trained on, it is better than it will ever be."""
        return performance(outcomes(self.frame), self._probability, self._scorer.model)

    def outcomes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """As the rows have them."""
        return outcomes(self.frame), self._probability

    @property
    def known_names(self) -> frozenset[str]:
        """The columns of the frame that hold anything."""
        return known_names(self.frame)

    @cached_property
    def _features(self) -> dict[str, pl.Series]:
        return features_of(self.frame)

    @cached_property
    def _probability(self) -> NDArray[np.float64]:
        return probabilities(self._scorer, self.frame)

    @property
    def _threshold(self) -> float:
        return self._scorer.model.optimal_threshold

    @property
    def _scorer(self) -> Scorer:
        if self.scorer is None:
            raise ValueError("scorer: needed where a probability is asked for")
        return self.scorer


@dataclass(frozen=True)
class ProfileReference:
    """A profile that was frozen with the model, or with the portfolio."""

    profile: ReferenceProfile
    scorer: Scorer | None

    detail: ClassVar[Detail] = "profile"

    @property
    def rows(self) -> int:
        """How many rows were profiled."""
        return self.profile.n_rows

    @property
    def synthetic(self) -> bool:
        """Whether they were drawn."""
        return self.profile.origin == "demo"

    @property
    def names(self) -> frozenset[str]:
        """The columns that were profiled."""
        return frozenset(self.profile.columns)

    def derives(self, feature: str) -> bool:
        """Only what was profiled."""
        return feature in self.profile.columns

    def column(self, name: str, current: pl.Series) -> ColumnDrift:
        """A column compared by the bins of its profile."""
        if holds_codes(name):
            return compare_codes(name, self.profile.category(name), CategoryRows.of(current))
        before = self.profile.number(name)
        return compare_numbers(name, before, NumberRows.of(current, [special.value for special in before.specials]))

    def score(self, current: pl.DataFrame, probability: NDArray[np.float64], thresholds: Thresholds) -> ScoreDrift:
        """The probability compared with that of the profile; what its rows were, by segment, is not known."""
        del current
        column = self.column(probability_name, pl.Series(probability))
        threshold = self.profile.threshold
        return ScoreDrift(
            column=judged_score(column, thresholds),
            threshold=threshold,
            reference_refused=self.profile.refused_count / self.profile.n_rows,
            current_refused=float((probability >= threshold).mean()),
            segments=(),
        )

    def performance(self) -> ScorePerformance | None:
        """As the model's cross-validation found it."""
        if self.scorer is None or self.profile.default_rate is None:
            return None
        return stored_performance(self.scorer.model, self.profile.default_rate)

    def outcomes(self) -> None:
        """Not known."""

    @property
    def known_names(self) -> frozenset[str]:
        """The columns of which the profile has a value."""
        return frozenset(name for name, column in self.profile.columns.items() if column.missing < self.rows)


def holds_codes(name: str) -> bool:
    """Whether a column or feature holds codes rather than numbers."""
    return name in _coded()


def features_of(frame: pl.DataFrame) -> dict[str, pl.Series]:
    """The features of the application, by name, computed from the columns of a frame; absent ones count as missing."""
    expressions = [expression.cast(pl.Float64).alias(name) for name, expression in application_features().items()]
    computed = with_all_columns(frame).select(expressions)
    return {feature.name: feature for feature in computed}


def known_names(frame: pl.DataFrame) -> frozenset[str]:
    """The columns of a frame that hold anything: one that is empty is no more than one that is not there. Of few rows,
    one may be empty by chance, and counts as there.
    """
    few = frame.height < _enough_to_be_empty
    return frozenset(column.name for column in frame if few or column.null_count() < frame.height)


def outcomes(frame: pl.DataFrame) -> NDArray[np.float64]:
    """Float64 (n_rows,): 1 where the client defaulted, 0 where not, NaN where that is not known."""
    if "TARGET" not in frame.columns:
        return np.full(frame.height, np.nan)
    return frame["TARGET"].cast(pl.Float64).to_numpy()


def _coded() -> frozenset[str]:
    return frozenset(column.name for column in catalogue.columns() if column.type in ("category", "flag"))


def _compare_numbers(name: str, was: pl.Series, now: pl.Series, bins: ColumnBins | None) -> ColumnDrift:
    if isinstance(bins, NumberBins):
        return compare_numbers(name, NumberRows.of(was, bins.specials), NumberRows.of(now, bins.specials), bins)
    specials = _specials(name)
    before = NumberRows.of(was, specials)
    own = number_bins(before.ascending, before.aggregated, tuple(specials))
    return compare_numbers(name, before, NumberRows.of(now, specials), own)


def _specials(name: str) -> Sequence[float]:
    return [column.sentinel for column in catalogue.columns() if column.name == name and column.sentinel is not None]
