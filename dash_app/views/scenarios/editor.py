"""The editor of a scenario: opened, a rule added or dropped, saved."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from dash import no_update

from core.scenarios.rules import Rule, longest_name, max_rules
from dash_app.components.marks import notice
from dash_app.i18n import _
from dash_app.views.scenarios import rule_words, saved_scenarios

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash_app.views.scenarios.definitions import SavedScenario


@dataclass(frozen=True, slots=True)
class Editor:
    """What changes in the editor, in the order of the outputs of the callback; the rest stays.

    Attributes:
        draft: the scenario that is made, for the browser.
        rules: the same to be read.
        hidden: whether the editor is closed.
        saved: the scenario that the list takes.
    """

    draft: Any = no_update
    rules: Any = no_update
    hidden: Any = no_update
    title: Any = no_update
    name: Any = no_update
    value: Any = no_update
    problem: Any = None
    saved: Any = no_update

    @property
    def outputs(self) -> tuple[Any, ...]:
        """In the order of the attributes."""
        return tuple(getattr(self, slot) for slot in self.__slots__)


Fields = tuple[str | None, str | None, str | None, str | None]


def opened() -> Editor:
    """For a scenario that is new."""
    return Editor(_draft(None, ()), saved_scenarios.draft(()), hidden=False, title=_("New scenario"), name="", value="")


def changing(of: SavedScenario) -> Editor:
    """For a scenario that is kept."""
    title = _("Change: {name}", name=of.title)
    return Editor(
        _draft(of.key, of.rules), saved_scenarios.draft(of.rules), hidden=False, title=title, name=of.title, value=""
    )


def closed() -> Editor:
    """Nothing is kept of it."""
    return Editor(hidden=True)


def ruled(draft: Mapping[str, Any], fields: Fields) -> Editor:
    """With the rule that the fields stand for: column, operation, value and code."""
    rules = read(draft)
    if len(rules) >= max_rules:
        return Editor(problem=notice(_("A scenario has at most {most} rules.", most=max_rules)))
    try:
        rules = (*rules, rule_words.typed(*fields))
    except rule_words.UnusableInput as error:
        return Editor(problem=notice(str(error)))
    return Editor(_draft(draft["key"], rules), saved_scenarios.draft(rules), value="")


def dropped(draft: Mapping[str, Any], place: int) -> Editor:
    """Without the rule of a place."""
    rules = tuple(rule for at, rule in enumerate(read(draft)) if at != place)
    return Editor(_draft(draft["key"], rules), saved_scenarios.draft(rules))


def saved(draft: Mapping[str, Any], name: str | None, fields: Fields) -> Editor:
    """Under its name; a single rule that was filled in and not added is taken as it stands."""
    called, rules = (name or "").strip(), read(draft)
    if not 1 <= len(called) <= longest_name:
        return Editor(problem=notice(_("Give the scenario a name.")))
    if not rules:
        if not fields[0]:
            return Editor(problem=notice(_("Add at least one rule.")))
        try:
            rules = (rule_words.typed(*fields),)
        except rule_words.UnusableInput as error:
            return Editor(problem=notice(str(error)))
    submission = _draft(draft["key"], rules) | {"name": called, "new_key": f"own-{time.time_ns()}"}
    return Editor(hidden=True, saved=submission)


def read(draft: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The rules of a draft that the browser holds."""
    return tuple(Rule(**rule) for rule in draft["rules"])


def _draft(key: str | None, rules: Sequence[Rule]) -> dict[str, Any]:
    return {"key": key, "rules": [asdict(rule) for rule in rules]}
