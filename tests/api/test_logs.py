"""The log: a line a request, in a form that programs read, and nothing of anybody in it."""

from __future__ import annotations

import io
import json
import logging
import os
from typing import TYPE_CHECKING, Any

import pytest

from api import create_app
from api.http.logs import configure
from api.openapi.examples import features
from core.scoring import Scorer
from core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from core.portfolio.clients import Portfolio

secret_amount = 7391746


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the process would write to its standard error."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure("INFO", None, stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def requests(stream: io.StringIO) -> list[dict[str, Any]]:
    """The lines of requests; a process may have others to write."""
    return [line for line in lines(stream) if line["event"] == "request"]


def test_a_line_a_request_without_personal_data(client: FlaskClient, portfolio: Portfolio, log: io.StringIO) -> None:
    number = portfolio.search(limit=1).clients[0].client_id
    client.get(f"/clients/{number}", headers={"X-Request-ID": "looking-for-one"})
    client.get(f"/clients?search={number}")
    client.post("/predict", json={"features": {"SK_ID_CURR": number, "AMT_CREDIT": "bad"}})
    client.get(f"/{number}")
    found = requests(log)
    assert list(found[0])[:3] == ["time", "level", "event"]
    assert found[0] | {"time": "", "ms": 0} == {
        "time": "",
        "level": "info",
        "event": "request",
        "method": "GET",
        "route": "/clients/<client_id>",
        "status": 200,
        "ms": 0,
        "request_id": "looking-for-one",
        "caller": "anonymous",
        "logger": "api.requests",
        "pid": os.getpid(),
    }
    assert found[0]["time"].endswith("Z")
    assert found[0]["ms"] > 0
    assert [(each["route"], each["status"]) for each in found[1:]] == [("/clients", 200), ("/predict", 400), ("-", 404)]
    assert str(number) not in log.getvalue()


def test_an_error_of_ours_has_a_place_and_no_words(
    api_settings: Settings, scorer: Scorer, portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(f"an amount of {secret_amount}")

    monkeypatch.setattr(Scorer, "decide", fail)
    client = create_app(api_settings, scorer, portfolio).test_client()
    client.post("/predict", json={"features": features}, headers={"X-Request-ID": "abcdef-123456"})
    error, request = lines(log)
    assert (error["level"], error["error"], error["request_id"]) == ("error", "RuntimeError", "abcdef-123456")
    assert error["place"][-1].endswith(" fail")
    assert request["status"] == 500
    assert str(secret_amount) not in log.getvalue()


def test_exceptions_that_others_log_lose_their_words_too(log: io.StringIO) -> None:
    try:
        int(f"an amount of {secret_amount}")
    except ValueError:
        logging.getLogger("somebody").exception("went wrong")
    (line,) = lines(log)
    assert (line["event"], line["logger"], line["error"]) == ("went wrong", "somebody", "ValueError")
    assert line["place"][-1].endswith("test_exceptions_that_others_log_lose_their_words_too")
    assert str(secret_amount) not in log.getvalue()


def test_a_line_cannot_be_forged(client: FlaskClient, log: io.StringIO) -> None:
    logging.getLogger("somebody").info('x"}\n{"event": "forged"}')
    client.get("/%0a%7b%22event%22%3a%22forged%22%7d")
    assert [line["event"] for line in lines(log)] == ['x"}\n{"event": "forged"}', "request"]


def test_a_terminal_gets_lines_for_a_person(client: FlaskClient, log: io.StringIO) -> None:
    terminal = Terminal()
    configure("INFO", None, terminal)
    client.get("/health")
    assert "/health" in terminal.getvalue()
    assert not terminal.getvalue().lstrip().startswith("{")
    configure("INFO", "json", terminal := Terminal())
    client.get("/health")
    assert json.loads(terminal.getvalue())["route"] == "/health"


def test_the_level_is_kept(client: FlaskClient, log: io.StringIO) -> None:
    configure("warning", "json", stream := io.StringIO())
    client.get("/health")
    assert stream.getvalue() == ""
