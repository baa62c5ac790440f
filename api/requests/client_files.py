"""The file of a client: what is known beside the decision, gathered so that one answer shows it whole."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from api import audit
from api.access import roles
from api.http.language import language
from api.schemas.clients import ClientFile
from core.audit.decisions import DecisionFilter
from core.audit.writing import AuditUnavailable
from core.contract.prediction import Reasons
from core.contract.record.officer_decisions import RecordedDecision
from core.contract.recourse_found import RecourseFound
from core.portfolio.client_history import client_history
from core.recourse.plans import recourse

if TYPE_CHECKING:
    from core.application import Application
    from core.decision import Decision
    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer

# How much of the trail of decisions a file shows.
_max_decisions: Final = 20


@dataclass(frozen=True, slots=True)
class GatheredFile:
    """The decision on a client, and what is known beside it as the answer says it."""

    decision: Decision
    answer: ClientFile


def client_file(
    portfolio: Portfolio, client_id: int, application: Application, scorer: Scorer, top_n: int
) -> GatheredFile:
    """The file of a client, in the language of the request.

    Args:
        client_id: of a client of the portfolio.
        application: theirs, as it is on file.
        top_n: how many reasons are said.

    Raises:
        core.explain.information.NothingUsable: where the application gives no feature a value.
    """
    lang = language()
    result = recourse(scorer, application)
    answer = ClientFile(
        explanation=Reasons.of_contributions(scorer.explain(application), top_n, lang),
        recourse=RecourseFound.of_search(result, lang),
        history=client_history(portfolio.folder, client_id, lang),
        decisions=_decisions(portfolio, client_id),
    )
    return GatheredFile(result.decision, answer)


def _decisions(portfolio: Portfolio, client_id: int) -> list[RecordedDecision] | None:
    """What officers decided on the client on hand; None where the caller may not read it, or nobody can now."""
    if not roles.allows(roles.role_needed("/decisions") or "admin"):
        return None
    decision_filter = DecisionFilter(client_id=client_id, portfolio=portfolio.provenance)
    try:
        page = audit.decisions().decisions(decision_filter, _max_decisions, 0)
    except AuditUnavailable:
        # `with_final_decisions` asks the same record, and logs that it does not answer.
        return None
    return [RecordedDecision(**asdict(decision)) for decision in page.decisions]
