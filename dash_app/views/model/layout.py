"""The frame of the page Model: the summary, and the places of its sections; no data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

from dash_app.addresses import at
from dash_app.components.marks import aria, data, icon, skeleton
from dash_app.i18n import _, names
from dash_app.views.model import ids

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash.development.base_component import Component

    from core.catalogue import Language


def titles() -> list[tuple[str, str]]:
    """The sections in their order: the id of each, and its title."""
    return [
        (ids.description, _("The model in use")),
        (ids.approvals, _("Approvals and next review")),
        (ids.health, _("Health of the service")),
        (ids.coverage, _("Coverage of outcomes")),
        (ids.performance, _("Back-testing")),
        (ids.challenger, _("Challenger")),
        (ids.officers, _("Officers and the model")),
        (ids.drift, _("Drift")),
    ]


def frame(files: Mapping[Language, str]) -> Component:
    """The page before anything is known.

    Args:
        files: where the report is to be had as a file, by language.
    """
    return html.Div(
        [
            dcc.Store(id=ids.opened, data=True),
            *(dcc.Store(id=ids.checks(part)) for part in ids.parts),
            _head(files),
            html.Div(id=ids.report, className="model-report-head"),
            html.Section(
                [
                    html.H2(_("Summary")),
                    # Told once, when every part has answered; the list below changes with each.
                    html.Div(id=ids.verdict, **aria(live="polite")),
                    html.Div(_waiting(4), id=ids.summary, className="model-summary"),
                ],
                className="card",
                **aria(label=_("Summary")),
            ),
            *(_section(place, title) for place, title in titles()),
        ],
        className="drift comparison model",
    )


def _head(files: Mapping[Language, str]) -> Component:
    lead = _("Is the model in order, who approved it, when is its next review? It prints as the validation report.")
    printed = html.Button(
        html.Span(_("Print or save as PDF")), type="button", className="button button-primary", **data(action="print")
    )
    saved = [
        html.A(
            [icon("arrow-down-short"), html.Span(_("Report (HTML), {language}", language=names[lang]))],
            href=at(address),
            download="",
            className="button button-quiet",
        )
        for lang, address in files.items()
    ]
    tools = html.Div([*saved, printed], className="card-actions")
    return html.Div([html.Div([html.H1(_("Model")), html.P(lead)]), tools], className="page-head no-print")


def _section(place: str, title: str) -> Component:
    heading = f"{place}-title"
    return html.Section(
        [
            html.Div(html.H2(title, id=heading), className="card-head"),
            html.Div(html.Div(_waiting(5), id=ids.body(place)), className="card-body"),
        ],
        id=place,
        className="card card-flush model-section",
        **aria(labelledby=heading),
    )


def _waiting(count: int) -> list[Component]:
    """Grey bars; on paper, and for ears, that it is still being read."""
    reading = html.P(_("Still being read."), className="unseen model-reading")
    return [skeleton(*["100%"] * count, class_name="skeleton-rows"), reading]
