"""The decisions of officers that count, for answers about clients and applications."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api import audit
from api.schemas.final_decisions import FinalDecisionAnswer
from core.audit.engine import AuditUnavailable
from core.audit.files import prediction_ids

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.final_decision import FinalDecision
    from core.jobs.job import Job
    from core.portfolio import ClientSummary
    from core.provenance import Provenance

_log = logging.getLogger(__name__)


def with_final_decisions(portfolio: Provenance, clients: Sequence[ClientSummary]) -> Sequence[ClientSummary]:
    """The clients of a page, each with what an officer decided last.

    Args:
        portfolio: whose clients they are; what was decided on another application under their number is not theirs.

    Where the record cannot be read they are as they were, which says that it is not known: who only looks clients up is
    not kept from it.
    """
    try:
        found = audit.final_decisions().of_clients(portfolio, [client.client_id for client in clients])
    except AuditUnavailable as error:
        _log_unavailable(error)
        return clients
    return [client.decided(found.get(client.client_id)) for client in clients]


def outcomes(portfolio: Provenance) -> Mapping[int, str]:
    """What an officer decided last on clients of a portfolio, by number, for a filter. Raises `AuditUnavailable`."""
    return audit.final_decisions().outcomes(portfolio)


@dataclass(frozen=True, slots=True)
class RecordedRow:
    """What the record says of a row of a file.

    Attributes:
        prediction_id: under which the job's decision on it is recorded; None where it is not, or not any more.
        final: the last decision of an officer on it.
        is_known: whether the record could be read.
    """

    prediction_id: str | None
    final: FinalDecision | None
    is_known: bool


def final_decision_of_row(job: Job, row: int) -> RecordedRow:
    """What the record says of a row of the file of a job that is done."""
    (key,) = prediction_ids(job, [row])
    try:
        recorded = audit.predictions().prediction(key)
        final = audit.final_decisions().of_prediction(key)
    except AuditUnavailable as error:
        _log_unavailable(error)
        return RecordedRow(None, None, is_known=False)
    return RecordedRow(key if recorded else None, final, is_known=True)


def answered(final: FinalDecision | None, current: str | None) -> dict[str, Any]:
    """The two fields by which an answer says which decision counts."""
    return {
        "final_decision": None if final is None else FinalDecisionAnswer.model_validate(final, from_attributes=True),
        "current_decision": current,
    }


def _log_unavailable(error: AuditUnavailable) -> None:
    _log.error("audit unavailable", extra={"reason": error.reason, "cause": error.cause})
