"""Definitions of scenarios, as the browser keeps them, and as a file has them: nobody's data."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from core.scenarios.rules import (
    Rule,
    Scenario,
    UnusableRule,
    check_rule,
    longest_name,
    max_rules,
    max_scenarios,
    operations,
)
from dash_app.i18n import _, mark, translated

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_format: Final = "home-credit-scenarios"
_version: Final = 1
max_kept: Final = 30
largest_file: Final = 200_000


class UnusableScenarios(ValueError):
    """A file that holds no scenarios; the message says why, in the reader's language."""


@dataclass(frozen=True, slots=True)
class SavedScenario:
    """A scenario as it is kept.

    Attributes:
        key: tells it from the others.
        name: as its owner calls it; of a ready-made one a msgid, so that it follows the language.
        chosen: whether it is compared.
        ready: whether it came with the product.
    """

    key: str
    name: str
    rules: tuple[Rule, ...]
    chosen: bool
    ready: bool = False

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        return translated(self.name) if self.ready else self.name

    @property
    def scenario(self) -> Scenario:
        """What is tried."""
        return Scenario(self.title, self.rules)


_ready: Final = (
    SavedScenario(
        "ready-income", mark("Income −10%"), (Rule("AMT_INCOME_TOTAL", "multiply", 0.9),), chosen=True, ready=True
    ),
    SavedScenario(
        "ready-rates",
        mark("Rates up: instalments +8%"),
        (Rule("AMT_ANNUITY", "multiply", 1.08),),
        chosen=True,
        ready=True,
    ),
    SavedScenario(
        "ready-cap",
        mark("Credit capped at 500,000"),
        (Rule("AMT_CREDIT", "at_most", 500_000),),
        chosen=True,
        ready=True,
    ),
    SavedScenario(
        "ready-blind", mark("External score 2 missing"), (Rule("EXT_SOURCE_2", "missing"),), chosen=True, ready=True
    ),
)


def ready() -> tuple[SavedScenario, ...]:
    """The scenarios that a reader begins with."""
    return _ready


def stored(scenarios: Iterable[SavedScenario]) -> dict[str, Any]:
    """What the browser keeps."""
    return {"version": _version, "scenarios": [asdict(scenario) for scenario in scenarios]}


def restored(data: Any) -> tuple[SavedScenario, ...]:
    """What the browser kept; those that one begins with where it kept nothing, and without what cannot be used."""
    if not isinstance(data, dict) or data.get("version") != _version or not isinstance(data.get("scenarios"), list):
        return _ready
    scenarios = []
    for scenario in data["scenarios"][:max_kept]:
        try:
            scenarios.append(_restored(scenario))
        except (TypeError, KeyError, ValueError):
            # Another version of the product, or somebody's hand: the others still stand.
            continue
    return tuple(scenarios)


def compared(scenarios: Sequence[SavedScenario]) -> tuple[SavedScenario, ...]:
    """Those that are compared."""
    return tuple(scenario for scenario in scenarios if scenario.chosen)[:max_scenarios]


def chosen(scenario: SavedScenario, whether: bool) -> SavedScenario:  # noqa: FBT001 - what a box says
    """The scenario, compared or not."""
    return replace(scenario, chosen=whether)


def to_file(scenarios: Iterable[SavedScenario]) -> str:
    """The scenarios as JSON for somebody else."""
    content = {
        "format": _format,
        "version": _version,
        "scenarios": [asdict(scenario.scenario) for scenario in scenarios],
    }
    return json.dumps(content, ensure_ascii=False, indent=2)


def from_file(content: bytes) -> tuple[Scenario, ...]:
    """The scenarios in a file. Raises `UnusableScenarios`."""
    if len(content) > largest_file:
        raise UnusableScenarios(_("The file is too large to be one of scenarios."))
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise UnusableScenarios(_("The file is not JSON.")) from None
    items = data.get("scenarios") if isinstance(data, dict) else None
    if not isinstance(data, dict) or data.get("format") != _format or not isinstance(items, list) or not items:
        raise UnusableScenarios(_("The file holds no scenarios of this page."))
    return tuple(_read(item, place) for place, item in enumerate(items, 1))


def added(scenarios: Sequence[SavedScenario], new: Iterable[Scenario], key: str) -> tuple[SavedScenario, ...]:
    """The scenarios with others behind them, which are compared as far as there is room; `key` tells new ones apart."""
    kept = list(scenarios)
    for place, scenario in enumerate(new):
        room = len(compared(kept)) < max_scenarios
        kept.append(SavedScenario(f"{key}-{place}", _free(scenario.name, kept), scenario.rules, room))
    return tuple(kept)


def changed(scenarios: Sequence[SavedScenario], key: str, to: Scenario) -> tuple[SavedScenario, ...]:
    """The scenarios with the one of that key replaced; one that came with the product becomes the reader's own."""
    name = _free(to.name, [scenario for scenario in scenarios if scenario.key != key])
    return tuple(
        replace(scenario, name=name, rules=to.rules, ready=False) if scenario.key == key else scenario
        for scenario in scenarios
    )


def _free(name: str, taken: Sequence[SavedScenario]) -> str:
    names = {scenario.title for scenario in taken}
    number = 2
    title = name
    while title in names:
        title = f"{name[: longest_name - 5]} ({number})"
        number += 1
    return title


def _restored(item: Any) -> SavedScenario:
    rules = tuple(_checked(Rule(**rule)) for rule in item["rules"])
    key, name = item["key"], item["name"]
    same = next((ready_made for ready_made in _ready if ready_made.key == key and item.get("ready")), None)
    if same is not None:
        return replace(same, chosen=bool(item["chosen"]))
    if not isinstance(key, str) or not isinstance(name, str) or not 1 <= len(name) <= longest_name or not rules:
        raise ValueError(key)
    return SavedScenario(key, name, rules[:max_rules], bool(item["chosen"]))


def _read(item: Any, place: int) -> Scenario:
    name = item.get("name") if isinstance(item, dict) else None
    rules = item.get("rules") if isinstance(item, dict) else None
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= longest_name:
        raise UnusableScenarios(
            _("Scenario {place}: a name of 1 to {most} characters is expected.", place=place, most=longest_name)
        )
    if not isinstance(rules, list) or not 1 <= len(rules) <= max_rules:
        raise UnusableScenarios(_("Scenario {place}: 1 to {most} rules are expected.", place=place, most=max_rules))
    rules_of_item = []
    for number, rule in enumerate(rules, 1):
        try:
            rules_of_item.append(_checked(Rule(**rule)))
        except (TypeError, ValueError):
            raise UnusableScenarios(
                _("Scenario {place}: rule {number} cannot be applied.", place=place, number=number)
            ) from None
    return Scenario(name.strip(), tuple(rules_of_item))


def _checked(rule: Rule) -> Rule:
    if not isinstance(rule.column, str) or rule.operation not in operations:
        raise UnusableRule("operation")
    if rule.operation == "add" and rule.column.startswith("DAYS_") and isinstance(rule.value, float):
        # Kept before years became whole days.
        rule = replace(rule, value=float(f"{rule.value:.0f}"))
    check_rule(rule)
    return rule
