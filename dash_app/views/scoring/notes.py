"""The state of every field of the form: in order, changed, or in error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from core import catalogue
from dash_app.components.marks import icon
from dash_app.i18n import _
from dash_app.views.scoring import fields

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from dash_app.views.scoring.case import Study


def notes(study: Study) -> list[Component | None]:
    """The line under each field: what is wrong with it, else what stood there before, else nothing."""
    changed = set(study.form.changed)
    lines: list[Component | None] = []
    for column in catalogue.main_columns():
        if error := study.errors.get(column.name):
            lines.append(html.Span([icon("exclamation-triangle-fill"), error], className="note-error"))
        elif column in changed:
            before = fields.described(column, study.known.get(column.name))
            lines.append(html.Span(_("Before: {value}", value=before), className="note-before"))
        else:
            lines.append(None)
    return lines


def frames(study: Study) -> list[str]:
    """The style class of each field."""
    changed = set(study.form.changed)
    return [
        "field is-wrong" if each.name in study.errors else "field is-changed" if each in changed else "field"
        for each in catalogue.main_columns()
    ]
