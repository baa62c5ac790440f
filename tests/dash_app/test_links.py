"""Links to other services lead to where a browser finds them, not to where this service does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from core.settings import Settings
from dash_app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

inside = {"api_url": "http://api:8000", "mlflow_url": "http://mlflow:5000"}


def links(tmp_path: Path, **settings: str) -> list[str]:
    """Where the links of the first page lead, but those to pages of ours."""
    given = Settings.model_validate(inside | settings | {"spool_dir": tmp_path})
    layout = create_app(given).server.test_client().get("/_dash-layout").get_json()
    return [found for found in hrefs(layout) if not found.startswith("/")]


def hrefs(component: object) -> Iterator[str]:
    if isinstance(component, dict):
        if isinstance(component.get("href"), str):
            yield component["href"]
        for value in component.values():
            yield from hrefs(value)
    elif isinstance(component, list):
        for child in component:
            yield from hrefs(child)


def test_a_browser_is_sent_to_the_public_addresses(tmp_path: Path) -> None:
    public = {"public_api_url": "https://api.bank.example/credit/", "public_mlflow_url": "http://localhost:5002"}
    assert links(tmp_path, **public) == ["http://localhost:5002", "https://api.bank.example/credit/docs"]


def test_without_them_to_those_of_the_services(tmp_path: Path) -> None:
    assert links(tmp_path) == ["http://mlflow:5000", "http://api:8000/docs"]


def test_and_nowhere_where_they_are_off(tmp_path: Path) -> None:
    assert links(tmp_path, public_api_url="off", public_mlflow_url="off") == []


@pytest.mark.parametrize("demo", [True, False])
def test_a_public_demonstration_says_what_it_is(tmp_path: Path, demo: bool) -> None:
    client = create_app(Settings(public_demo=demo, spool_dir=tmp_path)).server.test_client()
    for lang in ("fr", "en"):
        said = client.get("/_dash-layout", headers={"Cookie": f"lang={lang}"}).get_data(as_text=True)
        assert ("demo-note" in said) is demo


@pytest.mark.parametrize("wrong", ["mlflow:5000", "ftp://mlflow", "javascript:alert(1)", "http:///x"])
def test_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError, match="public_mlflow_url"):
        Settings(public_mlflow_url=wrong)
