"""What a challenger in shadow says of the applications that were decided, beside the model in use."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field, NonNegativeInt

from core.contract.answer import Answer


class ScoreBin(Answer):
    """Applications of neighbouring probabilities of default."""

    low: float = Field(description="From this probability on, up to 0.02 more.")
    champion: NonNegativeInt = Field(description="Applications that the model in use put here.")
    challenger: NonNegativeInt


class ChallengerOutcomes(Answer):
    """Both models on the applications whose outcome is known. What needs more of them is null."""

    rows: NonNegativeInt = Field(description="At most the 200,000 latest.")
    defaults: NonNegativeInt
    champion_cost: float = Field(description="Per application, had the model in use alone decided.")
    challenger_cost: float = Field(description="Per application, had the challenger.")
    champion_auc: float | None = Field(description="Null with fewer than 10 defaults, or 10 others: too few.")
    challenger_auc: float | None
    auc_difference: float | None = Field(description="Of the challenger over the model in use.")
    auc_difference_low: float | None = Field(description="95 % interval (DeLong, paired).")
    auc_difference_high: float | None
    needed: NonNegativeInt | None = Field(
        description="Outcomes in all with which a difference as large would be told from 0 (power 80 %, level 5 %); "
        "null where it is 0 or too few are known."
    )


class ChallengerComparison(Answer):
    """The challenger last asked, beside the model that decided, on the applications that both scored."""

    champion_version: str
    challenger_version: str
    since: datetime = Field(description="The first application that both scored.")
    until: datetime = Field(description="The last one.")
    ended: bool = Field(
        default=False,
        description="Whether decisions have gone on for more than a day without it: what follows is of the past.",
    )
    applications: NonNegativeInt
    agreement: float = Field(description="Share that both decide alike.")
    agreement_low: float = Field(description="95 % interval (Wilson).")
    agreement_high: float
    would_refuse: NonNegativeInt = Field(description="Accepted by the model in use, refused by the challenger.")
    would_accept: NonNegativeInt = Field(description="Refused by the model in use, accepted by the challenger.")
    champion_expected_cost: float = Field(
        description="Per application, by the probabilities of the model itself: a claim, until outcomes are known."
    )
    challenger_expected_cost: float = Field(description="As above, by the challenger's own probabilities.")
    distribution: list[ScoreBin] = Field(description="Of both, by probability of default; empty bins are left out.")
    outcomes: ChallengerOutcomes | None = Field(
        description="Null where no outcome is known. Of refusals mostly none is: the model in use chose who is seen."
    )

    @property
    def tells_apart(self) -> bool:
        """Whether the outcomes known so far tell the areas of the two models apart."""
        known = self.outcomes
        if known is None or known.auc_difference_low is None or known.auc_difference_high is None:
            return False
        return known.auc_difference_low > 0 or known.auc_difference_high < 0
