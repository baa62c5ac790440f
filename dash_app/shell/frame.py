"""The shell, which stays while pages change: the header, the sidebar, and the state of the services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import dash
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

from core.portfolio.client_search import ClientFilter
from dash_app import addresses, i18n
from dash_app.access.login import reader
from dash_app.components import finder, ids
from dash_app.components.marks import aria, data, icon, link, outer_link, unseen
from dash_app.errors import why_unavailable
from dash_app.i18n import _
from dash_app.service import ServiceUnavailable
from dash_app.services import scoring, services
from dash_app.shell import sidebar, states
from dash_app.words import client_name

if TYPE_CHECKING:
    from dash.development.base_component import Component

# More than a check takes (`service.http`): Dash drops what is answered after the next one was asked for.
_milliseconds_between_checks = 5000
_recent_kept = 5


def layout() -> Component:
    """The whole application around the current page, in the language of the request."""
    return html.Div(
        [
            dcc.Location(id=ids.location, refresh=False),
            dcc.Interval(id=ids.tick, interval=_milliseconds_between_checks),
            dcc.Store(id=ids.theme),
            dcc.Store(id=ids.source),
            dcc.Store(id=ids.seen, storage_type="session"),
            dcc.Store(id=ids.recent, storage_type="session", data=[]),
            dcc.Store(id=ids.mlflow_url, data=services().mlflow.url),
            _header(),
            html.Div(className="scrim", **data(action="close-sidebar")),
            _sidebar(),
            html.Main(
                [*_demo_note(), html.Div(id=ids.crumb, className="crumb", hidden=True), dash.page_container],
                id="main",
                className="main",
                tabIndex=-1,
            ),
            html.Div(id=ids.toasts, className="toasts", role="alert"),
            html.Div(id=ids.announcer, className="unseen", role="status"),
        ],
        className="shell",
    )


def register_callbacks(app: Dash) -> None:
    """Ties the shell together."""
    app.callback(
        Output(ids.navigation, "children"),
        Output(ids.languages, "children"),
        Output(ids.crumb, "children"),
        Output(ids.crumb, "hidden"),
        Input(ids.location, "pathname"),
        Input(ids.location, "search"),
    )(_follow_address)
    app.callback(
        Output(ids.states, "children"),
        Output(ids.standing, "children"),
        Output(ids.announcer, "children"),
        Output(ids.seen, "data"),
        Output(ids.source, "data"),
        Output(ids.mlflow_url, "data"),
        Input(ids.tick, "n_intervals"),
        State(ids.seen, "data"),
        State(ids.source, "data"),
        State(ids.mlflow_url, "data"),
    )(_check_services)
    app.callback(Output(ids.service_links, "children"), Input(ids.mlflow_url, "data"), prevent_initial_call=True)(
        _service_links
    )
    app.callback(
        Output(ids.model, "children"),
        Output(ids.dataset, "children"),
        Input(ids.source, "data"),
        prevent_initial_call=True,
    )(_describe)
    app.callback(
        Output(ids.finder_options, "children"),
        Input(ids.finder_input, "value"),
        Input(ids.recent, "data"),
        prevent_initial_call=True,
    )(_find)
    app.callback(
        Output(ids.recent, "data"),
        Input(ids.location, "search"),
        State(ids.recent, "data"),
    )(_remember)
    app.clientside_callback(  # type: ignore[no-untyped-call]
        "window.workbench.theme", Output(ids.theme, "data"), Input("shell-theme-toggle", "n_clicks")
    )


def _demo_note() -> list[Component]:
    """What everybody has to know of a demonstration; nothing elsewhere."""
    if services().public_demo:
        sentence = _(
            "Public demonstration: clients are synthetic and limits low. What you send can be seen from your network "
            "address for an hour; decisions are kept longer, without name or reason. Send no real data."
        )
    elif services().demonstration:
        sentence = _(
            "Demonstration: clients, officers, decisions and outcomes are synthetic, a year of them. What you do here "
            "is kept apart, and goes when the year is played anew."
        )
    else:
        return []
    return [html.P([icon("info-circle"), html.Span(sentence)], className="demo-note", role="note")]


def _header() -> Component:
    return html.Header(
        [
            html.Button(
                [icon("list"), unseen(_("Menu"))],
                type="button",
                className="ghost-button menu-button",
                **aria(controls="sidebar", expanded="false"),
                **data(action="toggle-sidebar"),
            ),
            link(
                [html.Span(className="brand-mark", **aria(hidden="true")), html.Span("Home Credit Workbench")],
                addresses.scoring,
                className="brand",
            ),
            finder.finder(),
            html.Nav(id=ids.languages, className="languages", **aria(label=_("Language"))),
            html.Button(
                [icon("circle-half"), unseen(_("Light or dark theme"))],
                id="shell-theme-toggle",
                type="button",
                className="ghost-button",
                title=_("Light or dark theme"),
            ),
            *_account(),
        ],
        className="header",
    )


def _account() -> list[Component]:
    """Who is signed in, and the way out; nothing where nobody has to be."""
    who = reader()
    if who is None:
        return []
    out = html.Button(
        [icon("box-arrow-right"), unseen(_("Sign out"))], type="submit", className="ghost-button", title=_("Sign out")
    )
    form = html.Form(out, action=addresses.at("/logout"), method="POST")
    return [html.Div([html.Span(who.name, className="account-name"), form], className="account")]


def _sidebar() -> Component:
    return html.Aside(
        [
            html.Button(
                [icon("x-lg"), unseen(_("Close"))],
                type="button",
                className="ghost-button sidebar-close",
                **data(action="close-sidebar"),
            ),
            html.Nav(html.Ul(id=ids.navigation, className="navigation"), **aria(label=_("Pages"))),
            html.Div(
                [
                    html.Div(id=ids.standing, className="sidebar-standing"),
                    _section(_("Client portfolio"), html.Div(sidebar.waiting(11), id=ids.dataset)),
                    html.Details(
                        [
                            html.Summary(_("Model and services"), className="sidebar-title"),
                            html.Div(id=ids.model, children=sidebar.waiting(4)),
                            html.Div(sidebar.waiting(2), id=ids.states),
                            html.Ul(
                                _service_links(services().mlflow.url), id=ids.service_links, className="service-links"
                            ),
                        ],
                        className="sidebar-section sidebar-fold",
                    ),
                ],
                className="sidebar-sections",
            ),
            html.Button(
                [icon("layout-sidebar"), html.Span(_("Collapse the sidebar"), className="rail-hidden")],
                type="button",
                className="sidebar-collapse",
                **aria(controls="sidebar"),
                **data(action="collapse-sidebar"),
            ),
        ],
        id="sidebar",
        className="sidebar",
        **aria(label=_("Navigation and services")),
    )


def _section(title: str, *content: Component) -> Component:
    return html.Section([html.H2(title, className="sidebar-title"), *content], className="sidebar-section")


def _service_links(mlflow_url: str | None) -> list[Component]:
    links = ((_("Open MLflow"), mlflow_url), (_("API documentation"), services().api_docs_url))
    return [html.Li(outer_link([html.Span(name)], url, className="service-link")) for name, url in links if url]


def _follow_address(pathname: str | None, search: str | None) -> tuple[list[Component], list[Component], Any, bool]:
    here = (pathname or "/") + (search or "")
    path = addresses.page_of(pathname)
    client = addresses.client_in(search)
    pages = [_page_link(page, path, client) for page in dash.page_registry.values() if "icon" in page]
    languages: list[Component] = [
        html.A(
            [html.Span(lang.upper(), **aria(hidden="true")), unseen(i18n.names[lang])],
            href=addresses.at(f"/language/{lang}?next={quote(here, safe='')}"),
            lang=lang,
            hrefLang=lang,
            **(aria(current="true") if lang == i18n.language() else {}),
        )
        for lang in i18n.languages
    ]
    away = client is not None and path != addresses.scoring
    return pages, languages, _crumb(client) if client is not None and away else None, not away


def _page_link(page: dict[str, Any], pathname: str, client: int | None) -> Component:
    href = addresses.of_client(client, page["path"]) if client is not None else page["path"]
    inside = page["path"] != addresses.scoring and pathname.startswith(f"{page['path']}/")
    current = aria(current="page") if page["path"] == pathname else aria(current="true") if inside else {}
    # The comparison of a client is drawn as soon as it is there: `assets/js/figures.js` makes ready for it.
    draws = data(figures="yes") if client is not None and page["path"] == addresses.comparison else {}
    return html.Li(
        link(
            [icon(page["icon"]), html.Span(i18n.translated(page["name"]), className="rail-hidden")],
            href,
            className="navigation-link",
            title=i18n.translated(page["name"]),
            **current,
            **draws,
        )
    )


def _crumb(client: int) -> list[Component]:
    return [icon("person-vcard"), link(client_name(client), addresses.of_client(client))]


def _check_services(
    _ticks: int | None, seen: dict[str, float] | None, shown: dict[str, str] | None, linked: str | None
) -> tuple[list[Component], list[Component], str, dict[str, float], Any, Any]:
    checked = states.check(services(), seen or {})
    mlflow_url = services().mlflow.url
    source = {"source": "local" if checked.local else "api", "model": checked.model_version}
    # The sections below are read anew only when who answers, or its model, has changed.
    return (
        sidebar.states(checked),
        sidebar.standing(checked),
        sidebar.announcement(checked),
        checked.seen,
        source if source != shown else no_update,
        mlflow_url if mlflow_url != linked else no_update,
    )


def _describe(_source: object) -> tuple[list[Component], list[Component]]:
    try:
        model = sidebar.model(scoring().model())
    except ServiceUnavailable as error:
        model = sidebar.missing(why_unavailable(error))
    try:
        dataset = sidebar.dataset(scoring().dataset())
    except ServiceUnavailable as error:
        dataset = sidebar.missing(why_unavailable(error))
    return model, dataset


def _find(typed: str | None, recent: list[int] | None) -> list[Component]:
    prefix = "".join((typed or "").split())
    if not prefix:
        return finder.recent(recent or [])
    if addresses.client_number(prefix) is None:
        return finder.message(_("A client number is made of digits."))
    try:
        return finder.found(scoring().clients(ClientFilter(prefix), finder.options_shown))
    except ServiceUnavailable as error:
        return finder.message(why_unavailable(error))


def _remember(search: str | None, recent: list[int] | None) -> Any:
    client = addresses.client_in(search)
    if client is None or ctx.triggered_id is None:
        return no_update
    return [client, *(number for number in recent or [] if number != client)][:_recent_kept]
