"""Saved scenarios, as a list to choose from, and the place where one is made."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from dash import html

from core.scenarios.rules import longest_name
from dash_app.components import native
from dash_app.components.marks import aria, data, icon, unseen
from dash_app.i18n import _, language
from dash_app.views.scenarios import ids, rule_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from core.scenarios.rules import Rule
    from dash_app.views.scenarios.definitions import SavedScenario


def listed(scenarios: Sequence[SavedScenario]) -> list[Component]:
    """Each scenario with what it changes, whether it is compared, and the ways to change or remove it."""
    if not scenarios:
        return [html.P(_("No scenario is kept. Make one, or bring back the ready-made ones."), className="muted")]
    return [html.Ul([_line(scenario) for scenario in scenarios], className="kept")]


def signature(scenarios: Sequence[SavedScenario]) -> str:
    """Differs where the list shows something else, whatever is ticked."""
    return json.dumps([language(), [asdict(replace(scenario, chosen=False)) for scenario in scenarios]])


def _line(of: SavedScenario) -> Component:
    box = native.Checkbox(
        id=ids.chosen(of.key),
        value=of.chosen,
        label=html.Span(
            [html.Span(of.title, className="kept-name"), html.Span(_what(of.rules), className="kept-what")]
        ),
        className="kept-choice",
    )
    return html.Li(
        [
            box,
            html.Div(
                [
                    _tool("sliders", _("Change: {name}", name=of.title), ids.edit(of.key)),
                    _tool("x-lg", _("Remove: {name}", name=of.title), ids.delete(of.key)),
                ],
                className="kept-tools",
            ),
        ]
    )


def _what(rules: Sequence[Rule]) -> str:
    return rule_words.sentences(rules)


def _tool(mark: str, name: str, control: dict[str, object]) -> Component:
    return html.Button([icon(mark), unseen(name)], id=control, type="button", className="kept-tool", title=name)


def draft(rules: Sequence[Rule]) -> list[Component]:
    """The rules of the scenario that is being made."""
    if not rules:
        return [html.P(_("No rule yet: choose a column and what happens to it."), className="muted small")]
    return [
        html.Ol(
            [
                html.Li(
                    [
                        html.Span(rule_words.sentence(rule)),
                        html.Button(
                            [icon("x-lg"), unseen(_("Take away: {name}", name=rule_words.sentence(rule)))],
                            id=ids.drop(place),
                            type="button",
                            className="chip-remove",
                        ),
                    ],
                    className="chip",
                )
                for place, rule in enumerate(rules)
            ],
            className="draft-rules",
        )
    ]


def tools() -> Component:
    """What can be done with all of them."""
    return html.Div(
        [
            html.Button(
                [icon("plus-lg"), html.Span(_("New scenario"))],
                id=ids.editor_open,
                type="button",
                className="button button-primary",
            ),
            html.Button(
                [icon("arrow-down-short"), html.Span(_("Export the scenarios"))],
                id=ids.to_file,
                type="button",
                className="button button-quiet",
            ),
            # The browser makes a file input here, and reads the file.
            html.Div(id=ids.file_place, className="import-place", **data(name=_("Import scenarios"))),
            html.Button(
                html.Span(_("Bring back the ready-made ones")),
                id=ids.restore,
                type="button",
                className="button button-quiet",
            ),
        ],
        className="card-actions",
    )


def hint() -> str:
    """What is kept, and where."""
    return _("Kept in this browser: only what the scenarios change, no client’s data.")


def editor() -> Component:
    """The place where a scenario is made or changed, closed at first."""
    rule = html.Div(
        [
            _choice(_("Column"), ids.column, "", rule_words.columns(), class_name="editor-column"),
            _choice(_("What happens"), ids.operation, "", []),
            html.Div(
                [
                    html.Label(_("Value"), htmlFor=ids.value),
                    html.Div(
                        [
                            native.Input(id=ids.value, type="text", inputMode="decimal", autoComplete="off"),
                            html.Span(id=ids.value_unit, className="editor-unit"),
                        ],
                        className="editor-measured",
                    ),
                ],
                id=ids.value_place,
                className="choice",
            ),
            html.Div(
                [html.Label(_("To"), htmlFor=ids.code), native.Select(id=ids.code, options=[], value="")],
                id=ids.code_place,
                className="choice",
                hidden=True,
            ),
            html.Button(html.Span(_("Add the rule")), id=ids.add_rule, type="button", className="button button-quiet"),
        ],
        className="editor-rule",
        role="group",
        **aria(label=_("A rule")),
    )
    name = html.Div(
        [
            html.Label(_("Name of the scenario"), htmlFor=ids.name),
            native.Input(id=ids.name, type="text", maxLength=longest_name, autoComplete="off"),
        ],
        className="choice editor-name",
    )
    note = html.P(
        _(
            "What depends on a column follows: ratios are computed anew, and with the credit the instalment changes in "
            "proportion unless a rule names it."
        ),
        className="muted small",
    )
    return html.Div(
        [
            html.H3(_("New scenario"), id=ids.editor_title),
            name,
            html.Div(draft([]), id=ids.rules),
            rule,
            html.Div(id=ids.editor_problem, className="editor-problem", role="alert"),
            note,
            html.Div(
                [
                    html.Button(
                        html.Span(_("Save the scenario")), id=ids.save, type="button", className="button button-primary"
                    ),
                    html.Button(html.Span(_("Cancel")), id=ids.cancel, type="button", className="button button-quiet"),
                ],
                className="card-actions",
            ),
        ],
        id=ids.editor,
        className="scenario-editor",
        hidden=True,
    )


def _choice(name: str, control: str, value: str, options: list[dict[str, str]], class_name: str = "") -> Component:
    return html.Div(
        [html.Label(name, htmlFor=control), native.Select(id=control, options=options, value=value)],
        className=f"choice {class_name}".strip(),
    )
