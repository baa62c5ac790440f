"""The frame of the Drift page: the new comparison, and the places of what a report says; no data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

from dash_app.components import native
from dash_app.components.marks import icon, skeleton
from dash_app.i18n import _
from dash_app.views.comparison.controls import segmented
from dash_app.views.drift import ids
from dash_app.views.drift.parts import section
from dash_app.views.drift.setup import setup
from dash_app.views.drift.values import said

if TYPE_CHECKING:
    from dash.development.base_component import Component


def frame(report: str | None) -> Component:
    """The page about one report, or about the newest."""
    return html.Div(
        [
            dcc.Store(id=ids.shown, data={"report": report}),
            dcc.Store(id=ids.address),
            dcc.Store(id=ids.opened),
            _head(),
            setup(),
            html.Div(id=ids.problem, className="drift-problem", role="alert"),
            html.Div(
                [
                    html.Div(
                        html.Div(_bones(6), className="card drift-verdict"), id=ids.verdict, className="drift-place"
                    ),
                    html.Div(
                        [
                            _card(said("score_heading"), ids.score),
                            _card(said("performance_heading"), ids.performance),
                        ],
                        className="pair",
                    ),
                    _columns(),
                    _card(_("Which slice moved"), ids.segments),
                    html.Details(
                        [html.Summary(said("method")), html.Div(id=ids.notes, className="drift-notes")],
                        className="card drift-method",
                    ),
                ],
                id=ids.results,
                className="drift-results",
            ),
            section(
                _("What became of the decisions"),
                [html.Div(_bones(6), id=ids.outcomes, className="card-body")],
                class_name="drift-outcomes",
            ),
            section(
                _("Past reports"),
                [html.Div(_bones(5), id=ids.history, className="drift-past")],
                class_name="drift-history",
            ),
            section(_("Being told of alerts"), [html.Div(_bones(3), id=ids.told, className="card-body drift-told")]),
        ],
        className="drift comparison",
    )


def _head() -> Component:
    downloads = html.Div(
        [
            html.A(
                [icon("arrow-down-short"), html.Span(name)],
                id=control,
                href="",
                hidden=True,
                download="",
                className="button button-quiet",
            )
            for name, control in ((_("Report (HTML)"), ids.html_link), (_("Report (JSON)"), ids.json_link))
        ],
        className="card-actions",
    )
    lead = _("See whether the applicants of today still look like those the model has learnt from.")
    return html.Div([html.Div([html.H1(_("Drift")), html.P(lead)]), downloads], className="page-head")


def _columns() -> Component:
    search = html.Div(
        [
            html.Label(_("Search a column"), htmlFor=ids.search, className="unseen"),
            icon("search"),
            native.Input(
                id=ids.search, type="text", autoComplete="off", debounce=300, placeholder=_("Search a column")
            ),
        ],
        className="filter",
    )
    level = segmented(
        _("Drift"),
        ids.level,
        [("drifted", _("In drift")), ("major", _("Strong")), ("all", _("All"))],
        "drifted",
        class_name="is-bare",
    )
    kind = _select(
        _("Type"), ids.kind, [("all", _("all types")), ("number", _("numbers")), ("category", _("categories"))]
    )
    order = _select(
        _("Order"),
        ids.order,
        [
            ("importance", _("drift, then weight in the model")),
            ("weight", said("importance")),
            ("psi", said("psi")),
            ("missing", said("missing")),
            ("name", _("name")),
        ],
    )
    tools = html.Div([search, level, kind, order], className="drift-tools")
    pager = html.Div(
        [
            html.Button(
                [icon(mark), html.Span(name)], id=control, type="button", hidden=True, className="button button-quiet"
            )
            for name, control, mark in (
                (_("Previous"), ids.back, "chevron-left"),
                (_("Next"), ids.onward, "chevron-right"),
            )
        ],
        className="drift-pager",
    )
    count = html.P(id=ids.columns_count, className="drift-count muted small", role="status")
    table = html.Div(_bones(8), id=ids.columns, className="is-tall")
    return section(
        _("Columns"), [dcc.Store(id=ids.page, data=1), tools, count, table, pager], class_name="drift-columns"
    )


def _select(name: str, control: str, options: list[tuple[str, str]]) -> Component:
    return html.Div(
        [
            html.Label(name, htmlFor=control),
            native.Select(
                id=control, options=[{"value": value, "label": words} for value, words in options], value=options[0][0]
            ),
        ],
        className="choice",
    )


def _card(title: str, place: str) -> Component:
    return section(title, [html.Div(_bones(6), id=place, className="card-body")])


def _bones(count: int) -> Component:
    return skeleton(*["100%"] * count, class_name="skeleton-rows")
