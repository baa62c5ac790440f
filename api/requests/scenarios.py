"""What-if scenarios in a body: changes of one application."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from api.http.json_body import invalid, unknown_keys
from api.http.messages import message
from core.application import FieldError, InvalidApplication, by_known_names, parse_application
from core.contract.field_warnings import FieldWarning
from core.explain.what_if import max_changes, max_scenarios
from core.features import input_schema

if TYPE_CHECKING:
    from core.catalogue import Language
    from core.decision import Value

longest_name: Final = 100
# Place, name, changes as they were sent, and what of the scenario is not known.
_Given = tuple[str, str | None, Mapping[str, object], tuple[FieldWarning, ...]]

not_changeable: Final = ("SK_ID_CURR", "TARGET")


@dataclass(frozen=True, slots=True)
class WhatIfScenario:
    """Changes to be tried together.

    Attributes:
        place: where they are in the body, such as `scenarios[2].changes`.
        name: as the caller calls them.
        changes: validated, by column, in the order they were sent in; None removes a value.
        warnings: names of what was not used.
    """

    place: str
    name: str | None
    changes: Mapping[str, Value]
    warnings: tuple[FieldWarning, ...]


def scenarios_of(body: Mapping[str, object], lang: Language) -> list[WhatIfScenario]:
    """What a body has in `changes`, or each of its `scenarios`.

    Raises:
        InvalidRequest: where there is neither or both, or a part of it has the wrong shape.
        core.application.InvalidApplication: with every field of every scenario that cannot be used.
    """
    if ("changes" in body) == ("scenarios" in body):
        kind = "unusable" if "changes" in body else "missing"
        raise invalid("changes", kind, message("expected_changes_or_scenarios", lang), lang)
    places = _places(body, lang)
    read: list[WhatIfScenario] = []
    errors: list[FieldError] = []
    for place, name, changes, unknown in places:
        try:
            read.append(_scenario(place, name, changes, unknown, lang))
        except InvalidApplication as error:
            errors += error.errors
    if errors:
        raise InvalidApplication(tuple(errors))
    return read


def _places(body: Mapping[str, object], lang: Language) -> list[_Given]:
    if "changes" in body:
        return [("changes", None, _object(body["changes"], "changes", lang), ())]
    scenarios = body["scenarios"]
    expectation = message("expected_scenarios", lang, minimum="1", maximum=str(max_scenarios))
    if not isinstance(scenarios, list):
        raise invalid("scenarios", "not_a_list", expectation, lang)
    if not 1 <= len(scenarios) <= max_scenarios:
        raise invalid("scenarios", "wrong_length", expectation, lang)
    places = []
    for number, scenario in enumerate(scenarios):
        place = f"scenarios[{number}]"
        if not isinstance(scenario, dict):
            raise invalid(place, "not_an_object", expectation, lang)
        changes = _object(scenario.get("changes"), f"{place}.changes", lang)
        unknown = unknown_keys(scenario, ("name", "changes"), lang)
        places.append((f"{place}.changes", _name(scenario.get("name"), f"{place}.name", lang), changes, unknown))
    return places


def _object(value: object, place: str, lang: Language) -> Mapping[str, object]:
    if isinstance(value, dict):
        if len(value) > max_changes:
            expectation = message("expected_few_changes", lang, maximum=str(max_changes))
            raise invalid(place, "too_many_changes", expectation, lang)
        return value
    raise invalid(place, "missing" if value is None else "not_an_object", message("expected_changes", lang), lang)


def _name(value: object, place: str, lang: Language) -> str | None:
    if value is None or (isinstance(value, str) and len(value) <= longest_name):
        return value
    kind = "too_long" if isinstance(value, str) else "not_a_text"
    raise invalid(place, kind, message("expected_text", lang, maximum=str(longest_name)), lang)


def _scenario(
    place: str, name: str | None, changes: Mapping[str, object], unknown: tuple[FieldWarning, ...], lang: Language
) -> WhatIfScenario:
    try:
        changes = by_known_names(changes, lang)
    except InvalidApplication as error:
        raise InvalidApplication(_placed(error, place)) from None
    fixed = [
        FieldError(f"{place}.{key}", message("not_changeable", lang), message("expected_changeable", lang))
        for key in not_changeable
        if key in changes
    ]
    try:
        parsed = parse_application({key: value for key, value in changes.items() if key not in not_changeable}, lang)
    except InvalidApplication as error:
        raise InvalidApplication((*fixed, *_placed(error, place))) from None
    if fixed:
        raise InvalidApplication(tuple(fixed))
    removed = {key: None for key, value in changes.items() if value is None and key in input_schema()}
    together = removed | dict(parsed.values)
    in_order = {key: together[key] for key in changes if key in together} | together
    return WhatIfScenario(place, name, in_order, parsed.warnings + unknown)


def _placed(error: InvalidApplication, place: str) -> tuple[FieldError, ...]:
    """The errors of changes, as fields of the body."""
    return tuple(
        FieldError(f"{place}.{field_error.field}", field_error.message, field_error.expected)
        for field_error in error.errors
    )
