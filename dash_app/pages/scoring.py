"""The Scoring page: find a client or enter an application, see the decision, its reasons, and what would change it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dash import ALL, ClientsideFunction, Input, Output, State, callback, clientside_callback, ctx, html, no_update
from dash.exceptions import PreventUpdate

from dash_app import addresses
from dash_app.components.marks import notice
from dash_app.errors import why_unavailable
from dash_app.i18n import _, mark
from dash_app.registration import register_page
from dash_app.service import NotFound, Rejected, ServiceUnavailable
from dash_app.services import scoring
from dash_app.views.scoring import answers, ids, opening
from dash_app.views.scoring.callbacks import officer, questions
from dash_app.views.scoring.client_list import clients, filters
from dash_app.views.scoring.form import application_file, entries, form_state, linking
from dash_app.views.scoring.layout import Subject, frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash.development.base_component import Component


register_page(__name__, addresses.scoring, name=mark("Scoring"), order=0, icon="speedometer2")
questions.register()
officer.register()


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
    Output(ids.past_text, "data"),
    Output(ids.final_stamp, "children"),
    Output(ids.officer_trail, "children"),
    Input(ids.subject, "data"),
    Input(ids.draft, "data"),
)
def _open(subject: dict[str, Any], draft: dict[str, Any] | None) -> tuple[Any, ...]:
    try:
        application = opening.opened(subject)
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
        return asdict(entries.filling(opening.known(subject)[0])), None
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
    Output(ids.found_on_file, "data"),
    Input(ids.question, "data"),
    Input(ids.submit, "n_clicks"),
    State(ids.form, "data"),
    State(ids.subject, "data"),
    State(ids.workspace, "hidden"),
    State(ids.on_file, "data"),
    prevent_initial_call=True,
)
def _assess(
    _asked: object,
    submitted: int | None,
    held: dict[str, Any] | None,
    subject: dict[str, Any],
    no_client: object,
    remembered: dict[str, Any] | None,
) -> tuple[dict[str, Any], Any]:
    if subject["mode"] == "list" or no_client or held is None:
        raise PreventUpdate
    return _assessed(held, submitted, subject, remembered)


def _assessed(
    held: dict[str, Any], submitted: int | None, subject: dict[str, Any], remembered: dict[str, Any] | None
) -> tuple[dict[str, Any], Any]:
    """The answer to what the form has, and for `ids.found_on_file` the decision on what is on file.

    Raises:
        PreventUpdate: the page has the answer.
    """
    try:
        on_file = form_state.OnFile(**remembered) if remembered else None
        if on_file and on_file.shown == entries.digest(held):
            # The page has that answer since it was opened (`assets/js/answers.js`).
            raise PreventUpdate
        known, joined = opening.known(subject)
        client = subject["client"]
        state = form_state.assessed(
            scoring(), known, held, asked=bool(submitted), on_file=on_file, client_id=client, joined=joined
        )
    except NotFound:
        return answers.nothing(held, _unknown(subject)), _found(subject, None)
    except (ServiceUnavailable, Rejected) as error:
        return answers.nothing(held, opening.undecided(error)), _found(subject, None)
    if state.on_file is None:
        return answers.answer(held, state), no_update if state.known else _found(subject, None)
    # The page has it already.
    if on_file is not None and state.on_file is on_file:
        return answers.answer(held, state), no_update
    return answers.answer(held, state), _found(subject, opening.identified(subject, state.on_file))


def _found(subject: dict[str, Any], on_file: form_state.OnFile | None) -> dict[str, Any]:
    return {"subject": subject, "on_file": asdict(on_file) if on_file else None}


# A late answer leaves the decision on another client that was opened meanwhile: an officer decides under it.
clientside_callback(
    ClientsideFunction("answers", "keepFound"),
    Output(ids.on_file, "data", allow_duplicate=True),
    Input(ids.found_on_file, "data"),
    State(ids.subject, "data"),
    prevent_initial_call=True,
)


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
    client, (known, _joined) = subject["client"], opening.known(subject)
    text = application_file.written({**known, **form_state.read_form(held or {}, known).values})
    stem = _("application") if client is None else _("application-{client}", client=client)
    return {"content": text, "filename": f"{stem}.json", "type": "application/json", "base64": False}


# What is shown is marked as out of date until the answer for what the fields say is there, and the sliders follow what
# they say, however it came there. What comes out is asked for: not what is answered already.
clientside_callback(
    ClientsideFunction("answers", "ask"),
    Output(ids.question, "data"),
    Input(ids.form, "data"),
    prevent_initial_call=True,
)
clientside_callback(ClientsideFunction("answers", "arrive"), Input(ids.answer, "data"))
clientside_callback(ClientsideFunction("answers", "arrive"), Input(ids.opened, "data"))
clientside_callback(ClientsideFunction("markup", "show"), Input(ids.past_text, "data"))


@callback(
    Output(ids.filling, "data", allow_duplicate=True),
    Input(ids.attempt, "data"),
    prevent_initial_call=True,
)
def _try(pressed: dict[str, Any] | None) -> dict[str, Any]:
    if pressed is None:
        raise PreventUpdate
    return asdict(entries.changing(pressed["changes"]))


# The amount that was typed reaches the form with what follows it and the answer to both: one request, one decision.
@callback(
    Output(ids.filling, "data", allow_duplicate=True),
    Output(ids.linked_note, "children"),
    Output(ids.found_on_file, "data", allow_duplicate=True),
    Input(ids.linked_amount, "data"),
    State(ids.submit, "n_clicks"),
    State(ids.subject, "data"),
    State(ids.on_file, "data"),
    prevent_initial_call=True,
)
def _follow_amount(
    asked: dict[str, Any] | None, submitted: int | None, subject: dict[str, Any], remembered: dict[str, Any] | None
) -> tuple[dict[str, Any], str, Any]:
    if asked is None:
        raise PreventUpdate
    filling, said = linking.after_amount(asked)
    filled = asdict(filling)
    try:
        answer, found = _assessed({**asked["held"], **filling.values}, submitted, subject, remembered)
    except PreventUpdate:
        return filled, said, no_update
    return filled | {"answer": answer}, said, found


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


# Answers bring the duration that amount and instalment make (`assets/js/credit.js`); another one that is typed is told.
clientside_callback(
    ClientsideFunction("credit", "typed"),
    Output(ids.duration_typed, "data"),
    Input(ids.duration, "value"),
    prevent_initial_call=True,
)


@callback(
    Output(ids.filling, "data", allow_duplicate=True),
    Output(ids.linked_note, "children", allow_duplicate=True),
    Output(ids.duration, "value"),
    Input(ids.duration_typed, "data"),
    State(ids.form, "data"),
    State(ids.linked_note, "children"),
    prevent_initial_call=True,
)
def _follow_duration(typed: dict[str, Any] | None, held: dict[str, Any] | None, note: object) -> tuple[Any, Any, Any]:
    if held is None or typed is None:
        raise PreventUpdate
    text, shown = typed["text"], linking.shown_duration(held)
    # As it was shown, nobody has changed it; emptied, it says again what amount and instalment make of it.
    if text in (shown, ""):
        return no_update, "" if linking.is_fault(note) else no_update, no_update if text == shown else shown
    filling, said = linking.after_duration(text, held)
    return (asdict(filling), said, no_update) if filling else (no_update, linking.fault(said), no_update)


def _unknown(subject: Mapping[str, Any]) -> Component:
    if subject["mode"] == "row":
        return notice(
            _("There is no such row."),
            _("Its import was removed, or the row was set aside. The import says which rows those are."),
        )
    return notice(_("There is no client with this number."), _("Check the number, or pick one from the list."))
