"""The adjustment of log-odds that outcomes ask for: a level, a slope, and an offset of each segment, shrunk towards 0.

A model may rank well and still be too timid at both ends, or judge a segment too hard. Logistic recalibration (Cox,
"Two further applications of a model for binary regression", 1958) mends both with a handful of numbers. Its level is
free, so that the mean prediction is the observed default rate: a slope alone would raise or lower it. The offsets are
shrunk, as a segment of few clients would otherwise be moved by chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.model_selection import StratifiedKFold

from core import catalogue
from core.catalogue.ages import days_per_year
from core.features.encoding import category_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

age: Final = "DAYS_BIRTH"
contract: Final = "NAME_CONTRACT_TYPE"
# Completed years at which a segment begins; the youngest apart, whom a model is most often wrong about.
_age_bounds: Final = (25, 30, 40, 50, 60)
# Standard deviation, in log-odds, that offsets are expected to have before any outcome is seen: the penalty of ridge
# regression is one over its square. A segment of 35 expected units of information moves two thirds of its way.
_prior_deviation: Final = 0.25
_folds: Final = 5
min_defaults: Final = 100
"""Defaults, and clients who repaid, below which nothing is fitted."""


class TooFewOutcomes(ValueError):
    """The outcomes are too few to fit anything on; the message says how many are needed."""


@dataclass(frozen=True, slots=True)
class Segmentation:
    """A feature that is cut into segments.

    Attributes:
        feature: its name.
        labels: of the segments.
        places: int64 (n_rows,), the segment of each row; -1 where the feature is not known.
    """

    feature: str
    labels: tuple[str, ...]
    places: NDArray[np.int64]

    def taken(self, rows: NDArray[np.intp]) -> Segmentation:
        """The segmentation of some of the rows."""
        return Segmentation(self.feature, self.labels, self.places[rows])


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What is done to log-odds: `intercept + slope * log_odds`, and the offsets of the segments on top.

    Attributes:
        offsets: by feature, one a segment; whose feature is not known has none.
        rows: by feature, how many clients each segment had where this was fitted, those not known last.
        freedom: effective degrees of freedom (Gray, 1992): a shrunk offset counts as less than one.
    """

    intercept: float
    slope: float
    offsets: Mapping[str, tuple[float, ...]]
    rows: Mapping[str, tuple[int, ...]]
    freedom: float

    def adjusted(self, log_odds: NDArray[np.float64], segments: Sequence[Segmentation]) -> NDArray[np.float64]:
        """The log-odds (n_rows,) after the adjustment."""
        total = self.intercept + self.slope * log_odds
        for segmentation in segments:
            total = total + np.array([*self.offsets[segmentation.feature], 0.0])[segmentation.places]
        return total


def segmentations(matrix: NDArray[np.float64], feature_names: Sequence[str]) -> tuple[Segmentation, ...]:
    """The rows by age and by type of credit.

    Args:
        matrix: float64 (n_rows, n_features), as the model is given it.
        feature_names: of its columns.
    """
    columns = {name: matrix[:, place] for place, name in enumerate(feature_names) if name in (age, contract)}
    parts = []
    if age in columns:
        days = columns[age]
        # Ascending days are descending ages; an end that is included is that of the age.
        places = np.searchsorted(np.array(age_thresholds()), days, side="left")
        labels = (f">= {_age_bounds[-1]}", *_middle_ages(), f"< {_age_bounds[0]}")
        parts.append(Segmentation(age, labels, np.where(np.isnan(days), -1, places)))
    if contract in columns:
        numbers = contract_numbers()
        places = np.full(len(matrix), -1)
        for place, number in enumerate(numbers.values()):
            places[columns[contract] == number] = place
        parts.append(Segmentation(contract, tuple(numbers), places))
    return tuple(parts)


def age_thresholds() -> tuple[float, ...]:
    """The values of `DAYS_BIRTH` up to which a client is of an older segment, ascending."""
    return tuple(-years * days_per_year for years in reversed(_age_bounds))


def contract_numbers() -> dict[str, int]:
    """The numbers that the model is given for the types of credit, by their codes."""
    columns = {column.name: column for column in catalogue.columns()}
    return {str(code): number for code, number in category_numbers(columns[contract]).items()}


def fit(log_odds: NDArray[np.float64], target: NDArray[np.int8], segments: Sequence[Segmentation]) -> Adjustment:
    """The adjustment of highest penalised likelihood.

    Args:
        log_odds: float64 (n_rows,), of a model that was not trained on these rows.
        target: (n_rows,), 1 where the client defaulted.
        segments: of the rows.

    Raises:
        TooFewOutcomes: where fewer than `min_defaults` defaulted, or repaid.
    """
    defaults = int((target == 1).sum())
    if min(defaults, len(target) - defaults) < min_defaults:
        raise TooFewOutcomes(f"expected at least {min_defaults} defaults and as many clients who repaid")
    members = [(part.places[:, None] == np.arange(len(part.labels))).astype(np.float64, order="F") for part in segments]
    design = np.column_stack([np.ones(len(target)), log_odds, *members])
    penalty = np.r_[0.0, 0.0, np.full(design.shape[1] - 2, _prior_deviation**-2)]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        score = design @ weights
        value = float(np.logaddexp(0, score).sum() - target @ score + penalty @ weights**2 / 2)
        return value, design.T @ (expit(score) - target) + penalty * weights

    def information(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        chance = expit(design @ weights)
        product: NDArray[np.float64] = design.T @ (design * (chance * (1 - chance))[:, None])
        return product

    def curvature(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        total: NDArray[np.float64] = information(weights) + np.diag(penalty)
        return total

    start = np.zeros(design.shape[1])
    start[1] = 1.0
    found = minimize(loss, start, jac=True, hess=curvature, method="trust-exact", options={"gtol": 1e-8})
    freedom = float(np.trace(np.linalg.solve(curvature(found.x), information(found.x))))
    intercept, slope, *rest = found.x.tolist()
    offsets: dict[str, tuple[float, ...]] = {}
    rows: dict[str, tuple[int, ...]] = {}
    for part in segments:
        offsets[part.feature] = tuple(rest[: len(part.labels)])
        del rest[: len(part.labels)]
        counts = np.bincount(part.places % (len(part.labels) + 1), minlength=len(part.labels) + 1)
        rows[part.feature] = tuple(counts.tolist())
    return Adjustment(intercept, slope, offsets, rows, freedom)


def cross_fitted(
    log_odds: NDArray[np.float64], target: NDArray[np.int8], segments: Sequence[Segmentation], seed: int = 0
) -> NDArray[np.float64]:
    """The adjusted log-odds (n_rows,) of each row by an adjustment that was fitted without it; see `fit`."""
    adjusted = np.empty(len(target))
    splitter = StratifiedKFold(n_splits=_folds, shuffle=True, random_state=seed)
    for fitted_on, held_out in splitter.split(log_odds[:, None], target):
        adjustment = fit(log_odds[fitted_on], target[fitted_on], [part.taken(fitted_on) for part in segments])
        adjusted[held_out] = adjustment.adjusted(log_odds[held_out], [part.taken(held_out) for part in segments])
    return adjusted


def _middle_ages() -> tuple[str, ...]:
    pairs = pairwise(_age_bounds)
    return tuple(f"{low}-{high - 1}" for low, high in reversed(list(pairs)))
