"""The state of every field of the form: in order, changed, unusual, or in error; `assets/js/fields.js` shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict

from core import catalogue
from dash_app.i18n import _
from dash_app.views.scoring.form import fields

if TYPE_CHECKING:
    from dash_app.views.scoring.form.form_state import FormState


class Note(TypedDict):
    """What is said of a field: what is wrong with it, what the model makes of its value, or what stood there before."""

    state: Literal["wrong", "warned", "changed"]
    text: str


def notes(state: FormState) -> dict[str, list[Note]]:
    """The notes by column; a field without one is in order.

    One value for all fields: two outputs for each would have the browser look through the whole page fifty times.
    """
    changed = set(state.form.changed)
    warnings = state.outcome.now.warning_details if state.outcome else ()
    by_column: dict[str, list[Note]] = {}
    for column in catalogue.main_columns():
        if error := state.errors.get(column.name):
            by_column[column.name] = [{"state": "wrong", "text": error}]
            continue
        own: list[Note] = [
            {"state": "warned", "text": sentence(warning.message)}
            for warning in warnings
            if warning.field == column.name
        ]
        if column in changed:
            before = fields.described(column, state.known.get(column.name))
            own.append({"state": "changed", "text": _("Before: {value}", value=before)})
        if own:
            by_column[column.name] = own
    return by_column


def sentence(message: str) -> str:
    """A message as a sentence of its own."""
    return f"{message[:1].upper()}{message[1:]}."
