"""Thresholds of drift: from where on a statistic counts, in one place."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from pydantic import ConfigDict

if TYPE_CHECKING:
    from collections.abc import Mapping

Level = Literal["stable", "moderate", "major"]

_strict: Final = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

# The thresholds that are probabilities, one number each, rather than limits of a size.
chances: Final = ("significance", "alert_significance")


class InvalidThreshold(ValueError):
    """A threshold that is not known or not sound; the message names it and what was expected."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a number is moderate and from where on major, both included."""

    __pydantic_config__: ClassVar = _strict

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


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What counts as drift.

    A column drifts where a statistic of size reaches its limit and the test that belongs to it is significant after
    correction: with few rows a size means nothing, and with many rows everything is significant.

    An alert wants more: columns are looked at by hundreds of tests, and by several rules, so that each day something
    would be broken by chance. All rules together raise an alert where nothing has changed with a probability of
    `alert_significance` at most.

    Attributes:
        significance: largest p-value, corrected for the number of tests, that counts.
        alert_significance: how often an alert may be raised by chance, 0 to 1, over all rules together.
        psi: Population Stability Index; 0.1 and 0.25 are the custom in banks (Siddiqi, "Credit Risk Scorecards",
            2006).
        kolmogorov_smirnov: largest gap between the two cumulative shares.
        wasserstein: distance in standard deviations of the reference.
        jensen_shannon: distance (the root of the divergence) in base 2, 0 to 1.
        total_variation: share of rows that would have to change their code, 0 to 1.
        missing: change of the share of missing values, 0 to 1, in either direction.
        score_psi: of the probability of default over all rows; either level is an alert.
        drifted_share: share of the columns that drift, 0 to 1; either level is an alert.
        drifted_importance: share of what the model leans on (its gain) that drifts, 0 to 1; either level is an alert.
        auc_drop: fall of the area under the ROC curve; either level is an alert.
        calibration_rise: rise of the expected calibration error; either level is an alert.
    """

    __pydantic_config__: ClassVar = _strict

    significance: float = 0.05
    alert_significance: float = 0.01
    psi: Limits = Limits(0.1, 0.25)
    kolmogorov_smirnov: Limits = Limits(0.1, 0.2)
    wasserstein: Limits = Limits(0.1, 0.25)
    jensen_shannon: Limits = Limits(0.1, 0.2)
    total_variation: Limits = Limits(0.1, 0.2)
    missing: Limits = Limits(0.05, 0.1)
    score_psi: Limits = Limits(0.1, 0.25)
    drifted_share: Limits = Limits(0.3, 0.5)
    drifted_importance: Limits = Limits(0.2, 0.4)
    auc_drop: Limits = Limits(0.02, 0.05)
    calibration_rise: Limits = Limits(0.01, 0.02)

    def __post_init__(self) -> None:
        for name in chances:
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name}: expected a number from 0 to 1")

    def with_limits(self, given: Mapping[str, str]) -> Thresholds:
        """These thresholds with some replaced.

        Args:
            given: by name, `MODERATE` or `MODERATE:MAJOR`; those of `chances` are one number.

        Raises:
            InvalidThreshold: for a name that is not known, or text that is no such numbers.
        """
        return replace(self, **{name: self._parsed(name, text) for name, text in given.items()})  # type: ignore[arg-type]

    def _parsed(self, name: str, text: str) -> float | Limits:
        known = [each.name for each in fields(self)]
        if name not in known:
            raise InvalidThreshold(f"{name}: expected one of {', '.join(known)}")
        parts = text.split(":")
        try:
            numbers = [float(each) for each in parts]
        except ValueError:
            numbers = [-1.0]
        alone = name in chances
        sound = all(0 <= each <= (1 if alone else float("inf")) for each in numbers) and sorted(numbers) == numbers
        if not sound or len(numbers) > (1 if alone else 2) or float("inf") in numbers:
            wanted = "a number from 0 to 1" if alone else "MODERATE or MODERATE:MAJOR, 0 or more, ascending"
            raise InvalidThreshold(f"{name}: expected {wanted}")
        return (
            numbers[0]
            if alone
            else Limits(numbers[0], numbers[-1] if len(numbers) == 2 else self._major(name, numbers[0]))
        )

    def _major(self, name: str, moderate: float) -> float:
        limits: Limits = getattr(self, name)
        return max(limits.major, moderate)
