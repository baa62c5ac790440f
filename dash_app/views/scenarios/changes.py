"""Changes of the list of scenarios: ticked, removed, saved, read from a file, brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.scenarios.rules import Rule, Scenario, max_scenarios
from dash_app.components.marks import notice
from dash_app.i18n import _
from dash_app.views.scenarios import definitions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash.development.base_component import Component

    from dash_app.views.scenarios.definitions import SavedScenario

Kepts = tuple[definitions.SavedScenario, ...]
Changed = tuple[Kepts, "Component | None"]


def saved(found: Kepts, given: Mapping[str, Any]) -> Changed:
    """With the scenario of the editor, in the place of the one that was changed or behind all others."""
    scenario = Scenario(given["name"], tuple(Rule(**rule) for rule in given["rules"]))
    if given["key"] in {each.key for each in found}:
        return definitions.changed(found, given["key"], scenario), None
    return _added(found, [scenario], given["new_key"])


def imported(found: Kepts, given: Mapping[str, Any]) -> Changed:
    """With the scenarios of a file, and what came of it."""
    try:
        read = definitions.from_file(str(given["text"]).encode())
    except definitions.UnusableScenarios as error:
        return found, notice(_("No scenario was imported."), str(error))
    new, full = _added(found, read, f"file-{given['time']}")
    count = len(new) - len(found)
    return new, full or notice(_("Scenarios imported: {count}.", count=count), tone="for")


def brought_back(found: Kepts) -> Changed:
    """With the ready-made scenarios that are missing, first."""
    missing = [each for each in definitions.ready() if each.key not in {one.key for one in found}]
    if not missing:
        return found, notice(_("All ready-made scenarios are in the list."), tone="plain")
    if len(found) + len(missing) > definitions.max_kept:
        return found, _full()
    return (*missing, *found), None


def removed(found: Kepts, key: str) -> Changed:
    """Without one; it is said which."""
    gone = next((each for each in found if each.key == key), None)
    if gone is None:
        return found, None
    left = tuple(each for each in found if each.key != key)
    return left, notice(_("Removed: {name}.", name=gone.title), tone="plain")


def ticked(found: Kepts, values: Mapping[str, bool]) -> Changed:
    """As the boxes are, by key."""
    return tuple(definitions.chosen(each, values.get(each.key, each.chosen)) for each in found), None


def limit(found: Sequence[SavedScenario]) -> Component | str:
    """How many are compared; of those that are ticked beyond the limit, which are left out."""
    count = sum(each.chosen for each in found)
    if count <= max_scenarios:
        return _("{count} compared, of {most} at most at a time.", count=count, most=max_scenarios)
    shown = {each.key for each in definitions.compared(found)}
    names = ", ".join(each.title for each in found if each.chosen and each.key not in shown)
    return notice(
        _("{count} scenarios are ticked, {most} are compared at a time.", count=count, most=max_scenarios),
        _("Left out: {names}. Untick others to see them.", names=names),
    )


def _added(found: Kepts, new: Sequence[Scenario], key: str) -> Changed:
    room = definitions.max_kept - len(found)
    if room <= 0:
        return found, _full()
    taken = definitions.added(found, new[:room], key)
    if len(new) <= room:
        return taken, None
    title = _("Scenarios imported: {count}.", count=room)
    more = _("The file has {count} more; {most} are kept at most.", count=len(new) - room, most=definitions.max_kept)
    return taken, notice(title, more)


def _full() -> Component:
    return notice(_("{most} scenarios are kept at most: remove one first.", most=definitions.max_kept))
