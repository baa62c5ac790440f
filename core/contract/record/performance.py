"""Performance of decisions whose outcome is known: figures by group, each with its interval, and what refusals hide."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field, NonNegativeInt

from core.contract.answer import Answer
from core.contract.record.challenger import ChallengerComparison
from core.contract.record.estimate import PerformanceEstimate
from core.contract.record.overrides import OverrideChecks, OverrideGroup

early_share: Final = 0.1
"""A month of which a larger part waits is early; of the decisions that have an outcome or wait for it."""

Dimension = Literal["all", "month", "model_version", "decided_by", "contract_type", "income_type", "age_band"]


class CalibrationBin(Answer):
    """Decisions of neighbouring probabilities."""

    rows: NonNegativeInt
    predicted: float = Field(description="Mean probability of default.")
    observed: float = Field(description="Share that defaulted.")
    observed_low: float = Field(description="95 % interval (Wilson).")
    observed_high: float


class GroupPerformance(Answer):
    """The decisions of a group whose outcome is known. What needs more of them is null."""

    dimension: Dimension
    value: str = Field(description="Of the dimension; empty for all.")
    rows: NonNegativeInt = Field(description="Decisions whose outcome is known.")
    defaults: NonNegativeInt
    default_rate: float
    default_rate_low: float = Field(description="95 % interval (Wilson).")
    default_rate_high: float
    mean_probability: float
    auc: float | None = Field(
        description="Area under the ROC curve; null with fewer than 10 defaults, or 10 others: too few."
    )
    auc_low: float | None = Field(description="95 % interval (DeLong, on the logit).")
    auc_high: float | None
    auc_promised: float | None = Field(
        default=None, description="The area that the probabilities of these decisions let expect, were they true."
    )
    gini: float | None = Field(description="2 AUC - 1.")
    calibration_error: float | None = Field(description="Mean gap between predicted and observed rates, over tenths.")
    calibration_p_value: float | None = Field(
        description="Of Hosmer and Lemeshow's test; small where probabilities are not honest; null where too few."
    )
    cost: float = Field(description="Per decision, as it was decided in the end.")
    model_cost: float = Field(description="Per decision, had the model alone decided.")
    best_threshold: float | None = Field(description="Cheapest in hindsight, on these decisions; null where too few.")
    best_cost: float | None = Field(description="Per decision, at that threshold.")
    amount_lost: float | None = Field(description="Sum of the losses that are known; null where none is.")
    amounts: NonNegativeInt = Field(description="How many losses are known.")
    waiting: NonNegativeInt | None = Field(
        default=None, description="Of a month: accepted, and without an outcome so far; null of other groups."
    )

    @property
    def is_early(self) -> bool:
        """Whether so many decisions of the month wait that its figures say little: defaults are known first."""
        return self.waiting is not None and is_early(self.rows, self.waiting)


def is_early(known: int, waiting: int) -> bool:
    """Whether so many of some decisions wait that the outcomes that are known say little: defaults are known first."""
    return waiting > early_share * (known + waiting)


class HiddenOutcomes(Answer):
    """What refusals without an outcome hide: the bounds of a figure, whatever would have become of them."""

    dimension: Dimension
    value: str
    refused: NonNegativeInt = Field(description="Refusals without an outcome.")
    default_rate_low: float = Field(description="Had none of them defaulted.")
    default_rate_high: float = Field(description="Had all of them.")
    cost_low: float = Field(description="Per decision, had all of them defaulted: each refusal was right.")
    cost_high: float = Field(description="Per decision, had none of them.")
    auc_low: float | None = Field(description="Had those defaulted that are best scored; null where too few are known.")
    auc_high: float | None = Field(description="Had those defaulted that are worst scored.")


class PerformanceAnswer(Answer):
    """How good the decisions were whose outcome is known."""

    cost_fn: float = Field(description="Of a default that was accepted.")
    cost_fp: float = Field(description="Of a good client that was refused.")
    threshold: float = Field(description="Of the model in use.")
    model_version: str | None = Field(default=None, description="Of the model in use.")
    waiting: NonNegativeInt = Field(description="Accepted, and without an outcome so far.")
    early: list[str] = Field(
        description="Months of which more than a tenth waits: defaults are known first, so that their rates, and a "
        "little those of all, are too high for now."
    )
    groups: list[GroupPerformance] = Field(
        description="All first, then by month of decision, model version, decider, and segment."
    )
    settled: GroupPerformance | None = Field(
        default=None,
        description="Of the model in use alone, the decisions of months that are not early: whether its probabilities "
        "hold; null where there are none.",
    )
    hidden: list[HiddenOutcomes] = Field(description="Of all, and by month of decision.")
    overrides: list[OverrideGroup] = Field(
        default_factory=list,
        description="Of all, by month, by officer (with at least 20 decisions), by segment of the applicant, by the "
        "model's first reason, and by reason as it was written (at least 5 times). Whether one who was refused against "
        "the model would have paid, nobody will know.",
    )
    override_checks: OverrideChecks | None = Field(
        default=None,
        description="Whether somebody agrees with everything, or overrules one group more than another; null where no "
        "officer has decided.",
    )
    calibration: list[CalibrationBin] = Field(description="Of all, tenths by ascending probability; empty: too few.")
    estimate: PerformanceEstimate | None = Field(
        default=None, description="Of the decisions that wait for their outcome: an estimate, and no result."
    )
    challenger: ChallengerComparison | None = Field(
        default=None, description="The challenger in shadow beside the model in use; null where none was asked."
    )

    @property
    def whole(self) -> GroupPerformance | None:
        """All decisions together; None where no outcome is known."""
        return next((group for group in self.groups if group.dimension == "all"), None)

    @property
    def of_model(self) -> GroupPerformance | None:
        """The decisions of the model in use; None where no outcome of them is known."""
        of_versions = (group for group in self.groups if group.dimension == "model_version")
        return next((group for group in of_versions if group.value == self.model_version), None)
