"""Dash components as tests read them: every one within another, and the text that a reader gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash.development.base_component import Component

if TYPE_CHECKING:
    from collections.abc import Iterator


def walk(component: object) -> Iterator[Component]:
    if isinstance(component, list | tuple):
        for part in component:
            yield from walk(part)
    elif isinstance(component, Component):
        yield component
        yield from walk(getattr(component, "children", None))


def spoken(component: object) -> str:
    if isinstance(component, str | int | float):
        return str(component)
    if isinstance(component, list | tuple):
        return " ".join(spoken(part) for part in component)
    children = getattr(component, "children", None)
    return "" if children is None else spoken(children)
