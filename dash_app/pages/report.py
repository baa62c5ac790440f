"""The report of a client: one page in plain language, to be printed or saved as PDF by the browser."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import dash
from dash import Input, Output, callback, dcc, html

from dash_app import addresses
from dash_app.application import product
from dash_app.components.marks import data, icon, link, notice, skeleton
from dash_app.errors import why_unavailable
from dash_app.i18n import _, language
from dash_app.service import NotFound, ServiceUnavailable
from dash_app.services import scoring
from dash_app.views.report.letter import letter

if TYPE_CHECKING:
    from dash.development.base_component import Component


def _title(**_variables: str) -> str:
    return f"{_('Report for the client')} · {product}"


# Without an icon: it is reached from a client's file, not from the navigation.
dash.register_page(__name__, path=addresses.report, name="report", title=_title)  # type: ignore[no-untyped-call]

_subject = "report-subject"
_sheet = "report-sheet"


def layout(client: str = "", **_others: str) -> Component:
    """The sheet for the client that the address names; empty until its callback has answered."""
    number = addresses.client_number(client)
    back = addresses.of_client(number) if number is not None else addresses.scoring
    bar = html.Div(
        [
            link([icon("chevron-left"), html.Span(_("Client file"))], back, className="back"),
            html.Button(
                html.Span(_("Print or save as PDF")),
                type="button",
                className="button button-primary",
                **data(action="print"),
            ),
        ],
        className="report-bar",
    )
    waiting = skeleton("30%", "70%", "90%", "85%", "60%", class_name="skeleton-rows")
    return html.Div(
        [dcc.Store(id=_subject, data=number), bar, html.Article(waiting, id=_sheet, className="card letter")]
    )


@callback(Output(_sheet, "children"), Input(_subject, "data"))
def _write(client: int | None) -> Any:
    if client is None:
        return notice(_("No client is chosen."), _("Open a client, then its report."), tone="plain")
    try:
        features = scoring().client(client).features
        found = scoring().assess(features, language())
        return letter(client, features, found, scoring().ways(features, language()), datetime.now(UTC))
    except NotFound:
        return notice(_("There is no client with this number."), _("Check the number, or pick one from the list."))
    except ServiceUnavailable as error:
        return notice(_("The client cannot be read: {why}.", why=why_unavailable(error)))
