"""The search for a less discriminatory model that costs no more: the same rows, the same folds, other choices.

What a regulator asks for is that alternatives were looked for and what they would have cost (CFPB, circular 2022-03 and
supervisory highlights 2024; Gillis, Meursault and Ustun, "Operationalizing the search for less discriminatory
alternatives", FAccT 2024). Leaving out age and what stands in for it is one of them, so that using age is a choice with
a price that is written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.catalogue.ages import age_band
from core.model.evidence.auc import auc
from core.model.evidence.fairness import compare_groups
from core.model.evidence.intervals import Interval
from core.model.evidence.threshold import business_cost, steady_threshold
from core.model.training.fitting import directions, training_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from numpy.typing import NDArray

    from core.model.preprocessor import Preprocessor
    from core.model.training.backend import TrainingBackend

search_rows: Final = 20_000
_folds: Final = 3
_samples: Final = 500
_age: Final = frozenset({"DAYS_BIRTH", "EMPLOYED_AGE_RATIO"})
# What grows with age by itself: time in a job, at an address, with a document; a pension; the years of a first loan.
_twins: Final = _age | {
    "DAYS_EMPLOYED",
    "DAYS_REGISTRATION",
    "DAYS_ID_PUBLISH",
    "NAME_INCOME_TYPE",
    "ORGANIZATION_TYPE",
    "FLAG_EMP_PHONE",
    "BUREAU_DAYS_SINCE_FIRST",
    "PREVIOUS_DAYS_SINCE_FIRST",
}


@dataclass(frozen=True, slots=True)
class _Choice:
    """How an alternative differs: in its seed, in features it goes without, in parameters of LightGBM."""

    seed: int = 0
    without: frozenset[str] = frozenset()
    chosen: Mapping[str, object] | None = None


_choices: Final[dict[str, _Choice]] = {
    "as_it_is": _Choice(),
    "seed_1": _Choice(seed=1),
    "seed_2": _Choice(seed=2),
    "smaller_trees": _Choice(chosen={"num_leaves": 6, "learning_rate": 0.08}),
    "heavier_penalty": _Choice(chosen={"lambda_l2": 100.0, "min_data_in_leaf": 200}),
    "without_region": _Choice(
        without=frozenset({"REGION_POPULATION_RELATIVE", "REGION_RATING_CLIENT", "REGION_RATING_CLIENT_W_CITY"})
    ),
    "without_age": _Choice(without=_age),
    "without_age_and_twins": _Choice(without=_twins),
}


@dataclass(frozen=True, slots=True)
class Alternative:
    """One model of the search, at its own best threshold.

    Attributes:
        name: a key of the search, `as_it_is` for the model that is used.
        cost_more: its mean cost per application less that of `as_it_is`, with a 95 % bootstrap interval.
        men_to_women, young_to_others: adverse impact ratios; None where a group is too small.
    """

    name: str
    auc: float
    cost: float
    cost_more: Interval
    men_to_women: float | None
    young_to_others: float | None


@dataclass(frozen=True, slots=True)
class AlternativeSearch:
    """What was tried on `n_rows` rows.

    Attributes:
        rounds: trees of the model as it is, on these rows.
        less_discriminatory: the names of those that cost no more (the interval of `cost_more` reaches 0) and whose two
            ratios are both at least as near to 1, one of them nearer by a hundredth.
    """

    n_rows: int
    rounds: int
    tried: tuple[Alternative, ...]
    less_discriminatory: tuple[str, ...]


def search_alternatives(
    applications: pl.DataFrame,
    preprocessor: Preprocessor,
    chosen: Mapping[str, object],
    costs: tuple[float, float],
    seed: int,
    backend: TrainingBackend,
    rows: int = search_rows,
) -> AlternativeSearch:
    """Cross-validates each alternative on the same part of the rows.

    Args:
        applications: the training rows, typed, with `TARGET`.
        chosen: the parameters of the model that is used.
        costs: of an accepted default, and of a refused good client.
        backend: who grows the trees.
        rows: how many of the applications at most.
    """
    places = np.sort(np.random.default_rng(seed).permutation(applications.height)[:rows])
    part = applications[places]
    target = part["TARGET"].to_numpy().astype(np.int8)
    drawn = training_rows(part, preprocessor, seed)
    usual: NDArray[np.float64] | None = None
    rounds = 0
    tried = []
    for name, choice in _choices.items():
        kept = drawn.without(choice.without)
        settings = dict(chosen) | {
            "monotone_constraints": list(directions(kept.feature_names)),
            "seed": seed + choice.seed,
        }
        validated = backend.cross_validate(kept, settings | dict(choice.chosen or {}), _folds, seed)
        probability = validated.out_of_fold
        threshold = steady_threshold(target, probability, *costs)
        losses = _losses(target, probability, threshold, costs)
        if usual is None:
            usual, rounds = losses, validated.rounds
        ratios = {
            comparison.dimension: comparison.adverse_impact.estimate
            for comparison in compare_groups(part, target, probability, threshold)
        }
        tried.append(
            Alternative(
                name=name,
                auc=auc(target, probability),
                cost=business_cost(target, probability, threshold, *costs),
                cost_more=_difference(losses - usual),
                men_to_women=ratios.get("CODE_GENDER"),
                young_to_others=ratios.get(age_band),
            )
        )
    return AlternativeSearch(len(part), rounds, tuple(tried), _better(tried))


def _losses(
    target: NDArray[np.int8], probability: NDArray[np.float64], threshold: float, costs: tuple[float, float]
) -> NDArray[np.float64]:
    refused = probability >= threshold
    losses: NDArray[np.float64] = np.where(refused, (target == 0) * costs[1], (target == 1) * costs[0])
    return losses.astype(np.float64)


def _difference(differences: NDArray[np.float64]) -> Interval:
    rng = np.random.default_rng(0)
    values, counts = np.unique(differences, return_counts=True)
    drawn = rng.multinomial(len(differences), counts / counts.sum(), _samples) @ values / len(differences)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(float(differences.mean()), float(low), float(high))


def _better(tried: list[Alternative]) -> tuple[str, ...]:
    ours, others = tried[0], tried[1:]
    return tuple(other.name for other in others if other.cost_more.low <= 0 and _is_fairer(other, ours))


def _is_fairer(other: Alternative, ours: Alternative) -> bool:
    pairs = ((other.men_to_women, ours.men_to_women), (other.young_to_others, ours.young_to_others))
    gains = [abs(1 - usual) - abs(1 - own) for own, usual in pairs if own is not None and usual is not None]
    return bool(gains) and min(gains) >= 0 and max(gains) >= _nearer


_nearer: Final = 0.01
