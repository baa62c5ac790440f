"""Final decisions of officers, for answers about clients and applications."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from api import audit
from core.audit.files import prediction_ids, row_of
from core.audit.writing import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.contract.clients.lists import ClientLine
    from core.contract.record.officer_decisions import FinalDecisionAnswer
    from core.jobs.job import Job
    from core.portfolio.provenance import Provenance

# More than a file can have.
_last_row: Final = 1 << 59

_log = logging.getLogger(__name__)


def with_final_decisions(portfolio: Provenance, clients: Sequence[ClientLine]) -> Sequence[ClientLine]:
    """The clients of a page, each with what an officer decided last.

    Args:
        portfolio: whose clients they are; what was decided on another application under their number is not theirs.

    Where the record cannot be read they are as they were, which says that it is not known: who only looks clients up is
    not kept from it.
    """
    try:
        final_decisions = audit.final_decisions().of_clients(portfolio, [client.client_id for client in clients])
    except AuditUnavailable as error:
        _log_unavailable(error)
        return clients
    return [client.decided(final_decisions.get(client.client_id)) for client in clients]


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
    final: FinalDecisionAnswer | None
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


def final_decisions_of_page(job: Job, rows: Sequence[int]) -> dict[int, FinalDecisionAnswer] | None:
    """What officers decided last on those rows of a job's file, by the number of the row.

    None where the record cannot be read: who only looks at rows is not kept from it.
    """
    ids = prediction_ids(job, rows)
    try:
        final_decisions = audit.final_decisions().of_predictions(ids)
    except AuditUnavailable as error:
        _log_unavailable(error)
        return None
    return {row: final_decisions[key] for row, key in zip(rows, ids, strict=True) if key in final_decisions}


def final_decisions_of_file(job: Job) -> dict[int, FinalDecisionAnswer]:
    """What officers decided last on rows of a job's file, by the number of the row.

    For a file that leaves the house: raises `AuditUnavailable`, as it would not say that decisions are missing in it.
    """
    first, last = prediction_ids(job, [0, _last_row])
    final_decisions = audit.final_decisions().of_predictions_between(first, last)
    return {row_of(job, key): final for key, final in final_decisions.items()}


def answered(final: FinalDecisionAnswer | None, current: str | None) -> dict[str, Any]:
    """The two fields by which an answer says which decision counts."""
    return {
        "final_decision": final,
        "current_decision": current,
    }


def _log_unavailable(error: AuditUnavailable) -> None:
    _log.error("audit unavailable", extra={"reason": error.reason, "cause": error.cause})
