"""The dashboard under a path of a proxy."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from core.settings import Settings
from dash_app import addresses, create_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dash import Dash


@pytest.fixture(scope="module")
def app() -> Dash:
    return create_app(Settings(dash_url_base_pathname="/credit/"))


def addresses_in(component: object) -> Iterator[str]:
    if isinstance(component, dict):
        for name, value in component.items():
            if name in {"href", "src", "action", "data-url", "data-href"} and isinstance(value, str):
                yield value
            else:
                yield from addresses_in(value)
    elif isinstance(component, list):
        for each in component:
            yield from addresses_in(each)


def test_pages_and_their_parts_are_under_it(app: Dash) -> None:
    client = app.server.test_client()
    html = client.get("/credit/").get_data(as_text=True)
    found = re.findall(r'(?:href|src)="([^"#]+)"', html)
    assert found
    assert [each for each in found if not each.startswith("/credit/")] == []
    for path in ("/credit/comparison", "/credit/assets/favicon.svg", "/credit/_dash-layout"):
        assert client.get(path, buffered=True).status_code == 200, path
    assert client.get("/").location == "/credit/"
    assert client.get("/health").status_code == 200
    assert client.get("/credit/language/en?next=/credit/drift").location == "/credit/drift"
    assert client.get("/credit/language/en?next=/elsewhere").location == "/credit/"


def test_no_link_of_any_layout_leaves_it(app: Dash) -> None:
    import dash

    with app.server.test_request_context("/credit/"):
        shell = app.layout() if callable(app.layout) else app.layout
        shown = [shell, *(page["layout"]() for page in dash.page_registry.values() if callable(page["layout"]))]
        text = json.loads(json.dumps([each.to_plotly_json() for each in shown], default=lambda o: o.to_plotly_json()))
    found = [each for each in addresses_in(text) if each.startswith("/")]
    assert found
    assert [each for each in found if not each.startswith("/credit/")] == []


def test_an_address_goes_there_and_back(app: Dash) -> None:
    with app.server.app_context():
        assert addresses.at("/drift?x=1") == "/credit/drift?x=1"
        assert addresses.at("/") == "/credit/"
        assert addresses.page_of("/credit/drift") == "/drift"
        assert addresses.page_of("/credit/") == "/"
        assert addresses.page_of(None) == "/"
    assert addresses.at("/drift") == "/drift"
    assert addresses.page_of("/drift") == "/drift"


@pytest.mark.parametrize("path", ["credit/", "/credit", "//", "/a b/", "/../x"])
def test_a_path_that_is_none_is_refused(path: str) -> None:
    with pytest.raises(ValidationError):
        Settings(dash_url_base_pathname=path)
