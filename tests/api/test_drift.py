"""`/data/drift`: made of what the installation has, kept, and given as a page or as JSON; never of a path."""

from __future__ import annotations

import errno
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from pydantic import SecretStr

from api import create_app
from core.drift.results.drift_report import DriftReport
from core.jobs.running.worker import Worker
from core.portfolio.clients import Portfolio, clients_file
from core.settings import Settings
from tests.shipped import shipped_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from core.scoring import Scorer


@pytest.fixture
def settings(tmp_path: Path, models_dir: Path, portfolio: Portfolio) -> Settings:
    return Settings(
        models_dir=models_dir,
        data_dir=tmp_path,
        jobs_dir=tmp_path / "jobs",
        database_url=None,
        audit_file=tmp_path / "audit.db",
    )


@pytest.fixture
def client(settings: Settings, scorer: Scorer, portfolio: Portfolio) -> FlaskClient:
    return create_app(settings, scorer, portfolio).test_client()


@pytest.fixture
def rows(portfolio: Portfolio) -> pl.DataFrame:
    return pl.read_parquet(portfolio.folder / clients_file).drop("probability")


def make(client: FlaskClient, **wanted: Any) -> TestResponse:
    return client.post("/data/drift", json=wanted)


def made(client: FlaskClient, **wanted: Any) -> dict[str, Any]:
    answer = make(client, **wanted)
    assert answer.status_code == 201, answer.text
    content: dict[str, Any] = answer.get_json()
    assert answer.headers["Location"] == f"/data/drift?report={content['id']}"
    return content


@dataclass(frozen=True)
class Compared:
    """An installation in which the portfolio was compared with its test set, for those who change nothing of it."""

    settings: Settings
    client: FlaskClient
    content: dict[str, Any]


@pytest.fixture(scope="module")
def compared(
    tmp_path_factory: pytest.TempPathFactory, installed: Callable[..., Settings], scorer: Scorer, portfolio: Portfolio
) -> Compared:
    own = installed(tmp_path_factory.mktemp("compared"))
    client = create_app(own, scorer, portfolio).test_client()
    # What the caller says of a path is no path.
    return Compared(own, client, made(client, path="/etc/passwd"))


def test_there_is_no_report_until_one_is_made(client: FlaskClient) -> None:
    for path in ("/data/drift", "/data/drift?format=json", "/data/drift?report=x"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.get_json()["detail"] == "No drift report has been made yet."
    assert client.get("/data/drift/reports").get_json()["reports"] == []


def test_the_portfolio_is_compared_with_its_test_set(compared: Compared, portfolio: Portfolio) -> None:
    content = compared.content
    assert list(content) == [
        "id",
        "verdict",
        "alert",
        "drifted",
        "drifted_share",
        "drifted_importance",
        "report",
        "warnings",
    ]
    report = content["report"]
    assert report["reference"]["name"] == "portfolio"
    assert report["reference"]["rows"] == portfolio.summary.n_clients
    assert report["current"]["name"] == "test"
    assert report["current"]["synthetic"] is True
    assert "NAME_CONTRACT_TYPE" in content["drifted"]
    assert content["drifted"] == [column["name"] for column in report["columns"] if column["level"] != "stable"]
    assert report["score"]["column"]["psi"] >= 0


def test_the_newest_is_given_as_a_page_and_as_json(client: FlaskClient) -> None:
    first = made(client)
    page = client.get("/data/drift", headers={"Accept-Language": "fr"})
    assert page.content_type == "text/html; charset=utf-8"
    assert "Rapport de dérive" in page.text
    assert '<html lang="fr">' in page.text
    assert '<html lang="en">' in client.get("/data/drift?lang=en").text
    # The page neither runs nor reaches anything.
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    found = client.get("/data/drift?format=json").get_json()
    assert found == {key: value for key, value in first.items() if key != "warnings"}
    second = made(client, reference="reference")
    assert client.get("/data/drift?format=json").get_json()["id"] == second["id"]
    assert client.get(f"/data/drift?format=json&report={first['id']}").get_json() == found


def test_the_reports_are_listed_newest_first(client: FlaskClient) -> None:
    ids = [made(client, reference=reference)["id"] for reference in ("portfolio", "reference", "test")]
    listed = client.get("/data/drift/reports").get_json()
    assert [report["id"] for report in listed["reports"]] == sorted(ids, reverse=True)
    assert listed["total"] == 3
    line = next(report for report in listed["reports"] if report["id"] == ids[1])
    assert line["reference"] == {
        "name": "reference",
        "rows": 307_511,
        "detail": "profile",
        "synthetic": True,
        "unreadable": {},
        "broken": 0,
    }
    assert "NAME_CONTRACT_TYPE" in line["drifted"]
    assert line["verdict"] in ("watch", "alert")
    assert 0 < line["drifted_importance"] < 1
    assert len(client.get("/data/drift/reports?limit=1&offset=1").get_json()["reports"]) == 1


def test_a_file_that_was_scored_is_compared(client: FlaskClient, settings: Settings, rows: pl.DataFrame) -> None:
    moved = rows.with_columns(pl.col("^EXT_SOURCE_.$") * 0.4)
    sent = client.post("/jobs?filename=clients.csv", data=moved.write_csv(), content_type="text/csv")
    job = sent.get_json()["id"]
    assert make(client, current=job).status_code == 409
    Worker(settings, model=shipped_model()).run(job)
    content = made(client, current=job)
    assert content["report"]["current"]["name"] == "clients.csv"
    assert content["report"]["current"]["rows"] == rows.height
    assert {"EXT_SOURCE_2", "EXT_SOURCE_3"} <= set(content["drifted"])
    assert content["alert"] is True
    assert content["report"]["performance"]["current"]["rows"] == rows.height
    back = made(client, current="portfolio", reference=job)
    assert back["report"]["reference"]["name"] == "clients.csv"


def test_a_job_of_somebody_else_is_not_found(client: FlaskClient) -> None:
    answer = make(client, current="0" * 32)
    assert answer.status_code == 404


def send(client: FlaskClient, content: bytes | str, name: str = "clients.csv", **headers: str) -> TestResponse:
    return client.post(f"/data/drift/files?filename={name}", data=content, content_type="text/csv", headers=headers)


def test_a_file_is_sent_and_compared_as_it_is(client: FlaskClient, settings: Settings, rows: pl.DataFrame) -> None:
    # A job would set aside rows with a code that nobody knows, and so hide what has changed most.
    moved = rows.with_columns(NAME_HOUSING_TYPE=pl.lit("Houseboat"), AMT_CREDIT=pl.lit("much"))
    answer = send(client, moved.write_csv(separator=";"))
    assert answer.status_code == 201, answer.text
    sent = answer.get_json()
    assert (sent["name"], sent["rows"], sent["compared"]) == ("clients.csv", rows.height, rows.height)
    assert "AMT_CREDIT" in sent["columns"]
    assert sent["unreadable"] == {"AMT_CREDIT": rows.height}
    assert (sent["owner"], sent["subject"], sent["person"]) == ("anonymous", None, None)
    content = made(client, current=sent["id"])
    report = content["report"]
    assert report["current"]["name"] == "clients.csv"
    assert report["current"]["unreadable"] == {"AMT_CREDIT": rows.height}
    assert "NAME_HOUSING_TYPE" in content["drifted"]
    assert content["verdict"] == "alert"
    assert made(client, current="portfolio", reference=sent["id"])["report"]["reference"]["name"] == "clients.csv"
    # What was sent is not kept as it came.
    [folder] = (settings.drift_dir / "files").glob(f"*/{sent['id']}")
    assert sorted(path.name for path in folder.iterdir()) == ["file.json", "rows.parquet"]


@pytest.mark.parametrize("content", ["", "a;b\n1;2\n", "AMT_CREDIT\n"])
def test_a_file_without_applications_is_refused_and_forgotten(
    client: FlaskClient, settings: Settings, content: str
) -> None:
    answer = send(client, content)
    assert answer.status_code == 409
    assert list(answer.get_json()) == ["type", "status", "detail"]
    assert list((settings.drift_dir / "files").iterdir()) == []


def test_a_report_that_cannot_be_kept_is_said(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("core.drift.history.outputs.write", full)
    answer = make(client, current="portfolio")
    assert answer.status_code == 503
    assert answer.get_json()["detail"] == (
        "The drift report could not be kept: the disk is full, or its folder cannot be used."
    )


def test_a_file_that_is_not_there_is_not_found(client: FlaskClient) -> None:
    answer = make(client, current=f"file-{'0' * 32}")
    assert answer.status_code == 404
    assert answer.get_json()["detail"] == "This file is not available, or not any more: send it again."


def test_a_file_of_somebody_else_is_not_found(
    settings: Settings, scorer: Scorer, portfolio: Portfolio, rows: pl.DataFrame
) -> None:
    keys = ",".join(f"{name}:score:{hashlib.sha256(name.encode()).hexdigest()}" for name in ("anne", "bert"))
    client = create_app(settings.model_copy(update={"api_keys": SecretStr(keys)}), scorer, portfolio).test_client()
    sent = send(client, rows.write_csv(), **{"X-API-Key": "anne"}).get_json()
    for name, status in (("anne", 201), ("bert", 404)):
        answer = client.post("/data/drift", json={"current": sent["id"]}, headers={"X-API-Key": name})
        assert answer.status_code == status


@pytest.mark.parametrize("webhook", [None, "https://chat.example.org/secret"])
def test_whether_anybody_is_told_is_said_and_not_whom(
    settings: Settings, scorer: Scorer, portfolio: Portfolio, webhook: str | None
) -> None:
    url = None if webhook is None else SecretStr(webhook)
    answer = create_app(settings.model_copy(update={"drift_webhook_url": url}), scorer, portfolio).test_client()
    listed = answer.get("/data/drift/reports")
    assert listed.get_json()["webhook"] is (webhook is not None)
    assert "secret" not in listed.text


def test_live_traffic_of_a_period_is_compared(client: FlaskClient, rows: pl.DataFrame) -> None:
    for part in rows.drop("TARGET").head(150).iter_slices(50):
        clients = [
            {name: value for name, value in row.items() if value is not None} for row in part.iter_rows(named=True)
        ]
        assert client.post("/predict/batch", json={"clients": clients}).status_code == 200
    content = made(client, current="live")
    assert content["report"]["current"]["rows"] == 150
    assert content["report"]["current"]["name"].startswith("live 20")
    assert content["drifted"] == []
    now = datetime.now(UTC)
    period = {"since": (now - timedelta(hours=1)).isoformat(), "until": (now + timedelta(hours=1)).isoformat()}
    assert made(client, current="live", reference="live", **period, reference_until=period["until"])["drifted"] == []
    empty = make(client, current="live", until="2020-01-01")
    assert empty.status_code == 409
    assert empty.get_json()["detail"] == (
        "There is nothing to compare: one of the sets is empty, or they have no column in common."
    )


def test_thresholds_are_adjustable(client: FlaskClient) -> None:
    strict = made(client, thresholds={"psi": {"moderate": 0.001}, "significance": 1})
    assert strict["report"]["thresholds"]["psi"] == {"moderate": 0.001, "major": 0.25}
    assert len(strict["drifted"]) > 100
    turned = made(client, thresholds={"psi": {"moderate": 0.9, "major": 0.3}, "missing": {"moderate": 5}})
    assert turned["report"]["thresholds"]["psi"] == {"moderate": 0.3, "major": 0.9}
    assert turned["report"]["thresholds"]["missing"] == {"moderate": 5, "major": 5}


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"current": "/etc/passwd"}, "current"),
        ({"current": "../portfolio"}, "current"),
        ({"current": "http://example.org/"}, "current"),
        ({"current": "reference"}, "current"),
        ({"current": None}, "current"),
        ({"current": 5}, "current"),
        ({"reference": "A" * 32}, "reference"),
        ({"since": "yesterday"}, "since"),
        ({"thresholds": [1]}, "thresholds"),
        ({"thresholds": {"psy": {"moderate": 1}}}, "thresholds"),
        ({"thresholds": {"psi": 0.1}}, "thresholds.psi"),
        ({"thresholds": {"psi": {"major": 0.1}}}, "thresholds.psi"),
        ({"thresholds": {"psi": {"moderate": -1}}}, "thresholds.psi.moderate"),
        ({"thresholds": {"psi": {"moderate": True}}}, "thresholds.psi.moderate"),
        ({"thresholds": {"significance": 2}}, "thresholds.significance"),
    ],
)
def test_what_is_wrong_is_named(client: FlaskClient, wanted: dict[str, Any], field: str) -> None:
    answer = make(client, **wanted)
    assert answer.status_code == 400
    [error] = answer.get_json()["errors"]
    assert error["field"] == field
    assert error["expected"]
    assert "passwd" not in answer.text


def test_unknown_keys_are_named(compared: Compared) -> None:
    assert compared.content["warnings"] == ["path: unknown field, ignored"]


@pytest.mark.parametrize("query", ["path=/etc/passwd", "file=../../etc/passwd", "url=http://example.org/"])
def test_no_caller_names_what_is_read(compared: Compared, query: str) -> None:
    client = compared.client
    assert client.get(f"/data/drift?{query}").data == client.get("/data/drift").data
    for report in ("../drift/x", "/etc/passwd", "..%2f..%2fetc%2fpasswd"):
        assert client.get(f"/data/drift?report={report}").status_code == 404


def test_what_is_kept_is_what_was_answered(compared: Compared) -> None:
    kept = compared.settings.drift_dir / "shared" / f"{compared.content['id']}.json"
    assert [column.name for column in DriftReport.from_json(kept.read_bytes()).drifted] == compared.content["drifted"]


def test_without_a_portfolio_or_a_test_set_it_says_so(
    settings: Settings, scorer: Scorer, portfolio: Portfolio, tmp_path: Path
) -> None:
    bare = create_app(settings, scorer).test_client()
    assert make(bare).status_code == 503
    (tmp_path / "application_test.csv").write_text("SK_ID_CURR\n1\n")
    answer = create_app(settings, scorer, portfolio).test_client().post("/data/drift", json={})
    assert answer.status_code == 409
    assert answer.get_json()["detail"] == "No usable test set goes with the portfolio."
