"""The Drift page: how applications differ from those that the model, or the portfolio, was made of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dash import ALL, ClientsideFunction, Input, Output, State, callback, clientside_callback, ctx, no_update, set_props
from dash.exceptions import PreventUpdate

from core.drift.measures.measure import Limits
from core.drift.measures.thresholds import Thresholds
from dash_app import addresses
from dash_app.components import ids as shell_ids
from dash_app.components.marks import notice
from dash_app.errors import why_unavailable
from dash_app.i18n import _, language, mark
from dash_app.registration import register_page
from dash_app.service import NotFound, Refused, Rejected, ServiceUnavailable
from dash_app.services import drift
from dash_app.shell.theme import theme_of
from dash_app.uploads.drift import report_address
from dash_app.views.drift import columns, history, ids, outcomes, query, setup, summary
from dash_app.views.drift.layout import frame

if TYPE_CHECKING:
    from dash.development.base_component import Component


register_page(__name__, addresses.drift, name=mark("Drift"), order=3, icon="activity")


def layout(report: str | None = None, **_others: str) -> Component:
    """The frame for the report that the address names, or for the newest."""
    return frame(report)


@callback(
    Output(ids.verdict, "children"),
    Output(ids.score, "children"),
    Output(ids.performance, "children"),
    Output(ids.segments, "children"),
    Output(ids.notes, "children"),
    Output(ids.html_link, "href"),
    Output(ids.html_link, "hidden"),
    Output(ids.json_link, "href"),
    Output(ids.json_link, "hidden"),
    Output(ids.results, "hidden"),
    Output(ids.setup, "open"),
    Output(ids.problem, "children"),
    Input(ids.shown, "data"),
    Input(shell_ids.theme, "data"),
)
def _show(shown: dict[str, Any], theme: str | None) -> tuple[Any, ...]:
    try:
        kept = drift().report(shown["report"])
    except (NotFound, ServiceUnavailable) as error:
        # Without any report the way to the first one stands open.
        return *[no_update] * 5, "", True, "", True, True, isinstance(error, NotFound), _problem(error, shown["report"])
    report, look = kept.report, theme_of(theme)
    return (
        summary.verdict(kept),
        summary.score(report, look),
        summary.performance(report, look),
        summary.segments(report.score.segments if report.score else ()),
        summary.notes(report),
        addresses.at(report_address(kept.id, "html")),
        False,
        addresses.at(report_address(kept.id, "json")),
        False,
        False,
        no_update,
        None,
    )


@callback(
    Output(ids.columns, "children"),
    Output(ids.columns_count, "children"),
    Output(ids.page, "data"),
    Output(ids.back, "hidden"),
    Output(ids.onward, "hidden"),
    Input(ids.shown, "data"),
    Input(ids.search, "value"),
    Input(ids.level, "value"),
    Input(ids.kind, "value"),
    Input(ids.order, "value"),
    Input(ids.back, "n_clicks"),
    Input(ids.onward, "n_clicks"),
    State(ids.page, "data"),
)
def _list_columns(shown: dict[str, Any], search: str | None, *inputs: Any) -> tuple[Any, ...]:
    level, kind, order, _back, _onward, page = inputs
    try:
        report = drift().report(shown["report"]).report
    except (NotFound, ServiceUnavailable):
        # The page already says what fails.
        raise PreventUpdate from None
    column_filter = columns.Wanted(search or "", level, kind, next(each for each in columns.orders if each == order))
    chosen = columns.chosen(report, column_filter)
    last = columns.pages(chosen)
    # Whatever else changes begins at the first page again.
    step = {ids.back: -1, ids.onward: 1}.get(str(ctx.triggered_id))
    page = min(max(page + step, 1), last) if step else 1
    shown_columns = columns.table(report, column_filter, page)
    return shown_columns, columns.count(chosen, report, page), page, page == 1, page == last


# The browser opens and closes a column, and asks here for what it opens to.
@callback(
    Output(ids.opened, "data"),
    Input(ids.opened, "data"),
    State(ids.shown, "data"),
    State(shell_ids.theme, "data"),
    prevent_initial_call=True,
)
def _open(name: str | None, shown: dict[str, Any], theme: str | None) -> None:
    if not name:
        raise PreventUpdate
    try:
        report = drift().report(shown["report"]).report
        body: Component = columns.detail(report, name, theme_of(theme))
    except (NotFound, ServiceUnavailable, KeyError):
        body = notice(_("This column cannot be shown for now."), _("Try again in a moment."))
    set_props(ids.detail_body(name), {"children": body})


@callback(
    Output(ids.history, "children"),
    Output(ids.told, "children"),
    Input(ids.shown, "data"),
    Input(shell_ids.theme, "data"),
)
def _list_past(shown: dict[str, Any], theme: str | None) -> tuple[list[Component], list[Component]]:
    try:
        reports = drift().reports(history.max_listed)
    except (NotFound, ServiceUnavailable) as error:
        failed = [notice(_("The reports cannot be listed for now."), _why(error))]
        return failed, [notice(_("Whether anybody is told cannot be said for now."), tone="plain")]
    newest = reports.reports[0].id if reports.reports else None
    return history.section(reports, shown["report"] or newest, theme_of(theme)), history.webhook_note(reports.webhook)


@callback(Output(ids.outcomes, "children"), Input(ids.shown, "data"), Input(shell_ids.theme, "data"))
def _back_test(_shown: dict[str, Any], theme: str | None) -> list[Component]:
    try:
        answer = drift().performance()
    except (NotFound, ServiceUnavailable) as error:
        return [notice(_("What became of the decisions cannot be said for now."), _why(error))]
    return outcomes.section(answer, theme_of(theme))


@callback(
    Output(ids.current, "options"),
    Output(ids.reference, "options"),
    Output(ids.current, "value"),
    Output(ids.files, "data"),
    Input(ids.sent, "data"),
    State(ids.files, "data"),
)
def _offer(sent: dict[str, Any] | None, files: list[dict[str, Any]]) -> tuple[Any, ...]:
    try:
        scored = drift().scored_files()
    except (NotFound, ServiceUnavailable):
        # Without the imports, everything else can still be compared.
        scored = []
    known = [sent, *files] if sent else files
    chosen = sent["id"] if sent else no_update
    return setup.sides(known, scored), setup.references(known, scored), chosen, known


# Which fields a choice needs is settled in the browser.
clientside_callback(
    ClientsideFunction("drift", "periods"),
    Output(ids.live, "hidden"),
    Output(ids.days, "hidden"),
    Output(ids.reference_live, "hidden"),
    Output(ids.reference_days, "hidden"),
    Input(ids.current, "value"),
    Input(ids.period, "value"),
    Input(ids.reference, "value"),
    Input(ids.reference_period, "value"),
)


@callback(
    Output(ids.limit(ALL, ALL), "value"),
    Input(ids.usual, "n_clicks"),
    State(ids.limit(ALL, ALL), "id"),
    prevent_initial_call=True,
)
def _reset(_clicks: int | None, fields: list[dict[str, str]]) -> list[str]:
    usual = Thresholds()
    places = [(getattr(usual, field["name"]), field["bound"]) for field in fields]
    return [query.written(getattr(known, bound) if isinstance(known, Limits) else known) for known, bound in places]


@callback(
    Output(ids.shown, "data"),
    Output(ids.address, "data"),
    Output(ids.compare_note, "children"),
    Input(ids.compare, "n_clicks"),
    State(ids.reference, "value"),
    State(ids.current, "value"),
    State(ids.period, "value"),
    State(ids.since, "value"),
    State(ids.until, "value"),
    State(ids.reference_period, "value"),
    State(ids.reference_since, "value"),
    State(ids.reference_until, "value"),
    State(ids.limit(ALL, ALL), "value"),
    State(ids.limit(ALL, ALL), "id"),
    running=[
        (Output(ids.compare, "disabled"), True, False),
        (Output(ids.results, "className"), "drift-results is-busy", "drift-results"),
    ],
    prevent_initial_call=True,
)
def _compare(_clicks: int | None, reference: str, current: str, *inputs: Any) -> tuple[Any, Any, str]:
    *periods, values, fields = inputs
    limits = {(field["name"], field["bound"]): value for field, value in zip(fields, values, strict=True)}
    try:
        asked = query.from_controls(
            reference, current, tuple(periods[:3]), tuple(periods[3:]), limits, datetime.now(UTC)
        )
        kept = drift().compare(asked, language())
    except query.Unclear as error:
        return no_update, no_update, str(error)
    except Refused as error:
        return no_update, no_update, error.detail
    except Rejected as error:
        return no_update, no_update, " ".join(each.message for each in error.errors)
    except NotFound:
        return no_update, no_update, _("This file is no longer there. Send it again.")
    except ServiceUnavailable as error:
        return no_update, no_update, _("No comparison for now: {why}.", why=why_unavailable(error))
    address = addresses.at(f"{addresses.drift}?report={kept.id}")
    return {"report": kept.id}, address, _("Compared. The report is below, and kept.")


clientside_callback(ClientsideFunction("drift", "keepAddress"), Input(ids.address, "data"), prevent_initial_call=True)


def _problem(error: NotFound | ServiceUnavailable, asked_for: str | None) -> Component:
    if isinstance(error, ServiceUnavailable):
        return notice(_("No report for now: {why}.", why=why_unavailable(error)), _("Try again in a moment."))
    if asked_for is not None:
        replaced = _("It may have been replaced by newer ones. Open one of the list.")
        return notice(_("There is no such report."), replaced)
    return notice(
        _("Nothing has been compared yet."),
        _("Compare the test set with the portfolio, or send a file of yours: the report appears here and is kept."),
        tone="plain",
    )


def _why(error: NotFound | ServiceUnavailable) -> str:
    return why_unavailable(error) if isinstance(error, ServiceUnavailable) else _("Try again in a moment.")
