"""Applications of a request, joined with what the portfolio knows of the client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.http.json_body import read_sent
from api.http.language import language
from api.http.problems import AnotherClient
from api.services import services
from core.features import history_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.http.json_body import Sent
    from core.application import Application
    from core.portfolio.clients import Portfolio
    from core.portfolio.provenance import HistoryChoice
    from core.scoring import Scorer


def read_applicant(scorer: Scorer, client_id: int | None, history: HistoryChoice | None) -> Application:
    """The application in the body, completed as by `applicant`. Raises as `read_sent` and `applicant` do."""
    return applicant(scorer, read_sent(("features",), client_id), client_id, history)


def applicant(scorer: Scorer, sent: Sent, client_id: int | None, history: HistoryChoice | None) -> Application:
    """The application that was sent, with what is known of its client; what was sent goes before.

    Args:
        scorer: the model that is going to decide, which says what it never saw the like of.
        client_id: from the address: names a client on hand, whose stored application and history are taken. A column
            that was sent as null is then missing, whatever is stored. Without it the `SK_ID_CURR` of the application
            brings at most a history, as `complete` says: a column that is not sent counts as missing.
        history: from the address. `none` leaves out the stored history, that of a client on hand too.

    What the model never saw the like of gets a warning, and so does an essential column that is missing.

    Raises:
        api.http.problems.AnotherClient: where the two name different clients.
        core.portfolio.clients.PortfolioMissing, core.portfolio.clients.UnknownClient: where `client_id` cannot be
        found.
    """
    application = sent.application
    if client_id is None:
        return complete(scorer, [application], history)[0]
    if application.client_id not in (None, client_id):
        raise AnotherClient
    merged = _on_hand(services().portfolio.get(), sent, client_id, history)
    return scorer.warned(merged, language())


def complete(
    scorer: Scorer, applications: Sequence[Application], history: HistoryChoice | None
) -> Sequence[Application]:
    """The applications, some with the history of their clients, and warnings: of unfamiliar values, and of essential
    columns that are missing.

    Args:
        scorer: as for `applicant`.
        history: whether an application without a history of its own gets what is stored under its `SK_ID_CURR`; None:
            only where the clients on hand are real.

    Raises:
        core.portfolio.clients.PortfolioMissing: where stored history is asked for, and there is none.
    """
    return scorer.warned_many(services().with_history(applications, history), language())


def _on_hand(portfolio: Portfolio, sent: Sent, client_id: int, history: HistoryChoice | None) -> Application:
    """The stored application of a client with what was sent over it; with the history, unless `history` is none."""
    left_out = sent.emptied | frozenset(history_names()) if history == "none" else sent.emptied
    return portfolio.overlaid(client_id, sent.application, left_out)
