"""Entries of the record: recorded predictions, and queries for them."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.access.person import Person
    from core.application import Application
    from core.decision import Decision, Value
    from core.portfolio.provenance import ApplicationSource, HistorySource

Outcome = Literal["ACCEPTÉ", "REFUSÉ"]
Kind = Literal["predict", "batch", "explain", "client", "job", "local", "simulate", "recourse"]

# Kinds of predictions that are about an application as it could be.
what_ifs: Final[tuple[Kind, ...]] = ("simulate", "recourse")


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a challenger says of an application: recorded, and told to nobody who asks for a decision.

    Attributes:
        version: of the challenger.
        probability: of default.
        threshold: from which it would have refused.
    """

    version: str
    probability: float
    threshold: float


@dataclass(frozen=True, slots=True)
class PredictionEntry:
    """A prediction to be recorded.

    Attributes:
        kind: what was asked for.
        inputs: what the model was given, by name.
        request_id, caller: of the request; at most 64 characters each.
        history: where the history features among the inputs come from.
        portfolio: which stored clients the inputs were taken from (`str` of `core.portfolio.provenance.Provenance`);
            None where nothing stored went in.
        person: for whom the caller asked; None: for itself.
        application: whether it is about the application of a client on hand; None where that is not known.
        challenge: what the challenger says; None where none was asked, or it failed.
    """

    kind: Kind
    request_id: str
    caller: str
    inputs: Mapping[str, Value]
    decision: Decision
    model_version: str
    history: HistorySource | None = None
    portfolio: str | None = None
    person: Person | None = None
    application: ApplicationSource | None = None
    challenge: Challenge | None = None


@dataclass(frozen=True, slots=True)
class Together:
    """Predictions to be recorded that one request has asked for.

    Attributes:
        kind, request_id, caller, model_version, person: of all of them, as in `PredictionEntry`.
        applications, decisions: of each.
        challenges: of each; None where the challenger says nothing of any.
    """

    kind: Kind
    request_id: str
    caller: str
    model_version: str
    person: Person | None
    applications: Sequence[Application]
    decisions: Sequence[Decision]
    challenges: Sequence[Challenge | None] | None = None

    def __len__(self) -> int:
        return len(self.decisions)

    def entries(self) -> list[PredictionEntry]:
        """Each of them alone."""
        return [
            PredictionEntry(
                self.kind,
                self.request_id,
                self.caller,
                application.values,
                decision,
                self.model_version,
                history=application.history,
                portfolio=str(application.portfolio) if application.portfolio else None,
                person=self.person,
                application=application.source,
                challenge=challenge,
            )
            for application, decision, challenge in zip(
                self.applications, self.decisions, self.challenges or [None] * len(self), strict=True
            )
        ]


@dataclass(frozen=True, slots=True)
class RecordedPrediction:
    """A prediction as it was recorded; `inputs` is None where they were not asked for.

    `history`, `portfolio` and `application` are as in `PredictionEntry`, and None of what was recorded before they
    were; `subject` and `person`, the name, are those of the person for whom the caller asked.

    Attributes:
        fold_agreement: as `core.decision.Decision.agreement`; None where it was not known.
        referral: why the application was for a person to look at: `core.decision.ReferralCode`s with a space between;
            None where it was not.
    """

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
    history: HistorySource | None
    portfolio: str | None
    subject: str | None = None
    person: str | None = None
    application: ApplicationSource | None = None
    fold_agreement: float | None = None
    referral: str | None = None


@dataclass(frozen=True, slots=True)
class PredictionFilter:
    """Which predictions: None does not restrict. `since` is included, `until` is not."""

    client_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    kind: Kind | None = None
    caller: str | None = None
    subject: str | None = None
    decision: Outcome | None = None


@dataclass(frozen=True, slots=True)
class PredictionPage:
    """Predictions, newest first, of `total` that there are."""

    predictions: tuple[RecordedPrediction, ...]
    total: int


_lower: Final = (1 << 48) - 1


def new_ids(now: datetime, count: int) -> list[str]:
    """Identifiers that sort by the time at which they were made (UUID version 7, RFC 9562).

    Those of one call share their random part and count on from it, so that a thousand cost no thousand random numbers.
    """
    middle, start = divmod(secrets.randbits(73), 1 << 61)
    return _ids(now, middle, range(start, start + count))


def repeatable_ids(moment: datetime, name: str, numbers: Iterable[int]) -> list[str]:
    """Identifiers of the same kind that are the same each time they are asked for.

    Args:
        moment: the time that they begin with.
        name: of what is numbered; its digest takes the place of chance.
        numbers: what tells them apart: 0 to 2^60.
    """
    digest = int.from_bytes(hashlib.sha256(name.encode()).digest())
    start = digest >> 12 & (1 << 60) - 1
    return _ids(moment, digest & 0xFFF, (start + number for number in numbers))


def _ids(moment: datetime, middle: int, numbers: Iterable[int]) -> list[str]:
    """By the time, 12 bits, and 62 bits each, of which the highest is free for counting."""
    high = f"{int(moment.timestamp() * 1000):012x}"
    head = f"{high[:8]}-{high[8:]}-7{middle:03x}"
    # The upper 14 of the bits that count are nearly always those of the number before.
    heads: dict[int, str] = {}
    ids = []
    for number in numbers:
        upper = number >> 48
        start = heads.get(upper)
        if start is None:
            start = heads[upper] = f"{head}-{upper | 1 << 15:04x}-"
        ids.append(f"{start}{number & _lower:012x}")
    return ids
