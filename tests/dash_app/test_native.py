"""The controls of forms: what Python offers is what `assets/js/native.js` draws, and what that draws has a look."""

from __future__ import annotations

import re
import sys
from importlib.abc import MetaPathFinder
from typing import TYPE_CHECKING, Any

import pytest
from dash import html
from dash.development.base_component import ComponentRegistry

from core.settings import root
from dash_app.components import native
from dash_app.components.marks import aria

if TYPE_CHECKING:
    from dash.development.base_component import Component

script = (root / "assets" / "js" / "native.js").read_text(encoding="utf-8")
controls = (
    native.Input,
    native.Textarea,
    native.Select,
    native.Checkbox,
    native.Switch,
    native.Checklist,
    native.RadioItems,
)


def test_each_control_has_a_function_that_draws_it() -> None:
    drawn = re.search(r"window\.(\w+) = \{(.*?)\}", script, re.DOTALL)
    assert drawn
    assert {drawn[1]} == {control()._namespace for control in controls}
    names = re.findall(r"(\w+):", drawn[2])
    assert names == [control()._type for control in controls]


def test_a_control_is_written_with_its_properties() -> None:
    written = native.Input(id="x", className="wide", maxLength=3, **aria(label="y")).to_plotly_json()
    assert written["type"] == "Input"
    assert written["props"] == {"id": "x", "className": "wide", "maxLength": 3, "aria-label": "y"}


@pytest.mark.parametrize("control", controls)
def test_a_property_that_a_control_has_not_is_an_error(control: type[Component]) -> None:
    properties: dict[str, Any] = {"class_name": "wide"}
    with pytest.raises(TypeError, match="class_name"):
        control(**properties)


@pytest.mark.parametrize("control", [native.Checkbox, native.Switch])
def test_a_label_may_be_components(control: type[Component]) -> None:
    label = html.Span("Yes")
    assert control(label=label).to_plotly_json()["props"]["label"] is label
    # What the browser is told, without which it would put a dict into the page.
    assert ComponentRegistry.children_props["workbench_native"][control.__name__] == ["label"]


def test_what_is_drawn_has_a_look() -> None:
    sheet = (root / "assets" / "css" / "01-controls.css").read_text(encoding="utf-8")
    classes = set(re.findall(r'"(form-[a-z-]+)"', script))
    assert len(classes) > 5
    assert [name for name in classes if not re.search(rf"\.{name}(?![\w-])", sheet)] == []


def test_no_module_is_looked_for_when_a_control_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    sought: list[str] = []

    class Listening(MetaPathFinder):
        def find_spec(self, fullname: str, path: object, target: object = None) -> None:
            sought.append(fullname)

    monkeypatch.setattr(sys, "meta_path", [Listening(), *sys.meta_path])
    native.Input(id="amount", type="number", value=3, className="wide")
    assert sought == []
