"""The comparison of scenarios: what each changes of the outcome, and who is decided otherwise than before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.decision import risk_bands
from core.scenarios.outcomes import DecisionOutcome

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from core.scenarios.outcomes import Ranking


@dataclass(frozen=True, slots=True)
class ScenarioComparison:
    """What a scenario comes to beside things as they are.

    Attributes:
        outcome: at the threshold; nothing of it is observed, since none of it has happened.
        mean_probability: of all applications.
        touched: applications of which a rule changed something.
        bands: applications by risk band before (rows) and after (columns), in the order of `core.decision.risk_bands`.
    """

    name: str
    outcome: DecisionOutcome
    mean_probability: float
    touched: int
    bands: tuple[tuple[int, ...], ...]

    @property
    def stay_accepted(self) -> int:
        """Accepted before and after."""
        return self._crossing(before=_accepted, after=_accepted)

    @property
    def become_refused(self) -> int:
        """Accepted before, refused after."""
        return self._crossing(before=_accepted, after=_refused)

    @property
    def become_accepted(self) -> int:
        """Refused before, accepted after."""
        return self._crossing(before=_refused, after=_accepted)

    @property
    def stay_refused(self) -> int:
        """Refused before and after."""
        return self._crossing(before=_refused, after=_refused)

    def _crossing(self, before: slice, after: slice) -> int:
        return sum(sum(row[after]) for row in self.bands[before])


# An accepted application is in one of the bands up to the threshold.
_accepted = slice(0, sum(multiple <= 1 for multiple, _name in risk_bands))
_refused = slice(_accepted.stop, len(risk_bands))


def compared(name: str, before: Ranking, after: Ranking, changed: int, threshold: float) -> ScenarioComparison:
    """What a scenario comes to.

    Args:
        before, after: of the same applications, in the same order.
        changed: of how many applications a rule changed something.
        threshold: probability from which an application is refused.
    """
    matrix = np.zeros((len(risk_bands), len(risk_bands)), dtype=int)
    np.add.at(matrix, (bands(before.probability, threshold), bands(after.probability, threshold)), 1)
    return ScenarioComparison(
        name=name,
        outcome=after.at(threshold),
        mean_probability=float(after.probability.mean()),
        touched=changed,
        bands=tuple(tuple(int(count) for count in row) for row in matrix),
    )


def touched(before: pl.DataFrame, after: pl.DataFrame) -> int:
    """In how many rows something differs; `after` may have columns more, which count where they are not missing."""
    same = np.ones(after.height, dtype=bool)
    for column in after.get_columns():
        old = before[column.name] if column.name in before.columns else column.clear(after.height)
        same &= column.eq_missing(old).to_numpy()
    return int((~same).sum())


def bands(probability: NDArray[np.float64], threshold: float) -> NDArray[np.intp]:
    """The place in `risk_bands` of each probability, as `Decision.risk_category` has it."""
    edges = np.array([multiple * threshold for multiple, _name in risk_bands[:-1]])
    return np.searchsorted(edges, probability, side="right")
