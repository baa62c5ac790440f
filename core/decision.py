"""The decision on one application: a probability of default, what follows from it, and its risk category."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from core.columnar.sequences import Columnar, Repeated

if TYPE_CHECKING:
    from collections.abc import Sequence

accepted: Final = "ACCEPTÉ"
refused: Final = "REFUSÉ"
raises_risk: Final = "augmente le risque"
lowers_risk: Final = "diminue le risque"

Certainty = Literal["sure", "close_call"]
"""Whether the models that were trained on other parts of the same rows decide an application alike."""

ReferralCode = Literal["close_call", "missing_essentials"]
"""Why a person is to look at an application before anything is said to the client."""

# Of an application with less than half of what the model weighs, it is said that its file is thin.
thin_below: Final = 0.5

RiskCategory = Literal["Très faible", "Faible", "Modéré", "Élevé", "Très élevé"]

# Upper bounds as multiples of the threshold: an accepted client is at most "Modéré", a refused one at least "Élevé".
risk_bands: Final[tuple[tuple[float, RiskCategory], ...]] = (
    (0.25, "Très faible"),
    (0.5, "Faible"),
    (1.0, "Modéré"),
    (2.0, "Élevé"),
    (float("inf"), "Très élevé"),
)

# What a feature is worth, as a reader would write it: a number, a category's code, or None where it is missing.
Value = float | int | str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision on one application.

    Attributes:
        client_id: `SK_ID_CURR` where the caller gave one.
        probability: of default, 0 to 1: of payment difficulties on the first instalments (`TARGET`).
        threshold: probability from which an application is refused.
        missing_essentials: columns that were missing, though no application should be decided without them
            (`core.catalogue.Column.essential`).
        information: share, 0 to 1, of the model's gain that rests on features with a value; None where only the
            probability is known, as of a client in a list.
        agreement: share, 0 to 1, of the fold models (`core.model.fold_models`) that decide as the model does at this
            threshold; None where the model came without them, or only the probability is known.

    >>> decision = Decision(client_id=100002, probability=0.12, threshold=0.10)
    >>> decision.decision, decision.prediction, decision.risk_category
    ('REFUSÉ', 1, 'Élevé')
    >>> Decision(None, 0.12, 0.10, ("AMT_CREDIT",), agreement=0.8).referral_codes
    ('close_call', 'missing_essentials')
    """

    client_id: int | None
    probability: float
    threshold: float
    missing_essentials: tuple[str, ...] = ()
    information: float | None = None
    agreement: float | None = None

    @property
    def certainty(self) -> Certainty | None:
        """Whether all fold models agree with the decision; None where that is not known."""
        if self.agreement is None:
            return None
        return "sure" if self.agreement == 1 else "close_call"

    @property
    def is_thin_file(self) -> bool | None:
        """Whether less than half of what the model weighs is known; None where only the probability is."""
        return None if self.information is None else self.information < thin_below

    @property
    def referral_codes(self) -> tuple[ReferralCode, ...]:
        """Why the application is for a person to look at; empty where it is not."""
        is_close = self.certainty == "close_call"
        if not self.missing_essentials:
            return ("close_call",) if is_close else ()
        return ("close_call", "missing_essentials") if is_close else ("missing_essentials",)

    @property
    def prediction(self) -> Literal[0, 1]:
        """1 where a default is expected: the probability reaches the threshold."""
        return 1 if self.probability >= self.threshold else 0

    @property
    def decision(self) -> Literal["ACCEPTÉ", "REFUSÉ"]:
        """The decision in the words of the API contract."""
        return refused if self.prediction else accepted

    @property
    def risk_category(self) -> RiskCategory:
        """The band that the probability falls in, by multiples of the threshold."""
        # A plain loop: asked a thousand times for a batch, a generator took a sixth of its time.
        for multiple, name in risk_bands:
            if self.probability < multiple * self.threshold:
                return name
        # With a threshold of 0 the last bound is no number (infinity times 0), and every application is beyond it.
        return risk_bands[-1][1]


class Decisions(Columnar[Decision]):
    """The decisions on several applications at one threshold."""

    def __init__(
        self,
        client_ids: Sequence[int | None],
        probabilities: Sequence[float],
        threshold: float,
        missing_essentials: Sequence[tuple[str, ...]],
        information: Sequence[float],
        agreements: Sequence[float] | None,
    ) -> None:
        """Args are as the attributes of `Decision`, one each; `agreements` is None where the model has none."""
        self._threshold = threshold
        self._columns: dict[str, Sequence[Any]] = {
            "client_id": client_ids,
            "probability": probabilities,
            "threshold": Repeated(threshold, len(probabilities)),
            "missing_essentials": missing_essentials,
            "information": information,
            "agreement": Repeated(None, len(probabilities)) if agreements is None else agreements,
        }

    def __len__(self) -> int:
        return len(self._columns["probability"])

    def column(self, name: str) -> Sequence[Any]:
        """An attribute of each."""
        known = self._columns.get(name)
        if known is not None:
            return known
        probabilities, threshold = self._columns["probability"], self._threshold
        if name == "prediction":
            return [1 if probability >= threshold else 0 for probability in probabilities]
        if name == "decision":
            return [refused if probability >= threshold else accepted for probability in probabilities]
        if name == "risk_category":
            bounds = [multiple * threshold for multiple, _ in risk_bands[:-1]]
            names = [band for _, band in risk_bands]
            return [names[bisect_right(bounds, probability)] for probability in probabilities]
        if name == "referral_codes" and not any(self._columns["missing_essentials"]):
            return self._close_calls()
        return [getattr(decision, name) for decision in self]

    def _close_calls(self) -> Sequence[tuple[ReferralCode, ...]]:
        """The referral codes of each where no essential is missing."""
        agreements = self._columns["agreement"]
        if set(agreements) <= {1, None}:
            return Repeated((), len(agreements))
        close = Decision(None, 0.0, 1.0, agreement=0.0).referral_codes
        return [() if agreement in (1, None) else close for agreement in agreements]

    def rows(self) -> list[Decision]:
        """All of them."""
        of_each = self._columns
        return [
            Decision(client_id, probability, threshold, missing, information, agreement)
            for client_id, probability, threshold, missing, information, agreement in zip(
                of_each["client_id"],
                of_each["probability"],
                repeat(self._threshold),
                of_each["missing_essentials"],
                of_each["information"],
                of_each["agreement"],
                strict=False,
            )
        ]


@dataclass(frozen=True, slots=True)
class PlaceAmong:
    """Where a number stands among those of the training clients who have one.

    Attributes:
        below, above: share of them, 0 to 1, with a lower and with a higher number. Who has the same number counts in
            neither, so that "more than 69 % of clients" is true as it is read. Rounded down to whole percents.
    """

    below: float
    above: float


class Contribution(NamedTuple):
    """What one feature adds to the log-odds of default of one application.

    A tuple, as each explanation has one for every feature: it is made in a quarter of the time of a dataclass.

    Attributes:
        value: the value as given for a raw column, as computed for a derived feature; None where missing.
        contribution: in log-odds; positive where the feature raises the risk.
        place: where the value stands among those of the training clients; None for categories and missing values.
    """

    feature: str
    value: Value
    contribution: float
    place: PlaceAmong | None = None

    @property
    def direction(self) -> Literal["augmente le risque", "diminue le risque"]:
        """Whether the feature raises or lowers the risk, in the words of the API contract."""
        return raises_risk if self.contribution > 0 else lowers_risk


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision with the exact share of every feature in it.

    Attributes:
        base_value: the mean of the log-odds of default over the training rows; its logistic is no rate of default.
        contributions: one per feature of the model, strongest first; `base_value` plus their sum is the log-odds
            of `decision.probability`.
    """

    decision: Decision
    base_value: float
    contributions: tuple[Contribution, ...]

    def top(self, count: int) -> tuple[Contribution, ...]:
        """The `count` strongest contributions."""
        return self.contributions[:count]
