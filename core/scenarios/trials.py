"""Trials of scenarios on many applications, with probabilities remembered: another threshold is then no work."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from core.scenarios.comparing import ScenarioComparison, compared, touched
from core.scenarios.outcomes import DecisionOutcome, Ranking
from core.scenarios.populations import read
from core.scenarios.rules import apply

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from core.scenarios.populations import Many, Population
    from core.scenarios.rules import Scenario
    from core.scoring import Scorer

Thing = TypeVar("Thing")

# Each is half a megabyte for as many applications as are tried.
_most_held: Final = 48


@dataclass(frozen=True, slots=True)
class StatusQuo:
    """A population as it is.

    Attributes:
        total: how many applications it has.
        used: how many of them were tried.
        ranking: their probabilities, with outcomes where these are known.
    """

    total: int
    used: int
    ranking: Ranking

    @property
    def mean_probability(self) -> float:
        """Of default, over the applications that were tried."""
        return float(self.ranking.probability.mean())


@dataclass(frozen=True, slots=True)
class Trial:
    """Scenarios beside things as they are, at one threshold."""

    base: StatusQuo
    outcome: DecisionOutcome
    scenarios: tuple[ScenarioComparison, ...]


@dataclass(frozen=True, slots=True)
class _Changed:
    ranking: Ranking
    touched: int


class Trials:
    """What was tried last with one model; a process has one, and its threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._scorer: Scorer | None = None
        self._bases: OrderedDict[object, StatusQuo] = OrderedDict()
        self._changed: OrderedDict[object, _Changed] = OrderedDict()

    def base(self, scorer: Scorer, population: Population) -> StatusQuo:
        """A population as it is. Raises as `populations.read` does."""
        return self._base(scorer, _Rows(population))

    def run(
        self, scorer: Scorer, population: Population, scenarios: Sequence[Scenario], threshold: float | None = None
    ) -> Trial:
        """What each scenario comes to, in their order.

        Args:
            scenarios: of rules that `check_rule` lets pass.
            threshold: replaces the model's own.

        Raises:
            NoApplications, OSError: as `populations.read` does.
        """
        cut_off = scorer.model.optimal_threshold if threshold is None else threshold
        rows = _Rows(population)
        base = self._base(scorer, rows)
        comparisons = []
        for scenario in scenarios:
            after = self._tried(scorer, rows, scenario)
            comparisons.append(compared(scenario.name, base.ranking, after.ranking, after.touched, cut_off))
        return Trial(base, base.ranking.at(cut_off), tuple(comparisons))

    def _base(self, scorer: Scorer, rows: _Rows) -> StatusQuo:
        def made() -> StatusQuo:
            many = rows.read()
            ranking = _ranking(scorer, many.applications, many.target)
            return StatusQuo(many.total, many.applications.height, ranking)

        return self._held(scorer, lambda: self._bases, rows.key, made)

    def _tried(self, scorer: Scorer, rows: _Rows, scenario: Scenario) -> _Changed:
        def made() -> _Changed:
            before = rows.read().applications
            after = apply(before, scenario)
            return _Changed(_ranking(scorer, after), touched(before, after))

        return self._held(scorer, lambda: self._changed, (rows.key, scenario.rules), made)

    def _held(
        self,
        scorer: Scorer,
        among: Callable[[], OrderedDict[object, Thing]],
        key: object,
        make: Callable[[], Thing],
    ) -> Thing:
        with self._lock:
            if self._scorer is not scorer:
                self._scorer, self._bases, self._changed = scorer, OrderedDict(), OrderedDict()
            held = among()
            if key in held:
                held.move_to_end(key)
                return held[key]
        thing = make()
        with self._lock:
            # Not among those of another model, which another thread may have come with meanwhile.
            held[key] = thing
            while len(held) > _most_held:
                held.popitem(last=False)
        return thing


class _Rows:
    """The applications of a population, read when they are first needed."""

    def __init__(self, population: Population) -> None:
        self.key = population.fingerprint
        self._population = population
        self._many: Many | None = None

    def read(self) -> Many:
        if self._many is None:
            self._many = read(self._population)
        return self._many


def _ranking(scorer: Scorer, applications: pl.DataFrame, target: NDArray[np.float64] | None = None) -> Ranking:
    return Ranking(scorer.probabilities(applications), scorer.model.cost_fn, scorer.model.cost_fp, target)
