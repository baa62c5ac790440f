"""Files over HTTP: taken in whatever their size, watched, fetched; what is not a file leaves nothing behind."""

from __future__ import annotations

import csv
import gzip
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from api import create_app
from core.access.keys import new_key
from core.data import demo
from core.jobs.running import heartbeat
from core.jobs.running.worker import Worker
from core.jobs.store import JobStore
from core.settings import Settings
from tests.shipped import shipped_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer

header = "SK_ID_CURR,AMT_INCOME_TOTAL,AMT_CREDIT,NAME_INCOME_TYPE,EXT_SOURCE_2"
sound = "100002,202500.0,406597.5,Working,0.26"
text = f"{header}\n{sound}\n100003,oops,1e5,Working,7\n100004,1e5,2e5,Pensioner,0.9\n"
limit = 500_000


@pytest.fixture
def settings(tmp_path: Path, installed: Callable[..., Settings]) -> Settings:
    return installed(
        tmp_path,
        max_upload_bytes=limit,
        max_body_bytes=8000,
    )


@pytest.fixture
def client(settings: Settings, scorer: Scorer, portfolio: Portfolio) -> FlaskClient:
    return create_app(settings, scorer, portfolio).test_client()


@pytest.fixture
def worker(settings: Settings) -> Worker:
    return Worker(settings, model=shipped_model())


def post(client: FlaskClient, content: str | bytes, query: str = "", **named: Any) -> TestResponse:
    return client.post(f"/jobs{query}", data=content, content_type=named.pop("content_type", "text/csv"), **named)


def done(client: FlaskClient, worker: Worker, content: str | bytes, query: str = "") -> str:
    """The address of a job that was scored."""
    answer = post(client, content, query)
    assert answer.status_code == 202, answer.text
    worker.run(answer.get_json()["id"])
    return f"/jobs/{answer.get_json()['id']}"


def left(settings: Settings) -> list[str]:
    """What is in the folder of the jobs beside the queue."""
    if not settings.jobs_dir.exists():
        return []
    return [path.name for path in settings.jobs_dir.iterdir() if not path.name.startswith("queue.db")]


def rows(answer: TestResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text)))


@pytest.fixture(scope="module")
def scored(
    tmp_path_factory: pytest.TempPathFactory, installed: Callable[..., Settings], scorer: Scorer, portfolio: Portfolio
) -> tuple[FlaskClient, str]:
    """A client, and the address of a job that was scored, for those who only read it."""
    own = installed(tmp_path_factory.mktemp("scored"))
    client = create_app(own, scorer, portfolio).test_client()
    return client, done(client, Worker(own, model=shipped_model()), text)


def test_a_file_is_queued_then_scored(client: FlaskClient, worker: Worker) -> None:
    answer = post(client, text, "?filename=demandes%20d%C3%A9cembre.csv&threshold=0.3")
    job = answer.get_json()
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/jobs/{job['id']}"
    assert (job["status"], job["file_name"], job["bytes"], job["kind"]) == (
        "queued",
        "demandes décembre.csv",
        len(text),
        "csv",
    )
    assert (job["threshold"], job["owner"], job["worker"]) == (0.3, "anonymous", {"alive": False, "seen": None})
    assert job["columns"]["separator"] == ","
    assert job["columns"]["known"] == header.split(",")
    assert "AMT_ANNUITY" in job["columns"]["missing"]
    assert worker.queue.waiting() == {job["id"]}

    worker.run(job["id"])
    job = client.get(f"/jobs/{job['id']}?lang=fr").get_json()
    assert (job["status"], job["attempts"], job["accepted"] + job["refused"]) == ("done", 1, 2)
    assert job["progress"]["share"] == 1
    assert (job["progress"]["rows_read"], job["progress"]["rows_rejected"]) == (3, 1)
    assert (len(job["histogram"]), sum(job["histogram"])) == (100, 2)
    assert job["rejections"] == [
        {
            "column": "AMT_INCOME_TOTAL",
            "code": "not_a_number",
            "problem": "n’est pas un nombre",
            "expected": job["rejections"][0]["expected"],
            "count": 1,
        },
        {
            "column": "EXT_SOURCE_2",
            "code": "out_of_bounds",
            "problem": "est hors des bornes",
            "expected": "un nombre entre 0 et 1",
            "count": 1,
        },
    ]
    assert job["model_version"]
    assert job["started"] <= job["finished"]
    assert (job["error"], job["performance"]) == (None, None)


def test_outcomes_in_the_file_are_measured_against(client: FlaskClient, worker: Worker) -> None:
    applications = demo.draw_applications(800, 2, "train")
    job = client.get(done(client, worker, applications.write_csv())).get_json()
    assert job["performance"]["clients"] == 800
    assert 0.6 < job["performance"]["auc"] < 1
    assert job["acceptance_rate"] == job["accepted"] / 800


def test_the_result_in_three_formats(client: FlaskClient, worker: Worker) -> None:
    address = done(client, worker, text, "?filename=a%22b.%C3%A9.csv")
    as_csv = client.get(f"{address}/result")
    assert as_csv.content_type == "text/csv; charset=utf-8"
    assert as_csv.headers["Content-Disposition"].startswith('attachment; filename="a_b-scored.csv"; filename*=')
    assert as_csv.headers["Cache-Control"] == "no-store"
    found = rows(as_csv)
    assert [(each["row"], each["SK_ID_CURR"], each["NAME_INCOME_TYPE"]) for each in found] == [
        ("2", "100002", "Working"),
        ("4", "100004", "Pensioner"),
    ]
    with client.get(f"{address}/result?format=parquet") as parquet:
        frame = pl.read_parquet(io.BytesIO(parquet.data))
    assert frame["probability"].to_list() == [float(each["probability"]) for each in found]
    with client.get(f"{address}/result?format=xlsx") as workbook:
        assert workbook.content_type.endswith("spreadsheetml.sheet")
        assert workbook.data.startswith(b"PK")
    assert client.get(f"{address}/result?format=pdf").status_code == 400


@pytest.mark.parametrize(
    ("query", "head"),
    [
        ("", "row,SK_ID_CURR,probability"),
        ("?convention=plain", "row,SK_ID_CURR,probability"),
        ("?convention=fr", "\ufeffrow;SK_ID_CURR;probability"),
    ],
)
def test_csv_is_plain_unless_asked(scored: tuple[FlaskClient, str], query: str, head: str) -> None:
    client, address = scored
    assert client.get(f"{address}/result{query}").text.startswith(head)


def test_an_unknown_convention_is_refused(scored: tuple[FlaskClient, str]) -> None:
    client, address = scored
    for path in ("/result?convention=de", "/rejected?convention=de", "/rejected?content=all", "/result?columns=some"):
        assert client.get(address + path).status_code == 400


def test_rows_set_aside_as_they_were_sent(scored: tuple[FlaskClient, str]) -> None:
    client, address = scored
    (row,) = rows(client.get(f"{address}/rejected?content=rows&lang=en"))
    problems = row.pop("problem")
    assert row == dict(zip(["row", *header.split(",")], ["3", "100003", "oops", "1e5", "Working", "7"], strict=True))
    assert "AMT_INCOME_TOTAL is not a number" in problems
    assert "EXT_SOURCE_2 is out of bounds" in problems


def test_a_job_that_scored_nothing_says_so(client: FlaskClient, worker: Worker) -> None:
    nothing, something = (done(client, worker, content) for content in ("AMT_CREDIT\nx\n", "AMT_CREDIT\nx\n1e5\n"))
    found = client.get(nothing).get_json()
    assert (found["status"], found["nothing_scored"], found["acceptance_rate"]) == ("done", True, None)
    assert not client.get(something).get_json()["nothing_scored"]
    assert [job["nothing_scored"] for job in client.get("/jobs").get_json()["jobs"]] == [False, True]
    for kind in ("csv", "parquet", "xlsx"):
        with client.get(f"{nothing}/result?format={kind}") as answer:
            assert answer.status_code == 200


def test_what_is_more_than_an_excel_sheet_takes_is_refused(
    client: FlaskClient, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = done(client, worker, text)
    monkeypatch.setattr("core.jobs.answers.workbook.max_rows", 1)
    answer = client.get(f"{address}/result?format=xlsx")
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["field"] == "format"


@pytest.mark.parametrize("known", [False, True])
def test_a_decision_is_that_of_predict(client: FlaskClient, worker: Worker, portfolio: Portfolio, known: bool) -> None:
    number = portfolio.search(limit=1).clients[0].client_id if known else 999_999_999
    text = f"{header}\n{sound}\nx\n{number},1e5,2e5,Pensioner,0.9\n"
    address = done(client, worker, text, "?history=portfolio")
    row = client.get(f"{address}/rows/4").get_json()
    sent = {
        "SK_ID_CURR": number,
        "AMT_INCOME_TOTAL": 1e5,
        "AMT_CREDIT": 2e5,
        "NAME_INCOME_TYPE": "Pensioner",
        "EXT_SOURCE_2": 0.9,
    }
    assert sent.items() <= row["features"].items()
    # The history that the portfolio knows of a client counts, here as there.
    assert (len(row["features"]) > len(sent)) == known
    for features in (sent, row["features"]):
        same = client.post("/predict?history=portfolio", json={"features": features}).get_json()
        for name in ("client_id", "decision", "risk_category", "threshold", "prediction", "model_version"):
            assert row["prediction"][name] == same[name]
        assert row["prediction"]["probability"] == pytest.approx(same["probability"], abs=1e-12)
    assert client.get(f"{address}/rows/3").status_code == 404
    assert client.get(f"{address}/rows/x").status_code == 400


def test_rows_for_a_grid(client: FlaskClient, worker: Worker) -> None:
    applications = demo.draw_applications(600, 4, "test")
    address = done(client, worker, applications.write_csv(separator=";"))
    page = client.get(f"{address}/rows?limit=10&offset=20&lang=fr").get_json()
    assert (len(page["rows"]), page["total"], page["limit"], page["offset"]) == (10, 600, 10, 20)
    assert list(page["rows"][0]) == [column["name"] for column in page["columns"]]
    labels = {column["name"]: (column["label"], column["type"]) for column in page["columns"]}
    assert labels["decision"] == ("Décision du modèle", "text")
    assert labels["probability"] == ("Probabilité de défaut", "number")

    wanted = {"probability": {"min": 0.05}, "decision": {"in": ["ACCEPTÉ"]}}
    found = client.get(
        f"{address}/rows", query_string={"sort": "probability", "order": "desc", "filter": json.dumps(wanted)}
    ).get_json()
    probabilities = [row["probability"] for row in found["rows"]]
    assert 0 < found["total"] < 600
    assert probabilities == sorted(probabilities, reverse=True)
    assert min(probabilities) >= 0.05
    assert {row["decision"] for row in found["rows"]} == {"ACCEPTÉ"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"sort": "password"}, "sort"),
        ({"limit": "100000"}, "limit"),
        ({"filter": "nonsense"}, "filter"),
        ({"filter": "[]"}, "filter"),
        ({"filter": '{"password": {"min": 1}}'}, "filter"),
        ({"filter": '{"probability": {"min": "0.1"}}'}, "filter.probability"),
        ({"filter": '{"probability": {"like": 1}}'}, "filter.probability"),
        ({"filter": '{"probability": {}}'}, "filter.probability"),
        ({"filter": '{"probability": 0.1}'}, "filter.probability"),
        ({"filter": '{"probability": {"min": true}}'}, "filter.probability"),
        ({"filter": '{"probability": {"min": NaN}}'}, "filter.probability"),
        ({"filter": '{"decision": {"min": 1}}'}, "filter.decision"),
        ({"filter": '{"decision": {"in": [1]}}'}, "filter.decision"),
        ({"filter": '{"decision": {"in": "ACCEPTÉ"}}'}, "filter.decision"),
        ({"filter": '{"decision": {"missing": 1}}'}, "filter.decision"),
        ({"filter": '{"SK_ID_CURR": {"prefix": 1}}'}, "filter.SK_ID_CURR"),
    ],
)
def test_a_query_for_rows_that_cannot_be_used(
    scored: tuple[FlaskClient, str], query: dict[str, str], field: str
) -> None:
    client, address = scored
    answer = client.get(f"{address}/rows", query_string=query)
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["field"] == field


def test_rows_set_aside_in_the_language_of_the_reader(scored: tuple[FlaskClient, str]) -> None:
    client, address = scored
    english, french = (rows(client.get(f"{address}/rejected?lang={lang}")) for lang in ("en", "fr"))
    assert [(each["row"], each["SK_ID_CURR"], each["column"]) for each in english] == [
        ("3", "100003", "AMT_INCOME_TOTAL"),
        ("3", "100003", "EXT_SOURCE_2"),
    ]
    assert (english[1]["problem"], french[1]["problem"]) == ("is out of bounds", "est hors des bornes")
    assert "oops" not in client.get(f"{address}/rejected").text


@pytest.mark.parametrize(
    "kind",
    [
        "application/gzip",
        "application/zip",
        "application/octet-stream",
        # As browsers write that of XLSB.
        "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
    ],
)
def test_a_packed_file_is_known_by_what_it_is(client: FlaskClient, worker: Worker, kind: str) -> None:
    answer = post(client, gzip.compress(text.encode()), "?filename=x.csv", content_type=kind)
    assert (answer.status_code, answer.get_json()["kind"]) == (202, "csv.gz")
    worker.run(answer.get_json()["id"])
    assert client.get(answer.headers["Location"]).get_json()["status"] == "done"


def test_mended_rows_join_their_job(client: FlaskClient, worker: Worker, settings: Settings) -> None:
    address = done(client, worker, text, "?filename=mars.csv")
    fetched = client.get(f"{address}/rejected?content=rows").text
    assert "oops" in fetched
    mended = fetched.replace("oops", "150000").replace(",7", ",0.7")
    answer = client.post(f"{address}/rows?lang=en", data=mended, content_type="text/csv")
    assert answer.status_code == 200, answer.text
    found = answer.get_json()
    assert (found["joined"], found["still_set_aside"], found["already_scored"], found["unknown"]) == (1, 0, 0, 0)
    assert (found["job"]["progress"]["rows_scored"], found["job"]["progress"]["rows_mended"]) == (3, 1)
    assert found["job"]["rejections"] == []
    row = client.get(f"{address}/rows/3").get_json()
    assert (row["client_id"], row["features"]["AMT_INCOME_TOTAL"]) == (100003, 150000.0)
    # It is on record as any other row of the job, once.
    officer = {
        "prediction_id": row["prediction"]["prediction_id"],
        "decision": "ACCEPTÉ",
        "reason": "Vu en agence",
        "officer": "C. Martin",
    }
    assert client.post("/decisions", json=officer).status_code == 201
    again = client.post(f"{address}/rows", data=mended, content_type="text/csv").get_json()
    assert (again["joined"], again["job"]["progress"]["rows_scored"]) == (0, 3)
    lines = list(csv.DictReader(io.StringIO(client.get(f"{address}/result").text)))
    assert [(line["row"], line["SK_ID_CURR"], line["final_decision"]) for line in lines] == [
        ("2", "100002", ""),
        ("3", "100003", "ACCEPTÉ"),
        ("4", "100004", ""),
    ]
    refused = client.post(f"{address}/rows?lang=fr", data=text, content_type="text/csv")
    assert (refused.status_code, refused.get_json()["type"]) == (409, "/problems/unusable-file")
    assert client.post(f"/jobs/{'0' * 32}/rows", data=mended, content_type="text/csv").status_code == 404
    assert not [name for name in left(settings) if name.startswith(".incoming")]


def test_a_form_with_a_file(client: FlaskClient, worker: Worker) -> None:
    content = text.encode() + b"".join(b"%d,1e5,2e5,Working,0.5\r\n" % number for number in range(1, 12_001))
    form = {"note": "x", "file": (io.BytesIO(content), "mars.csv")}
    answer = client.post("/jobs", data=form, content_type="multipart/form-data")
    job = answer.get_json()
    assert (answer.status_code, job["file_name"], job["bytes"]) == (202, "mars.csv", len(content))
    worker.run(job["id"])
    assert client.get(f"/jobs/{job['id']}").get_json()["progress"]["rows_scored"] == 12_002


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"--x\r\nno end", "multipart/form-data; boundary=x"),
        (b"--x--\r\n", "multipart/form-data; boundary=x"),
        (b"a,b\n1,2\n", "multipart/form-data"),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nAMT_CREDIT\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\nAMT_CREDIT\n1\r\n' * 2
            + b"--x--\r\n",
            "multipart/form-data; boundary=x",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\nAMT_CREDIT\n1',
            "multipart/form-data; boundary=x",
        ),
        (b"--x\r\nnonsense\r\n\r\nAMT_CREDIT\r\n--x--\r\n", "multipart/form-data; boundary=x"),
    ],
)
def test_what_is_no_file_is_refused_and_leaves_nothing(
    client: FlaskClient, settings: Settings, body: bytes, content_type: str
) -> None:
    answer = client.post("/jobs", data=body, content_type=content_type)
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["field"] == "body"
    assert left(settings) == []
    assert client.get("/jobs").get_json()["total"] == 0


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (b"", "file_empty"),
        (b"\x00" * 1000, "file_not_text"),
        (",".join(f"garbage {n}" for n in range(50)).encode() + b"\n", "file_no_known_column"),
        (b"AMT_CREDIT,AMT_CREDIT\n1,1\n", "file_column_twice"),
        (b"PAR1 no", "file_unreadable"),
        (b"\x1f\x8b no", "file_unreadable"),
    ],
)
def test_a_file_that_cannot_be_scored_is_a_job_that_has_failed_at_once(
    client: FlaskClient, settings: Settings, worker: Worker, body: bytes, key: str
) -> None:
    job = post(client, body, "?lang=fr").get_json()
    assert (job["status"], job["error_code"]) == ("failed", key)
    assert job["error"]
    assert worker.queue.waiting() == set()
    assert {path.name for path in (settings.jobs_dir / job["id"]).iterdir()} == {"job.json", "lock"}
    assert client.get(f"/jobs/{job['id']}?lang=fr").get_json() == job


def test_another_kind_of_body_is_refused(client: FlaskClient, settings: Settings) -> None:
    answer = client.post("/jobs?lang=fr", data="<a/>", content_type="text/html")
    assert answer.status_code == 415
    for kind in ("text/csv", "spreadsheetml", "opendocument", "arrow", "ndjson", "multipart/form-data"):
        assert kind in answer.get_json()["detail"]
    assert left(settings) == []


def test_a_body_over_the_limit_is_refused_and_leaves_nothing(client: FlaskClient, settings: Settings) -> None:
    # The limit of other bodies, which is lower, is not that of files.
    assert post(client, f"{header}\n" + f"{sound}\n" * 400).status_code == 202
    before = left(settings)
    for length in (str(limit + 1), ""):
        environment = {"CONTENT_LENGTH": length} | ({} if length else {"HTTP_TRANSFER_ENCODING": "chunked"})
        answer = post(client, b"x" * (limit + 1), environ_overrides=environment)
        assert answer.status_code == 413
        assert str(limit) in answer.get_json()["detail"]
    assert left(settings) == before


def test_half_a_body_is_refused_and_leaves_nothing(client: FlaskClient, settings: Settings) -> None:
    answer = client.post(
        "/jobs", data=text, content_type="text/csv", environ_overrides={"CONTENT_LENGTH": str(len(text) + 1)}
    )
    assert answer.status_code == 400
    assert left(settings) == []
    assert client.get("/jobs").get_json()["jobs"] == []


def test_a_full_disk_is_said_and_leaves_nothing(
    client: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("core.jobs.receiving.Upload.write", full)
        assert post(client, text).status_code == 507
    with monkeypatch.context() as patch:
        patch.setattr("core.outputs.write", full)
        assert post(client, text).status_code == 507
    with monkeypatch.context() as patch:
        patch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 10})())
        assert post(client, text).status_code == 507
    assert left(settings) == []
    assert post(client, text).status_code == 202


def test_a_folder_that_cannot_be_used_is_said(client: FlaskClient, settings: Settings) -> None:
    settings.jobs_dir.write_bytes(b"")
    answer = post(client, text)
    assert (answer.status_code, list(answer.get_json())) == (503, ["type", "status", "detail"])


def test_jobs_of_an_absent_queue_wait_for_a_worker_to_find_them(
    settings: Settings, scorer: Scorer, portfolio: Portfolio
) -> None:
    away = settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    client = create_app(away, scorer, portfolio).test_client()
    answer = post(client, text)
    assert (answer.status_code, answer.get_json()["status"]) == (202, "queued")
    worker = Worker(settings, model=shipped_model())
    worker.round()
    assert worker.queue.waiting() == {answer.get_json()["id"]}


def test_the_answer_says_whether_a_worker_is_there(client: FlaskClient, settings: Settings) -> None:
    address = post(client, text).headers["Location"]
    heartbeat.beat(settings.jobs_dir)
    state = client.get(address).get_json()["worker"]
    assert state["alive"] is True
    stale = json.loads((settings.jobs_dir / "worker.json").read_text()) | {"seen": "2026-01-02T03:04:05Z"}
    (settings.jobs_dir / "worker.json").write_text(json.dumps(stale))
    assert client.get(address).get_json()["worker"] == {"alive": False, "seen": "2026-01-02T03:04:05Z"}


def test_health_tells_whether_a_worker_is_there(client: FlaskClient, settings: Settings) -> None:
    assert client.get("/health").get_json()["worker"] == {"alive": False, "seen": None}
    settings.jobs_dir.mkdir()
    heartbeat.beat(settings.jobs_dir)
    state = client.get("/health").get_json()["worker"]
    assert state["alive"] is True
    # Half a line, as a disk that is full may leave it, is no worker; and the service is well all the same.
    (settings.jobs_dir / "worker.json").write_text("{")
    health = client.get("/health").get_json()
    assert (health["status"], health["worker"]) == ("healthy", {"alive": False, "seen": None})


def test_a_running_job_does_not_count_down_while_no_worker_is_there(client: FlaskClient, settings: Settings) -> None:
    job = post(client, text).get_json()["id"]
    JobStore(settings.jobs_dir).update(
        job, lambda known: replace(known, status="running", share=0.5, rows_per_second=500.0, seconds_left=40.0)
    )

    def speeds() -> list[tuple[float | None, float | None]]:
        lines = [client.get(f"/jobs/{job}").get_json(), *client.get("/jobs").get_json()["jobs"]]
        return [(line["progress"]["rows_per_second"], line["progress"]["seconds_left"]) for line in lines]

    assert speeds() == [(None, None)] * 2
    heartbeat.beat(settings.jobs_dir)
    assert speeds() == [(500.0, 40.0)] * 2
    gone = datetime.now(UTC) - timedelta(seconds=heartbeat.patience_seconds + 1)
    beat = json.loads((settings.jobs_dir / heartbeat.file_name).read_text()) | {"seen": gone.isoformat()}
    (settings.jobs_dir / heartbeat.file_name).write_text(json.dumps(beat))
    assert speeds() == [(None, None)] * 2
    # What a job that has ended took is known, whoever is away now.
    JobStore(settings.jobs_dir).update(job, lambda known: replace(known, status="done", seconds_left=None))
    assert speeds() == [(500.0, None)] * 2


def test_a_result_before_the_job_is_done(client: FlaskClient) -> None:
    address = post(client, text).headers["Location"]
    for what in ("result", "rejected", "rows", "rows/2"):
        answer = client.get(f"{address}/{what}?lang=fr")
        assert answer.status_code == 409
        assert answer.get_json()["detail"] == "Ce traitement n’a pas de résultat\u00a0: il est en attente."


@pytest.mark.parametrize("name", ["a" * 32, "..", "%2e%2e", "..%2f..%2fetc", "x", "A" * 32, "é", "a" * 64])
def test_an_unknown_job(client: FlaskClient, name: str) -> None:
    for what in ("", "/result", "/rejected", "/rows", "/rows/2"):
        assert client.get(f"/jobs/{name}{what}").status_code == 404
    assert client.delete(f"/jobs/{name}").status_code == 404


def test_cancel_then_remove(client: FlaskClient, settings: Settings, worker: Worker) -> None:
    address = post(client, text).headers["Location"]
    assert client.delete(address).get_json()["status"] == "cancelled"
    assert client.get(address).get_json()["status"] == "cancelled"
    assert client.get(f"{address}/result").status_code == 409
    assert not list(settings.jobs_dir.glob("*/upload*"))
    worker.run(address.rpartition("/")[2])
    assert client.get(address).get_json()["status"] == "cancelled"
    assert client.delete(address).status_code == 200
    assert client.get(address).status_code == 404
    assert client.delete(address).status_code == 404
    finished = done(client, worker, text)
    assert client.delete(finished).get_json()["status"] == "done"
    assert left(settings) == []


def test_a_list_page_by_page(client: FlaskClient) -> None:
    sent = [post(client, text, f"?filename={number}.csv").get_json()["id"] for number in range(5)]
    page = client.get("/jobs?limit=2&offset=1").get_json()
    assert ([job["id"] for job in page["jobs"]], page["total"]) == (sent[3:1:-1], 5)
    assert page["worker"]["alive"] is False


def test_a_failed_job_says_why_in_the_language_of_the_reader(client: FlaskClient, worker: Worker) -> None:
    address = done(client, worker, f"{header}\n")
    english, french = (client.get(f"{address}?lang={lang}").get_json() for lang in ("en", "fr"))
    assert (english["status"], english["error_code"]) == ("failed", "file_no_rows")
    assert english["error"] == "The file holds no row of data."
    assert french["error"] == "Le fichier ne contient aucune ligne de données."


def test_a_caller_sees_its_own_jobs(settings: Settings, scorer: Scorer, portfolio: Portfolio) -> None:
    keys = {name: new_key(name, role) for name, role in (("ann", "score"), ("bob", "score"), ("root", "admin"))}  # type: ignore[arg-type]
    closed = Settings(**(settings.model_dump() | {"api_keys": ",".join(key.entry for key in keys.values())}))
    client = create_app(closed, scorer, portfolio).test_client()
    headers = {name: {"X-API-Key": key.secret} for name, key in keys.items()}
    assert post(client, text).status_code == 401
    assert left(settings) == []
    sent = post(client, text, headers=headers["ann"])
    address = sent.headers["Location"]
    assert sent.get_json()["owner"] == "ann"
    assert [client.get(address, headers=headers[name]).status_code for name in keys] == [200, 404, 200]
    assert [client.get("/jobs", headers=headers[name]).get_json()["total"] for name in keys] == [1, 0, 1]
    mended = {"data": text, "content_type": "text/csv", "headers": headers["bob"]}
    assert client.post(f"{address}/rows", **mended).status_code == 404
    assert client.delete(address, headers=headers["bob"]).status_code == 404
    assert client.delete(address, headers=headers["root"]).status_code == 200


def test_mended_rows_that_somebody_sorted_are_recorded_all_the_same(client: FlaskClient, worker: Worker) -> None:
    lines = ["SK_ID_CURR,AMT_CREDIT,EXT_SOURCE_2", "1,450000,0.5", *(f"{number},dear,0.5" for number in range(2, 6))]
    address = done(client, worker, "\n".join(lines))
    heading, *fetched = client.get(f"{address}/rejected?content=rows").text.replace("dear", "270000").splitlines()
    mended = "\n".join([heading, *sorted(fetched, reverse=True)])
    answer = client.post(f"{address}/rows", data=mended, content_type="text/csv")
    assert (answer.status_code, answer.get_json().get("joined")) == (200, 4)
    assert answer.get_json()["job"]["progress"]["rows_unrecorded"] == 0
    for row in (3, 6):
        officer = {
            "prediction_id": client.get(f"{address}/rows/{row}").get_json()["prediction"]["prediction_id"],
            "decision": "ACCEPTÉ",
            "reason": "Vu en agence",
            "officer": "C. Martin",
        }
        assert client.post("/decisions", json=officer).status_code == 201
