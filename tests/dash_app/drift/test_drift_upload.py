"""Files between the browser and the API: streamed in, refused with a reason, given out as downloads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import requests

from core.settings import Settings
from dash_app import create_app
from dash_app.service.client import ApiClient
from dash_app.service.drift import DriftService
from tests.adapters import Answering, reply

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from core.contract.drift import DriftAnswer
    from dash_app.service import LocalScoring

nowhere = "http://127.0.0.1:9"


@pytest.fixture
def browser(models_dir: Path, portfolio_dir: Path, local: LocalScoring, drift_service: DriftService) -> FlaskClient:
    return client_of(models_dir, portfolio_dir, local, drift_service)


def client_of(models_dir: Path, portfolio_dir: Path, local: LocalScoring, drift: DriftService) -> FlaskClient:
    settings = Settings(models_dir=models_dir, data_dir=portfolio_dir.parent, api_url=nowhere, mlflow_url=nowhere)
    client: FlaskClient = create_app(settings, local, drift).server.test_client()
    client.set_cookie("lang", "en")
    return client


def send(browser: FlaskClient, content: bytes, name: str = "clients.csv", **headers: str) -> TestResponse:
    own = {"X-Workbench": "drift", "X-File-Name": quote(name)} | headers
    return browser.post("/drift/files", data=content, content_type="application/octet-stream", headers=own)


def test_a_file_reaches_the_api_under_its_name(browser: FlaskClient, moved_file: bytes) -> None:
    answer = send(browser, moved_file, "été & fils.csv")
    assert answer.status_code == 201, answer.text
    sent = answer.get_json()
    assert sent["name"] == "été & fils.csv"
    assert sent["rows"] == moved_file.count(b"\n") - 1
    assert sent["columns"] > 100
    assert set(sent) == {"id", "name", "rows", "columns"}


def test_a_file_is_passed_on_part_by_part(
    models_dir: Path, portfolio_dir: Path, local: LocalScoring, moved_file: bytes
) -> None:
    parts: list[int] = []

    def count(request: requests.PreparedRequest) -> requests.Response:
        body: Any = request.body
        parts.extend(len(each) for each in body)
        return reply(201, json={"id": "file-1", "name": "x", "rows": 1, "columns": []})

    drift = DriftService(ApiClient("http://api", 5, adapter=Answering(count)))
    big = moved_file * (1 + 2_000_000 // len(moved_file))
    assert send(client_of(models_dir, portfolio_dir, local, drift), big).status_code == 201
    assert sum(parts) == len(big)
    assert len(parts) > 5
    assert max(parts) <= 256 * 1024


def test_what_the_api_refuses_is_said_in_the_language_of_the_reader(browser: FlaskClient) -> None:
    answer = send(browser, b"a;b\n1;2\n")
    assert answer.status_code == 409
    assert "column" in answer.get_json()["detail"]
    browser.set_cookie("lang", "fr")
    assert "colonne" in send(browser, b"a;b\n1;2\n").get_json()["detail"]


def test_a_request_of_another_site_is_refused(browser: FlaskClient, moved_file: bytes) -> None:
    answer = browser.post("/drift/files", data=moved_file, content_type="application/octet-stream")
    assert answer.status_code == 403


@pytest.fixture
def without_api(models_dir: Path, portfolio_dir: Path, local: LocalScoring) -> FlaskClient:
    return client_of(models_dir, portfolio_dir, local, DriftService(ApiClient(nowhere, 1)))


def test_without_the_api_both_ways_say_so(without_api: FlaskClient) -> None:
    answer = send(without_api, b"AMT_CREDIT\n1\n" * 100_000)
    assert answer.status_code == 503
    assert answer.get_json() == {"detail": "The file could not be sent: unreachable."}
    assert without_api.get("/drift/report/x.html").status_code == 503


@pytest.mark.parametrize(("kind", "content_type"), [("html", "text/html"), ("json", "application/json")])
def test_a_report_is_downloaded(browser: FlaskClient, watched: DriftAnswer, kind: str, content_type: str) -> None:
    answer = browser.get(f"/drift/report/{watched.id}.{kind}")
    assert answer.status_code == 200
    assert answer.content_type.startswith(content_type)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="drift-{watched.id}.{kind}"'
    assert answer.headers["Cache-Control"] == "no-store"
    if kind == "html":
        assert '<html lang="en">' in answer.text
        assert "<script" not in answer.text
        assert "http" not in answer.text.replace("http://www.w3.org", "")


@pytest.mark.parametrize("name", ["none.html", "none.json", "none.pdf", "..secret.html"])
def test_a_report_that_is_not_there_is_not_found(browser: FlaskClient, name: str) -> None:
    assert browser.get(f"/drift/report/{name}").status_code == 404
