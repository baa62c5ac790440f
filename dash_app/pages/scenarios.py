"""The Simulation page: thresholds and circumstances tried on many applications at once."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from dash import ALL, ClientsideFunction, Input, Output, State, callback, clientside_callback, ctx, no_update
from dash.exceptions import PreventUpdate

from core.scenarios.rules import Rule, Scenario, longest_name, most_rules
from dash_app import addresses
from dash_app.components import ids as shell_ids
from dash_app.components.marks import notice
from dash_app.errors import why_unavailable
from dash_app.i18n import _, language, mark
from dash_app.registration import register_part
from dash_app.service import NotFound, Refused, Rejected, ServiceUnavailable
from dash_app.service.scenarios import portfolio
from dash_app.services import jobs, scenarios
from dash_app.theme import themes
from dash_app.views.comparison.export import download
from dash_app.views.scenarios import definitions, export, ids, kept, results, rule_words, trial
from dash_app.views.scenarios.layout import frame

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from dash_app.theme import Theme

_most_listed: Final = 50


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
    options = [{"value": portfolio, "label": _("Clients on hand")}]
    try:
        done = [each for each in jobs().imports(_most_listed) if each.status == "done" and each.rows_scored]
    except ServiceUnavailable:
        done = []
    options += [{"value": each.id, "label": each.file_name} for each in done]
    if asked["population"] not in [each["value"] for each in options]:
        options.append({"value": asked["population"], "label": _("An import")})
    return options


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
    except (ServiceUnavailable, NotFound, Refused, Rejected) as error:
        return *[no_update] * 3, "", no_update, no_update, addresses.of_scenarios(population), _problem(error), True
    held = results.held(view)
    return (
        held,
        results.curve(view, _theme(theme)),
        results.curve_table(view),
        results.population(view),
        held["reach"] * 100,
        view.best_observed is None,
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

# The address follows who is chosen, without another page in the history.
clientside_callback(ClientsideFunction("scenarios", "keepAddress"), Input(ids.address, "data"))


@callback(
    Output(ids.listed, "children"),
    Output(ids.signature, "data"),
    Input(ids.kept, "data"),
    State(ids.signature, "data"),
)
def _list_scenarios(data: Any, before: str | None) -> tuple[Any, Any]:
    found = definitions.restored(data)
    signature = json.dumps([language(), [asdict(replace(each, chosen=False)) for each in found]])
    # What is ticked shows by itself; drawing the list anew would take the focus away.
    return (no_update, no_update) if signature == before else (kept.listed(found), signature)


@callback(
    Output(ids.kept, "data"),
    Output(ids.file_note, "children"),
    Input(ids.chosen(ALL), "value"),
    Input(ids.delete(ALL), "n_clicks"),
    Input(ids.restore, "n_clicks"),
    Input(ids.saved, "data"),
    Input(ids.from_file, "data"),
    State(ids.chosen(ALL), "id"),
    State(ids.kept, "data"),
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
    found, pressed = definitions.restored(data), ctx.triggered_id
    new, note = found, None
    if pressed == ids.restore:
        missing = [each for each in definitions.ready() if each.key not in {one.key for one in found}]
        new = (*missing, *found)
    elif pressed == ids.saved and saved:
        new = _with(found, saved)
    elif pressed == ids.from_file and sent:
        new, note = _imported(found, sent)
    elif isinstance(pressed, dict) and pressed["type"] == ids.delete("")["type"] and any(removed):
        new = tuple(each for each in found if each.key != pressed["key"])
    elif isinstance(pressed, dict) and pressed["type"] == ids.chosen("")["type"]:
        now = {each["key"]: value for each, value in zip(keys, ticked, strict=True)}
        new = tuple(replace(each, chosen=bool(now.get(each.key, each.chosen))) for each in found)
    if new == found:
        if note is None:
            raise PreventUpdate
        return no_update, note
    return definitions.stored(new), note


def _with(found: tuple[definitions.Kept, ...], saved: dict[str, Any]) -> tuple[definitions.Kept, ...]:
    scenario = Scenario(saved["name"], _rules(saved["rules"]))
    if saved["key"] in {each.key for each in found}:
        return definitions.changed(found, saved["key"], scenario)
    return definitions.added(found, [scenario], saved["new_key"])


def _imported(
    found: tuple[definitions.Kept, ...], sent: dict[str, Any]
) -> tuple[tuple[definitions.Kept, ...], Component | None]:
    try:
        read = definitions.from_file(str(sent["text"]).encode())
    except definitions.UnusableFile as error:
        return found, notice(_("No scenario was imported."), str(error))
    new = definitions.added(found, read, f"file-{sent['time']}")
    count = len(new) - len(found)
    return new, notice(_("Scenarios imported: {count}.", count=count), tone="for")


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
    State(ids.kept, "data"),
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
    *given: Any,
) -> tuple[Any, ...]:
    _save, _cancel, draft, data, name, *fields = given
    pressed, rules = ctx.triggered_id, _rules(draft["rules"])
    if isinstance(pressed, dict) and not any(edited if pressed["type"] == ids.edit("")["type"] else dropped):
        # New buttons count as a change of the inputs; only a click is one.
        raise PreventUpdate
    if pressed == ids.editor_open:
        return _drafted(None, ()), kept.draft(()), False, _("New scenario"), "", "", None, no_update
    if pressed == ids.cancel:
        return *[no_update] * 2, True, *[no_update] * 5
    if pressed == ids.add_rule:
        return _ruled(draft["key"], rules, fields)
    if pressed == ids.save:
        return _saved(draft["key"], rules, name)
    if pressed["type"] == ids.drop("")["type"]:
        rules = tuple(each for place, each in enumerate(rules) if place != pressed["place"])
        return _drafted(draft["key"], rules), kept.draft(rules), *[no_update] * 4, None, no_update
    of = next(each for each in definitions.restored(data) if each.key == pressed["key"])
    title = _("Change: {name}", name=of.title)
    return _drafted(of.key, of.rules), kept.draft(of.rules), False, title, of.title, "", None, no_update


def _ruled(key: str | None, rules: tuple[Rule, ...], fields: list[Any]) -> tuple[Any, ...]:
    if len(rules) >= most_rules:
        full = notice(_("A scenario has at most {most} rules.", most=most_rules))
        return *[no_update] * 6, full, no_update
    try:
        rules = (*rules, rule_words.typed(*fields))
    except rule_words.UnusableInput as error:
        return *[no_update] * 6, notice(str(error)), no_update
    return _drafted(key, rules), kept.draft(rules), *[no_update] * 3, "", None, no_update


def _saved(key: str | None, rules: tuple[Rule, ...], name: str | None) -> tuple[Any, ...]:
    called = (name or "").strip()
    if not rules:
        return *[no_update] * 6, notice(_("Add at least one rule.")), no_update
    if not 1 <= len(called) <= longest_name:
        return *[no_update] * 6, notice(_("Give the scenario a name.")), no_update
    saved = _drafted(key, rules) | {"name": called, "new_key": f"own-{time.time_ns()}"}
    return *[no_update] * 2, True, *[no_update] * 3, None, saved


def _drafted(key: str | None, rules: tuple[Rule, ...]) -> dict[str, Any]:
    return {"key": key, "rules": [asdict(each) for each in rules]}


def _rules(given: list[dict[str, Any]]) -> tuple[Rule, ...]:
    return tuple(Rule(**each) for each in given)


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
    choices, codes = rule_words.choices(name), rule_words.codes(name)
    return choices, choices[0]["value"], codes, codes[0]["value"] if codes else ""


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
    coded, missing = bool(rule_words.codes(name)), operation == "missing"
    return coded or missing, not coded or missing, rule_words.unit(name, operation)


@callback(
    Output(ids.trial, "data"),
    Output(ids.comparison, "children"),
    Output(ids.flow_of, "options"),
    Output(ids.flow_of, "value"),
    Input(ids.threshold, "data"),
    Input(ids.kept, "data"),
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
        view = scenarios().run(population, [each.scenario for each in chosen], threshold, language())
    except (ServiceUnavailable, NotFound, Refused, Rejected) as error:
        return no_update, _problem(error), no_update, no_update
    options = [{"value": each.key, "label": each.title} for each in chosen]
    keys = [each.key for each in chosen]
    # First shown is the one that changes most decisions.
    most = max(zip(keys, view.scenarios, strict=True), key=lambda each: each[1].turned)[0]
    held_trial = trial.held(view) | {"keys": keys}
    return held_trial, results.comparison(view), options, shown if shown in keys else most


@callback(
    Output(ids.flow, "children"),
    Input(ids.trial, "data"),
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
    found = trial.read(data).scenarios[data["keys"].index(key)]
    return results.flow(found, "band" if by == "band" else "decision", _theme(theme))


@callback(
    Output(ids.download, "data"),
    Input(ids.csv, "n_clicks"),
    Input(ids.xlsx, "n_clicks"),
    Input(ids.to_file, "n_clicks"),
    State(ids.trial, "data"),
    State(ids.kept, "data"),
    prevent_initial_call=True,
)
def _export(
    _csv: int | None, _xlsx: int | None, _json: int | None, data: dict[str, Any] | None, stored: Any
) -> dict[str, Any]:
    found, stem = definitions.restored(stored), _("scenarios")
    if ctx.triggered_id == ids.to_file:
        return download(definitions.to_file(found).encode(), f"{stem}.json")
    if data is None:
        raise PreventUpdate
    view = trial.read(data)
    if ctx.triggered_id == ids.xlsx:
        return download(export.xlsx_file(view, found), f"{stem}.xlsx")
    return download(export.csv_file(view, found), f"{stem}.csv")


def _problem(error: Exception) -> Component:
    if isinstance(error, ServiceUnavailable):
        return notice(
            _("Nothing can be tried now: {why}.", why=why_unavailable(error)), _("Try again in a moment."), tone="plain"
        )
    if isinstance(error, NotFound):
        return notice(_("There is no such import."), _("It was removed, or kept long enough."), tone="plain")
    why = error.detail if isinstance(error, Refused) else ""
    return notice(_("Nothing can be tried on this file."), why, tone="plain")


def _theme(name: str | None) -> Theme:
    return themes["dark" if name == "dark" else "light"]
