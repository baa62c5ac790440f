"""Overrides: what officers decide otherwise than the model, whether they were right, and what stands out."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field, NonNegativeInt

from core.audit.entries import Outcome
from core.contract.answer import Answer

fewest_decisions: Final = 20
"""With fewer, a rate is chance, and nobody is to be judged by it; so with outcomes and the share of them that paid."""

OverrideDimension = Literal[
    "all",
    "month",
    "officer",
    "contract_type",
    "income_type",
    "age_band",
    "gender",
    "model_reason",
    "reason",
]


class OverrideGroup(Answer):
    """Decisions of officers, the last on each application, against those of the model."""

    dimension: OverrideDimension
    value: str = Field(
        description="The month of the officer's decision, the officer, the segment of the applicant, the concept that "
        "was the model's first reason (`model_reason`), the reason as the officer wrote it (`reason`); empty for all."
    )
    decisions: NonNegativeInt = Field(description="Of officers; of a `reason`, those against the model.")
    overrides: NonNegativeInt = Field(description="Decided otherwise than the model.")
    rate: float = Field(description="Share of overrides.")
    rate_low: float = Field(description="95 % interval (Wilson).")
    rate_high: float
    few: bool = Field(
        default=False,
        description="Whether there are fewer than 20 decisions: the rate is chance; false of a `reason`, whose are all "
        "overrides.",
    )
    agrees_with_everything: bool = Field(
        default=False, description="Whether it is an officer of whom an alarm of `override_checks` says so."
    )
    accepted: NonNegativeInt = Field(description="Overrides that accepted whom the model refused.")
    accepted_known: NonNegativeInt = Field(description="Those whose outcome is known.")
    accepted_defaults: NonNegativeInt = Field(description="Those who defaulted.")
    paid_known: NonNegativeInt = Field(
        default=0,
        description="Those of months of which at most a tenth still waits: defaults are known first, so that of others "
        "nothing can be said yet.",
    )
    paid_rate: float | None = Field(default=None, description="Share of these that paid; null with fewer than 20.")
    paid_rate_low: float | None = Field(default=None, description="95 % interval (Wilson).")
    paid_rate_high: float | None = None

    @property
    def refused(self) -> int:
        """Overrides that refused whom the model accepted; what would have become of them nobody will know."""
        return self.overrides - self.accepted


AlarmKind = Literal["agrees_with_everything", "nobody_overrules", "overrules_one_group"]


class OverrideAlarm(Answer):
    """What is too rare to be chance. It may have its reasons, which the figures do not know."""

    kind: AlarmKind = Field(
        description="`agrees_with_everything`: an officer with at least 50 decisions and no override, where the others "
        "let expect some; `nobody_overrules`: no override in at least 50 decisions of all officers; "
        "`overrules_one_group`: those of a segment are overruled more, or less, often than the others."
    )
    dimension: OverrideDimension
    value: str = Field(description="The officer or the segment; empty for all.")
    model_decision: Outcome | None = Field(
        description="Which decisions of the model are overruled so: only its refusals, or only its acceptances; null: "
        "both."
    )
    decisions: NonNegativeInt
    overrides: NonNegativeInt
    rate: float
    rate_low: float = Field(description="95 % interval (Wilson).")
    rate_high: float
    expected: float | None = Field(
        description="Overrides that were to be expected at the rates of all officers together (of an officer), or at "
        "the rate of the others (of a segment); null where nobody overrules."
    )
    others_decisions: NonNegativeInt = Field(description="On all others of the dimension; 0 where nobody overrules.")
    others_overrides: NonNegativeInt
    others_rate: float | None
    others_rate_low: float | None = Field(description="95 % interval (Wilson).")
    others_rate_high: float | None
    ratio: float | None = Field(description="`rate` over `others_rate`; null where that is 0.")
    p_value: float | None = Field(
        description="Of as much by chance, times the number of tests (Bonferroni for officers, Holm for segments); "
        "null where nobody overrules."
    )


Verdict = Literal["right", "wrong", "open"]
"""Whether accepting those whom the model refused was cheaper than refusing them; `open`: outcomes do not tell yet."""


class OverrideChecks(Answer):
    """What is to be known with the overrides: alarms and what was tested, and from when on accepting pays."""

    alarms: list[OverrideAlarm] = Field(description="Officers first, then segments, the surest first.")
    significance: float = Field(description="The corrected p-value from which on there is an alarm.")
    officers_tested: NonNegativeInt = Field(description="With at least 50 decisions.")
    groups_tested: NonNegativeInt = Field(
        description="Segments against the others of their dimension, each decision of the model apart, with at least "
        "50 decisions on either side."
    )
    officers_with_few: NonNegativeInt = Field(description="With fewer than 20 decisions; they have no line.")
    decisions_of_few: NonNegativeInt = Field(description="Decisions of theirs.")
    since: str | None = Field(
        default=None,
        description="Alarms are about decisions from this month on (`2025-11`), the one of a year ago; null of an "
        "earlier version of the service: about all.",
    )
    break_even_paid: float = Field(
        description="Share that has to pay for accepting to be cheaper than refusing: cost_fn / (cost_fn + cost_fp)."
    )

    def verdict(self, group: OverrideGroup) -> Verdict | None:
        """Whether the acceptances against the model were right; None where too few outcomes are known."""
        if group.paid_rate_low is None or group.paid_rate_high is None:
            return None
        if group.paid_rate_low > self.break_even_paid:
            return "right"
        return "wrong" if group.paid_rate_high < self.break_even_paid else "open"
