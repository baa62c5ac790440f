"""Warnings of the model on the values that a decision was made of, beside the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import html

from core import catalogue
from core.text.messages import message
from dash_app.components.marks import icon
from dash_app.i18n import language, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from core.contract.answer import WarningDetail

# More than so many are folded.
_shown = 4


def listed(warnings: Sequence[WarningDetail]) -> Component | None:
    """All warnings, each with the name of its field as the form has it; nothing where there is none."""
    if not warnings:
        return None
    lines = [html.Li(_line(warning)) for warning in warnings]
    title = plural("{count} warning about the values", "{count} warnings about the values", len(lines))
    body: list[Any] = [html.Ul(lines[:_shown])]
    if len(lines) > _shown:
        rest = lines[_shown:]
        more = html.Summary(plural("{count} more", "{count} more", len(rest)))
        body.append(html.Details([more, html.Ul(rest)]))
    return html.Div(
        [html.P([icon("exclamation-triangle-fill"), html.Span(title)], className="warned-title"), *body],
        className="warned",
    )


def _line(warning: WarningDetail) -> str:
    if warning.field is None:
        return warning.message
    return message("of_field", language(), field=_name(warning.field), message=f"{warning.message}.")


def _name(field: str) -> str:
    try:
        return catalogue.entry(field).label(language())
    except catalogue.UnknownEntry:
        # What nobody knows has no other name.
        return field
