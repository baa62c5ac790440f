"""The choice of a comparison: what a client is compared in, and with whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from core.comparison.peers import Criterion, Method, alike, default_criteria, default_neighbours, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.comparison.comparison_columns import ComparisonColumns
    from core.comparison.peers import PeerGroup
    from core.decision import Value

Group = Literal["all", "accepted", "refused", "similar"]
groups: Final[tuple[Group, ...]] = ("all", "accepted", "refused", "similar")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a client is compared in, and with whom.

    Attributes:
        names: columns or features; the strongest reasons of the decision where there is none.
        group: whose default rates are given.
        method: how similar clients are chosen.
        criteria: what they have in common, where chosen by criteria.
        neighbours: how many are the nearest, where chosen by distance.
        x, y: two numbers to be set against each other; no density where one is empty.
        against: another client, to be placed in the same groups.
    """

    names: tuple[str, ...] = ()
    group: Group = "all"
    method: Method = "criteria"
    criteria: tuple[Criterion, ...] = default_criteria
    neighbours: int = default_neighbours
    x: str = ""
    y: str = ""
    against: int | None = None

    def peers(self, population: ComparisonColumns, applicant: Mapping[str, Value], client_id: int | None) -> PeerGroup:
        """Who of the population counts as similar to an applicant; the client of that number does not."""
        if self.method == "nearest":
            return nearest(population, applicant, self.neighbours, client_id)
        return alike(population, applicant, self.criteria, client_id)
