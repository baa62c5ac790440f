"""Slices of a distribution: neighbouring bins joined until each has enough clients for a default rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.comparison.choice import Group
    from core.contract.clients.comparison import ComparedNumber

# The default rate of fewer clients than this says little.
fewest: Final = 30


@dataclass(frozen=True, slots=True)
class Slice:
    """Neighbouring bins taken together.

    Attributes:
        low, high: from where to where it reaches.
        clients: how many of the group are in it.
        default_rate, risk: observed, and mean predicted, among them; None where not known.
    """

    low: float
    high: float
    clients: int
    default_rate: float | None
    risk: float | None

    @property
    def middle(self) -> float:
        """Halfway through."""
        return (self.low + self.high) / 2


def slices(of: ComparedNumber, group: Group) -> tuple[Slice, ...]:
    """The bins of a group, neighbours joined until each slice has `fewest` clients; one slice where there are fewer.

    Args:
        of: the number, with the rates of that same group.
        group: the one that was chosen.
    """
    counts = of.counts[group]
    joined: list[list[int]] = []
    for place in range(len(counts)):
        if joined and _clients(counts, joined[-1]) < fewest:
            joined[-1].append(place)
        else:
            joined.append([place])
    if len(joined) > 1 and _clients(counts, joined[-1]) < fewest:
        rest = joined.pop()
        joined[-1].extend(rest)
    return tuple(
        Slice(
            low=of.edges[places[0]],
            high=of.edges[places[-1] + 1],
            clients=_clients(counts, places),
            default_rate=_mean(of.default_rate, counts, places),
            risk=_mean(of.risk, counts, places),
        )
        for places in joined
    )


def _clients(counts: Sequence[int], places: Sequence[int]) -> int:
    return sum(counts[place] for place in places)


def _mean(rates: Sequence[float | None], counts: Sequence[int], places: Sequence[int]) -> float | None:
    known = [(rate, counts[place]) for place in places if (rate := rates[place]) is not None]
    total = sum(count for _rate, count in known)
    return sum(rate * count for rate, count in known) / total if total else None
