"""What-if attribution: what changes of an application do to its score, shared exactly among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from math import factorial
from typing import TYPE_CHECKING, Final

import numpy as np

from core.application import Application
from core.decision import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from core.decision import Decision
    from core.scoring import Scorer

# Each field more doubles the number of combinations that have to be scored.
max_changes: Final = 10
max_scenarios: Final = 100
_rounding: Final = 1e-12


class TooManyChanges(ValueError):
    """A scenario changes more fields than can be told apart exactly.

    Attributes:
        scenario: its place in the list.
        count: how many fields it changes.
    """

    def __init__(self, scenario: int, count: int) -> None:
        super().__init__(f"scenario {scenario}: {count} fields changed, at most {max_changes} expected")
        self.scenario = scenario
        self.count = count


@dataclass(frozen=True, slots=True)
class Effect:
    """What the change of one field contributes.

    Attributes:
        before, after: the value in the application and in the scenario; None where missing.
        log_odds: its share in the difference of the log-odds of default; positive where it raises the risk.
        probability: its share in the difference of the probability of default.
    """

    field: str
    before: Value
    after: Value
    log_odds: float
    probability: float


@dataclass(frozen=True, slots=True)
class Simulation:
    """An application before and after some changes.

    Attributes:
        before, after: the decisions; each is what `Scorer.decide` says of that application alone.
        log_odds_before, log_odds_after: of default; `effects` sum to their difference.
        effects: one per field that was named, in the order it was named in; 0 for one that keeps its value.
    """

    before: Decision
    after: Decision
    log_odds_before: float
    log_odds_after: float
    effects: tuple[Effect, ...]


def changed(application: Application, changes: Mapping[str, Value]) -> Application:
    """The application with those columns replaced; None removes one."""
    values = {name: value for name, value in (dict(application.values) | dict(changes)).items() if value is not None}
    return replace(application, values=values)


def simulate(
    scorer: Scorer,
    application: Application,
    scenarios: Sequence[Mapping[str, Value]],
    threshold: float | None = None,
) -> list[Simulation]:
    """Each scenario with the old and the new decision, and what each change contributes to the difference.

    The contributions are Shapley values over the changed fields: the mean, over every order in which the changes could
    be made, of what a change does when its turn comes. They do not depend on the order in which the changes are named,
    and sum exactly to the difference. Fields that the model only sees together (credit and income in their ratio) share
    what they do together.

    Source: Shapley, "A value for n-person games" (1953), by enumeration of all subsets.

    Args:
        scenarios: validated raw columns or history features by name, up to `max_scenarios`; None removes one.
        threshold: replaces the model's own.

    Raises:
        TooManyChanges: where a scenario changes more than `max_changes` fields.
        ValueError: where there are more than `max_scenarios`.
    """
    if len(scenarios) > max_scenarios:
        raise ValueError(f"scenarios: expected at most {max_scenarios}")
    moved = [_moved(application, scenario) for scenario in scenarios]
    for place, names in enumerate(moved):
        if len(names) > max_changes:
            raise TooManyChanges(place, len(names))
    before, *after = scorer.decide_many(
        [application, *(changed(application, scenario) for scenario in scenarios)], threshold
    )
    return [
        _simulation(scorer, application, scenario, names, before, new)
        for scenario, names, new in zip(scenarios, moved, after, strict=True)
    ]


def _moved(application: Application, changes: Mapping[str, Value]) -> tuple[str, ...]:
    return tuple(name for name, value in changes.items() if value != application.values.get(name))


def _simulation(
    scorer: Scorer,
    application: Application,
    changes: Mapping[str, Value],
    moved: tuple[str, ...],
    before: Decision,
    after: Decision,
) -> Simulation:
    taken = _subsets(len(moved))
    varied: dict[str, list[Value]] = {
        name: [changes[name] if yes else application.values.get(name) for yes in taken[:, place]]
        for place, name in enumerate(moved)
    }
    # Without a change there is still the application itself to be scored.
    log_odds = scorer.log_odds(application, varied or {"SK_ID_CURR": [None]})
    weights = _weights(len(moved))
    by_log_odds = _clean(weights @ log_odds)
    by_probability = _clean(weights @ (1 / (1 + np.exp(-log_odds))))
    places = {name: place for place, name in enumerate(moved)}
    return Simulation(
        before=before,
        after=after,
        log_odds_before=float(log_odds[0]),
        log_odds_after=float(log_odds[-1]),
        effects=tuple(
            Effect(
                field=name,
                before=application.values.get(name),
                after=value,
                log_odds=float(by_log_odds[places[name]]) if name in places else 0.0,
                probability=float(by_probability[places[name]]) if name in places else 0.0,
            )
            for name, value in changes.items()
        ),
    )


def _clean(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """The shares, those that are nothing but what additions leave over being 0."""
    return np.where(np.abs(shares) < _rounding, 0.0, shares)


@cache
def _subsets(count: int) -> NDArray[np.bool_]:
    """Every subset of so many changes: bool (2 ** count, count); the first takes none, the last all."""
    return (np.arange(2**count)[:, None] >> np.arange(count) & 1).astype(bool)


@cache
def _weights(count: int) -> NDArray[np.float64]:
    """What the score of each subset weighs in the share of each change: float64 (count, 2 ** count)."""
    taken = _subsets(count)
    sizes = taken.sum(axis=1)
    by_size = np.array([factorial(size) * factorial(count - size - 1) for size in range(count)]) / factorial(count)
    joined = np.append(0.0, by_size)[sizes]
    left = np.append(by_size, 0.0)[sizes]
    weights: NDArray[np.float64] = np.where(taken, joined[:, None], -left[:, None]).T
    return weights
