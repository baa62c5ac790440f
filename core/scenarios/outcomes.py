"""Outcomes of many decisions at any threshold: acceptance, defaults and cost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from core.model.evidence.threshold import cost_curve, mean_cost

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Every tenth of a point up to 50 %, where thresholds lie, then every point.
thresholds: Final[tuple[float, ...]] = (
    *(step / 1000 for step in range(500)),
    *(step / 100 for step in range(50, 101)),
)


@dataclass(frozen=True, slots=True)
class DecisionOutcome:
    """What deciding at one threshold comes to.

    Attributes:
        threshold: probability from which an application is refused.
        accepted, refused: how many.
        expected_defaults: sum of the probabilities of the accepted.
        cost: expected, for each application: `cost_fn` for a default that is accepted, `cost_fp` for a good client
            that is refused, with probabilities in place of outcomes.
        precision: share of the refused who are expected to default; None where nobody is refused.
        recall: share of the expected defaults that are refused; None where none is expected.
        observed_defaults, observed_cost, observed_precision, observed_recall: the same from outcomes; None where these
            are not known.
    """

    threshold: float
    accepted: int
    refused: int
    expected_defaults: float
    cost: float
    precision: float | None
    recall: float | None
    observed_defaults: int | None
    observed_cost: float | None
    observed_precision: float | None
    observed_recall: float | None


@dataclass(frozen=True)
class Ranking:
    """Probabilities put in order once, so that each threshold is answered by a search.

    Attributes:
        probability: (n,), 0 to 1, n > 0.
        cost_fn, cost_fp: of a default that is accepted, of a good client that is refused.
        target: (n,), 1 where the client defaulted and 0 where not; None where that is not known.
    """

    probability: NDArray[np.float64]
    cost_fn: float
    cost_fp: float
    target: NDArray[np.float64] | None = None

    def at(self, threshold: float) -> DecisionOutcome:
        """What deciding at a threshold comes to."""
        ascending, expected, observed = self._sums
        total = len(ascending)
        accepted = int(np.searchsorted(ascending, threshold, side="left"))
        refused = total - accepted
        missed, all_defaults = float(expected[accepted]), float(expected[-1])
        defaulted = None if observed is None else round(float(observed[accepted]))
        all_defaulted = None if observed is None else round(float(observed[-1]))
        known = defaulted is not None and all_defaulted is not None
        return DecisionOutcome(
            threshold=threshold,
            accepted=accepted,
            refused=refused,
            expected_defaults=missed,
            cost=self._cost(missed, all_defaults, refused),
            precision=_share(all_defaults - missed, refused),
            recall=_share(all_defaults - missed, all_defaults),
            observed_defaults=defaulted,
            observed_cost=self._cost(defaulted, all_defaulted, refused) if known else None,  # type: ignore[arg-type]
            observed_precision=_share(all_defaulted - defaulted, refused) if known else None,  # type: ignore[operator]
            observed_recall=_share(all_defaulted - defaulted, all_defaulted) if known else None,  # type: ignore[operator,arg-type]
        )

    def best(self) -> DecisionOutcome:
        """The least cost that can be expected.

        Refusing an application costs `cost_fp` with the probability of no default, accepting it `cost_fn` with that of
        a default: whatever the applications, the sum is least where those are equal, at `cost_fp / (cost_fn + cost_fp)`
        (Elkan, "The foundations of cost-sensitive learning", IJCAI 2001).
        """
        return self.at(self.cost_fp / (self.cost_fn + self.cost_fp))

    def best_observed(self) -> DecisionOutcome | None:
        """The least cost in hindsight, by what became of these applications; None where that is not known."""
        if self.target is None:
            return None
        curve = cost_curve(self.target.astype(np.int8), self.probability, self.cost_fn, self.cost_fp)
        return self.at(curve.best_threshold)

    def curve(self, *others: float) -> tuple[DecisionOutcome, ...]:
        """What each of `thresholds`, and of some others, comes to; ascending, and with those of least cost."""
        observed = self.best_observed()
        marked = {self.best().threshold, *others, *([observed.threshold] if observed else [])}
        return tuple(self.at(threshold) for threshold in sorted({*thresholds, *marked}))

    @cached_property
    def _sums(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64] | None]:
        """Probabilities ascending; of the first so many of them (0 to n) the expected and the observed defaults."""
        order = np.argsort(self.probability, kind="stable")
        ascending = self.probability[order]
        observed = None if self.target is None else np.append(0.0, np.cumsum(self.target[order]))
        return ascending, np.append(0.0, np.cumsum(ascending)), observed

    def _cost(self, missed: float, all_defaults: float, refused: int) -> float:
        turned_away = refused - (all_defaults - missed)
        return mean_cost(missed, turned_away, len(self.probability), self.cost_fn, self.cost_fp)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
