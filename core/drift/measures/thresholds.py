"""Measures and thresholds of drift: each declared once, with from where on it counts."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Final

from pydantic import ConfigDict

from core.drift.measures.measure import Limits, Measure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.drift.measures.measure import ComparedColumn, Kind, Test, Written

_strict: Final = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

# The thresholds that are probabilities, one number each, rather than limits of a size.
chances: Final = ("significance", "alert_significance")


class InvalidThreshold(ValueError):
    """A threshold that is not known or not sound; the message names it and what was expected."""


def _measure(
    test: Test,
    value: Callable[[ComparedColumn], float | None],
    kinds: tuple[Kind, ...] = ("number", "category"),
    written: Written = "statistic",
) -> dict[str, object]:
    """Declares the measure that a field has the limits of."""
    return {"measure": Measure(test, value, kinds), "written": written}


def _rule(written: Written) -> dict[str, object]:
    """Declares a rule over the whole report, whose value is written so."""
    return {"written": written}


def _kolmogorov_smirnov(column: ComparedColumn) -> float | None:
    return None if column.numbers is None else column.numbers.kolmogorov_smirnov.statistic


def _wasserstein(column: ComparedColumn) -> float | None:
    return None if column.numbers is None else column.numbers.wasserstein_scaled


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
    psi: Limits = field(default=Limits(0.1, 0.25), metadata=_measure("bins", lambda column: column.psi))
    kolmogorov_smirnov: Limits = field(
        default=Limits(0.1, 0.2), metadata=_measure("numbers", _kolmogorov_smirnov, ("number",))
    )
    wasserstein: Limits = field(default=Limits(0.1, 0.25), metadata=_measure("numbers", _wasserstein, ("number",)))
    jensen_shannon: Limits = field(
        default=Limits(0.1, 0.2), metadata=_measure("bins", lambda column: column.jensen_shannon)
    )
    total_variation: Limits = field(
        default=Limits(0.1, 0.2), metadata=_measure("bins", lambda column: column.total_variation, ("category",))
    )
    missing: Limits = field(
        default=Limits(0.05, 0.1),
        metadata=_measure("missing", lambda column: abs(column.missing.difference), written="share"),
    )
    score_psi: Limits = field(default=Limits(0.1, 0.25), metadata=_rule("statistic"))
    drifted_share: Limits = field(default=Limits(0.3, 0.5), metadata=_rule("share"))
    drifted_importance: Limits = field(default=Limits(0.2, 0.4), metadata=_rule("share"))
    auc_drop: Limits = field(default=Limits(0.02, 0.05), metadata=_rule("statistic"))
    calibration_rise: Limits = field(default=Limits(0.01, 0.02), metadata=_rule("statistic"))

    def __post_init__(self) -> None:
        for name in chances:
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name}: expected a number from 0 to 1")

    def with_limits(self, texts: Mapping[str, str]) -> Thresholds:
        """These thresholds with some replaced.

        Args:
            texts: by name, `MODERATE` or `MODERATE:MAJOR`; those of `chances` are one number.

        Raises:
            InvalidThreshold: for a name that is not known, or text that is no such numbers.
        """
        return replace(self, **{name: self._parsed(name, text) for name, text in texts.items()})  # type: ignore[arg-type]

    def _parsed(self, name: str, text: str) -> float | Limits:
        known = [threshold.name for threshold in fields(self)]
        if name not in known:
            raise InvalidThreshold(f"{name}: expected one of {', '.join(known)}")
        parts = text.split(":")
        try:
            numbers = [float(part) for part in parts]
        except ValueError:
            numbers = [-1.0]
        alone = name in chances
        sound = all(0 <= number <= (1 if alone else float("inf")) for number in numbers) and sorted(numbers) == numbers
        if not sound or len(numbers) > (1 if alone else 2) or float("inf") in numbers:
            expectation = "a number from 0 to 1" if alone else "MODERATE or MODERATE:MAJOR, 0 or more, ascending"
            raise InvalidThreshold(f"{name}: expected {expectation}")
        return (
            numbers[0]
            if alone
            else Limits(numbers[0], numbers[-1] if len(numbers) == 2 else self._major(name, numbers[0]))
        )

    def _major(self, name: str, moderate: float) -> float:
        limits: Limits = getattr(self, name)
        return max(limits.major, moderate)


measures: Final[Mapping[str, Measure]] = MappingProxyType(
    {
        threshold.name: threshold.metadata["measure"]
        for threshold in fields(Thresholds)
        if "measure" in threshold.metadata
    }
)
"""The measures of a column by their names, in the order in which they are shown."""

_written: Final[dict[str, Written]] = {
    threshold.name: threshold.metadata["written"] for threshold in fields(Thresholds) if "written" in threshold.metadata
}
# A rule without a limit of its own.
_written["major_columns"] = "count"


def written(name: str) -> Written:
    """How the value of a measure or rule is written. Raises `KeyError` for another name."""
    return _written[name]
