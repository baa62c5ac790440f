"""The frame of the Simulation page: on whom, the threshold, the scenarios, what they come to; no data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

from dash_app import addresses
from dash_app.components import native, subnav
from dash_app.components.marks import aria, icon, skeleton
from dash_app.i18n import _
from dash_app.service.scenarios import portfolio
from dash_app.views.comparison.controls import segmented
from dash_app.views.drift.parts import section
from dash_app.views.scenarios import ids, results, saved_scenarios

if TYPE_CHECKING:
    from dash.development.base_component import Component


def frame(population: str | None) -> Component:
    """The page about the clients on hand, or the import that the address names."""
    return html.Div(
        [
            dcc.Store(id=ids.asked, data={"population": population or portfolio}),
            dcc.Store(id=ids.curve),
            dcc.Store(id=ids.threshold),
            dcc.Store(id=ids.saved_scenarios, storage_type="local"),
            dcc.Store(id=ids.draft, data={"key": None, "rules": []}),
            dcc.Store(id=ids.signature),
            dcc.Store(id=ids.saved),
            dcc.Store(id=ids.from_file),
            dcc.Store(id=ids.run),
            dcc.Store(id=ids.address),
            dcc.Download(id=ids.download),
            subnav.subnav(addresses.scenarios),
            _head(population or portfolio),
            html.Div(id=ids.problem, role="alert", className="scenario-problem"),
            html.Div(
                [_threshold(), _scenarios(), _comparison(), _flow()], id=ids.workspace, className="scenario-parts"
            ),
        ],
        className="scenarios",
    )


def _head(population: str) -> Component:
    population_picker = html.Div(
        [
            html.Label(_("Simulated on"), htmlFor=ids.population),
            native.Select(
                id=ids.population, options=[{"value": population, "label": _("Clients on hand")}], value=population
            ),
        ],
        className="choice scenario-whom",
    )
    words = html.Div(
        [
            html.H1(_("Simulation")),
            html.P(
                _(
                    "Move the threshold or change the circumstances, and see what it would do to all applications. "
                    "No decision is taken."
                )
            ),
        ]
    )
    return html.Div(
        [
            html.Div([words, population_picker], className="page-head"),
            html.P("\u00a0", id=ids.population_note, className="scenario-note", role="status"),
        ],
        className="scenario-head",
    )


def _threshold() -> Component:
    buttons = html.Div(
        [
            html.Button(_("Today’s threshold"), id=ids.today, type="button", className="button button-quiet"),
            html.Button(_("Least cost expected"), id=ids.best, type="button", className="button button-quiet"),
            html.Button(
                _("Least cost in hindsight"),
                id=ids.hindsight,
                type="button",
                className="button button-quiet",
                hidden=True,
            ),
        ],
        className="card-actions",
    )
    field = html.Div(
        [
            html.Label(_("Refused from"), htmlFor=ids.number),
            html.Div(
                [
                    native.Input(id=ids.number, type="text", inputMode="decimal", autoComplete="off", debounce=True),
                    html.Span("%", className="editor-unit"),
                ],
                className="editor-measured",
            ),
            html.P(id=ids.number_problem, className="scenario-number-problem", role="alert"),
        ],
        className="choice scenario-number",
    )
    slider = html.Div(
        [
            html.Label(_("Threshold"), htmlFor=ids.slider, className="unseen"),
            dcc.Input(id=ids.slider, type="range", min=0, max=30, step=0.1, value=0),
        ],
        className="scenario-slider",
    )
    ends = html.Div(
        [html.Span(_("refuse nearly everybody")), html.Span(_("accept more"))],
        className="scenario-ends",
        **aria(hidden="true"),
    )
    return section(
        _("Threshold"),
        [
            html.Div(
                [
                    html.Div([field, buttons], className="scenario-controls"),
                    html.Dl(results.tiles(), className="scenario-tiles"),
                    html.P("\u00a0", id=ids.said, className="unseen", role="status"),
                    html.Div(skeleton(*["100%"] * 8), id=ids.curve_panel, className="is-tall"),
                    slider,
                    ends,
                    html.Details(
                        [html.Summary(_("Show as a table")), html.Div(id=ids.curve_table)], className="past-table"
                    ),
                ],
                className="card-body",
            )
        ],
    )


def _scenarios() -> Component:
    return section(
        _("Scenarios"),
        [
            html.Div(
                [
                    saved_scenarios.tools(),
                    html.Div(id=ids.file_note, role="status", className="scenario-file-note"),
                    saved_scenarios.editor(),
                    html.Div(skeleton(*["100%"] * 4), id=ids.listed),
                    html.Div(id=ids.limit, role="status", className="scenario-limit"),
                    html.P(saved_scenarios.hint(), className="muted small"),
                ],
                className="card-body scenario-kept",
            )
        ],
    )


def _comparison() -> Component:
    exports = html.Div(
        [
            html.Button(
                [icon("arrow-down-short"), html.Span(name)], id=button, type="button", className="button button-quiet"
            )
            for name, button in ((_("Export as CSV"), ids.csv), (_("Export to Excel"), ids.xlsx))
        ],
        className="card-actions",
    )
    return section(
        _("Side by side"),
        [
            dcc.Loading(
                html.Div(skeleton(*["100%"] * 5, class_name="skeleton-rows"), id=ids.comparison, **aria(live="polite")),
                delay_show=300,
                overlay_style={"visibility": "visible", "opacity": 0.45},
                custom_spinner=html.Span(),
            )
        ],
        exports,
    )


def _flow() -> Component:
    by = segmented(
        _("Shown by"), ids.flow_by, [("decision", _("Decision")), ("band", _("Level of risk"))], "decision", "is-bare"
    )
    of = html.Div(
        [html.Label(_("Scenario"), htmlFor=ids.flow_of), native.Select(id=ids.flow_of, options=[], value="")],
        className="choice",
    )
    body = html.Div(html.Div(skeleton(*["100%"] * 8), id=ids.flow, className="is-tall"), className="card-body")
    return section(_("Who changes"), [body], of, by)
