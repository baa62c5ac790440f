"""What is known of a recorded prediction, and which ones to look for."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.decision import Decision, Value

Outcome = Literal["ACCEPTÉ", "REFUSÉ"]
Kind = Literal["predict", "batch", "explain", "client", "job", "simulate", "recourse"]

# Kinds of predictions that are about an application as it could be.
what_ifs: Final[tuple[Kind, ...]] = ("simulate", "recourse")


@dataclass(frozen=True, slots=True)
class Entry:
    """A prediction to be recorded.

    Attributes:
        kind: what was asked for.
        inputs: what the model was given, by name.
        request_id, caller: of the request; at most 64 characters each.
    """

    kind: Kind
    request_id: str
    caller: str
    inputs: Mapping[str, Value]
    decision: Decision
    model_version: str


@dataclass(frozen=True, slots=True)
class RecordedPrediction:
    """A prediction as it was recorded; `inputs` is None where they were not asked for."""

    id: str
    time: datetime
    kind: Kind
    request_id: str
    caller: str
    client_id: int | None
    probability: float
    threshold: float
    decision: Outcome
    model_version: str
    inputs: Mapping[str, Value] | None


@dataclass(frozen=True, slots=True)
class PredictionFilter:
    """Which predictions: None does not restrict. `since` is included, `until` is not."""

    client_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    kind: Kind | None = None
    caller: str | None = None
    decision: Outcome | None = None


@dataclass(frozen=True, slots=True)
class PredictionPage:
    """Predictions, newest first, of `total` that there are."""

    predictions: tuple[RecordedPrediction, ...]
    total: int


def new_ids(now: datetime, count: int) -> list[str]:
    """Identifiers that sort by the time at which they were made (UUID version 7, RFC 9562).

    Those of one call share their random part and count on from it, so that a thousand cost no thousand random numbers.
    """
    milliseconds = int(now.timestamp() * 1000)
    # 62 bits, of which the highest is free for counting.
    start = secrets.randbits(61)
    high = f"{milliseconds:012x}"
    head = f"{high[:8]}-{high[8:]}-7{secrets.randbits(12):03x}"
    ids = []
    for number in range(start, start + count):
        low = f"{number | 1 << 63:016x}"
        ids.append(f"{head}-{low[:4]}-{low[4:]}")
    return ids
