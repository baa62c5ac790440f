"""Whom a client is compared with: who counts as similar, and another client in the same groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from core.comparison.peers import Criterion, described
from core.comparison.placing import Group
from core.contract.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.catalogue import Language
    from core.comparison.peers import PeerGroup
    from core.comparison.placing import ClientPlace


class PeersAnswer(Answer):
    """Who counts as similar, and why."""

    method: Literal["criteria", "nearest"]
    size: int
    text: str = Field(description="In words.")
    kept: list[Criterion]
    relaxed: list[Criterion] = Field(description="Given up, since too few clients met them as well.")
    unknown: list[Criterion] = Field(description="Not asked for, since the client's own value is missing.")

    @classmethod
    def of(cls, peers: PeerGroup, lang: Language) -> PeersAnswer:
        """The answer that says who is similar in words of `lang`."""
        return cls(
            method=peers.method,
            size=peers.size,
            text=described(peers, lang),
            kept=list(peers.kept),
            relaxed=list(peers.relaxed),
            unknown=list(peers.unknown),
        )


class PlaceAnswer(Answer):
    """Where another client stands."""

    name: str
    value: float | str | None
    percentiles: dict[Group, float | None] = Field(description="As in `spreads`; null for categories.")


class AgainstAnswer(Answer):
    """Another client in the same groups."""

    client_id: int
    places: list[PlaceAnswer]

    @classmethod
    def of(cls, client_id: int, places: Iterable[ClientPlace]) -> AgainstAnswer:
        """The answer that says where a client stands."""
        return cls(
            client_id=client_id, places=[PlaceAnswer.model_validate(place, from_attributes=True) for place in places]
        )
