"""The state of every field of the form: in order, changed, or in error; `assets/js/fields.js` shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict

from core import catalogue
from dash_app.i18n import _
from dash_app.views.scoring import fields

if TYPE_CHECKING:
    from dash_app.views.scoring.case import Study


class Note(TypedDict):
    """What is said of a field: what is wrong with it, or what stood there before."""

    state: Literal["wrong", "changed"]
    text: str


def notes(study: Study) -> dict[str, Note]:
    """The notes by column; a field without one is in order.

    One value for all fields: two outputs for each would have the browser look through the whole page fifty times.
    """
    changed = set(study.form.changed)
    found: dict[str, Note] = {}
    for column in catalogue.main_columns():
        if error := study.errors.get(column.name):
            found[column.name] = {"state": "wrong", "text": error}
        elif column in changed:
            before = fields.described(column, study.known.get(column.name))
            found[column.name] = {"state": "changed", "text": _("Before: {value}", value=before)}
    return found
