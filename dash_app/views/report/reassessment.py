"""A recorded application, decided anew: as the one of a client on hand, or as one that was sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.features import history_names
from dash_app.service import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.contract.record.predictions import PredictionDetail
    from core.decision import Value
    from dash_app.service import ScoringService


@dataclass(frozen=True, slots=True)
class Reassessment:
    """What `ScoringService.assess` takes of it; attributes as its arguments."""

    features: Mapping[str, Value]
    client_id: int | None = None
    joined: bool = False


def reassessment(service: ScoringService, recorded: PredictionDetail) -> Reassessment:
    """The application as it was recorded. Raises `ServiceUnavailable`."""
    features = recorded.inputs or {}
    if recorded.application != "sent":
        return Reassessment(features, client_id=_on_hand(service, recorded, features))
    joined = recorded.client_id is not None and recorded.portfolio is not None
    # Under its number the history is found, which the record keeps apart.
    number = {"SK_ID_CURR": recorded.client_id} if joined else {}
    return Reassessment({**features, **number}, joined=joined)


def referral_then(recorded: PredictionDetail) -> dict[str, object]:
    """How sure the recorded decision was and whether it was for a person, as fields of an answer.

    Decided anew, the application meets the model and the threshold of today, which may be others.
    """
    agreement = recorded.fold_agreement
    certainty = None if agreement is None else "sure" if agreement == 1 else "close_call"
    return {"fold_agreement": agreement, "certainty": certainty, "referral": recorded.referral is not None}


def _on_hand(service: ScoringService, recorded: PredictionDetail, features: Mapping[str, Value]) -> int | None:
    """The client of a recorded application whose history is still the one that is stored; None where there is none.

    Under the number of then, another portfolio may have somebody else.
    """
    if recorded.client_id is None or recorded.portfolio is None:
        return None
    try:
        stored = service.client(recorded.client_id).features
    except NotFound:
        return None
    same = all(stored.get(name) == features.get(name) for name in history_names())
    return recorded.client_id if same else None
