"""The Comparison page: one client among all, the accepted, the refused, or those who are alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dash import ALL, ClientsideFunction, Input, Output, State, callback, clientside_callback, ctx, html, no_update
from dash.exceptions import PreventUpdate

from core.comparison.comparison_columns import axis
from core.comparison.peers import default_neighbours
from core.comparison.placing import strongest
from core.portfolio.client_search import ClientFilter
from core.text.formats import format_number
from dash_app import addresses
from dash_app.components import decisions
from dash_app.components import ids as shell_ids
from dash_app.components.marks import notice
from dash_app.errors import why_unavailable
from dash_app.i18n import _, language, mark
from dash_app.registration import register_page
from dash_app.service import NotFound, Rejected, ServiceUnavailable
from dash_app.services import scoring
from dash_app.shell.theme import theme_of
from dash_app.views.comparison import controls, export, ids, panels, selection, table, text
from dash_app.views.comparison.figures import density
from dash_app.views.comparison.layout import frame
from dash_app.views.comparison.values import label
from dash_app.words import client_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from dash_app.service import ComparisonView
    from dash_app.views.comparison.selection import Selection

register_page(__name__, addresses.comparison, name=mark("Comparison"), order=1, icon="people")

# With whom a client is compared: what every figure depends on.
_whom = (
    Input(ids.group, "value"),
    Input(ids.method, "value"),
    Input(ids.criteria, "value"),
    Input(ids.neighbours, "value"),
    Input(ids.against, "value"),
)
# The same, with what else a figure needs, for one that is drawn anew by itself.
_states = (
    *(State(each.component_id, each.component_property) for each in _whom),
    State(shell_ids.theme, "data"),
    State(ids.subject, "data"),
)


def layout(**query: str) -> Component:
    """The frame for what the address names: a client and what was chosen, or nobody yet."""
    return frame(selection.from_address(query))


@callback(
    Output(ids.names, "data"),
    Output(ids.strongest, "data"),
    Output(ids.pick(ALL), "value"),
    Output(ids.chips, "children"),
    Output(ids.picker_count, "children"),
    Input(ids.subject, "data"),
    Input(ids.pick(ALL), "value"),
    Input(ids.picker_reset, "n_clicks"),
    Input(ids.chip(ALL), "n_clicks"),
    State(ids.names, "data"),
    State(ids.strongest, "data"),
)
def _pick(
    subject: dict[str, Any],
    checked: list[list[str]],
    _reset: int | None,
    taken: list[int | None],
    names: list[str],
    first: list[str],
) -> tuple[Any, ...]:
    pressed = ctx.triggered_id
    if subject["client"] is None:
        raise PreventUpdate
    if pressed in (None, ids.subject):
        first = _strongest_reasons(subject["client"])
        names = subject["names"] or first
    elif pressed == ids.picker_reset:
        names = first
    elif pressed["type"] == ids.chip("")["type"]:
        # New buttons count as a change of the inputs; only a click is one.
        if not any(taken):
            raise PreventUpdate
        names = [name for name in names if name != pressed["name"]]
    else:
        names = list(selection.picked(names, [name for family in checked for name in family])) or names
    values = [[name for name in members if name in names] for _group, members in controls.families()]
    return names, first, values, controls.chips(names), controls.count(names)


@callback(
    Output(ids.overview, "children"),
    Output(ids.statistics, "children"),
    Output(ids.distribution, "children"),
    Output(ids.density, "children"),
    Output(ids.drawn_feature, "data"),
    Output(ids.drawn_axes, "data"),
    Output(ids.who, "children"),
    Output(ids.feature, "options"),
    Output(ids.feature, "value"),
    Output(ids.x, "options"),
    Output(ids.x, "value"),
    Output(ids.y, "options"),
    Output(ids.y, "value"),
    Output(ids.against_note, "children"),
    Output(ids.neighbours_note, "children"),
    Output(ids.address, "data"),
    Output(ids.decision, "children"),
    Output(ids.problem, "children"),
    Output(ids.workspace, "hidden"),
    Output(ids.results, "hidden"),
    Input(ids.names, "data"),
    *_whom,
    Input(shell_ids.theme, "data"),
    State(ids.view, "value"),
    State(ids.subject, "data"),
    State(ids.strongest, "data"),
    State(ids.feature, "value"),
    State(ids.x, "value"),
    State(ids.y, "value"),
    State(ids.colour, "value"),
)
def _compare(names: list[str], *inputs: Any) -> tuple[Any, ...]:
    *whom, theme, shape, subject, first, feature, x, y, colour = inputs
    asked = selection.from_controls(subject["client"], names, *whom)
    if asked.client is None:
        raise PreventUpdate
    try:
        # The figures are drawn together: each one by itself would have the client compared once more.
        view = _whole(asked, x, y)
    except (ServiceUnavailable, NotFound) as error:
        # What is shown stays, and so does what was chosen; without anything shown there is nothing to keep.
        return *[no_update] * 17, _problem(error), isinstance(error, NotFound), feature is None
    compared = [each.name for each in view.features]
    numbers = _numbers(compared)
    feature, x, y = selection.kept(feature, compared), selection.kept(x, numbers), selection.kept(y, numbers, 1)
    kept = replace(asked, names=() if names == first else tuple(names))
    drawn = theme_of(theme)
    return (
        panels.overview(view, _shape(shape), drawn),
        table.statistics(view),
        panels.distribution(view, feature, drawn) if feature else [],
        panels.density(view, _colour(colour), drawn),
        feature,
        [x, y, colour],
        _who(view),
        _options(compared),
        feature,
        _options(numbers),
        x,
        _options(numbers),
        y,
        _against_note(whom[-1], view),
        _neighbours_note(whom[-2]),
        addresses.at(selection.to_address(kept)),
        _decided(view),
        None,
        False,
        False,
    )


@callback(
    Output(ids.overview, "children", allow_duplicate=True),
    Input(ids.view, "value"),
    State(ids.names, "data"),
    *_states,
    prevent_initial_call=True,
)
def _reshape(shape: str, names: list[str], *inputs: Any) -> Any:
    *whom, theme, subject = inputs
    asked = selection.from_controls(subject["client"], names, *whom)
    try:
        return panels.overview(_asked(asked), _shape(shape), theme_of(theme))
    except (ServiceUnavailable, NotFound):
        # The page already says what fails.
        return no_update


@callback(
    Output(ids.distribution, "children", allow_duplicate=True),
    Output(ids.drawn_feature, "data", allow_duplicate=True),
    Input(ids.feature, "value"),
    State(ids.drawn_feature, "data"),
    *_states,
    prevent_initial_call=True,
)
def _distribute(feature: str | None, shown: str | None, *inputs: Any) -> tuple[Any, Any]:
    *whom, theme, subject = inputs
    if feature is None or feature == shown or subject["client"] is None:
        raise PreventUpdate
    asked = selection.from_controls(subject["client"], [feature], *whom)
    try:
        return panels.distribution(_asked(asked), feature, theme_of(theme)), feature
    except (ServiceUnavailable, NotFound):
        return no_update, no_update


@callback(
    Output(ids.density, "children", allow_duplicate=True),
    Output(ids.drawn_axes, "data", allow_duplicate=True),
    Input(ids.x, "value"),
    Input(ids.y, "value"),
    Input(ids.colour, "value"),
    State(ids.drawn_axes, "data"),
    *_states,
    prevent_initial_call=True,
)
def _cross(x: str | None, y: str | None, colour: str, shown: list[str | None], *inputs: Any) -> tuple[Any, Any]:
    *whom, theme, subject = inputs
    query = [x, y, colour]
    if subject["client"] is None or query == shown:
        raise PreventUpdate
    asked = selection.from_controls(subject["client"], [x] if x else [], *whom)
    try:
        return panels.density(_asked(asked, x=x or "", y=y or ""), _colour(colour), theme_of(theme)), query
    except (ServiceUnavailable, NotFound):
        return no_update, no_update


@callback(
    Output(ids.download, "data"),
    Input(ids.csv, "n_clicks"),
    Input(ids.xlsx, "n_clicks"),
    State(ids.names, "data"),
    *(State(each.component_id, each.component_property) for each in _whom),
    State(ids.subject, "data"),
    prevent_initial_call=True,
)
def _export(_csv: int | None, _xlsx: int | None, names: list[str], *inputs: Any) -> dict[str, Any]:
    *whom, subject = inputs
    asked = selection.from_controls(subject["client"], names, *whom)
    if asked.client is None:
        raise PreventUpdate
    view = _asked(asked)
    stem = _("comparison-{client}", client=view.client_id)
    if ctx.triggered_id == ids.xlsx:
        return export.download(export.xlsx_file(view), f"{stem}.xlsx")
    return export.download(export.csv_file(view), f"{stem}.csv")


# The address follows what is chosen, so that it can be sent on, or reloaded, without another page in the history.
clientside_callback(
    ClientsideFunction("comparison", "keepAddress"), Input(ids.address, "data"), prevent_initial_call=True
)


def _asked(asked: Selection, **changed: str) -> ComparisonView:
    """The comparison, without the other client where there is none of that number."""
    if asked.client is None:
        raise PreventUpdate
    try:
        return scoring().compare(asked.client, selection.choice(asked, **changed), language())
    except NotFound:
        if asked.against is None:
            raise
    alone = replace(asked, against=None)
    return scoring().compare(asked.client, selection.choice(alone, **changed), language())


def _whole(asked: Selection, x: str | None, y: str | None) -> ComparisonView:
    """The comparison with two numbers against each other: those chosen, else the first two of what is compared."""
    numbers = _numbers(asked.names)
    view = _asked(asked, x=selection.kept(x, numbers) or "", y=selection.kept(y, numbers, 1) or "")
    if asked.names or view.density is not None:
        return view
    # The service has chosen what is compared.
    return _whole(replace(asked, names=tuple(feature.name for feature in view.features)), x, y)


def _decided(view: ComparisonView) -> list[Component]:
    """The decision that counts on the client, and on the other one where two stand side by side."""
    own = decisions.stamp(view.decision, view.final_decision, is_known=view.current_decision is not None)
    if view.against is None or view.client_id is None:
        return [own]
    number = view.against.client_id
    try:
        found = scoring().clients(ClientFilter(str(number)), 50).clients
    except ServiceUnavailable:
        return [own]
    other = next((client for client in found if client.client_id == number), None)
    if other is None:
        return [own]
    second = decisions.stamp(other.decision, other.final_decision, is_known=other.current_decision is not None)
    both = ((view.client_id, own), (number, second))
    return [html.Div([html.Strong(client_name(client)), shown], className="side-decision") for client, shown in both]


def _numbers(names: Sequence[str]) -> list[str]:
    return [name for name in names if not axis(name).categorical]


def _shape(name: str | None) -> panels.Shape:
    return "radar" if name == "radar" else "dots"


def _colour(name: str | None) -> density.Colour:
    return "default" if name == "default" else "clients"


def _strongest_reasons(client: int) -> list[str]:
    try:
        reasons = scoring().assess(scoring().client(client).features, language(), client_id=client).top_features
    except (ServiceUnavailable, NotFound, Rejected):
        # The comparison that follows says what fails, or finds the reasons by itself.
        return []
    return list(strongest(reason.feature for reason in reasons))


def _problem(error: ServiceUnavailable | NotFound) -> Component:
    if isinstance(error, NotFound):
        return notice(_("There is no client with this number."), _("Check the number, or pick one from the list."))
    return notice(
        _("No comparison for now: {why}.", why=why_unavailable(error)),
        _("What you chose is kept. Try again in a moment."),
    )


def _who(view: ComparisonView) -> str:
    sentences = [text.population(view)]
    if view.group == "similar":
        sentences += [view.peers.text, text.not_asked(view.peers.unknown)]
    return ". ".join(sentence.rstrip(".") for sentence in sentences if sentence) + "."


def _against_note(typed: str | None, view: ComparisonView) -> str:
    if not (typed or "").strip() or view.against is not None:
        return ""
    if addresses.client_number(typed) is None:
        return _("A client number is made of digits.")
    return _("There is no client with this number.")


def _neighbours_note(typed: object) -> str:
    if selection.neighbours_in(typed) is not None:
        return ""
    low, high = selection.fewest_neighbours, selection.max_neighbours
    return _(
        "Enter a number from {low} to {high}. Until then {count} are compared.",
        low=low,
        high=format_number(high, language()),
        count=default_neighbours,
    )


def _options(names: Sequence[str]) -> list[dict[str, str]]:
    return [{"value": name, "label": label(name)} for name in names]
