"""The final decision on an application: the last one that an officer recorded, beside what the model says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from datetime import datetime

DecidedBy = Literal["officer", "model"]
"""Whose decision counts: the officer's where there is one, else the model's."""

deciders: Final[tuple[DecidedBy, ...]] = get_args(DecidedBy)


@dataclass(frozen=True, slots=True)
class FinalDecision:
    """What an officer decided last on an application, or on a client's.

    Attributes:
        id: of the recorded decision, in whose record the reason is.
        time: when it was recorded; with a time zone.
        decision: `ACCEPTÉ` or `REFUSÉ`.
        kind: `confirm` where the officer decided as the model did, else `override`.
        officer: by name.
        prediction_id: the prediction that it is about.
        model_decision: what the model had said in that prediction.
    """

    id: str
    time: datetime
    decision: str
    kind: str
    officer: str
    prediction_id: str
    model_decision: str
