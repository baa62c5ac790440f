"""Files that are looked at before they are scored."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from api import create_app
from core.access.keys import new_key
from core.data import demo
from core.jobs.job import job_json
from core.jobs.running.worker import Worker
from core.jobs.store import JobStore
from core.settings import Settings
from tests.shipped import shipped_model

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer

text = (
    "sk_id_curr;AMT_INCOME_TOTAL;colour;NAME_INCOME_TYPE;EXT_SOURCE_2\n"
    "100002;202500,5;red;Working;0,26\n"
    "100003;;blue;Zebra;0,3\n"
    "100004;1;green;Working;\n"
    "100005;1;Working\n"
)


@pytest.fixture
def settings(tmp_path: Path, models_dir: Path, portfolio: Portfolio) -> Settings:
    data = portfolio.folder.parent
    return Settings(models_dir=models_dir, data_dir=data, jobs_dir=tmp_path / "jobs", audit_file=tmp_path / "audit.db")


@pytest.fixture
def client(settings: Settings, scorer: Scorer, portfolio: Portfolio) -> FlaskClient:
    return create_app(settings, scorer, portfolio).test_client()


def held(client: FlaskClient, content: str | bytes, **headers: str) -> dict[str, Any]:
    answer = client.post("/jobs?hold=true&filename=in.csv", data=content, content_type="text/csv", headers=headers)
    assert answer.status_code == 202
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_held_file_says_what_will_become_of_it(client: FlaskClient) -> None:
    job = held(client, text)
    assert job["status"] == "held"
    found = client.get(f"/jobs/{job['id']}/preview?lang=fr").get_json()
    assert (found["verdict"], found["rows"], found["sound"], found["broken"]) == ("partly", 4, 2, 1)
    facts = found["columns"]
    assert (facts["separator"], facts["decimal"], facts["encoding"]) == (";", ",", "utf-8")
    assert facts["unknown"] == ["colour"]
    assert facts["aliases"] == [{"given": "sk_id_curr", "name": "SK_ID_CURR"}]
    details = {detail["name"]: detail for detail in found["details"]}
    assert list(details) == ["SK_ID_CURR", "AMT_INCOME_TOTAL", "NAME_INCOME_TYPE", "EXT_SOURCE_2"]
    assert details["SK_ID_CURR"]["given"] == "sk_id_curr"
    assert details["AMT_INCOME_TOTAL"]["missing"] == pytest.approx(1 / 3)
    assert details["AMT_INCOME_TOTAL"]["label"].startswith("Revenu")
    (problem,) = details["NAME_INCOME_TYPE"]["problems"]
    assert (problem["code"], problem["count"]) == ("not_a_choice", 1)
    assert "Working" in details["NAME_INCOME_TYPE"]["expected"]
    assert "Zebra" not in str(found)


def test_values_that_could_mean_something_else_are_named(client: FlaskClient) -> None:
    job = held(client, "DAYS_BIRTH;AMT_CREDIT;EXT_SOURCE_2\n14000;202.500;0,26\n-15000;300.000;0,5\n")
    found = client.get(f"/jobs/{job['id']}/preview?lang=fr").get_json()
    assert found["verdict"] == "ready"
    readings = {reading["column"]: reading for reading in found["caveats"]["readings"]}
    assert (readings["AMT_CREDIT"]["code"], readings["AMT_CREDIT"]["rows"]) == ("read_as_thousands", 2)
    assert (readings["DAYS_BIRTH"]["code"], readings["DAYS_BIRTH"]["rows"]) == ("sign_turned", 1)
    assert "202" not in str(readings)


def test_a_name_with_a_slip_and_numbers_that_repeat_are_told_before_and_after(
    client: FlaskClient, settings: Settings
) -> None:
    job = held(client, "SK_ID_CURR,AMT_CREDT,AMT_ANNUITY\n1,5e5,24000\n2,5e5,24000\n1,5e5,24000\n")
    found = client.get(f"/jobs/{job['id']}/preview").get_json()
    assert found["columns"]["similar"] == [{"given": "AMT_CREDT", "name": "AMT_CREDIT"}]
    assert found["caveats"]["repeated_rows"] == 1
    client.post(f"/jobs/{job['id']}/start?confirm=true")
    Worker(settings, model=shipped_model()).run(job["id"])
    scored = client.get(f"/jobs/{job['id']}").get_json()
    assert (scored["status"], scored["caveats"]["repeated_rows"]) == ("done", 1)
    assert scored["columns"]["similar"] == found["columns"]["similar"]


@pytest.mark.parametrize(
    ("rows", "verdict"), [("1,5\n2,6\n", "ready"), ("1,5\n2,x\n", "partly"), ("1,x\n2,y\n", "unusable")]
)
def test_the_verdict(client: FlaskClient, rows: str, verdict: str) -> None:
    job = held(client, f"SK_ID_CURR,AMT_CREDIT\n{rows}")
    assert client.get(f"/jobs/{job['id']}/preview").get_json()["verdict"] == verdict


def test_lines_of_nothing_but_separators_are_no_rows_to_look_at(client: FlaskClient) -> None:
    # Enough of them for batches of their own.
    empty = ",\n" * 250_000
    job = held(client, f"SK_ID_CURR,AMT_CREDIT\n{empty}1,5\n2,x\n")
    found = client.get(f"/jobs/{job['id']}/preview").get_json()
    assert (found["verdict"], found["rows"], found["sound"]) == ("partly", 2, 1)
    job = held(client, f"SK_ID_CURR,AMT_CREDIT\n{empty}")
    refused = client.get(f"/jobs/{job['id']}/preview")
    assert (refused.status_code, refused.get_json()["type"]) == (409, "/problems/unusable-file")


def test_what_the_preview_counts_is_what_scoring_sets_aside(client: FlaskClient, settings: Settings) -> None:
    frame = demo.draw_applications(300, 8, "test").with_columns(
        AMT_CREDIT=pl.when(pl.int_range(pl.len()) % 7 == 0).then(-1.0).otherwise("AMT_CREDIT")
    )
    content = io.BytesIO()
    frame.write_parquet(content)
    job = held(client, content.getvalue())
    found = client.get(f"/jobs/{job['id']}/preview").get_json()
    missing = {detail["name"]: detail["missing"] for detail in found["details"]}
    for name in frame.columns:
        assert missing[name] == pytest.approx(frame[name].null_count() / frame.height), name
    assert client.post(f"/jobs/{job['id']}/start").status_code == 202
    Worker(settings, model=shipped_model()).run(job["id"])
    scored = client.get(f"/jobs/{job['id']}").get_json()
    assert (scored["progress"]["rows_scored"], scored["progress"]["rows_read"]) == (found["sound"], found["rows"])


thin = "SK_ID_CURR,AMT_CREDIT\n100002,450000\n100003,270000\n"


def test_what_carries_the_decision_and_is_missing_needs_a_yes(client: FlaskClient, settings: Settings) -> None:
    job = held(client, thin)
    absent = client.get(f"/jobs/{job['id']}/preview?lang=fr").get_json()["absent"]
    assert absent["must_confirm"]
    assert 1 / 3 < absent["share"] < 1
    assert {"EXT_SOURCE_2", "EXT_SOURCE_3"} <= set(absent["columns"][:5])
    assert "AMT_CREDIT" not in absent["columns"]
    assert absent["columns"][0] in absent["text"]
    refused = client.post(f"/jobs/{job['id']}/start?lang=fr")
    assert (refused.status_code, refused.get_json()["type"]) == (409, "/problems/confirmation-needed")
    assert absent["text"] in refused.get_json()["detail"]
    worker = Worker(settings, model=shipped_model())
    worker.run(job["id"])
    assert client.get(f"/jobs/{job['id']}").get_json()["status"] == "held"
    assert client.post(f"/jobs/{job['id']}/start?confirm=true").status_code == 202
    worker.run(job["id"])
    done = client.get(f"/jobs/{job['id']}?lang=fr").get_json()
    assert (done["status"], done["absent"]) == ("done", absent)


def test_a_file_that_does_not_wait_is_scored_and_the_answer_says_what_it_lacks(client: FlaskClient) -> None:
    answer = client.post("/jobs?filename=in.csv", data=thin, content_type="text/csv")
    assert (answer.status_code, answer.get_json()["status"]) == (202, "queued")
    assert answer.get_json()["absent"]["must_confirm"]


def test_a_file_with_what_matters_needs_no_yes(client: FlaskClient) -> None:
    content = io.BytesIO()
    demo.draw_applications(5, 8, "test").write_parquet(content)
    job = held(client, content.getvalue())
    assert not job["absent"]["must_confirm"]
    assert client.post(f"/jobs/{job['id']}/start").status_code == 202


def test_a_held_file_is_not_scored_until_it_is_started(client: FlaskClient, settings: Settings) -> None:
    job = held(client, text)
    worker = Worker(settings, model=shipped_model())
    worker.round()
    assert worker.queue.waiting() == set()
    worker.run(job["id"])
    assert client.get(f"/jobs/{job['id']}").get_json()["status"] == "held"
    started = client.post(f"/jobs/{job['id']}/start?confirm=true")
    assert (started.status_code, started.get_json()["status"]) == (202, "queued")
    assert worker.queue.waiting() == {job["id"]}
    worker.run(job["id"])
    assert client.get(f"/jobs/{job['id']}").get_json()["status"] == "done"
    # Once more is no second time.
    assert client.post(f"/jobs/{job['id']}/start").get_json()["status"] == "done"
    gone = client.get(f"/jobs/{job['id']}/preview", headers={"Accept-Language": "en"})
    assert (gone.status_code, gone.get_json()["detail"]) == (409, "This job has no result: it is done.")


def test_a_file_that_cannot_be_scored_has_failed_at_once(client: FlaskClient) -> None:
    job = held(client, "name,colour\na,b\n")
    assert job["status"] == "failed"
    assert client.post(f"/jobs/{job['id']}/start").get_json()["status"] == "failed"


def test_a_held_file_is_removed_by_its_sender_or_with_time(client: FlaskClient, settings: Settings) -> None:
    mine, forgotten = held(client, text), held(client, text)
    assert client.delete(f"/jobs/{mine['id']}").get_json()["status"] == "cancelled"
    store = JobStore(settings.jobs_dir)
    assert store.tidy(24) == 0
    path = store.folder(forgotten["id"]) / "job.json"
    known = job_json().validate_json(path.read_bytes())
    long_ago = datetime.now(UTC) - timedelta(hours=25)
    path.write_bytes(
        path.read_bytes().replace(
            known.created.isoformat().split("+")[0].encode(), long_ago.isoformat().split("+")[0].encode()
        )
    )
    assert store.tidy(24) == 1
    assert client.get(f"/jobs/{forgotten['id']}").status_code == 404


def test_a_held_file_is_its_senders(settings: Settings, scorer: Scorer, portfolio: Portfolio) -> None:
    ours, theirs = new_key("ours", "score"), new_key("theirs", "score")
    guarded = settings.model_copy(update={"api_keys": f"{ours.entry},{theirs.entry}"})
    client = create_app(Settings.model_validate(guarded.model_dump()), scorer, portfolio).test_client()
    job = held(client, text, **{"X-API-Key": ours.secret})
    for ask, path in ((client.get, "preview"), (client.post, "start")):
        assert ask(f"/jobs/{job['id']}/{path}", headers={"X-API-Key": theirs.secret}).status_code == 404
        assert ask(f"/jobs/{'0' * 32}/{path}", headers={"X-API-Key": ours.secret}).status_code == 404
