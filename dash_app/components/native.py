"""The controls of forms, as Dash components: native elements, drawn by `assets/js/native.js`.

Each takes the attributes of its element under the names that `dash.html` gives them. They are ours because a library of
components came to a seventh of all that the first page loads, for these seven.
"""

from __future__ import annotations

import sys
from typing import Any, Final

from dash.development.base_component import Component

_namespace: Final = "workbench_native"
# Dash imports the package of that name for its version, for each property of each control that is made: one that is not
# there would be looked for in all folders of modules each time.
sys.modules[_namespace] = sys.modules[__name__]
_shared: Final = ("id", "className", "value", "persistence", "persisted_props", "persistence_type")
_label: Final = ["label"]
_label_or_children: Final = [*_label, "children"]


class _Control(Component):
    """What all have in common: an id, a class, a value, ARIA and data attributes, and what the browser keeps of it.

    Args:
        properties: `id`, `className`, `value`, `persistence` and those of the control.

    Raises:
        TypeError: the control has no property of that name.
    """

    _namespace = _namespace
    # The properties of a control beside those that all have.
    _takes: tuple[str, ...] = ()

    def __init__(self, **properties: Any) -> None:
        # The function of the same name draws it.
        self._type = type(self).__name__
        self._prop_names = [*_shared, *self._takes]
        self._valid_wildcard_attributes = self.available_wildcard_properties = ["data-", "aria-"]
        super().__init__(**properties)  # type: ignore[no-untyped-call]


class Input(_Control):
    """A field of one line. `debounce`: milliseconds without a key before the value is told; true: once it is left."""

    _takes = (
        *("type", "placeholder", "debounce", "inputMode", "autoComplete", "maxLength", "readOnly"),
        *("min", "max", "step"),
    )


class Textarea(_Control):
    """A field of several lines."""

    _takes = ("maxLength", "rows")


class Select(_Control):
    """A list of which one is chosen. `options`: dicts of `value` and `label`; `placeholder` is shown for none."""

    _takes = ("options", "placeholder")


class Checkbox(_Control):
    """A box to tick; its value is a bool, its label text or components."""

    _takes = ("label",)
    # Dash tells the browser what may be components by what stands in the body of the class itself.
    _namespace = _namespace
    _children_props = _label
    _base_nodes = _label_or_children


class Switch(Checkbox):
    """A checkbox that looks like a switch."""

    _namespace = _namespace
    _children_props = _label


class Checklist(_Control):
    """Boxes to tick; its value is the list of values ticked. `options`: dicts of `value` and `label`."""

    _takes = ("options", "inline")


class RadioItems(_Control):
    """Buttons of which one is chosen. `options`: dicts of `value` and `label`."""

    _takes = ("options", "inline")
