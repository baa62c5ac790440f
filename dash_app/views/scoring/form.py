"""The application form: shows a client's main facts, takes changes, or starts empty."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import dash_bootstrap_components as dbc
from dash import html

from core import catalogue
from dash_app.components.marks import aria, icon, unseen
from dash_app.i18n import _, language
from dash_app.views.scoring import fields, ids

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.catalogue import Column

# Long enough to type a number, short enough to feel live.
_debounce_milliseconds = 350


def form() -> Component:
    """One field per main column, group by group; its values come from a callback."""
    groups = [
        html.Fieldset(
            [
                html.Legend(catalogue.group_label(group, language()), className="field-group-title"),
                *(_field(each) for each in columns),
            ],
            className="field-group",
        )
        for group, columns in groupby(catalogue.main_columns(), key=lambda each: each.group)
    ]
    return html.Div(groups, className="form")


def _field(column: Column) -> Component:
    lang = language()
    name, needed = column.name, fields.is_needed(column)
    label = html.Label(
        [column.label(lang), html.Span("*", className="needed", **aria(hidden="true")) if needed else None],
        htmlFor=_dom_id("value", name),
        className="field-label",
    )
    parts: list[Component] = [label, _help(column), _control(column)]
    parts.append(html.Div(id=ids.note(name), className="field-note"))
    return html.Div(parts, id=ids.field(name), className="field")


def _control(column: Column) -> Any:
    if column.type == "category":
        options = [{"label": "—", "value": ""}] + [
            {"label": each.label(language()), "value": each.code} for each in column.codes
        ]
        choice = dbc.Select(
            id=ids.value(column.name), options=options, value="", placeholder="—", class_name="field-control"
        )
        return html.Div([choice, icon("chevron-down")], className="field-choice")
    suffix = fields.unit(column)
    field = dbc.Input(
        id=ids.value(column.name),
        type="text",
        inputmode="numeric",
        autocomplete="off",
        debounce=_debounce_milliseconds,
        maxlength=24,
        value="",
        placeholder=_("none") if column.sentinel is not None else "—" if column.nullable else "",
        class_name="field-control",
    )
    width = "unit-word" if len(suffix) > 1 else "unit-sign"
    unit = html.Span(suffix, className=f"field-unit {width}", **aria(hidden="true")) if suffix else None
    return html.Div([field, unit], className="field-number")


def _help(column: Column) -> Component:
    text = column.help(language())
    return html.Details(
        [
            html.Summary([icon("question-circle"), unseen(_("Help: {name}", name=column.label(language())))]),
            html.P(text, className="field-help-text"),
        ],
        className="field-help",
        hidden=not text,
    )


def _dom_id(kind: str, name: str) -> str:
    # Dash writes an id that is a mapping with its keys sorted and without spaces.
    return f'{{"name":"{name}","type":"scoring-{kind}"}}'
