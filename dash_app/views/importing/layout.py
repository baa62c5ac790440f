"""The frame of the Import page: a place for a file, or one import with its stages; no data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

from dash_app import addresses
from dash_app.components import native, subnav
from dash_app.components.marks import data, icon, link, skeleton
from dash_app.components.upload import upload
from dash_app.i18n import _
from dash_app.uploads.importing import imports_path, template_path
from dash_app.views.comparison.controls import segmented
from dash_app.views.importing import ids

if TYPE_CHECKING:
    from dash.development.base_component import Component

_milliseconds: int = 1000


def frame(job: str | None, page: int = 1) -> Component:
    """The page about one import, or the one where a file is chosen, with a `page` of those that were sent before."""
    return html.Div(
        [
            dcc.Store(id=ids.shown, data={"job": job, "page": page}),
            dcc.Store(id=ids.sent),
            dcc.Store(id=ids.state),
            dcc.Store(id=ids.address),
            # A file that waits or is scored is looked at again; what has ended is left alone.
            dcc.Interval(id=ids.tick, interval=_milliseconds, disabled=job is None),
            subnav.subnav(addresses.simulation),
            *(_one(job) if job else _choice()),
            html.Div(id=ids.announcer, className="unseen", role="status"),
        ],
        className="importing",
    )


def _choice() -> list[Component]:
    head = html.Div(
        [
            html.Div(
                [
                    html.H1(_("Import")),
                    html.P(_("Score a whole file of applications: see first what is in it, then what is decided.")),
                ]
            )
        ],
        className="page-head",
    )
    place = upload(
        ids.upload,
        imports_path,
        _("Drop a file here, or choose one"),
        _("CSV, Excel or Parquet, among others, with any of the Home Credit columns; 10 rows or 300,000."),
        look="button-primary",
        class_name="card import-upload",
    )
    template = html.P(
        [
            html.A(
                [icon("arrow-down-short"), html.Span(_("Template with the main columns (CSV)"))],
                href=addresses.at(template_path),
                download="",
            )
        ],
        className="small",
    )
    recent = html.Section(
        [
            html.Div(html.H2(_("Your imports")), className="card-head"),
            html.Div(skeleton(*["100%"] * 4, class_name="skeleton-rows"), id=ids.recent),
        ],
        className="card card-flush",
    )
    return [head, place, template, recent, *_hidden()]


def _hidden() -> list[Component]:
    """What callbacks of the other state of the page are tied to."""
    return [
        html.Div(id=ids.stage, hidden=True),
        html.Div(id=ids.result, hidden=True),
        html.Button(id=ids.start, hidden=True),
        html.Div(_histories(), id=ids.history_choice, hidden=True),
        html.Div(_agreement(), id=ids.agreement, hidden=True),
        dcc.ConfirmDialog(id=ids.confirm),
        html.Button(id=ids.remove, hidden=True),
    ]


def _histories() -> list[Component]:
    """Whether rows get the history of clients on hand: which of both is chosen follows from these clients."""
    options = [("none", _("What the file says")), ("portfolio", _("Join that of clients on hand"))]
    return [
        segmented(_("History of the clients"), ids.history, options, ""),
        html.P(id=ids.history_note, className="muted small", role="status"),
    ]


def _agreement() -> Component:
    """The yes that a file needs which lacks much of what the model rests on."""
    label = _("Score it all the same: I know that these decisions rest on little.")
    options = [{"value": "yes", "label": label}]
    box: Component = native.Checklist(id=ids.agreed, options=options, value=[], className="checks")
    return box


def _one(job: str) -> list[Component]:
    back = link([icon("arrow-left"), html.Span(_("All imports"))], addresses.simulation, className="back")
    return [
        html.Div([back, _actions()], className="import-bar"),
        html.Div(_agreement(), id=ids.agreement, className="import-agreement", hidden=True),
        html.Div(_histories(), id=ids.history_choice, className="card import-history", hidden=True),
        html.Div(html.Div(skeleton(*["100%"] * 5), className="card"), id=ids.stage, **data(job=job)),
        html.Div(id=ids.result),
        html.Div(id=ids.recent, hidden=True),
    ]


def _actions() -> Component:
    """What is done with the file: beside the way back, at the right, as the actions of other pages."""
    return html.Div(
        [
            html.Button(html.Span(_("Remove")), id=ids.remove, type="button", className="button button-quiet"),
            html.Button(
                html.Span(_("Score this file")),
                id=ids.start,
                type="button",
                className="button button-primary",
                hidden=True,
            ),
            dcc.ConfirmDialog(id=ids.confirm, message=_("The file and its results are removed for good. Remove them?")),
        ],
        className="import-actions",
    )
