"""The Simulation page: thresholds and circumstances tried on many applications at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from dash import ALL, ClientsideFunction, Input, Output, State, callback, clientside_callback, ctx, no_update
from dash.exceptions import PreventUpdate

from dash_app import addresses
from dash_app.components import ids as shell_ids
from dash_app.i18n import language, mark
from dash_app.registration import register_part
from dash_app.service import ServiceUnavailable
from dash_app.services import jobs, scenarios
from dash_app.shell.theme import theme_of
from dash_app.views.scenarios import (
    changes,
    definitions,
    editor,
    export,
    ids,
    population_picker,
    results,
    rule_words,
    saved_scenarios,
    stored_run,
)
from dash_app.views.scenarios.layout import frame

if TYPE_CHECKING:
    from dash.development.base_component import Component


_max_listed: Final = 50


def layout(population: str | None = None, **_others: str) -> Component:
    """The frame for the population that the address names, or for the clients on hand."""
    return frame(population)


# Dash imports the modules here that have `register_page` in their text.
register_part(
    "simulation-scenarios",
    addresses.scenarios,
    name=mark("Simulation"),
    whole=mark("Import and simulation"),
    layout=layout,
)


@callback(Output(ids.population, "options"), Input(ids.asked, "data"))
def _list_populations(asked: dict[str, Any]) -> list[dict[str, str]]:
    try:
        imports = jobs().imports(_max_listed)
    except ServiceUnavailable:
        imports = []
    return population_picker.options(imports, asked["population"])


@callback(
    Output(ids.curve, "data"),
    Output(ids.curve_panel, "children"),
    Output(ids.curve_table, "children"),
    Output(ids.population_note, "children"),
    Output(ids.slider, "max"),
    Output(ids.hindsight, "hidden"),
    Output(ids.address, "data"),
    Output(ids.problem, "children"),
    Output(ids.workspace, "hidden"),
    Input(ids.population, "value"),
    Input(shell_ids.theme, "data"),
)
def _show_curve(population: str, theme: str | None) -> tuple[Any, ...]:
    try:
        view = scenarios().curve(population, language())
    except population_picker.unusable as error:
        return (
            *[no_update] * 3,
            "",
            no_update,
            no_update,
            addresses.of_scenarios(population),
            population_picker.problem(error),
            True,
        )
    answer = view.answer
    held = results.held(answer)
    return (
        held,
        results.curve(answer, theme_of(theme)),
        results.curve_table(answer),
        results.population(view),
        held["reach"] * 100,
        answer.best_observed is None,
        addresses.of_scenarios(population),
        None,
        False,
    )


# The browser answers a threshold that moves by itself, from the curve.
clientside_callback(
    ClientsideFunction("scenarios", "move"),
    Output(ids.slider, "value"),
    Output(ids.number, "value"),
    Output(ids.said, "children"),
    Output(ids.number_problem, "children"),
    *(Output(ids.tile(part, kind), "children") for part in ids.tile_parts for kind in ids.tile_kinds),
    Input(ids.curve, "data"),
    Input(ids.slider, "value"),
    Input(ids.number, "value"),
    Input(ids.today, "n_clicks"),
    Input(ids.best, "n_clicks"),
    Input(ids.hindsight, "n_clicks"),
    State(ids.threshold, "data"),
    prevent_initial_call=True,
)

# The address follows who is chosen; the focus follows the editor.
clientside_callback(ClientsideFunction("scenarios", "keepAddress"), Input(ids.address, "data"))
clientside_callback(ClientsideFunction("scenarios", "focus"), Input(ids.editor, "hidden"), prevent_initial_call=True)


@callback(
    Output(ids.listed, "children"),
    Output(ids.signature, "data"),
    Output(ids.limit, "children"),
    Input(ids.saved_scenarios, "data"),
    State(ids.signature, "data"),
)
def _list_scenarios(data: Any, before: str | None) -> tuple[Any, ...]:
    restored = definitions.restored(data)
    signature = saved_scenarios.signature(restored)
    # What is ticked shows by itself; drawing the list anew would take the focus away.
    drawn = (no_update, no_update) if signature == before else (saved_scenarios.listed(restored), signature)
    return *drawn, changes.limit(restored)


@callback(
    Output(ids.saved_scenarios, "data"),
    Output(ids.file_note, "children"),
    Input(ids.chosen(ALL), "value"),
    Input(ids.delete(ALL), "n_clicks"),
    Input(ids.restore, "n_clicks"),
    Input(ids.saved, "data"),
    Input(ids.from_file, "data"),
    State(ids.chosen(ALL), "id"),
    State(ids.saved_scenarios, "data"),
    prevent_initial_call=True,
)
def _change_scenarios(
    ticked: list[bool],
    removed: list[int | None],
    _restore: int | None,
    saved: dict[str, Any] | None,
    sent: dict[str, Any] | None,
    keys: list[dict[str, str]],
    data: Any,
) -> tuple[Any, Any]:
    restored, pressed = definitions.restored(data), ctx.triggered_id
    new, note = restored, None
    if pressed == ids.restore:
        new, note = changes.brought_back(restored)
    elif pressed == ids.saved and saved:
        new, note = changes.saved(restored, saved)
    elif pressed == ids.from_file and sent:
        new, note = changes.imported(restored, sent)
    elif isinstance(pressed, dict) and pressed["type"] == ids.delete("")["type"] and any(removed):
        new, note = changes.removed(restored, pressed["key"])
    elif isinstance(pressed, dict) and pressed["type"] == ids.chosen("")["type"]:
        values = {key["key"]: bool(value) for key, value in zip(keys, ticked, strict=True)}
        new, note = changes.ticked(restored, values)
    if new == restored:
        if note is None:
            raise PreventUpdate
        return no_update, note
    return definitions.stored(new), note


@callback(
    Output(ids.draft, "data"),
    Output(ids.rules, "children"),
    Output(ids.editor, "hidden"),
    Output(ids.editor_title, "children"),
    Output(ids.name, "value"),
    Output(ids.value, "value"),
    Output(ids.editor_problem, "children"),
    Output(ids.saved, "data"),
    Input(ids.editor_open, "n_clicks"),
    Input(ids.edit(ALL), "n_clicks"),
    Input(ids.add_rule, "n_clicks"),
    Input(ids.drop(ALL), "n_clicks"),
    Input(ids.save, "n_clicks"),
    Input(ids.cancel, "n_clicks"),
    State(ids.draft, "data"),
    State(ids.saved_scenarios, "data"),
    State(ids.name, "value"),
    State(ids.column, "value"),
    State(ids.operation, "value"),
    State(ids.value, "value"),
    State(ids.code, "value"),
    prevent_initial_call=True,
)
def _edit(
    _opened: int | None,
    edited: list[int | None],
    _added: int | None,
    dropped: list[int | None],
    *inputs: Any,
) -> tuple[Any, ...]:
    _save, _cancel, draft, data, name, *fields = inputs
    pressed, rule = ctx.triggered_id, cast("editor.Fields", tuple(fields))
    if pressed == ids.editor_open:
        return editor.opened().outputs
    if pressed == ids.cancel:
        return editor.closed().outputs
    if pressed == ids.add_rule:
        return editor.ruled(draft, rule).outputs
    if pressed == ids.save:
        return editor.saved(draft, name, rule).outputs
    # New buttons count as a change of the inputs; only a click is one.
    if pressed["type"] == ids.drop("")["type"] and any(dropped):
        return editor.dropped(draft, pressed["place"]).outputs
    if pressed["type"] == ids.edit("")["type"] and any(edited):
        restored = definitions.restored(data)
        return editor.changing(next(each for each in restored if each.key == pressed["key"])).outputs
    raise PreventUpdate


@callback(
    Output(ids.operation, "options"),
    Output(ids.operation, "value"),
    Output(ids.code, "options"),
    Output(ids.code, "value"),
    Input(ids.column, "value"),
    prevent_initial_call=True,
)
def _choose_column(name: str | None) -> tuple[Any, ...]:
    if not name:
        raise PreventUpdate
    return rule_words.offered(name)


@callback(
    Output(ids.value_place, "hidden"),
    Output(ids.code_place, "hidden"),
    Output(ids.value_unit, "children"),
    Input(ids.operation, "value"),
    State(ids.column, "value"),
    prevent_initial_call=True,
)
def _choose_operation(operation: str | None, name: str | None) -> tuple[bool, bool, str]:
    if not name or not operation:
        raise PreventUpdate
    return rule_words.asked(name, operation)


@callback(
    Output(ids.run, "data"),
    Output(ids.comparison, "children"),
    Output(ids.flow_of, "options"),
    Output(ids.flow_of, "value"),
    Input(ids.threshold, "data"),
    Input(ids.saved_scenarios, "data"),
    State(ids.population, "value"),
    Input(ids.curve, "data"),
    State(ids.flow_of, "value"),
    prevent_initial_call=True,
)
def _compare(threshold: float | None, data: Any, population: str, held: Any, shown: str | None) -> tuple[Any, ...]:
    if threshold is None or held is None:
        raise PreventUpdate
    chosen = definitions.compared(definitions.restored(data))
    if not chosen:
        return None, results.nothing(), [], None
    try:
        run = scenarios().run(population, [definition.scenario for definition in chosen], threshold, language())
    except population_picker.unusable as error:
        return no_update, population_picker.problem(error), no_update, no_update
    keys = [definition.key for definition in chosen]
    options = [{"value": definition.key, "label": definition.title} for definition in chosen]
    return (
        stored_run.held(run, keys),
        results.comparison(run.answer),
        options,
        shown if shown in keys else keys[stored_run.largest(run)],
    )


@callback(
    Output(ids.flow, "children"),
    Input(ids.run, "data"),
    Input(ids.flow_of, "value"),
    Input(ids.flow_by, "value"),
    Input(shell_ids.theme, "data"),
    prevent_initial_call=True,
)
def _flow(data: dict[str, Any] | None, key: str | None, by: str, theme: str | None) -> Any:
    if data is None:
        return results.nothing()
    if key not in data["keys"]:
        raise PreventUpdate
    outcome = stored_run.read(data).answer.scenarios[data["keys"].index(key)]
    return results.flow(outcome, "band" if by == "band" else "decision", theme_of(theme))


@callback(
    Output(ids.download, "data"),
    Input(ids.csv, "n_clicks"),
    Input(ids.xlsx, "n_clicks"),
    Input(ids.to_file, "n_clicks"),
    State(ids.run, "data"),
    State(ids.saved_scenarios, "data"),
    prevent_initial_call=True,
)
def _export(
    _csv: int | None, _xlsx: int | None, _json: int | None, data: dict[str, Any] | None, stored: Any
) -> dict[str, Any]:
    restored = definitions.restored(stored)
    if ctx.triggered_id == ids.to_file:
        return export.definitions_file(restored)
    if data is None:
        raise PreventUpdate
    return export.asked("xlsx" if ctx.triggered_id == ids.xlsx else "csv", data, restored)
