"""The Scoring page: find a client or enter an application, see the decision, its reasons, and what would change it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dash import ALL, ClientsideFunction, Input, Output, State, callback, clientside_callback, ctx, html, no_update
from dash.exceptions import PreventUpdate

from dash_app import addresses
from dash_app.access.login import reader
from dash_app.components import ids as shell_ids
from dash_app.components.marks import notice
from dash_app.errors import why_unavailable
from dash_app.i18n import _, language, mark
from dash_app.registration import register_page
from dash_app.service import NotFound, Refused, Rejected, RiskByAmount, ServiceUnavailable
from dash_app.services import jobs, scoring
from dash_app.shell.theme import theme_of
from dash_app.views.scoring import answers, final_decision, history, ids, opening
from dash_app.views.scoring.client_list import clients, filters
from dash_app.views.scoring.form import application_file, entries, form_state, linking
from dash_app.views.scoring.layout import Subject, frame
from dash_app.views.scoring.result import alike, amount_curve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash.development.base_component import Component

    from core.decision import Value

register_page(__name__, addresses.scoring, name=mark("Scoring"), order=0, icon="speedometer2")


def layout(client: str = "", new: str = "", page: str = "1", **query: str) -> Component:
    """The frame for what the address names: a client, a row of an import, a new application, or a page of the list."""
    number = addresses.page_number(page)
    row = addresses.client_number(query.get("row"))
    named = addresses.client_number(client)
    shown = frame(
        Subject.of(named, query.get("import"), row, new=bool(new)),
        given=filters.listing(query).given,
        number=number,
    )
    if named is not None or not client.strip():
        return shown
    unreadable = notice(
        _("The address names no client."),
        _("A client number has digits only. Choose a client from the list, or find one by number."),
        role="alert",
    )
    return html.Div([unreadable, shown])


@callback(
    Output(ids.list_table, "children"),
    Output(ids.filter_note, "children"),
    Output(ids.filter_clear, "hidden"),
    Output(ids.list_address, "data"),
    Input(ids.list_filter, "value"),
    Input(ids.filter_by(ALL), "value"),
    State(ids.list_page, "data"),
    State(ids.subject, "data"),
)
def _list_clients(typed: str | None, values: list[str | None], number: int, subject: dict[str, Any]) -> tuple[Any, ...]:
    if subject["mode"] != "list":
        raise PreventUpdate
    asked = filters.listing(dict(zip(filters.names, [typed, *values], strict=True)))
    # A new filter starts at the first page.
    first = number if ctx.triggered_id is None else 1
    fault, address = filters.told(asked.wrong), addresses.at(addresses.of_list(asked.given, first))
    try:
        start = (first - 1) * clients.rows_a_page
        page = scoring().clients(asked.wanted, clients.rows_a_page, start, asked.by, asked.order)
    except ServiceUnavailable as error:
        why = notice(_("The clients cannot be listed: {why}.", why=why_unavailable(error)))
        return why, fault, not asked.given, no_update
    return clients.table(page, asked.given), fault, not (asked.given or asked.wrong), address


@callback(
    Output(ids.list_filter, "value"),
    Output(ids.filter_by(ALL), "value"),
    Input(ids.filter_clear, "n_clicks"),
    prevent_initial_call=True,
)
def _clear_filters(_clicks: int | None) -> tuple[str, list[str]]:
    empty = filters.cleared()
    return "", [empty[name] for name in filters.names if name != "search"]


# The address follows the filters, so that one comes back to them from a client.
clientside_callback(
    ClientsideFunction("comparison", "keepAddress"), Input(ids.list_address, "data"), prevent_initial_call=True
)


@callback(
    Output(ids.filling, "data"),
    Output(ids.problem, "children"),
    Output(ids.workspace, "hidden"),
    Output(ids.source, "children"),
    Output(ids.opened, "data"),
    Output(ids.on_file, "data"),
    Output(ids.past, "children"),
    Output(ids.final_stamp, "children"),
    Output(ids.officer_trail, "children"),
    Input(ids.subject, "data"),
    Input(ids.draft, "data"),
    State(shell_ids.theme, "data"),
)
def _open(subject: dict[str, Any], draft: dict[str, Any] | None, theme: str | None) -> tuple[Any, ...]:
    try:
        application = opening.opened(subject, theme_of(theme))
    except NotFound:
        return opening.unread(_unknown(subject))
    except (ServiceUnavailable, Rejected) as error:
        why = why_unavailable(error) if isinstance(error, ServiceUnavailable) else str(error)
        return opening.unread(notice(_("The client cannot be read: {why}.", why=why)))
    if application is None:
        raise PreventUpdate
    return asdict(entries.opening(application.known, draft or {})), *application.shown()


@callback(
    Output(ids.filling, "data", allow_duplicate=True),
    Output(ids.problem, "children", allow_duplicate=True),
    Input(ids.reset, "n_clicks"),
    Input(ids.example, "n_clicks"),
    State(ids.subject, "data"),
    prevent_initial_call=True,
)
def _refill(_reset: int | None, _example: int | None, subject: dict[str, Any]) -> tuple[Any, Any]:
    if subject["mode"] == "new":
        return asdict(entries.filling(form_state.example if ctx.triggered_id == ids.example else {})), None
    try:
        return asdict(entries.filling(_as_known(subject)[0])), None
    except NotFound:
        problem = _unknown(subject)
    except ServiceUnavailable as error:
        problem = notice(_("The client cannot be read: {why}.", why=why_unavailable(error)))
    return no_update, problem


# The one way into the form: its fields show the texts, and what they have is the entries that all else reads.
clientside_callback(
    ClientsideFunction("form", "fill"),
    Output(ids.every("value", ALL), "value"),
    Output(ids.form, "data"),
    Input(ids.filling, "data"),
    prevent_initial_call=True,
)


@callback(
    Output(ids.answer, "data"),
    Output(ids.on_file, "data", allow_duplicate=True),
    Input(ids.form, "data"),
    Input(ids.submit, "n_clicks"),
    State(ids.subject, "data"),
    State(ids.workspace, "hidden"),
    State(ids.on_file, "data"),
    prevent_initial_call=True,
)
def _assess(
    held: dict[str, Any] | None,
    submitted: int | None,
    subject: dict[str, Any],
    no_client: object,
    remembered: dict[str, Any] | None,
) -> tuple[dict[str, Any], Any]:
    if subject["mode"] == "list" or no_client or held is None:
        raise PreventUpdate
    try:
        on_file = form_state.OnFile(**remembered) if remembered else None
        if on_file and on_file.shown == entries.digest(held):
            # The page has that answer since it was opened (`assets/js/answers.js`).
            raise PreventUpdate
        known, joined = _as_known(subject)
        client = subject["client"]
        state = form_state.assessed(
            scoring(), known, held, asked=bool(submitted), on_file=on_file, client_id=client, joined=joined
        )
    except NotFound:
        return answers.nothing(held, _unknown(subject)), None
    except (ServiceUnavailable, Rejected) as error:
        return answers.nothing(held, opening.undecided(error)), None
    if state.on_file is None:
        return answers.answer(held, state), no_update if state.known else None
    is_same = on_file is not None and state.on_file is on_file
    return answers.answer(held, state), asdict(state.on_file if is_same else opening.identified(subject, state.on_file))


# What was typed before the page was left or loaded anew.
clientside_callback(ClientsideFunction("drafts", "take"), Output(ids.draft, "data"), Input(ids.subject, "data"))
clientside_callback(ClientsideFunction("drafts", "recorded"), Input(ids.officer_note, "children"))


@callback(
    Output(ids.filling, "data", allow_duplicate=True),
    Output(ids.import_note, "children"),
    Input(ids.imported, "data"),
    prevent_initial_call=True,
)
def _import(file: dict[str, Any] | None) -> tuple[Any, Any]:
    try:
        imported = application_file.read(str((file or {}).get("text", "")))
    except application_file.NotAnApplication as error:
        return no_update, notice(str(error))
    return asdict(entries.filling(imported.values)), application_file.told(imported)


@callback(
    Output(ids.download, "data"),
    Input(ids.export, "n_clicks"),
    State(ids.form, "data"),
    State(ids.subject, "data"),
    prevent_initial_call=True,
)
def _export(_clicks: int | None, held: dict[str, Any] | None, subject: dict[str, Any]) -> dict[str, Any]:
    client, (known, _joined) = subject["client"], _as_known(subject)
    text = application_file.written({**known, **form_state.read_form(held or {}, known).values})
    stem = _("application") if client is None else _("application-{client}", client=client)
    return {"content": text, "filename": f"{stem}.json", "type": "application/json", "base64": False}


# What is shown is marked as out of date until the answer for what the fields say is there, and the sliders follow what
# they say, however it came there. One callback: of two that have no output, and the same inputs, Dash keeps only one.
clientside_callback(ClientsideFunction("answers", "ask"), Input(ids.form, "data"))
clientside_callback(ClientsideFunction("answers", "arrive"), Input(ids.answer, "data"))
clientside_callback(ClientsideFunction("answers", "arrive"), Input(ids.opened, "data"))


@callback(
    Output(ids.filling, "data", allow_duplicate=True),
    Input(ids.attempt, "data"),
    prevent_initial_call=True,
)
def _try(pressed: dict[str, Any] | None) -> dict[str, Any]:
    if pressed is None:
        raise PreventUpdate
    return asdict(entries.changing(pressed["changes"]))


# The amount that was typed reaches the form with what follows it, so that one decision is asked for, not two.
@callback(
    Output(ids.filling, "data", allow_duplicate=True),
    Output(ids.linked_note, "children"),
    Input(ids.linked_amount, "data"),
    prevent_initial_call=True,
)
def _follow_amount(asked: dict[str, Any] | None) -> tuple[dict[str, Any], str]:
    if asked is None:
        raise PreventUpdate
    filling, said = linking.after_amount(asked)
    return asdict(filling), said


@callback(
    Output(ids.linked_note, "children", allow_duplicate=True),
    Input(ids.reset, "n_clicks"),
    Input(ids.example, "n_clicks"),
    Input(ids.attempt, "data"),
    Input(ids.imported, "data"),
    prevent_initial_call=True,
)
def _forget_what_followed(*_filled_anew: Any) -> str:
    return ""


@callback(Output(ids.duration, "value"), Input(ids.form, "data"), prevent_initial_call=True)
def _show_duration(held: dict[str, Any] | None) -> str:
    return linking.shown_duration(held or {})


@callback(
    Output(ids.filling, "data", allow_duplicate=True),
    Output(ids.linked_note, "children", allow_duplicate=True),
    Output(ids.duration, "value", allow_duplicate=True),
    Input(ids.duration, "value"),
    State(ids.form, "data"),
    State(ids.linked_note, "children"),
    prevent_initial_call=True,
)
def _follow_duration(typed: str | None, held: dict[str, Any] | None, note: object) -> tuple[Any, Any, Any]:
    if held is None:
        raise PreventUpdate
    text, shown = (typed or "").strip(), linking.shown_duration(held)
    # As it was shown, nobody has changed it; emptied, it says again what amount and instalment make of it.
    if text in (shown, ""):
        return no_update, "" if linking.is_fault(note) else no_update, no_update if text == shown else shown
    filling, said = linking.after_duration(text, held)
    return (asdict(filling), said, no_update) if filling else (no_update, linking.fault(said), no_update)


@callback(
    Output(ids.curve_data, "data"),
    Input(ids.curve_ask, "n_clicks"),
    State(ids.form, "data"),
    State(ids.subject, "data"),
    State(ids.curve_data, "data"),
    prevent_initial_call=True,
)
def _ask_curve(
    _clicks: int | None, held: dict[str, Any] | None, subject: dict[str, Any], shown: dict[str, Any] | None
) -> dict[str, Any]:
    of = entries.digest(held or {})
    # The same again would be on record a second time.
    if shown is not None and shown.get("of") == of:
        raise PreventUpdate
    try:
        known, joined = _as_known(subject)
        form = form_state.read_form(held or {}, known)
        if form.errors or form.unfilled:
            return {"why": _("Fill in or correct the form first.")}
        values = {**known, **form.values}
        found = scoring().risk_by_amount(values, language(), client_id=subject["client"], joined=joined)
    except NotFound:
        return {"why": _("The curve cannot be drawn: this application is no longer there.")}
    except (ServiceUnavailable, Rejected, Refused) as error:
        return {"why": _("The curve cannot be drawn: {why}.", why=_why_not(error))}
    return {"found": asdict(found), "of": of} if found else {"why": _("Enter the amount first.")}


@callback(Output(ids.curve_data, "data", allow_duplicate=True), Input(ids.form, "data"), prevent_initial_call=True)
def _drop_curve(_held: dict[str, Any] | None) -> None:
    """It is of other values."""


@callback(
    Output(ids.curve_said, "children"),
    Output(ids.curve, "children"),
    Input(ids.curve_data, "data"),
    Input(shell_ids.theme, "data"),
    State(ids.form, "data"),
    prevent_initial_call=True,
)
def _draw_curve(
    answered: dict[str, Any] | None, theme: str | None, held: dict[str, Any] | None
) -> tuple[Any, Component | None]:
    if answered is None:
        return None, None
    if why := answered.get("why"):
        return notice(why), None
    # The form may have changed while it was computed.
    if answered["of"] != entries.digest(held or {}):
        return None, None
    found = RiskByAmount.read(answered["found"])
    return amount_curve.words(found), amount_curve.panel(found, theme_of(theme))


# Asked for at the press of a button, and gone once the form says something else: of two answers, Dash keeps the last.
@callback(
    Output(ids.alike_said, "children"),
    Output(ids.alike, "children"),
    Input(ids.alike_ask, "n_clicks"),
    Input(ids.form, "data"),
    State(ids.subject, "data"),
    prevent_initial_call=True,
)
def _show_alike(_clicks: int | None, held: dict[str, Any] | None, subject: dict[str, Any]) -> tuple[Any, Any]:
    if ctx.triggered_id != ids.alike_ask:
        return None, None
    try:
        known, _joined = _as_known(subject)
        form = form_state.read_form(held or {}, known)
        # Of a new application, what is not filled in yet is not compared.
        if form.errors or (known and form.unfilled):
            return notice(_("Fill in or correct the form first.")), None
        values = {**known, **form.values}
        found = scoring().nearest_accepted(values, language(), client_id=subject["client"])
    except NotFound:
        return notice(_("Clients cannot be compared: this application is no longer there.")), None
    except (ServiceUnavailable, Rejected, Refused) as error:
        return notice(_("Clients cannot be compared: {why}.", why=_why_not(error))), None
    return alike.said(found), alike.panel(found)


# The charts are drawn in the colours of the theme.
@callback(
    Output(ids.past, "children", allow_duplicate=True),
    Input(shell_ids.theme, "data"),
    State(ids.subject, "data"),
    prevent_initial_call=True,
)
def _redraw_past(theme: str | None, subject: dict[str, Any]) -> Any:
    if subject["mode"] != "client":
        raise PreventUpdate
    try:
        return history.section(scoring().history(subject["client"], language()), theme_of(theme))
    except (ServiceUnavailable, NotFound):
        # What is shown stays, in the colours that it has.
        raise PreventUpdate from None


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


@callback(
    Output(ids.officer_note, "children"),
    Output(ids.officer_reason, "value"),
    Output(ids.submitted, "data"),
    *[Output(place, "children") for place in ids.officer_faults.values()],
    Input(ids.submission, "data"),
    prevent_initial_call=True,
)
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


@callback(
    Output(ids.final_stamp, "children", allow_duplicate=True),
    Output(ids.officer_trail, "children", allow_duplicate=True),
    Output(ids.report_place, "children"),
    Input(ids.application, "data"),
    Input(ids.submitted, "data"),
    State(ids.on_file, "data"),
    State(ids.subject, "data"),
    prevent_initial_call=True,
)
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


def _as_known(subject: Mapping[str, Any]) -> tuple[Mapping[str, Value], bool]:
    """The application that the page is about, as it is known, and whether the history in it was joined to it.

    Empty for a new one.

    Raises:
        NotFound: no such client, no such import, or no such row that could be scored.
        ServiceUnavailable: from the service.
    """
    if subject["mode"] == "row":
        try:
            row = jobs().row(subject["job"], subject["row"])
        except (Refused, Rejected):
            raise NotFound from None
        return row.features, row.prediction.history == "portfolio"
    return scoring().client(subject["client"]).features if subject["client"] is not None else {}, False


def _why_not(error: ServiceUnavailable | Rejected | Refused) -> str:
    """Why a question was not answered, to stand within a sentence."""
    return why_unavailable(error) if isinstance(error, ServiceUnavailable) else str(error).removesuffix(".")


def _unknown(subject: Mapping[str, Any]) -> Component:
    if subject["mode"] == "row":
        return notice(
            _("There is no such row."),
            _("Its import was removed, or the row was set aside. The import says which rows those are."),
        )
    return notice(_("There is no client with this number."), _("Check the number, or pick one from the list."))
