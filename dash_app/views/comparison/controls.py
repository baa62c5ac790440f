"""The controls of the Comparison page: with whom, in what, and beside whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import html

from core import catalogue
from core.comparison.choice import groups
from core.comparison.comparison_columns import axes
from core.comparison.peers import criteria
from dash_app.components import native
from dash_app.components.marks import aria, icon, unseen
from dash_app.i18n import _, language
from dash_app.views.comparison import ids, text
from dash_app.views.comparison.selection import fewest_neighbours, max_names, max_neighbours
from dash_app.views.comparison.values import group_name, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from dash_app.views.comparison.selection import Selection


def controls(selection: Selection) -> Component:
    """All of them, as a selection has them."""
    return html.Section(
        [
            html.Div(
                [
                    segmented(
                        _("Compare with"),
                        ids.group,
                        [(group, group_name(group)) for group in groups],
                        selection.group,
                    ),
                    _second_client(selection.against),
                ],
                className="controls-row",
            ),
            _similar(selection),
            html.P("", id=ids.who, className="controls-who", role="status"),
            html.Div(
                [
                    html.H2(_("Compared figures"), className="controls-name"),
                    html.Ul(id=ids.chips, className="chips", **aria(label=_("Compared figures"))),
                    _picker(selection.names),
                ],
                className="controls-names",
            ),
        ],
        className="card controls",
        **aria(label=_("What is compared")),
    )


def segmented(
    legend: str, control: str | dict[str, Any], options: Sequence[tuple[str, str]], value: str, class_name: str = ""
) -> Component:
    """Radio buttons side by side, of which one is pressed; the legend is read out, and shown unless the class hides it.

    Args:
        options: value and label of each.
        class_name: `is-bare` where what stands beside it says what is chosen.
    """
    return html.Fieldset(
        [
            html.Legend(legend),
            native.RadioItems(
                id=control,
                options=[{"value": option, "label": words} for option, words in options],
                value=value,
                className="segments",
            ),
        ],
        className=f"segmented {class_name}".strip(),
    )


def chips(names: Sequence[str]) -> list[Component]:
    """The compared columns and features, each with a button that takes it away, unless it is the last."""
    alone = len(names) == 1
    return [
        html.Li(
            [
                html.Span(label(name)),
                html.Button(
                    [icon("x-lg"), unseen(_("Take away: {name}", name=label(name)))],
                    id=ids.chip(name),
                    type="button",
                    className="chip-remove",
                    hidden=alone,
                ),
            ],
            className="chip",
        )
        for name in names
    ]


def count(names: Sequence[str]) -> str:
    """How many are compared, of how many that could be at once."""
    return _("{count} of {most} at most", count=len(names), most=max_names)


def families() -> list[tuple[str, list[str]]]:
    """What can be compared, by the families of the catalogue, in their order; names by their label."""
    by_family: dict[str, list[str]] = {}
    for name, column in axes().items():
        by_family.setdefault(column.entry.group, []).append(name)
    return [(group, sorted(names, key=lambda name: label(name).casefold())) for group, names in by_family.items()]


def _second_client(against: int | None) -> Component:
    return html.Div(
        [
            html.Label(_("Side by side with client"), htmlFor=ids.against),
            native.Input(
                id=ids.against,
                type="text",
                inputMode="numeric",
                autoComplete="off",
                debounce=350,
                maxLength=14,
                value="" if against is None else str(against),
                placeholder=_("Client number"),
            ),
            html.P("", id=ids.against_note, className="control-note", role="status"),
        ],
        className="control",
    )


def _similar(selection: Selection) -> Component:
    method = segmented(
        _("Similar by"),
        ids.method,
        [("criteria", _("What they have in common")), ("nearest", _("Distance"))],
        selection.method,
    )
    common = html.Fieldset(
        [
            html.Legend(_("In common")),
            native.Checklist(
                id=ids.criteria,
                options=[{"value": name, "label": text.criterion(name)} for name in criteria],
                value=list(selection.criteria),
                inline=True,
                className="checks",
            ),
        ],
        className="control-criteria",
    )
    number = html.Div(
        [
            html.Label(_("How many of the nearest clients"), htmlFor=ids.neighbours),
            native.Input(
                id=ids.neighbours,
                type="number",
                min=fewest_neighbours,
                max=max_neighbours,
                step=1,
                debounce=350,
                value=selection.neighbours,
            ),
            html.P("", id=ids.neighbours_note, className="control-note", role="status"),
        ],
        className="control control-neighbours",
    )
    return html.Div([method, common, number], id=ids.similar, className="controls-row controls-similar")


def _picker(names: Sequence[str]) -> Component:
    search = html.Div(
        [
            html.Label(_("Search a figure"), htmlFor=ids.picker_search, className="unseen"),
            icon("search"),
            native.Input(id=ids.picker_search, type="text", autoComplete="off", placeholder=_("Search a figure")),
        ],
        className="filter picker-search",
    )
    reset = html.Button(
        [icon("arrow-counterclockwise"), html.Span(_("Strongest reasons"))],
        id=ids.picker_reset,
        type="button",
        className="button button-quiet",
    )
    nothing = html.P(_("Nothing is called like this."), className="picker-nothing muted", hidden=True, role="status")
    return html.Details(
        [
            html.Summary([icon("sliders"), html.Span(_("Choose"))], className="button button-quiet"),
            html.Div(
                [
                    search,
                    html.Div(
                        [*(_family(group, members, names) for group, members in families()), nothing],
                        className="picker-list",
                        tabIndex=0,
                        role="region",
                        **aria(label=_("Figures that can be compared")),
                    ),
                    html.Div(
                        [html.P(id=ids.picker_count, className="muted", role="status"), reset], className="picker-foot"
                    ),
                ],
                className="picker-panel",
            ),
        ],
        className="picker",
    )


def _family(group: str, members: Sequence[str], names: Sequence[str]) -> Component:
    options: list[dict[str, Any]] = [{"value": name, "label": label(name)} for name in members]
    return html.Fieldset(
        [
            html.Legend(catalogue.group_label(group, language())),
            native.Checklist(
                id=ids.pick(group),
                options=options,
                value=[name for name in members if name in names],
                className="checks",
            ),
        ],
        className="picker-family",
    )
