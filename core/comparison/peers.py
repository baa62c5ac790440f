"""Peers of a client: those who meet stated criteria, or the nearest by what they ask and earn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from core.comparison.comparison_columns import ComparisonColumns, axis, values_of
from core.text.formats import format_number, format_share
from core.text.messages import message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from core.catalogue import Language
    from core.decision import Value

Criterion = Literal["contract", "income_type", "age", "income", "credit", "family"]
Method = Literal["criteria", "nearest"]

# In the order in which they are given up where too few clients meet them all: the last first.
criteria: Final[tuple[Criterion, ...]] = ("contract", "age", "income", "credit", "income_type", "family")
default_criteria: Final[tuple[Criterion, ...]] = ("contract", "age", "income")
columns_of: Final[dict[Criterion, str]] = {
    "contract": "NAME_CONTRACT_TYPE",
    "income_type": "NAME_INCOME_TYPE",
    "age": "DAYS_BIRTH",
    "income": "AMT_INCOME_TOTAL",
    "credit": "AMT_CREDIT",
    "family": "NAME_FAMILY_STATUS",
}
years_apart: Final = 5.0
share_apart: Final = 0.25
# Fewer clients than this say little of anybody.
fewest: Final = 50
default_neighbours: Final = 500

# What the nearest clients are near in: amounts by their logarithm, since twice is as far from once at any size.
_amounts: Final = ("AMT_INCOME_TOTAL", "AMT_CREDIT", "AMT_ANNUITY")
_lengths: Final = ("DAYS_BIRTH", "DAYS_EMPLOYED", "CNT_CHILDREN", "EXT_SOURCE_MEAN")
_same: Final = ("NAME_CONTRACT_TYPE", "NAME_INCOME_TYPE")
neighbour_axes: Final = (*_amounts, *_lengths, *_same)


@dataclass(frozen=True, slots=True)
class PeerGroup:
    """Clients who are alike, and why.

    Attributes:
        members: bool (n_clients,), who belongs to it; the client does not.
        method: how they were chosen.
        kept: the criteria that all of them meet.
        relaxed: the criteria that were given up, since fewer than `fewest` clients met them all.
        unknown: the criteria that could not be asked for, since the client's own value is missing.
    """

    members: NDArray[np.bool_]
    method: Method
    kept: tuple[Criterion, ...]
    relaxed: tuple[Criterion, ...]
    unknown: tuple[Criterion, ...]

    @property
    def size(self) -> int:
        """How many clients belong to it."""
        return int(self.members.sum())


def alike(
    population: ComparisonColumns,
    applicant: Mapping[str, Value],
    selection: Sequence[Criterion] = default_criteria,
    client_id: int | None = None,
) -> PeerGroup:
    """The clients who meet the criteria; criteria are given up, the least telling first, until enough do.

    Args:
        population: whom to choose from.
        applicant: the application's raw columns by name.
        selection: what they are to have in common: the same contract, income type or family status, an age within
            `years_apart`, an income or a credit within `share_apart`.
        client_id: the client, where one of the population; never a peer of their own.
    """
    asked = tuple(criterion for criterion in criteria if criterion in selection)
    own = values_of(applicant, tuple(columns_of[criterion] for criterion in asked))
    unknown = tuple(criterion for criterion in asked if np.isnan(own[columns_of[criterion]]))
    kept = [criterion for criterion in asked if criterion not in unknown]
    meets = {
        criterion: _meets(criterion, population.column(columns_of[criterion]), own[columns_of[criterion]])
        for criterion in kept
    }
    relaxed: list[Criterion] = []
    while True:
        members = np.ones(population.size, dtype=bool)
        for criterion in kept:
            members &= meets[criterion]
        _leave_out(members, population, client_id)
        if members.sum() >= fewest or not kept:
            return PeerGroup(members, "criteria", tuple(kept), tuple(relaxed), unknown)
        relaxed.append(kept.pop())


def nearest(
    population: ComparisonColumns,
    applicant: Mapping[str, Value],
    neighbours: int = default_neighbours,
    client_id: int | None = None,
) -> PeerGroup:
    """The clients nearest in income, credit, annuity, age, employment, children, external scores, contract and work.

    The distance is Euclidean over the values divided by their standard deviation; a missing value stands at the mean,
    and another contract or income type is as far as two standard deviations.

    Args:
        population, applicant, client_id: as for `alike`.
        neighbours: how many to choose; all where there are fewer.
    """
    own = values_of(applicant, neighbour_axes)
    distance = np.zeros(population.size)
    for name in (*_amounts, *_lengths):
        scale: Callable[[NDArray[np.float64]], NDArray[np.float64]] = np.log1p if name in _amounts else np.asarray
        values, value = scale(population.column(name)), float(scale(np.asarray(own[name])))
        mean, deviation = float(np.nanmean(values)), float(np.nanstd(values)) or 1.0
        apart = np.nan_to_num(values, nan=mean) - (mean if np.isnan(value) else value)
        distance += (apart / deviation) ** 2
    for name in _same:
        if not np.isnan(own[name]):
            distance += 4.0 * (population.column(name) != own[name])
    position = None if client_id is None else population.position(client_id)
    if position is not None:
        distance[position] = np.inf
    count = min(neighbours, population.size - (position is not None))
    members = np.zeros(population.size, dtype=bool)
    if count:
        # Stable, so that clients at the same distance are always chosen alike.
        members[np.argsort(distance, kind="stable")[:count]] = True
    return PeerGroup(members, "nearest", (), (), ())


def described(group: PeerGroup, lang: Language) -> str:
    """Who the peers are, in words of `lang`: how many, what they have in common, and what was given up."""
    count = format_number(group.size, lang)
    if group.method == "nearest":
        return message("peers_nearest", lang, count=count)
    if not group.kept:
        return message("peers_anyone", lang, count=count)
    sentence = message("peers_criteria", lang, count=count, criteria=_criteria_text(group.kept, lang))
    return sentence + (
        message("peers_relaxed", lang, criteria=_criteria_text(group.relaxed, lang)) if group.relaxed else ""
    )


def _criteria_text(asked: Sequence[Criterion], lang: Language) -> str:
    parts = {"years": format_number(years_apart, lang), "share": format_share(share_apart, lang)}
    return ", ".join(message(f"peer_{criterion}", lang, **parts) for criterion in asked)


def _meets(criterion: Criterion, values: NDArray[np.float64], own: float) -> NDArray[np.bool_]:
    if axis(columns_of[criterion]).categorical:
        same: NDArray[np.bool_] = values == own
        return same
    reach = years_apart if criterion == "age" else share_apart * abs(own)
    within_reach: NDArray[np.bool_] = np.abs(values - own) <= reach
    return within_reach


def _leave_out(members: NDArray[np.bool_], population: ComparisonColumns, client_id: int | None) -> None:
    position = None if client_id is None else population.position(client_id)
    if position is not None:
        members[position] = False
