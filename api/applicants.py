"""Joins what a caller sends of an applicant with what the portfolio knows of the client."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from api.bodies import read_sent
from api.language import language
from api.problems import AnotherClient
from api.services import services

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.bodies import Sent
    from core.application import Application


def read_applicant(client_id: int | None) -> Application:
    """The application in the body, completed as by `applicant`. Raises as `api.bodies.read_sent` and `applicant` do."""
    return applicant(read_sent(("features",), client_id), client_id)


def applicant(sent: Sent, client_id: int | None) -> Application:
    """The application that was sent, with what is known of its client; what was sent goes before.

    Args:
        client_id: from the address: names a client on hand, whose stored application and history are taken. A column
            that was sent as null is then missing, whatever is stored. Without it the `SK_ID_CURR` of the application
            brings the history of a client on hand, and only that: a column that is not sent counts as missing.

    What the model never saw the like of gets a warning, and so does an essential column that is missing.

    Raises:
        api.problems.AnotherClient: where the two name different clients.
        core.portfolio.PortfolioMissing, core.portfolio.UnknownClient: where `client_id` cannot be found.
    """
    application = sent.application
    if client_id is None:
        return complete([application])[0]
    if application.client_id not in (None, client_id):
        raise AnotherClient
    stored = services().portfolio.get().client(client_id).features
    values = {name: value for name, value in stored.items() if value is not None and name not in sent.emptied}
    values.pop("SK_ID_CURR", None)
    merged = replace(application, values=values | dict(application.values), client_id=client_id)
    return services().scorer.get().warned(merged, language())


def complete(applications: Sequence[Application]) -> list[Application]:
    """The applications with the history of their clients where these are known, and warnings: of unfamiliar values, and
    of essential columns that are missing.

    Raises:
        core.model.artefacts.ArtefactError: where there is no model.
    """
    scorer, lang = services().scorer.get(), language()
    return [scorer.warned(each, lang) for each in services().with_history(applications)]
