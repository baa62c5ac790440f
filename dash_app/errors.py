"""Errors as a reader is told of them."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING

from dash import html, set_props

from dash_app.components import ids
from dash_app.components.marks import data, icon, unseen
from dash_app.i18n import _, plural

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from dash_app.service import ServiceUnavailable

_log = logging.getLogger(__name__)


def show(error: Exception) -> None:
    """Tells of an error that no page expected: a toast with a reference that the log carries too."""
    reference = secrets.token_hex(3)
    _log.error("Unexpected error %s", reference, exc_info=error)
    text = _("Something went wrong. Nothing you typed is lost; try again. Reference: {reference}", reference=reference)
    set_props(ids.toasts, {"children": toast(text)})


def toast(text: str) -> Component:
    """A message that floats above the page until it is closed."""
    close = html.Button(
        [icon("x-lg"), unseen(_("Close"))], type="button", className="ghost-button", **data(action="close-toast")
    )
    return html.Div([icon("exclamation-triangle-fill", "notice-icon"), html.P(text), close], className="toast-card")


def why_unavailable(error: ServiceUnavailable) -> str:
    """What fails, in a few words."""
    return {
        "unreachable": _("unreachable"),
        "timeout": _("no answer in time"),
        "http": _("unexpected answer ({code})", code=error.code),
        "no_model": _("no model loaded"),
        "model_kept": _("the model asked of the registry cannot be used: the last that was in use stands in"),
        "model_shipped": _("the model asked of the registry cannot be used: the one of the image stands in"),
        "no_portfolio": _("no list of clients"),
        "other_portfolio": _("clients on hand cannot be shown: this dashboard may have others than the API"),
        "no_record": _("the record is kept by the API, which does not answer"),
        "record_closed": _("the API cannot keep its record, and decides nothing without it"),
        "counting": _("the decisions on record are being counted, which goes on"),
        "not_on_record": _("this decision of the model is not on record yet"),
        "key_unknown": _("the API does not know the key of this dashboard: its administrator has to check API_KEY"),
        "key_forbidden": _("the key of this dashboard does not allow it: its administrator has to give it a role"),
        "host_unknown": _("the API refuses the name in API_URL: its administrator has to add it to ALLOWED_HOSTS"),
        "person_unknown": _(
            "the API does not accept who is signed in: its administrator has to check SECRET_KEY and DELEGATING_KEYS"
        ),
        "spool_full": _("too many decisions wait for the record of the API, which is away"),
        "spool_closed": _("decisions cannot be kept for the record of the API, which is away"),
        "busy": plural(
            "too many requests, again in {count} second",
            "too many requests, again in {count} seconds",
            max(error.seconds, 1),
        ),
    }[error.fault]
