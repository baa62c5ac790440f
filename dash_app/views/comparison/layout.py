"""The frame of the Comparison page: the way to a client, or the controls and the places of the figures; no data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

from dash_app import addresses
from dash_app.components import native
from dash_app.components.marks import aria, data, icon, link, skeleton
from dash_app.i18n import _
from dash_app.views.comparison import ids
from dash_app.views.comparison.controls import controls, segmented
from dash_app.words import client_name

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from dash_app.views.comparison.selection import Selection


def frame(selection: Selection) -> Component:
    """The page about a client, or, without one, the way to find one."""
    nobody = selection.client is None
    return html.Div(
        [
            dcc.Store(id=ids.subject, data={"client": selection.client, "names": list(selection.names)}),
            dcc.Store(id=ids.names, data=list(selection.names)),
            dcc.Store(id=ids.strongest, data=[]),
            dcc.Store(id=ids.address),
            dcc.Store(id=ids.drawn_feature),
            dcc.Store(id=ids.drawn_axes),
            dcc.Download(id=ids.download),
            _head(selection.client),
            html.Div(id=ids.decision, className="comparison-decision"),
            _start(hidden=not nobody),
            html.Div(id=ids.problem, className="comparison-problem", role="alert"),
            html.Div(
                [
                    controls(selection),
                    html.Div(
                        [_overview(), html.Div([_distribution(), _density()], className="pair"), _table()],
                        id=ids.results,
                        className="comparison-results",
                    ),
                ],
                id=ids.workspace,
                className="comparison-workspace",
                hidden=nobody,
            ),
        ],
        className="comparison",
    )


def _head(client: int | None) -> Component:
    lead = (
        _("See where a client stands among all, the accepted, the refused, or those who are alike.")
        if client is None
        else _("{client} among the others", client=client_name(client))
    )
    return html.Div(html.Div([html.H1(_("Comparison")), html.P(lead)]), className="page-head")


def _start(*, hidden: bool) -> Component:
    return html.Section(
        [
            icon("people"),
            html.H2(_("Which client?")),
            html.P(_("Choose a client: each figure is then shown among those of the others.")),
            html.Div(
                [
                    html.Button(
                        [icon("search"), html.Span(_("Find by number"))],
                        type="button",
                        className="button button-primary",
                        **data(action="find-client"),
                    ),
                    link(
                        [html.Span(_("Open the list")), icon("arrow-right")],
                        addresses.scoring,
                        className="button button-quiet",
                    ),
                ],
                className="card-actions",
            ),
        ],
        id=ids.start,
        className="card comparison-start",
        hidden=hidden,
    )


def _overview() -> Component:
    view = segmented(
        _("Shown as"), ids.view, [("dots", _("Positions")), ("radar", _("Radar"))], "dots", class_name="is-bare"
    )
    return _card(
        _("Position of the client"), [view], html.Div(_bones(6), id=ids.overview, className="overview is-tall")
    )


def _distribution() -> Component:
    chosen = html.Div(_select(_("Figure"), ids.feature), className="axes")
    return _card(_("Distribution"), [chosen], html.Div(_bones(8), id=ids.distribution, className="card-body is-tall"))


def _density() -> Component:
    colour = segmented(
        _("Colour"),
        ids.colour,
        [("clients", _("Clients")), ("default", _("Default rate"))],
        "clients",
        class_name="is-bare",
    )
    axes = html.Div([_select(_("Across"), ids.x), _select(_("Upwards"), ids.y)], className="axes")
    return _card(
        _("Two figures together"),
        [colour, axes],
        html.Div(_bones(8), id=ids.density, className="card-body is-tall"),
    )


def _table() -> Component:
    exports = html.Div(
        [
            html.Button(
                [icon("arrow-down-short"), html.Span(name)], id=button, type="button", className="button button-quiet"
            )
            for name, button in ((_("Export as CSV"), ids.csv), (_("Export to Excel"), ids.xlsx))
        ],
        className="card-actions",
    )
    return _card(_("Statistics"), [exports], html.Div(_bones(6), id=ids.statistics))


def _card(title: str, tools: list[Component], body: Component) -> Component:
    return html.Section(
        [html.Div([html.H2(title), *tools], className="card-head"), body],
        className="card card-flush",
        **aria(label=title),
    )


def _select(name: str, control: str) -> Component:
    return html.Div(
        [html.Label(name, htmlFor=control), native.Select(id=control, options=[], value=None)],
        className="choice",
    )


def _bones(count: int) -> Component:
    return skeleton(*["100%"] * count, class_name="skeleton-rows")
