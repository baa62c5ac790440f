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


def saved(kept: Kepts, submission: Mapping[str, Any]) -> Changed:
    """With the scenario of the editor, in the place of the one that was changed or behind all others."""
    scenario = Scenario(submission["name"], tuple(Rule(**rule) for rule in submission["rules"]))
    if submission["key"] in {each.key for each in kept}:
        return definitions.changed(kept, submission["key"], scenario), None
    return _added(kept, [scenario], submission["new_key"])


def imported(kept: Kepts, submission: Mapping[str, Any]) -> Changed:
    """With the scenarios of a file, and what came of it."""
    try:
        read = definitions.from_file(str(submission["text"]).encode())
    except definitions.UnusableScenarios as error:
        return kept, notice(_("No scenario was imported."), str(error))
    new, full = _added(kept, read, f"file-{submission['time']}")
    count = len(new) - len(kept)
    return new, full or notice(_("Scenarios imported: {count}.", count=count), tone="for")


def brought_back(kept: Kepts) -> Changed:
    """With the ready-made scenarios that are missing, first."""
    missing = [scenario for scenario in definitions.ready() if scenario.key not in {one.key for one in kept}]
    if not missing:
        return kept, notice(_("All ready-made scenarios are in the list."), tone="plain")
    if len(kept) + len(missing) > definitions.max_kept:
        return kept, _full()
    return (*missing, *kept), None


def removed(kept: Kepts, key: str) -> Changed:
    """Without one; it is said which."""
    gone = next((scenario for scenario in kept if scenario.key == key), None)
    if gone is None:
        return kept, None
    left = tuple(scenario for scenario in kept if scenario.key != key)
    return left, notice(_("Removed: {name}.", name=gone.title), tone="plain")


def ticked(kept: Kepts, values: Mapping[str, bool]) -> Changed:
    """As the boxes are, by key."""
    return tuple(definitions.chosen(scenario, values.get(scenario.key, scenario.chosen)) for scenario in kept), None


def limit(kept: Sequence[SavedScenario]) -> Component | str:
    """How many are compared; of those that are ticked beyond the limit, which are left out."""
    count = sum(scenario.chosen for scenario in kept)
    if count <= max_scenarios:
        return _("{count} compared, of {most} at most at a time.", count=count, most=max_scenarios)
    shown = {scenario.key for scenario in definitions.compared(kept)}
    names = ", ".join(scenario.title for scenario in kept if scenario.chosen and scenario.key not in shown)
    return notice(
        _("{count} scenarios are ticked, {most} are compared at a time.", count=count, most=max_scenarios),
        _("Left out: {names}. Untick others to see them.", names=names),
    )


def _added(kept: Kepts, new: Sequence[Scenario], key: str) -> Changed:
    room = definitions.max_kept - len(kept)
    if room <= 0:
        return kept, _full()
    taken = definitions.added(kept, new[:room], key)
    if len(new) <= room:
        return taken, None
    title = _("Scenarios imported: {count}.", count=room)
    more = _("The file has {count} more; {most} are kept at most.", count=len(new) - room, most=definitions.max_kept)
    return taken, notice(title, more)


def _full() -> Component:
    return notice(_("{most} scenarios are kept at most: remove one first.", most=definitions.max_kept))
