"""The final decision of an officer: taken down under a key of the browser, recorded, and shown with those before it."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback, ctx, no_update
from dash.exceptions import PreventUpdate

from dash_app.access.login import reader
from dash_app.components.marks import notice
from dash_app.i18n import _, language
from dash_app.service import Refused, Rejected, ServiceUnavailable
from dash_app.services import scoring
from dash_app.views.scoring import final_decision, ids
from dash_app.views.scoring.form import form_state


def register() -> None:
    """Registers the callbacks with the application that is being made."""
    # What the officer would decide on, and the decision as it is sent: under a key that the browser makes and keeps.
    clientside_callback(
        ClientsideFunction("officer", "application"),
        Output(ids.application, "data"),
        Input(ids.on_file, "data"),
        State(ids.subject, "data"),
        State(ids.form, "data"),
        State(ids.application, "data"),
    )
    clientside_callback(
        ClientsideFunction("officer", "submit"),
        Output(ids.submission, "data"),
        Input(ids.officer_submit, "n_clicks"),
        State(ids.application, "data"),
        State(ids.subject, "data"),
        State(ids.form, "data"),
        State(ids.officer_decision, "value"),
        State(ids.officer_name, "value"),
        State(ids.officer_reason, "value"),
        prevent_initial_call=True,
    )
    clientside_callback(ClientsideFunction("officer", "answered"), Input(ids.submitted, "data"))
    clientside_callback(
        ClientsideFunction("officer", "faults"), *[Input(place, "children") for place in ids.officer_faults.values()]
    )
    callback(
        Output(ids.officer_note, "children"),
        Output(ids.officer_reason, "value"),
        Output(ids.submitted, "data"),
        *[Output(place, "children") for place in ids.officer_faults.values()],
        Input(ids.submission, "data"),
        prevent_initial_call=True,
    )(_decide)
    callback(
        Output(ids.final_stamp, "children", allow_duplicate=True),
        Output(ids.officer_trail, "children", allow_duplicate=True),
        Output(ids.report_place, "children"),
        Input(ids.application, "data"),
        Input(ids.submitted, "data"),
        State(ids.on_file, "data"),
        State(ids.subject, "data"),
        prevent_initial_call=True,
    )(_show_decisions)


def _decide(submission: dict[str, Any] | None) -> tuple[Any, ...]:
    if submission is None:
        raise PreventUpdate
    who = reader()
    officer = who.name if who else submission["officer"]
    missing = final_decision.wanting(submission["decision"], officer, submission["reason"])
    in_order = final_decision.faults({})
    if missing:
        return final_decision.told(), no_update, no_update, *final_decision.faults(missing)
    if submission["is_outdated"]:
        late = final_decision.told(_("Wait for the decision on what the form says now."))
        return late, no_update, no_update, *in_order
    answer = {name: submission[name] for name in ("key", "application", "prediction_id")} | {"is_recorded": False}
    try:
        draft = final_decision.draft(submission, officer)
        thanks = final_decision.recorded(scoring().decide(draft, language()))
        return thanks, "", answer | {"is_recorded": True}, *in_order
    except Rejected as error:
        why = notice(_("Not recorded yet."), "; ".join(f"{each.field}: {each.expected}" for each in error.errors))
        return why, no_update, answer, *in_order
    except Refused as error:
        return notice(_("Not recorded yet."), error.detail), no_update, answer, *in_order
    except ServiceUnavailable as error:
        return final_decision.unrecorded(error), no_update, no_update, *in_order


def _show_decisions(
    application: dict[str, Any] | None,
    submitted: dict[str, Any] | None,
    on_file: dict[str, Any] | None,
    subject: dict[str, Any],
) -> tuple[Any, Any, Any]:
    # Of a client, what was decided came with the file.
    if subject["mode"] == "list" or (subject["mode"] == "client" and ctx.triggered_id != ids.submitted):
        raise PreventUpdate
    prediction: str | None = application["prediction_id"] if application else None
    if ctx.triggered_id == ids.submitted and submitted and submitted["is_recorded"]:
        prediction = submitted["prediction_id"]
    way = final_decision.report_way(subject, prediction)
    if application is None or (subject["mode"] != "client" and prediction is None):
        # Of a row, what was decided on it came with it.
        return None, final_decision.trail(()) if subject["mode"] == "new" else no_update, way
    try:
        if subject["mode"] == "client":
            trail = scoring().decisions_on_client(subject["client"])
        else:
            trail = scoring().decisions_on_prediction(prediction or "")
    except ServiceUnavailable:
        return final_decision.unreadable(), final_decision.untold(), way
    return (
        final_decision.stamp(form_state.OnFile(**on_file) if on_file else None, trail),
        final_decision.trail(trail),
        way,
    )
