"""Alice and Bob sign in at one dashboard: what each sends, makes and decides is theirs, and nobody else's."""

from __future__ import annotations

import json
import stat
import time
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from pydantic import SecretStr

from api import create_app
from api.access.persons import UnknownSigner
from api.openapi.examples import features
from api.operations.startup import CannotStart, check_access
from core.access.assertions import header
from core.access.person import Person
from core.audit.chain.verification import verify
from core.audit.engine import Database, database_url
from core.contract import problems
from core.jobs.running.worker import Worker
from core.portfolio.clients import clients_file
from core.settings import Settings
from runtime.gunicorn_worker import admission
from tests.api.signed_in import alice, asking, bob, entry, secret
from tests.shipped import shipped_model

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer

keys = ",".join((entry("dashboard", "review"), entry("core-banking", "review"), entry("ops", "admin")))
as_alice, as_bob = asking("dashboard", alice), asking("dashboard", bob)
line_of_owner = ("owner", "subject", "person")
nobody, operator = asking("dashboard"), asking("ops")


@pytest.fixture
def settings(tmp_path: Path, models_dir: Path, portfolio: Portfolio) -> Settings:
    return Settings(
        models_dir=models_dir,
        data_dir=tmp_path,
        jobs_dir=tmp_path / "jobs",
        audit_file=tmp_path / "audit.db",
        api_keys=SecretStr(keys),
        secret_key=SecretStr(secret),
        oidc_issuer="https://login.bank.example",
        rate_limit="off",
    )


@pytest.fixture
def client(settings: Settings, scorer: Scorer, portfolio: Portfolio) -> FlaskClient:
    return create_app(settings, scorer, portfolio).test_client()


@pytest.fixture
def rows(portfolio: Portfolio) -> pl.DataFrame:
    return pl.read_parquet(portfolio.folder / clients_file).drop("probability").head(40)


def problem(answer: TestResponse) -> str:
    return str(answer.get_json()["type"]).removeprefix(problems.prefix)


def sent(client: FlaskClient, rows: pl.DataFrame, who: Mapping[str, str], path: str = "/jobs") -> dict[str, Any]:
    answer = client.post(f"{path}?filename=mine.csv", data=rows.write_csv(), content_type="text/csv", headers=who)
    assert answer.status_code in (201, 202), answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def decision_on(client: FlaskClient, who: Mapping[str, str], **said: Any) -> TestResponse:
    predicted = client.post("/predict", json={"features": features}, headers=who).get_json()
    body = {"prediction_id": predicted["prediction_id"], "decision": "ACCEPTÉ", "reason": "Dossier complet"}
    return client.post("/decisions", json=body | said, headers=who)


def test_an_import_is_its_senders(client: FlaskClient, settings: Settings, rows: pl.DataFrame) -> None:
    made = sent(client, rows, as_alice)
    assert (made["owner"], made["person"]) == ("dashboard", alice.name)
    Worker(settings, model=shipped_model()).run(made["id"])
    address = f"/jobs/{made['id']}"
    paths = ("", "/result", "/result?format=parquet", "/rejected", "/rows", f"/rows/{2}")
    for path in paths:
        with client.get(address + path, headers=as_alice) as own:
            assert own.status_code == 200, path
        for stranger in (as_bob, nobody, asking("core-banking")):
            other = client.get(address + path, headers=stranger)
            assert (other.status_code, problem(other)) == (404, "unknown-job"), path
        with client.get(address + path, headers=operator) as admin:
            assert admin.status_code == 200
    for method, path in (("POST", "/start"), ("DELETE", "")):
        assert client.open(address + path, method=method, headers=as_bob).status_code == 404
    listed = {
        name: client.get("/jobs", headers=who).get_json()["total"]
        for name, who in (("alice", as_alice), ("bob", as_bob), ("nobody", nobody), ("ops", operator))
    }
    assert listed == {"alice": 1, "bob": 0, "nobody": 0, "ops": 1}
    # The same person by another name: the subject stays.
    married = asking("dashboard", Person(alice.subject, "Alice Durand"))
    assert client.delete(address, headers=married).status_code == 200


def test_files_of_people_are_nobody_elses_to_read_on_the_disk(
    client: FlaskClient, settings: Settings, rows: pl.DataFrame
) -> None:
    made = sent(client, rows, as_alice)
    held = sent(client, rows, as_alice, "/data/drift/files")
    before = settings.jobs_dir / made["id"]
    assert stat.S_IMODE((before / "upload.csv").stat().st_mode) == 0o600
    Worker(settings, model=shipped_model()).run(made["id"])
    for kind in ("xlsx", "parquet"):
        client.get(f"/jobs/{made['id']}/result?format={kind}", headers=as_alice, buffered=True)
    report = client.post("/data/drift", json={"current": held["id"], "reference": made["id"]}, headers=as_alice)
    assert report.status_code == 201
    private = [before, *settings.drift_dir.glob("files/*/*"), *settings.drift_dir.glob("reports-*")]
    assert len(private) == 3
    for folder in private:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        for path in folder.iterdir():
            readable = stat.S_IMODE(path.stat().st_mode)
            # Empty, and only held by those who work on the job.
            assert readable == 0o600 or not path.stat().st_size, path.name


def test_a_file_to_be_compared_and_its_report_are_its_senders(client: FlaskClient, rows: pl.DataFrame) -> None:
    held = sent(client, rows, as_alice, "/data/drift/files")
    wanted = {"current": held["id"], "reference": "portfolio"}
    for stranger in (as_bob, nobody, asking("core-banking")):
        answer = client.post("/data/drift", json=wanted, headers=stranger)
        assert (answer.status_code, problem(answer)) == (404, "unknown-file")
    made = client.post("/data/drift", json=wanted, headers=as_alice)
    assert made.status_code == 201
    address = made.headers["Location"]
    assert client.get(address, headers=as_alice).status_code == 200
    assert client.get(address, headers=operator).status_code == 200
    assert client.get("/data/drift", headers=as_alice).status_code == 200
    for stranger in (as_bob, nobody, asking("core-banking")):
        for path in (address, f"{address}&format=json", "/data/drift"):
            assert client.get(path, headers=stranger).status_code == 404
        assert client.get("/data/drift/reports", headers=stranger).get_json()["total"] == 0
    # What is made of what everybody has, everybody sees.
    shared = client.post("/data/drift", json={"current": "portfolio", "reference": "reference"}, headers=as_bob)
    assert client.get(shared.headers["Location"], headers=as_alice).status_code == 200


def test_who_administers_reads_whose_a_file_and_a_report_are(
    client: FlaskClient, settings: Settings, rows: pl.DataFrame
) -> None:
    held = sent(client, rows, as_alice, "/data/drift/files")
    hers = ("dashboard", alice.subject, alice.name)
    assert (held["owner"], held["subject"], held["person"]) == hers
    wanted = {"current": held["id"], "reference": "portfolio"}
    made = client.post("/data/drift", json=wanted, headers=as_alice).get_json()
    client.post("/data/drift", json={"current": "portfolio", "reference": "reference"}, headers=as_bob)
    client.post("/data/drift", json=wanted, headers=operator)
    listed = client.get("/data/drift/reports", headers=operator).get_json()["reports"]
    # What everybody sees says nothing of who had it made.
    assert [(line["owner"], line["subject"], line["person"]) for line in listed] == [
        ("ops", None, None),
        (None, None, None),
        hers,
    ]
    (stored,) = settings.drift_dir.glob(f"reports-*/{made['id']}.json")
    told = json.loads(stored.read_bytes())
    assert (told["owner"], told["subject"], told["person"]) == hers
    # A report and a file of an earlier version, which say of nobody.
    stored.write_text(json.dumps({name: value for name, value in told.items() if name not in line_of_owner}))
    (file,) = settings.drift_dir.glob(f"files/*/{held['id']}/file.json")
    known = json.loads(file.read_bytes())
    file.write_text(json.dumps({name: value for name, value in known.items() if name != "person"}))
    address = f"/data/drift?format=json&report={made['id']}"
    earlier = client.get(address, headers=operator).get_json()["report"]
    assert {earlier[name] for name in line_of_owner} == {None}
    removed = client.delete(f"/data/drift/files/{held['id']}", headers=operator).get_json()
    assert (removed["owner"], removed["subject"], removed["person"]) == ("dashboard", alice.subject, None)


def test_a_decision_is_that_of_who_is_signed_in(client: FlaskClient, settings: Settings) -> None:
    made = decision_on(client, as_alice)
    assert made.status_code == 201
    said = made.get_json()
    assert (said["officer"], said["subject"], said["caller"]) == (alice.name, alice.subject, "dashboard")
    assert decision_on(client, as_alice, officer=alice.name).status_code == 201
    other = decision_on(client, as_alice, officer=bob.name)
    assert (other.status_code, problem(other)) == (403, "another-officer")
    # The dashboard decides for nobody; another program under the name of its key.
    unnamed = decision_on(client, nobody, officer=alice.name)
    assert (unnamed.status_code, problem(unnamed)) == (403, "person-needed")
    core_banking = asking("core-banking")
    for officer in ("C. Martin", alice.name, "dashboard"):
        made_up = decision_on(client, core_banking, officer=officer)
        assert (made_up.status_code, problem(made_up)) == (403, "another-officer")
    for said_of_it in ({}, {"officer": "core-banking"}):
        program = decision_on(client, core_banking, **said_of_it).get_json()
        assert (program["officer"], program["subject"]) == ("core-banking", None)
    listed = client.get("/decisions", headers=operator).get_json()["decisions"]
    assert [each["subject"] for each in listed] == [None, None, alice.subject, alice.subject]
    recorded = client.get("/predictions", headers=operator).get_json()["predictions"]
    assert {(each["caller"], each["subject"], each["person"]) for each in recorded} == {
        ("dashboard", alice.subject, alice.name),
        ("dashboard", None, None),
        ("core-banking", None, None),
    }
    for path, expected in (("predictions", 3), ("decisions", 2)):
        found = client.get(f"/{path}?subject={alice.subject}", headers=operator).get_json()[path]
        assert [each["subject"] for each in found] == [alice.subject] * expected
    export = client.get("/decisions/export.csv", headers=operator).text.splitlines()
    assert "subject" in export[0].split(",")
    database = Database.open(database_url(settings))
    assert verify(database).fault_count == 0
    database.close()


def test_two_people_may_use_the_same_idempotency_key(client: FlaskClient) -> None:
    predicted = client.post("/predict", json={"features": features}, headers=as_alice).get_json()["prediction_id"]
    body = {"prediction_id": predicted, "decision": "ACCEPTÉ", "reason": "Dossier complet"}
    once = {"Idempotency-Key": "the-same-key"}
    first = client.post("/decisions", json=body, headers={**as_alice, **once})
    again = client.post("/decisions", json=body, headers={**as_alice, **once})
    other = client.post("/decisions", json=body | {"decision": "REFUSÉ"}, headers={**as_bob, **once})
    assert [each.status_code for each in (first, again, other)] == [201, 200, 201]
    assert again.get_json()["id"] == first.get_json()["id"] != other.get_json()["id"]
    changed = client.post("/decisions", json=body | {"decision": "REFUSÉ"}, headers={**as_alice, **once})
    assert problem(changed) == "key-used-otherwise"


def test_the_rows_of_an_import_are_recorded_for_its_sender(
    client: FlaskClient, settings: Settings, rows: pl.DataFrame
) -> None:
    from core.audit.files import FileRecorder

    made = sent(client, rows, as_alice)
    recorder = FileRecorder(settings)
    Worker(settings, recorder, model=shipped_model()).run(made["id"])
    recorder.close()
    recorded = client.get("/predictions?limit=100", headers=operator).get_json()["predictions"]
    assert len(recorded) == rows.height
    assert {(each["subject"], each["person"]) for each in recorded} == {(alice.subject, alice.name)}


def test_what_is_delivered_later_names_who_was_signed_in(client: FlaskClient) -> None:
    delivered = {
        "id": "019a0000-0000-7000-8000-000000000001",
        "probability": 0.2,
        "threshold": 0.1,
        "model_version": "1",
        "history": "none",
        "inputs": {"AMT_CREDIT": 1.0},
    }
    answer = client.post("/predictions", json={"predictions": [delivered]}, headers=as_bob)
    assert answer.get_json()["recorded"] == 1
    found = client.get(f"/predictions/{delivered['id']}", headers=operator).get_json()
    assert (found["subject"], found["person"]) == (bob.subject, bob.name)


@pytest.mark.parametrize(
    ("headers", "status", "name"),
    [
        (asking("dashboard", alice, signed_by="another secret, as long as that one"), 401, "invalid-assertion"),
        ({"X-API-Key": "dashboard", header: "x"}, 401, "invalid-assertion"),
        ({"X-API-Key": "dashboard", header: ""}, 401, "invalid-assertion"),
        # Only a dashboard asks for people, whatever else a key may do.
        (asking("core-banking", alice), 403, "not-delegated"),
        (asking("ops", alice), 403, "not-delegated"),
        (asking("nobody-has-this-key", alice), 401, "unauthenticated"),
    ],
)
@pytest.mark.parametrize(("lang", "words"), [("fr", "personne|clé"), ("en", "signed in|key")])
def test_who_is_not_proven_is_refused(
    client: FlaskClient, headers: Mapping[str, str], status: int, name: str, lang: str, words: str
) -> None:
    answer = client.get("/clients", headers={**headers, "Accept-Language": lang})
    assert (answer.status_code, problem(answer)) == (status, name)
    assert any(word in answer.get_json()["detail"] for word in words.split("|"))


def test_an_assertion_ends(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    import core.access.assertions

    monkeypatch.setattr(core.access.assertions, "valid_seconds", -20)
    assert problem(client.get("/clients", headers=as_alice)) == "invalid-assertion"


def test_a_body_that_takes_longer_than_a_minute_to_come_is_still_its_senders(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, made_before = time.time(), dict(as_alice)
    monkeypatch.setattr(time, "time", lambda: now + 600)
    assert problem(client.get("/clients", headers=made_before)) == "invalid-assertion"
    # As the server marks what the application has admitted by its head alone: no client can say so.
    admitted = {admission.admitted: True}
    assert client.get("/clients", headers=made_before, environ_overrides=admitted).status_code == 200
    forged = asking("dashboard", alice, signed_by="another secret, as long as that one")
    assert client.get("/clients", headers=forged, environ_overrides=admitted).status_code == 401
    assert client.get("/clients", headers={**made_before, "workbench.admitted": "1"}).status_code == 401


def test_each_person_has_an_allowance(settings: Settings, scorer: Scorer, portfolio: Portfolio) -> None:
    limited = settings.model_copy(update={"rate_limit": "2/minute"})
    client = create_app(limited, scorer, portfolio).test_client()

    def asked(headers: Mapping[str, str]) -> int:
        return client.get("/clients", headers=headers).status_code

    assert [asked(as_alice) for _ in range(3)] == [200, 200, 429]
    assert asked(as_bob) == 200
    # Where people sign in, the key alone makes up nobody.
    made_up = [asked({**nobody, "X-On-Behalf-Of": name}) for name in ("carol", "dave", "erin")]
    assert made_up == [200, 200, 429]


def test_without_keys_people_are_told_apart_as_well(
    settings: Settings, scorer: Scorer, portfolio: Portfolio, rows: pl.DataFrame
) -> None:
    client = create_app(
        settings.model_copy(update={"api_keys": None, "oidc_issuer": None}), scorer, portfolio
    ).test_client()
    said = [{name: value for name, value in who.items() if name == header} for who in (as_alice, as_bob)]
    made = sent(client, rows, said[0])
    assert client.get(f"/jobs/{made['id']}", headers=said[0]).status_code == 200
    assert client.get(f"/jobs/{made['id']}", headers=said[1]).status_code == 404


def test_nobody_is_believed_without_a_secret(settings: Settings, scorer: Scorer, portfolio: Portfolio) -> None:
    plain = settings.model_copy(update={"secret_key": None, "oidc_issuer": None})
    client = create_app(plain, scorer, portfolio).test_client()
    assert problem(client.get("/clients", headers=as_alice)) == "invalid-assertion"
    # As ever: the dashboard without a login, and whoever is typed into it.
    assert decision_on(client, nobody, officer="C. Martin").status_code == 201


@pytest.mark.parametrize(("setting", "named"), [("secret_key", "SECRET_KEY"), ("api_keys", "API_KEYS")])
@pytest.mark.parametrize("allow_anonymous", [False, True])
def test_an_issuer_without_what_it_takes_to_know_people_does_not_start(
    settings: Settings, scorer: Scorer, setting: str, named: str, allow_anonymous: bool
) -> None:
    half = settings.model_copy(update={setting: None, "allow_anonymous": allow_anonymous})
    with pytest.raises(UnknownSigner, match=f"{named} must be"):
        create_app(half, scorer)
    with pytest.raises(CannotStart, match=f"{named} must be"):
        check_access(half, [("127.0.0.1", 8000)])
