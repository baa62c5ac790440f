"""The Import page: a file of applications is sent, looked at, scored, and read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dash import MATCH, Input, Output, State, callback, ctx, no_update
from dash.exceptions import PreventUpdate

from dash_app import addresses
from dash_app.components import ids as shell_ids
from dash_app.components.marks import notice
from dash_app.errors import why_unavailable
from dash_app.i18n import _, language, mark
from dash_app.registration import register_page
from dash_app.service import NotFound, Refused, Rejected, ServiceUnavailable
from dash_app.service.jobs import ResultRowQuery
from dash_app.services import jobs
from dash_app.shell.theme import theme_of
from dash_app.views.importing import grid, ids, results, stages, text
from dash_app.views.importing.layout import frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash.development.base_component import Component

    from core.contract.jobs import JobAnswer
    from core.portfolio.provenance import HistoryChoice

register_page(__name__, addresses.simulation, name=mark("Import and simulation"), order=2, icon="upload")

_max_listed: Final = 50


def layout(page: str = "1", **asked: str) -> Component:
    """The frame for the import that the address names, or for choosing a file, with a page of those before."""
    return frame(asked.get("import"), addresses.page_number(page))


@callback(Output(ids.recent, "children"), Input(ids.shown, "data"))
def _list_imports(shown: dict[str, Any]) -> Any:
    if shown["job"]:
        raise PreventUpdate
    try:
        start = (shown["page"] - 1) * _max_listed
        return stages.recent(jobs().imports_page(_max_listed, start))
    except ServiceUnavailable as error:
        return notice(_("The imports cannot be listed: {why}.", why=why_unavailable(error)), tone="plain")


@callback(
    Output(ids.state, "data"),
    Output(ids.stage, "children"),
    Output(ids.tick, "disabled"),
    Output(ids.start, "hidden"),
    Output(ids.remove, "children"),
    Output(ids.announcer, "children"),
    Input(ids.shown, "data"),
    Input(ids.tick, "n_intervals"),
    Input(ids.start, "n_clicks"),
    Input(ids.confirm, "submit_n_clicks"),
    State(ids.state, "data"),
    State(ids.history, "value"),
    State(ids.agreed, "value"),
)
def _follow(
    shown: dict[str, Any],
    _ticks: int | None,
    _started: int | None,
    _removed: int | None,
    before: dict[str, Any] | None,
    history: str | None,
    agreed: list[str] | None,
) -> tuple[Any, ...]:
    job = shown["job"]
    if not job:
        raise PreventUpdate
    try:
        if ctx.triggered_id == ids.confirm:
            jobs().remove(job, language())
        if ctx.triggered_id == ids.start:
            held = jobs().start(job, language(), _choice(history), confirmed=bool(agreed))
        else:
            held = jobs().find(job, language())
        return _shown(held, before)
    except NotFound:
        gone = notice(_("There is no such import."), _("It was removed, or kept long enough."), tone="plain")
        return {"status": "gone"}, gone, True, True, no_update, ""
    except (Refused, Rejected) as error:
        why = error.detail if isinstance(error, Refused) else error.errors[0].expected
        return {"status": "gone"}, notice(_("This file cannot be scored."), why), True, True, no_update, ""
    except ServiceUnavailable as error:
        # What was shown stays, and the next tick asks again: a file that is scored goes on without this page.
        problem = notice(
            _("How far this file is cannot be told now: {why}.", why=why_unavailable(error)),
            _("Nothing is lost; this page asks again by itself."),
            tone="plain",
        )
        return {"status": "unknown"}, problem, False, True, no_update, ""


@callback(
    Output(ids.history_choice, "hidden"),
    Output(ids.history, "value"),
    Output(ids.history_note, "children"),
    Input(ids.state, "data"),
    Input(ids.history, "value"),
    State(ids.shown, "data"),
)
def _say_history(state: dict[str, Any] | None, value: str | None, shown: dict[str, Any]) -> tuple[Any, ...]:
    if not state or state["status"] != "held":
        return True, no_update, ""
    # What nobody chose yet follows from the clients on hand, and came with the file.
    given, chosen = state["history"], _choice(value)
    if chosen in (None, given["choice"]):
        return False, no_update if chosen else given["choice"], given["text"]
    try:
        seen = jobs().preview(shown["job"], language(), chosen)
    except ServiceUnavailable as error:
        return False, no_update, _("Nothing can be said of histories now: {why}.", why=why_unavailable(error))
    except (NotFound, Refused, Rejected):
        return True, no_update, ""
    return False, no_update, seen.history.text


@callback(
    Output(ids.agreement, "hidden"), Output(ids.start, "disabled"), Input(ids.state, "data"), Input(ids.agreed, "value")
)
def _ask_for_agreement(state: dict[str, Any] | None, agreed: list[str] | None) -> tuple[bool, bool]:
    asks = bool(state and state["status"] == "held" and state["asks"])
    return not asks, asks and not agreed


def _choice(value: str | None) -> HistoryChoice | None:
    return "portfolio" if value == "portfolio" else "none" if value == "none" else None


def _shown(job: JobAnswer, before: Mapping[str, Any] | None) -> tuple[Any, ...]:
    status = job.status
    asks = job.absent is not None and job.absent.must_confirm
    state: dict[str, Any] = {"status": status, "job": job.id, "asks": asks}
    changed = before is None or before.get("status") != status
    announcement = f"{job.file_name}: {text.state(job)}" if changed else no_update
    remove = stages.remove_words(job)
    if status in ("queued", "running"):
        return state, stages.waiting(job), False, True, remove, announcement
    if not changed:
        raise PreventUpdate
    if status == "held":
        # The first rows are read for it: once, for all that the page says of them.
        seen = jobs().preview(job.id, language())
        state["history"] = {"choice": "portfolio" if seen.history.portfolio else "none", "text": seen.history.text}
        return state, stages.held(job, seen), True, False, remove, announcement
    if status == "done":
        # The result has a place of its own, so that its grid is not drawn anew.
        return state, None, True, True, remove, announcement
    return state, stages.ended(job), True, True, remove, announcement


@callback(
    Output(ids.result, "children"),
    Input(ids.state, "data"),
    Input(shell_ids.theme, "data"),
    State(ids.shown, "data"),
)
def _show_result(state: dict[str, Any] | None, theme: str | None, shown: dict[str, Any]) -> Any:
    if not state or state["status"] != "done":
        return None
    try:
        job = jobs().find(shown["job"], language())
        labels = jobs().rows(shown["job"], ResultRowQuery(limit=1), language()).labels
    except (NotFound, Refused, Rejected):
        return notice(_("There is no such import."), tone="plain")
    except ServiceUnavailable as error:
        return notice(_("The result cannot be read: {why}.", why=why_unavailable(error)), tone="plain")
    return results.whole(job, labels, theme_of(theme), state.get("mended"))


@callback(
    Output(ids.grid(MATCH), "getRowsResponse"),
    Input(ids.grid(MATCH), "getRowsRequest"),
    prevent_initial_call=True,
)
def _give_rows(asked: dict[str, Any] | None) -> Any:
    if not asked:
        raise PreventUpdate
    job = ctx.triggered_id["job"]
    try:
        page = jobs().rows(job, grid.query(asked), language())
    except (NotFound, Refused, Rejected, ServiceUnavailable):
        # The grid shows that these rows did not come; scrolling asks for them again.
        return {"rowData": [], "rowCount": 0}
    return {"rowData": grid.shown(page, job), "rowCount": page.total}


@callback(
    Output(ids.grid(MATCH), "filterModel"),
    Input(ids.decision(MATCH), "value"),
    State(ids.grid(MATCH), "filterModel"),
    prevent_initial_call=True,
)
def _filter_decision(decision: str, model: dict[str, Any] | None) -> dict[str, Any]:
    others = {name: condition for name, condition in (model or {}).items() if name != "decision"}
    condition = {"filterType": "text", "type": "startsWith", "filter": decision}
    return others | ({"decision": condition} if decision else {})


@callback(Output(ids.confirm, "displayed"), Input(ids.remove, "n_clicks"), prevent_initial_call=True)
def _ask_to_remove(clicks: int | None) -> bool:
    return bool(clicks)
