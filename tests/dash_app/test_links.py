"""Links to other services lead to where a browser finds them, not to where this service does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from core.settings import Settings
from dash_app import create_app
from dash_app.service.mlflow_link import MlflowLink
from tests.adapters import Answering, parameters_of, path_of, reply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import requests

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


class Mlflow:
    """An MLflow server that knows one experiment, and counts how often it is asked for it."""

    def __init__(self, answer: object, status: int = 200) -> None:
        self.answer, self.status, self.asked = answer, status, 0
        self.network = Answering(self._reply)

    def _reply(self, request: requests.PreparedRequest) -> requests.Response:
        assert path_of(request) == "/api/2.0/mlflow/experiments/get-by-name"
        assert parameters_of(request) == {"experiment_name": "home-credit-default-risk"}
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return reply(self.status, self.answer)


ours = {"experiment": {"experiment_id": "7", "name": "home-credit-default-risk", "lifecycle_stage": "active"}}


class TestTheLinkToMlflow:
    def test_opens_our_experiment_once_its_number_is_known(self) -> None:
        now, mlflow = [0.0], Mlflow(ours)
        link = MlflowLink("http://mlflow:5000", "http://mlflow:5000", mlflow.network, lambda: now[0])
        assert link.url == "http://mlflow:5000", "nobody has asked yet"
        link.look_up()
        assert link.url == "http://mlflow:5000/#/experiments/7/runs"
        link.look_up()
        assert mlflow.asked == 1, "asked anew only after a while"
        now[0], mlflow.answer = 61.0, OSError("lost")
        link.look_up()
        assert (mlflow.asked, link.url) == (2, "http://mlflow:5000/#/experiments/7/runs"), "what was known stays"

    @pytest.mark.parametrize(
        ("answer", "status"),
        [
            ({"error_code": "RESOURCE_DOES_NOT_EXIST"}, 404),
            ({"experiment": {"experiment_id": "7", "lifecycle_stage": "deleted"}}, 200),
            ({"experiment": "7"}, 200),
            ([], 200),
        ],
    )
    def test_opens_the_front_page_where_there_is_no_such_experiment(self, answer: object, status: int) -> None:
        link = MlflowLink("http://mlflow:5000", "http://mlflow:5000", Mlflow(answer, status).network)
        link.look_up()
        assert link.url == "http://mlflow:5000"

    def test_opens_our_experiment_at_the_public_address_of_the_mlflow_that_was_asked(self) -> None:
        public = {"public_mlflow_url": "http://localhost:5002/x/"}
        link = MlflowLink.of(Settings.model_validate(inside | public), Mlflow(ours).network)
        assert link.url == "http://localhost:5002/x"
        link.look_up()
        assert link.url == "http://localhost:5002/x/#/experiments/7/runs"

    @pytest.mark.parametrize(
        ("set_to", "url"),
        [
            ("http://mlflow.bank.example/#/experiments/3", "http://mlflow.bank.example/#/experiments/3"),
            ("http://mlflow.bank.example/?workspace=credit", "http://mlflow.bank.example/?workspace=credit"),
            ("off", None),
        ],
    )
    def test_is_a_place_that_an_operator_set(self, set_to: str, url: str | None) -> None:
        mlflow = Mlflow(ours)
        link = MlflowLink.of(Settings.model_validate(inside | {"public_mlflow_url": set_to}), mlflow.network)
        link.look_up()
        assert (link.url, mlflow.asked) == (url, 0)


@pytest.mark.parametrize(
    ("demo", "sentence"),
    [
        ({"public_demo": True}, "Public demonstration: "),
        ({"demonstration": True}, "Demonstration: "),
        ({}, None),
    ],
)
def test_a_demonstration_says_what_it_is(tmp_path: Path, demo: dict[str, bool], sentence: str | None) -> None:
    client = create_app(Settings.model_validate({"spool_dir": tmp_path, **demo})).server.test_client()
    for lang in ("fr", "en"):
        client.set_cookie("lang", lang)
        said = client.get("/_dash-layout").get_data(as_text=True)
        assert ("demo-note" in said) is (sentence is not None)
        assert sentence is None or lang == "fr" or sentence in said


@pytest.mark.parametrize("wrong", ["mlflow:5000", "ftp://mlflow", "javascript:alert(1)", "http:///x"])
def test_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError, match="public_mlflow_url"):
        Settings(public_mlflow_url=wrong)
