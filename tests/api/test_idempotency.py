"""`POST /decisions` with `Idempotency-Key`: sent again, it is recorded once and answered with the same record."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from api import audit, create_app
from api.http.messages import message
from api.openapi.examples import features
from core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer

body: dict[str, Any] = {
    "client_id": features["SK_ID_CURR"],
    "decision": "ACCEPTÉ",
    "reason": "Justificatifs reçus",
    "officer": "C. Martin",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest, models_dir: Path, portfolio: Portfolio, scorer: Scorer, tmp_path: Path
) -> Iterator[Callable[[], FlaskClient]]:
    url = None if request.param == "sqlite" else request.getfixturevalue("new_postgresql")()
    settings = Settings(
        models_dir=models_dir,
        data_dir=portfolio.folder.parent,
        database_url=url,
        audit_file=tmp_path / "audit.db",
        rate_limit="off",
    )
    app = create_app(settings, scorer, portfolio)
    assert app.test_client().post("/predict", json={"features": features}).status_code == 200
    yield app.test_client
    audit.close(app)


def decide(client: FlaskClient, key: str | None, **changes: object) -> TestResponse:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post("/decisions", json=body | changes, headers=headers)


def test_sent_again_it_is_answered_with_the_same_record(office: Callable[[], FlaskClient]) -> None:
    client, key = office(), str(uuid4())
    first = decide(client, key)
    # Another prediction of the same client, meanwhile.
    client.post("/predict?threshold=1", json={"features": features})
    again = decide(client, f'"{key}"')
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json()
    assert client.get("/decisions").get_json()["total"] == 1


def test_without_a_key_it_is_recorded_each_time(office: Callable[[], FlaskClient]) -> None:
    client = office()
    assert [decide(client, None).status_code for _ in range(2)] == [201, 201]
    assert client.get("/decisions").get_json()["total"] == 2


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_key_used_for_another_content_is_a_conflict(office: Callable[[], FlaskClient], lang: Any) -> None:
    client, key = office(), str(uuid4())
    decide(client, key)
    answer = client.post(
        "/decisions", json=body | {"decision": "REFUSÉ"}, headers={"Idempotency-Key": key, "Accept-Language": lang}
    )
    assert answer.status_code == 409
    assert answer.get_json()["detail"] == message("key_used_otherwise", lang)
    assert [decision["decision"] for decision in client.get("/decisions").get_json()["decisions"]] == ["ACCEPTÉ"]


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "with a space 123", "ключ-ключ-ключ", '"unclosed-key'])
def test_a_key_that_cannot_be_used_is_named_and_not_repeated(office: Callable[[], FlaskClient], key: str) -> None:
    client = office()
    answer = decide(client, key.encode().decode("latin-1"))
    assert answer.status_code == 400
    (error,) = answer.get_json()["errors"]
    assert error["field"] == "Idempotency-Key"
    assert error["expected"] == message("expected_idempotency_key", "en")
    assert not key or key not in answer.text
    assert client.get("/decisions").get_json()["total"] == 0


def test_of_many_that_come_at_once_one_is_recorded(office: Callable[[], FlaskClient]) -> None:
    key = str(uuid4())
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: decide(office(), key), range(8)))
    assert sorted(each.status_code for each in found) == [200] * 7 + [201]
    assert len({each.get_json()["id"] for each in found}) == 1
    assert office().get("/decisions").get_json()["total"] == 1


def test_the_document_names_the_header(office: Callable[[], FlaskClient]) -> None:
    operation = office().get("/openapi.json").get_json()["paths"]["/decisions"]["post"]
    (header,) = operation["parameters"]
    assert (header["name"], header["in"], header["required"]) == ("Idempotency-Key", "header", False)
    assert {"200", "201", "409"} <= set(operation["responses"])
