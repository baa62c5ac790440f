"""Marks of what is out of date: made of other values than the form says now; `assets/js/answers.js` shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import html

from dash_app.components.marks import data, icon
from dash_app.i18n import _

if TYPE_CHECKING:
    from dash.development.base_component import Component


def verdict(content: Component) -> Component:
    """The verdict, with why it is out of date, for eyes at once and for ears after a moment."""
    words = {
        "awaiting": _("Out of date: the answer to what the form says now is awaited."),
        "invalid": _("Out of date: made of the values before. A field has to be corrected first."),
        "unanswered": _("Out of date: no answer came to what the form says now. Change a field to ask again."),
    }
    chip = html.P(
        [icon("exclamation-triangle-fill"), html.Span()], id="scoring-outdated", className="outdated", **data(**words)
    )
    heard = html.Div(id="scoring-outdated-said", className="unseen", role="status")
    return html.Div([chip, heard, _named(content)], className="dated")


def dated(content: Component, class_name: str = "") -> Component:
    """Something else that follows from the values of the form."""
    return html.Div([_chip(), _named(content)], className=f"dated {class_name}".strip())


def live(content: Component) -> Component:
    """The line in sight of the fields."""
    return html.Div([_chip(), _named(content)], className="live dated")


def _named(content: Any) -> Component:
    """The content under the class by which its look changes."""
    content.className = f"{getattr(content, 'className', '')} dated-content".strip()
    shown: Component = content
    return shown


def _chip() -> Component:
    return html.P([icon("exclamation-triangle-fill"), html.Span(_("Out of date"))], className="outdated")
