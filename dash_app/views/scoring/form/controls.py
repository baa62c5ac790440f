"""The application form: a client's main facts, with changes, or empty."""

from __future__ import annotations

from itertools import groupby
from math import ceil
from typing import TYPE_CHECKING, Final

from dash import html

from core import catalogue
from core.catalogue.ages import days_per_year
from dash_app.components import native
from dash_app.components.marks import data
from dash_app.i18n import _, language
from dash_app.views.scoring import ids
from dash_app.views.scoring.form import fields

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.catalogue import Column


# Where there is room for them; two where there is less, one on a phone (`assets/css/05-scoring.css`).
_columns: Final = 3


def form() -> Component:
    """One field per main column, group by group; its values come from a callback."""
    groups = [
        html.Fieldset(
            [
                html.Legend(catalogue.group_label(group, language()), className="field-group-title"),
                *(_field(column) for column in columns),
            ],
            className="field-group",
        )
        for group, columns in groupby(catalogue.main_columns(), key=lambda column: column.group)
    ]
    tall = ceil(len(groups) / _columns)
    columns = [groups[first : first + tall] for first in range(0, len(groups), tall)]
    return html.Div([html.Div(column, className="form-column") for column in columns], className="form")


def _field(column: Column) -> Component:
    # Few components a field: the browser's time goes by their number. Units, stars and chevrons are drawn by CSS.
    label = html.Label(
        column.label(language()),
        htmlFor=_dom_id("value", column.name),
        className="field-label is-needed" if fields.is_needed(column) else "field-label",
    )
    # What is said of the field is put there by `assets/js/fields.js`.
    note = html.Div(id=f"scoring-note-{column.name}", className="field-note")
    parts = [label, _help(column), _control(column), *_slider(column), note]
    # How `assets/js/form.js` makes a raw value of the number that is typed.
    days = data(days=str(days_per_year)) if column.unit == "days" else {}
    whole = data(whole="yes") if column.name in fields.whole_years else {}
    return html.Div(parts, className="field", **data(column=column.name), **days, **whole)


def _control(column: Column) -> Component:
    if column.type == "category":
        options = [{"label": "—", "value": ""}] + [
            {"label": code.label(language()), "value": code.code} for code in column.codes
        ]
        choice = native.Select(
            id=ids.value(column.name), options=options, value="", placeholder="—", className="field-control"
        )
        return html.Div(choice, className="field-choice")
    unit = fields.unit(column)
    field = native.Input(
        id=ids.value(column.name),
        type="text",
        inputMode="numeric",
        autoComplete="off",
        maxLength=24,
        value="",
        placeholder=_("none") if column.sentinel is not None else "—" if column.nullable else "",
        className="field-control",
    )
    width = "unit-word" if len(unit) > 1 else "unit-sign"
    return html.Div(field, className=f"field-number {width}", **data(unit=unit))


def _slider(column: Column) -> list[Component]:
    """Where `assets/js/sliders.js` puts a slider: an amount is moved around what it is, a score between its bounds."""
    if column.name not in fields.adjustable:
        return []
    name = _("Slider: {name}", name=column.label(language()))
    reach = data(low="0", high="1", step="0.01") if column.unit == "score" else {}
    return [html.Div(className="field-slider", **data(name=name, unit=fields.unit(column)), **reach)]


def _help(column: Column) -> Component:
    text = column.help(language())
    summary = html.Summary(_("Help: {name}", name=column.label(language())))
    return html.Details([summary, html.P(text, className="field-help-text")], className="field-help", hidden=not text)


def _dom_id(kind: str, name: str) -> str:
    # Dash writes an id that is a mapping with its keys sorted and without spaces.
    return f'{{"name":"{name}","type":"scoring-{kind}"}}'
