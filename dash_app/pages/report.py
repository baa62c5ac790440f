"""The report on an application: one page in plain language, to be printed or saved as PDF by the browser."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import dash
from dash import Input, Output, callback, dcc, html

from core.features import history_names
from dash_app import addresses
from dash_app.application import product
from dash_app.components.marks import data, icon, link, notice, skeleton
from dash_app.errors import why_unavailable
from dash_app.i18n import _, language
from dash_app.service import NotFound, ServiceUnavailable
from dash_app.services import scoring
from dash_app.views.report.decided import Standing
from dash_app.views.report.letter import letter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash.development.base_component import Component

    from core.decision import Value
    from dash_app.service import Ways
    from dash_app.service.protocol import RecordedApplication


def _title(**_variables: str) -> str:
    return f"{_('Report for the client')} · {product}"


# Without an icon: it is reached from a client's file, not from the navigation.
dash.register_page(__name__, path=addresses.report, name="report", title=_title)  # type: ignore[no-untyped-call]

_subject = "report-subject"
_sheet = "report-sheet"


def layout(client: str = "", application: str = "", row: str = "", **query: str) -> Component:
    """The sheet for the client, or the recorded application, that the address names; empty until it is written."""
    number, prediction = addresses.client_number(client), addresses.prediction_id(application)
    back = _back(number, prediction, query.get("import"), addresses.client_number(row))
    bar = html.Div(
        [
            link([icon("chevron-left"), html.Span(back[0])], back[1], className="back"),
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
        [
            dcc.Store(id=_subject, data={"client": number, "application": prediction}),
            bar,
            html.Article(waiting, id=_sheet, className="card letter"),
        ]
    )


def _back(client: int | None, prediction: str | None, job: str | None, row: int | None) -> tuple[str, str]:
    """Where the reader comes from: its name and its address."""
    if client is not None:
        return _("Client file"), addresses.of_client(client)
    if job and row is not None:
        return _("Application"), addresses.of_row(job, row)
    return (_("New application"), addresses.of_new_application()) if prediction else (_("Clients"), addresses.scoring)


@callback(Output(_sheet, "children"), Input(_subject, "data"))
def _write(subject: dict[str, Any]) -> Any:
    client, prediction = subject["client"], subject["application"]
    try:
        if client is not None:
            return _of_client(client)
        if prediction is not None:
            return _of_application(prediction)
    except NotFound:
        if client is not None:
            return notice(_("There is no client with this number."), _("Check the number, or pick one from the list."))
        return notice(
            _("There is no record of this application."),
            _("What the model was given is kept for a time only. Ask for the decision again to write about it."),
        )
    except ServiceUnavailable as error:
        return notice(_("The client cannot be read: {why}.", why=why_unavailable(error)))
    return notice(_("No client is chosen."), _("Open a client, then its report."), tone="plain")


def _of_client(client: int) -> list[Component]:
    features = scoring().client(client).features
    found = scoring().assess(features, language(), client_id=client)
    try:
        standing = Standing(next(iter(scoring().decisions_on_client(client)), None))
    except ServiceUnavailable:
        # The letter says so itself.
        standing = Standing(is_known=False)
    ways = scoring().ways(features, language(), client_id=client)
    return letter(client, features, found, ways, datetime.now(UTC), standing)


def _of_application(prediction: str) -> list[Component]:
    """Written about what was decided, whatever has been typed since."""
    recorded = scoring().recorded(prediction)
    whose = _whose(recorded)
    now = scoring().assess(whose.features, language(), client_id=whose.client_id, joined=whose.joined)
    then = replace(now.decision, probability=recorded.probability, threshold=recorded.threshold)
    found = replace(now, decision=then, model_version=recorded.model_version)
    ways: Ways | None = None
    if now.model_version == recorded.model_version:
        ways = scoring().ways(whose.features, language(), client_id=whose.client_id, joined=whose.joined)
    else:
        found = replace(found, reasons=())
    made_at = datetime.now(UTC)
    return letter(recorded.client_id, recorded.features, found, ways, made_at, Standing(recorded.final))


@dataclass(frozen=True, slots=True)
class _Whose:
    """A recorded application as it is asked for again: as the one of a client on hand, or as one that was sent."""

    features: Mapping[str, Value]
    client_id: int | None = None
    joined: bool = False


def _whose(recorded: RecordedApplication) -> _Whose:
    if recorded.on_file is not False:
        return _Whose(recorded.features, client_id=_on_hand(recorded))
    joined = recorded.client_id is not None and recorded.portfolio is not None
    # Under its number the history is found, which the record keeps apart.
    number = {"SK_ID_CURR": recorded.client_id} if joined else {}
    return _Whose({**recorded.features, **number}, joined=joined)


def _on_hand(recorded: RecordedApplication) -> int | None:
    """The client of a recorded application whose history is still the one that is stored; None where there is none.

    Under the number of then, another portfolio may have somebody else.
    """
    if recorded.client_id is None or recorded.portfolio is None:
        return None
    try:
        stored = scoring().client(recorded.client_id).features
    except NotFound:
        return None
    same = all(stored.get(name) == recorded.features.get(name) for name in history_names())
    return recorded.client_id if same else None
