"""`/decisions`: an officer's word is taken once, kept for ever, and read back by reviewers, as pages and as a file."""

from __future__ import annotations

import csv
import hashlib
import io
import logging
import shutil
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from api import audit, create_app
from api.http.messages import message
from api.openapi.examples import features
from core.audit import decisions as decisions_module
from core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer

client_id = 900001
reason = "Revenus non justifiés ; « CDI » depuis 3 ans, dit-elle."


@pytest.fixture
def start(
    models_dir: Path, portfolio: Portfolio, scorer: Scorer, tmp_path: Path
) -> Iterator[Callable[..., FlaskClient]]:
    made = []

    def application(**named: Any) -> FlaskClient:
        settings = {"database_url": None, "audit_file": tmp_path / "kept" / "audit.db", "rate_limit": "off"} | named
        app = create_app(
            Settings(models_dir=models_dir, data_dir=portfolio.folder.parent, **settings), scorer, portfolio
        )
        made.append(app)
        return app.test_client()

    yield application
    for each in made:
        audit.close(each)


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, start: Callable[..., FlaskClient]) -> FlaskClient:
    if request.param == "sqlite":
        return start()
    return start(database_url=request.getfixturevalue("new_postgresql")())


def predict(client: FlaskClient, threshold: float = 0.0, number: int = client_id) -> dict[str, Any]:
    """A prediction that refuses, unless a threshold is given."""
    answer = client.post(f"/predict?threshold={threshold}", json={"features": features | {"SK_ID_CURR": number}})
    said: dict[str, Any] = answer.get_json()
    return said


def decide(client: FlaskClient, **changes: object) -> TestResponse:
    body = {"client_id": client_id, "decision": "REFUSÉ", "reason": reason, "officer": "C. Martin"} | changes
    return client.post("/decisions", json={name: value for name, value in body.items() if value is not ...})


def decisions(client: FlaskClient, **query: object) -> list[dict[str, Any]]:
    answer = client.get("/decisions", query_string=query)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.get_json()["decisions"]
    return found


def test_a_decision_is_taken_and_read_back(office: FlaskClient) -> None:
    prediction = predict(office)
    answer = decide(office, prediction_id=prediction["prediction_id"], client_id=...)
    assert answer.status_code == 201
    said = answer.get_json()
    assert said.pop("warnings") == []
    assert said["kind"] == "confirm"
    assert (said["decision"], said["model_decision"], said["reason"]) == ("REFUSÉ", "REFUSÉ", reason)
    assert (said["officer"], said["caller"], said["client_id"]) == ("C. Martin", "anonymous", client_id)
    assert said["request_id"] == answer.headers["X-Request-ID"]
    for name in ("prediction_id", "probability", "threshold", "model_version"):
        assert said[name] == prediction[name]
    assert decisions(office) == [said]


def test_without_a_prediction_it_is_about_the_last_one_of_the_client(office: FlaskClient) -> None:
    predict(office)
    last = predict(office, threshold=1)
    said = decide(office).get_json()
    assert (said["prediction_id"], said["model_decision"], said["kind"]) == (
        last["prediction_id"],
        "ACCEPTÉ",
        "override",
    )


def test_a_later_decision_stands_beside_an_earlier_one(office: FlaskClient) -> None:
    predict(office)
    decide(office)
    decide(office, decision="ACCEPTÉ", officer="D. Petit", reason="Justificatifs reçus")
    assert [(decision["kind"], decision["officer"]) for decision in decisions(office, client_id=client_id)] == [
        ("override", "D. Petit"),
        ("confirm", "C. Martin"),
    ]


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_nobody_can_take_it_back(office: FlaskClient, method: str) -> None:
    predict(office)
    key = decide(office).get_json()["id"]
    assert getattr(office, method)("/decisions").status_code == 405
    assert getattr(office, method)(f"/decisions/{key}").status_code == 404
    assert len(decisions(office)) == 1


def test_spaces_around_a_reason_are_not_kept_and_lines_are(office: FlaskClient) -> None:
    predict(office)
    said = decide(office, reason=" \u00a0Deux lignes :\r\nla seconde \n", officer=" C. Martin ", note=1).get_json()
    assert (said["reason"], said["officer"]) == ("Deux lignes :\nla seconde", "C. Martin")
    assert said["warnings"] == ["note: unknown field, ignored"]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"reason": ...}, {"reason"}),
        ({"reason": "  ok  "}, {"reason"}),
        ({"reason": "\u00a0\u2003 "}, {"reason"}),
        ({"reason": "x" * 2001}, {"reason"}),
        ({"reason": "to be\x00 or not"}, {"reason"}),
        ({"reason": "to be\x1b[2J or not"}, {"reason"}),
        ({"reason": ["to be"]}, {"reason"}),
        ({"officer": ...}, {"officer"}),
        ({"officer": "  "}, {"officer"}),
        ({"officer": "C.\nMartin"}, {"officer"}),
        ({"officer": "x" * 129}, {"officer"}),
        ({"decision": ...}, {"decision"}),
        ({"decision": "ACCEPTE"}, {"decision"}),
        ({"client_id": ...}, {"prediction_id"}),
        ({"client_id": "900001"}, {"client_id"}),
        ({"client_id": True}, {"client_id"}),
        ({"client_id": 1.5}, {"client_id"}),
        ({"client_id": -1}, {"client_id"}),
        ({"prediction_id": "the last one"}, {"prediction_id"}),
        ({"reason": "no", "officer": 3, "decision": None}, {"reason", "officer", "decision"}),
    ],
)
def test_what_cannot_be_used_is_named_and_not_repeated(
    office: FlaskClient, changes: dict[str, object], wrong: set[str]
) -> None:
    predict(office)
    answer = decide(office, **changes)
    assert answer.status_code == 400
    errors = answer.get_json()["errors"]
    assert {error["field"] for error in errors} == wrong
    assert all(error["message"] and error["expected"] for error in errors)
    for value in changes.values():
        if isinstance(value, str) and len(value.strip()) > 4 and value != "ACCEPTE":
            assert value not in answer.text
    assert decisions(office) == []


def test_errors_are_said_in_french(office: FlaskClient) -> None:
    answer = office.post("/decisions?lang=fr", json={"client_id": 1, "decision": "REFUSÉ", "reason": "\x07abc"})
    assert answer.get_json()["errors"] == [
        {
            "field": "reason",
            "message": message("control_characters", "fr"),
            "expected": message("expected_text_between", "fr", minimum="3", maximum="2000"),
        }
    ]


def test_a_decision_is_about_a_prediction_that_is_recorded(office: FlaskClient) -> None:
    assert decide(office).status_code == 404
    key = predict(office)["prediction_id"]
    assert decide(office, prediction_id=str(uuid4())).status_code == 404
    assert decide(office, prediction_id=key, client_id=900002).status_code == 409
    assert decisions(office) == []
    assert decide(office, prediction_id=key.upper()).status_code == 201


def test_filters_and_pages(office: FlaskClient) -> None:
    predict(office)
    predict(office, number=900002)
    first = decide(office).get_json()
    decide(office, decision="ACCEPTÉ")
    last = decide(office, client_id=900002, officer="D. Petit").get_json()
    assert [decision["id"] for decision in decisions(office, client_id=900002)] == [last["id"]]
    assert [decision["id"] for decision in decisions(office, officer="D. Petit")] == [last["id"]]
    assert [decision["id"] for decision in decisions(office, prediction_id=last["prediction_id"])] == [last["id"]]
    assert len(decisions(office, kind="confirm")) == 2
    assert len(decisions(office, kind="override", officer="C. Martin")) == 1
    assert len(decisions(office, since=last["time"])) == 1
    assert len(decisions(office, until=last["time"])) == 2
    assert len(decisions(office, since="2020-01-01", until="2100-01-01T00:00:00+02:00")) == 3
    page = office.get("/decisions?limit=1&offset=2").get_json()
    assert (page["total"], page["limit"], page["offset"]) == (3, 1, 2)
    assert [decision["id"] for decision in page["decisions"]] == [first["id"]]


@pytest.mark.parametrize(
    "query",
    [
        "since=yesterday",
        "since=2026-13-01",
        "until=20261101",
        "until=0",
        "kind=both",
        "limit=0",
        "officer=" + "x" * 129,
    ],
)
@pytest.mark.parametrize("path", ["/decisions", "/decisions/export.csv", "/predictions"])
def test_parameters_that_cannot_be_used(office: FlaskClient, path: str, query: str) -> None:
    name = query.partition("=")[0]
    answer = office.get(f"{path}?{query}")
    if name not in {"since", "until", "kind"} and not (
        path == "/decisions" or (path, name) == ("/predictions", "limit")
    ):
        # Not a parameter of that one.
        assert answer.status_code in (200, 400)
        return
    assert answer.status_code == 400
    assert [error["field"] for error in answer.get_json()["errors"]] == [name]


def table(answer: TestResponse) -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="decisions.csv"'
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8"), newline="")))


def test_the_file_holds_what_the_pages_hold(office: FlaskClient) -> None:
    predict(office)
    quoted = 'Dit : "oui; non", puis,\nse ravise'
    for each in (reason, quoted):
        decide(office, reason=each)
    listed = decisions(office)
    rows = table(office.get("/decisions/export.csv"))
    assert [row["reason"] for row in rows] == [quoted, reason]
    for row, one in zip(rows, listed, strict=True):
        assert list(row) == list(one)
        for name in ("id", "officer", "decision", "kind", "prediction_id", "model_version", "request_id"):
            assert row[name] == one[name]
        assert (int(row["client_id"]), float(row["probability"])) == (one["client_id"], one["probability"])
        assert row["time"].replace("+00:00", "Z") == one["time"]
    assert len(table(office.get("/decisions/export.csv?officer=nobody"))) == 0


@pytest.mark.parametrize("start_of_formula", ["=", "+", "-", "@"])
def test_no_cell_of_the_file_is_run_by_a_spreadsheet(office: FlaskClient, start_of_formula: str) -> None:
    predict(office)
    formula = f"{start_of_formula}HYPERLINK(A1)"
    decide(office, reason=formula, officer=formula)
    (row,) = table(office.get("/decisions/export.csv"))
    assert row["reason"] == row["officer"] == f"'{formula}"
    # Only there: who reads the JSON is no spreadsheet.
    assert decisions(office)[0]["reason"] == formula


def test_a_long_file_is_read_in_parts(office: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions_module, "read_at_once", 3)
    predict(office)
    for number in range(8):
        decide(office, reason=f"reason {number}")
    rows = table(office.get("/decisions/export.csv"))
    assert [row["reason"] for row in rows] == [f"reason {number}" for number in range(7, -1, -1)]


def test_an_empty_file_has_its_header(office: FlaskClient) -> None:
    answer = office.get("/decisions/export.csv")
    assert table(answer) == []
    assert answer.text.startswith("id,time,client_id,decision,kind,reason,officer,")


@pytest.mark.parametrize("path", ["/decisions", "/decisions/export.csv", "/predictions"])
def test_without_its_database_it_is_503(
    start: Callable[..., FlaskClient], tmp_path: Path, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    client = start(audit_required=False)
    predict(client)
    shutil.rmtree(tmp_path / "kept")
    with caplog.at_level(logging.ERROR):
        assert client.get(path).status_code == 503
    assert [(record.getMessage(), record.__dict__["reason"]) for record in caplog.records] == [
        ("audit unavailable", "gone")
    ]
    assert client.get(path).status_code == 200


def test_a_decision_is_never_taken_unrecorded(start: Callable[..., FlaskClient], tmp_path: Path) -> None:
    client = start(audit_required=False)
    predict(client)
    shutil.rmtree(tmp_path / "kept")
    assert decide(client).status_code == 503


def test_with_keys_the_caller_is_named_and_only_reviewers_see_it(start: Callable[..., FlaskClient]) -> None:
    secrets = {"till": "score", "office": "review"}
    keys = ",".join(f"{name}:{role}:{hashlib.sha256(name.encode()).hexdigest()}" for name, role in secrets.items())
    client = start(api_keys=keys)
    till, office = ({"X-API-Key": name} for name in secrets)
    assert client.post("/predict", json={"features": features}, headers=till).status_code == 200
    body = {"client_id": client_id, "decision": "ACCEPTÉ", "reason": reason}
    for path in ("/decisions", "/decisions/export.csv", "/predictions"):
        assert client.get(path).status_code == 401
        assert client.get(path, headers=till).status_code == 403
        assert client.get(path, headers=office).status_code == 200
    assert client.post("/decisions", json=body, headers=till).status_code == 403
    said = client.post("/decisions", json=body, headers=office).get_json()
    assert (said["officer"], said["caller"]) == ("office", "office")
    said = client.post("/decisions", json=body | {"officer": "C. Martin"}, headers=office).get_json()
    assert (said["officer"], said["caller"]) == ("C. Martin", "office")
    (prediction,) = client.get("/predictions", headers=office).get_json()["predictions"]
    assert prediction["caller"] == "till"
