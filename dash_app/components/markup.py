"""Components as HTML text: a browser shows a text in one step, where it mounts components one by one.

What a page shows of a decision is some four hundred elements that nothing calls back to. As Dash components, each is
looked at again with every change of the page (measured: 0.8 s to show another score); as text they cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final

from dash import html
from dash.development.base_component import Component

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# What a component calls otherwise than HTML does; every other name that is allowed is the same in lower case.
_names: Final = {"className": "class", "htmlFor": "for"}
_same: Final = frozenset(
    {"colSpan", "id", "hidden", "href", "lang", "role", "scope", "style", "tabIndex", "title", "type", "target"}
)
_void: Final = frozenset({"br", "hr"})


@dataclass(frozen=True, slots=True)
class Drawn:
    """An element of SVG: Dash has no components for these; attributes are called as SVG calls them."""

    tag: str
    attributes: Mapping[str, str]
    inside: Sequence[Drawn] = ()


def markup(content: Any) -> str:
    """The HTML of components of `dash.html`, drawings, texts and numbers, or a sequence of them; nothing for None.

    Raises:
        TypeError: something else, such as a component that needs JavaScript.
        ValueError: an attribute that is not foreseen here.
    """
    if content is None:
        return ""
    if isinstance(content, str | int | float):
        return escape(str(content))
    if isinstance(content, list | tuple):
        return "".join(markup(part) for part in content)
    if isinstance(content, Drawn):
        attributes = "".join(f' {name}="{escape(value)}"' for name, value in content.attributes.items())
        return f"<{content.tag}{attributes}>{markup(content.inside)}</{content.tag}>"
    if not isinstance(content, Component) or getattr(html, type(content).__name__, None) is not type(content):
        raise TypeError(f"not HTML: {type(content).__name__}")
    tag = type(content).__name__.lower()
    properties = _properties(content)
    inside = properties.pop("children", None)
    # Of React alone.
    properties.pop("key", None)
    # Dash keeps `aria-` and `data-` names in the order of a set: sorted, the text is the same in every process.
    opening = f"<{tag}{''.join(_attribute(name, properties[name]) for name in sorted(properties))}>"
    return opening if tag in _void else f"{opening}{markup(inside)}</{tag}>"


def _properties(content: Any) -> dict[str, Any]:
    """Those that were given, as `to_plotly_json` has them: it asks for each that there could be, some twenty."""
    names, begins = content.available_properties, tuple(content.available_wildcard_properties)
    return {name: value for name, value in vars(content).items() if name in names or name.startswith(begins)}


def _attribute(name: str, value: object) -> str:
    if name not in _same and name not in _names and not name.startswith(("aria-", "data-")):
        raise ValueError(f"an attribute that is not foreseen: {name}")
    if value is None or value is False:
        return ""
    written = _names.get(name, name.lower())
    if value is True:
        return f" {written}"
    if isinstance(value, dict):
        value = ";".join(f"{_property(key)}:{setting}" for key, setting in value.items())
    return f' {written}="{escape(str(value))}"'


def _property(name: str) -> str:
    """`flexGrow` as style sheets write it: `flex-grow`."""
    return (
        name
        if name.startswith("--")
        else "".join(f"-{character.lower()}" if character.isupper() else character for character in name)
    )
