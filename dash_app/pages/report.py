"""The report on an application: one page in plain language, to be printed or saved as PDF by the browser."""

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
from dash_app.views.report.decided import Standing
from dash_app.views.report.letter import letter
from dash_app.views.report.reassessment import reassessment, referral_then

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.contract.recourse_found import RecourseFound


def _title(**_variables: str) -> str:
    report = _("Report for the client")
    return f"{report} · {product}"


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
    file = scoring().client_file(client, language())
    # The letter itself says where they cannot be read.
    standing = Standing(next(iter(file.decisions or ()), None), is_known=file.decisions is not None)
    return letter(client, file.features, file.assessment, file.assessment.recourse, datetime.now(UTC), standing)


def _of_application(prediction: str) -> list[Component]:
    """Written about what was decided, whatever has been typed since."""
    recorded = scoring().recorded(prediction)
    whose = reassessment(scoring(), recorded)
    now = scoring().assess(whose.features, language(), client_id=whose.client_id, joined=whose.joined)
    then = recorded.model_dump(include={"probability", "threshold", "decision", "model_version"})
    recorded_answer = now.model_copy(update=then | referral_then(recorded))
    # A file may have a threshold of its own: what is enough for that of the model says nothing of it.
    ways: RecourseFound | None = now.recourse if now.threshold == recorded.threshold else None
    if now.model_version != recorded.model_version:
        ways = None
        recorded_answer = recorded_answer.model_copy(update={"top_features": [], "concepts": [], "not_known": None})
    standing = Standing(recorded.final_decision)
    return letter(recorded.client_id, whose.features, recorded_answer, ways, datetime.now(UTC), standing)
