"""The selection on the Comparison page: read from an address, written into one, asked of the service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, get_args
from urllib.parse import urlencode

from core.comparison.choice import Choice, Group, groups
from core.comparison.comparison_columns import axes
from core.comparison.peers import Criterion, Method, default_criteria, default_neighbours
from dash_app import addresses

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

max_names: Final = 12
fewest_neighbours: Final = 10
max_neighbours: Final = 10_000


@dataclass(frozen=True, slots=True)
class Selection:
    """Attributes as in `core.comparison.choice.Choice`; `names` is empty for the strongest reasons of the decision."""

    client: int | None
    names: tuple[str, ...] = ()
    group: Group = "all"
    method: Method = "criteria"
    criteria: tuple[Criterion, ...] = default_criteria
    neighbours: int = default_neighbours
    against: int | None = None


def from_address(query: Mapping[str, str]) -> Selection:
    """What an address asks for; what it asks wrongly is as if it had not been asked."""
    return Selection(
        client=addresses.client_number(query.get("client")),
        names=_names(query.get("features", "").split(",")),
        group=_group(query.get("group")),
        method="nearest" if query.get("method") == "nearest" else "criteria",
        criteria=_criteria(query["criteria"].split(",")) if "criteria" in query else default_criteria,
        neighbours=neighbours_in(query.get("neighbours")) or default_neighbours,
        against=addresses.client_number(query.get("against")),
    )


def to_address(selection: Selection) -> str:
    """The address that leads back to a selection; says only what is not as it is at first."""
    query: dict[str, str | int] = {} if selection.client is None else {"client": selection.client}
    if selection.group != "all":
        query["group"] = selection.group
    if selection.method != "criteria":
        query["method"] = selection.method
    if selection.criteria != default_criteria:
        query["criteria"] = ",".join(selection.criteria)
    if selection.neighbours != default_neighbours:
        query["neighbours"] = selection.neighbours
    if selection.names:
        query["features"] = ",".join(selection.names)
    if selection.against is not None:
        query["against"] = selection.against
    return f"{addresses.comparison}?{urlencode(query, safe=',')}" if query else addresses.comparison


def from_controls(
    client: int | None,
    names: Sequence[str],
    group: str | None,
    method: str | None,
    criteria: Sequence[str] | None,
    neighbours: object,
    against: object,
) -> Selection:
    """What the controls of the page say; a number that cannot be used counts as none."""
    return Selection(
        client=client,
        names=tuple(names),
        group=_group(group),
        method="nearest" if method == "nearest" else "criteria",
        criteria=_criteria(criteria or ()),
        neighbours=neighbours_in(neighbours) or default_neighbours,
        against=addresses.client_number(against),
    )


def choice(selection: Selection, **changed: Any) -> Choice:
    """The question to the service; `changed` names and values replace those of the selection."""
    asked = {
        "names": selection.names,
        "group": selection.group,
        "method": selection.method,
        "criteria": selection.criteria,
        "neighbours": selection.neighbours,
        "against": selection.against,
    }
    return Choice(**(asked | changed))


def kept(value: str | None, options: Sequence[str], otherwise: int = 0) -> str | None:
    """What stays chosen among `options`: `value` where it is one of them, else that at place `otherwise`, if any."""
    if value in options:
        return value
    return options[otherwise] if otherwise < len(options) else None


def neighbours_in(typed: object) -> int | None:
    """How many are to be the nearest; None where it is no number, or out of bounds."""
    text = "".join(str(typed if typed is not None else "").split())
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(max_neighbours)):
        return None
    return int(text) if fewest_neighbours <= int(text) <= max_neighbours else None


def picked(before: Sequence[str], checked: Sequence[str]) -> tuple[str, ...]:
    """The names after a change of the checkboxes: those that stay in their order, then the new, up to `max_names`."""
    stay = [name for name in before if name in checked]
    return tuple([*stay, *(name for name in checked if name not in stay)][:max_names])


def _names(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name in axes()))[:max_names]


def _group(name: str | None) -> Group:
    return next((group for group in groups if group == name), "all")


def _criteria(names: Sequence[str]) -> tuple[Criterion, ...]:
    known: tuple[Criterion, ...] = get_args(Criterion)
    return tuple(name for name in known if name in names)
