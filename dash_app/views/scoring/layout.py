"""The frame of the Scoring page: the list of clients, or one file with its form and its result; no data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dash_app import addresses
from dash_app.components.marks import aria, data, icon, link, skeleton
from dash_app.i18n import _
from dash_app.views.scoring import final, ids, waterfall
from dash_app.views.scoring.filters import controls
from dash_app.views.scoring.form import form
from dash_app.words import client_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash.development.base_component import Component


def frame(client: int | None, *, new: bool, given: Mapping[str, str], number: int) -> Component:
    """The page about a client, about a new application, or, with neither, the list of clients from page `number` on.

    Args:
        given: the filters of the list that the address names.
    """
    mode = "client" if client is not None else "new" if new else "list"
    return html.Div(
        [
            dcc.Store(id=ids.subject, data={"mode": mode, "client": client}),
            dcc.Store(id=ids.list_page, data=number),
            dcc.Store(id=ids.list_address),
            dcc.Store(id=ids.tries, data=[]),
            dcc.Store(id=ids.on_file),
            dcc.Store(id=ids.notes, data={}),
            dcc.Store(id=ids.decided),
            dcc.Store(id=ids.shown, data={}),
            dcc.Store(id=ids.advice, data={}),
            dcc.Store(id=ids.attempt),
            dcc.Store(id=ids.draft),
            dcc.Store(id=ids.imported),
            dcc.Download(id=ids.download),
            _list(given, hidden=mode != "list"),
            _file(client, mode),
            html.Div(id=ids.announcer, className="unseen", role="status"),
        ],
        className=f"scoring scoring-{mode}",
    )


def _list(given: Mapping[str, str], *, hidden: bool) -> Component:
    head = html.Div(
        [
            html.Div(
                [
                    html.H1(_("Scoring")),
                    html.P(_("Open a client to see the decision, the reasons for it, and what would change it.")),
                ]
            ),
            link(
                [icon("plus-lg"), html.Span(_("New application"))],
                addresses.of_new_application(),
                className="button button-primary",
            ),
        ],
        className="page-head",
    )
    card = html.Div(
        [
            html.Div(
                [
                    html.H2(_("Clients")),
                    html.Div(
                        [
                            html.Label(_("Filter by number"), htmlFor=ids.list_filter, className="unseen"),
                            icon("search"),
                            dbc.Input(
                                id=ids.list_filter,
                                type="text",
                                inputmode="numeric",
                                autocomplete="off",
                                debounce=150,
                                maxlength=14,
                                value=given.get("search", ""),
                                placeholder=_("Filter by number"),
                            ),
                        ],
                        className="filter",
                    ),
                ],
                className="card-head",
            ),
            controls(given),
            html.Div(skeleton(*["100%"] * 11, class_name="skeleton-rows"), id=ids.list_table),
        ],
        className="card card-flush",
    )
    return html.Section([head, card], id=ids.list_section, hidden=hidden)


def _file(client: int | None, mode: str) -> Component:
    title = client_name(client) if client is not None else _("New application")
    head = html.Div(
        [
            html.Div(
                [
                    link([icon("chevron-left"), html.Span(_("Clients"))], addresses.scoring, className="back"),
                    html.H1(title),
                ]
            ),
            *_report_link(client),
        ],
        className="page-head",
    )
    result = html.Div(
        [
            html.Section(
                [html.Div(id=ids.banner), *_verdict_skeleton()],
                className="card verdict filled",
                **aria(label=_("Decision")),
            ),
            html.Div(id=ids.changes),
            html.Section(
                [html.Div(id=ids.reasons, className="reasons"), html.Div(_reasons_skeleton(), className="reasons")],
                className="filled",
                **aria(label=_("Reasons")),
            ),
            waterfall.frame(),
            html.Div(id=ids.ways),
            html.Div(final.panel(), id=ids.word_panel, hidden=mode != "client"),
            html.Div(id=ids.past),
        ],
        className="result",
    )
    return html.Section(
        [
            head,
            html.Div(id=ids.problem, role="alert"),
            html.Div([result, _dossier(mode)], id=ids.workspace, className="workspace"),
        ],
        id=ids.file_section,
        hidden=mode == "list",
    )


def _report_link(client: int | None) -> list[Component]:
    if client is None:
        return []
    words = [icon("person-vcard"), html.Span(_("Report for the client"))]
    return [link(words, addresses.of_client(client, addresses.report), className="button button-quiet")]


def _dossier(mode: str) -> Component:
    new = mode == "new"
    lead = (
        _("Fill in what is known. Fields with a star are needed.")
        if new
        else _("Change a value to see what it would do to the decision.")
    )
    words = {"choose": _("Open (JSON)"), "large": _("This file is too large for one application.")}
    buttons = [
        _button(_("Example"), "magic", ids.example, hidden=not new),
        # `assets/js/drafts.js` puts a field for a file there.
        html.Div(id="scoring-import", className="import-place", hidden=not new, **data(**words)),
        _button(_("Export (JSON)"), "arrow-down-short", ids.export, hidden=False),
        _button(_("Empty") if new else _("Reset"), "arrow-counterclockwise", ids.reset, hidden=False),
    ]
    submit = html.Button(_("See the decision"), id=ids.submit, type="button", className="button button-primary")
    return html.Section(
        [
            html.Div(
                [
                    html.H2(_("Application") if new else _("Client file")),
                    html.Div(buttons, className="card-actions"),
                    html.P(lead, className="muted"),
                ],
                className="card-head",
            ),
            html.Div(id=ids.import_note, className="import-note", role="status"),
            form(),
            html.Div(id=ids.live, className="live"),
            html.Div(submit, className="form-foot", hidden=not new),
        ],
        className="card card-flush dossier",
        **aria(label=_("Application") if new else _("Client file")),
    )


def _button(text: str, icon_name: str, button_id: str, *, hidden: bool) -> Component:
    return html.Button(
        [icon(icon_name), html.Span(text)], id=button_id, type="button", className="button button-quiet", hidden=hidden
    )


def _verdict_skeleton() -> list[Any]:
    return [skeleton("30%", "55%", "80%", "64%", class_name="skeleton-verdict")]


def _reasons_skeleton() -> list[Component]:
    return [
        html.Div(skeleton("40%", "92%", "84%", "88%", "76%", "80%"), className="card reason-column") for _side in "ab"
    ]
