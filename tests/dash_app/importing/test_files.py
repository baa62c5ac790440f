"""Files through the dashboard: sent on to the API as they come, results back, refusals in the reader's words."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import polars as pl
import pytest

from api import create_app as create_api
from core import catalogue
from core.application import parse_application
from core.data import demo
from core.tables.foreign import conversion
from dash_app.components.markup import markup
from dash_app.i18n import _
from dash_app.service import NotFound, Refused
from dash_app.service.client import ApiClient
from dash_app.service.drift import DriftService
from dash_app.service.jobs import JobService, ResultRowQuery
from dash_app.shell.theme import themes
from dash_app.views.importing import ids, results, stages
from runtime.gunicorn_worker.incoming import late_body
from tests.adapters import Wsgi

if TYPE_CHECKING:
    import requests
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from core.catalogue import Language
    from core.contract.jobs import JobPreview
    from core.jobs.running.worker import Worker
    from core.portfolio.clients import Portfolio
    from core.portfolio.provenance import HistoryChoice
    from core.scoring import Scorer
    from core.settings import Settings

ours = {"X-Workbench": "import-upload", "Accept-Language": "fr"}
text = "SK_ID_CURR;AMT_CREDIT;NAME_INCOME_TYPE\n1;1000,5;Working\n2;x;Working\n3;3000;Working\n"


@pytest.fixture
def client(server: Flask) -> FlaskClient:
    return server.test_client()


class Timed(Wsgi):
    """A WSGI application, and how long each of its answers may take to come."""

    def __init__(self, application: object) -> None:
        super().__init__(application)
        self.seconds: dict[str, float] = {}

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        self.seconds[f"{request.method} {urlsplit(request.url or '').path}"] = options["timeout"][1]
        return super().send(request, *arguments, **options)


def test_a_conversion_is_waited_for_to_its_end(settings: Settings, scorer: Scorer, portfolio: Portfolio) -> None:
    """Whoever gives up before it is refused hears no reason, and leaves a file behind that nobody asks for."""
    timed = Timed(create_api(settings, scorer, portfolio))
    api = ApiClient("http://api", 20, adapter=timed)
    held = JobService(api).send([text.encode()], "in.csv", len(text), "fr")
    with pytest.raises(Refused):
        JobService(api).join(held.id, [b""], 0, "fr")
    DriftService(api).send([text.encode()], "in.csv", "fr")
    sent = [seconds for call, seconds in timed.seconds.items() if call.startswith("POST")]
    assert len(sent) == 3
    assert min(sent) > conversion.max_seconds


def send(client: FlaskClient, content: bytes, name: str = "in.csv", **headers: str) -> TestResponse:
    return client.post("/imports", data=content, headers={**ours, "X-File-Name": quote(name), **headers})


def test_a_file_is_held_looked_at_scored_and_fetched(
    server: Flask, client: FlaskClient, jobs: JobService, worker: Worker
) -> None:
    sent = send(client, text.encode(), "demandes d’été.csv")
    assert sent.status_code == 201
    job = sent.get_json()["id"]
    found = jobs.find(job, "fr")
    assert (found.status, found.file_name, found.bytes) == ("held", "demandes d’été.csv", len(text))
    seen = jobs.preview(job, "fr")
    assert (seen.verdict, seen.rows, seen.sound) == ("partly", 3, 2)
    with server.test_request_context(headers={"Cookie": "lang=fr"}):
        shown = "".join(map(markup, stages.held(found, seen)))
    assert "demandes d’été.csv" in shown
    assert all(column.expected in shown for column in seen.details if column.problems)
    with pytest.raises(Refused):
        jobs.start(job, "fr")
    assert jobs.start(job, "fr", confirmed=True).status == "queued"
    worker.run(job)
    found = jobs.find(job, "fr")
    assert (found.status, found.accepted + found.refused, found.progress.rows_rejected) == ("done", 2, 1)
    assert sum(found.histogram) == 2
    assert found.rejections[0].column == "AMT_CREDIT"
    labels = jobs.rows(job, ResultRowQuery(limit=1), "fr").labels
    with server.test_request_context(headers={"Cookie": "lang=fr"}):
        shown = "".join(str(part) for part in results.whole(found, labels, themes["light"]))
    assert found.rejections[0].problem in shown
    assert labels["AMT_CREDIT"] in shown

    result = client.get(f"/imports/{job}/result.csv")
    assert "attachment" in result.headers["Content-Disposition"]
    # As the reader's Excel opens it: this one reads French.
    lines = list(csv.DictReader(io.StringIO(result.get_data().decode("utf-8-sig")), delimiter=";"))
    assert [(line["SK_ID_CURR"], line["AMT_CREDIT"]) for line in lines] == [("1", "1000,5"), ("3", "3000,0")]
    parquet = client.get(f"/imports/{job}/result.parquet")
    assert pl.read_parquet(io.BytesIO(parquet.data))["SK_ID_CURR"].to_list() == [1, 3]
    assert client.get(f"/imports/{job}/result.xlsx").data[:2] == b"PK"
    # Excel reads accents where a byte order mark says that it is UTF-8.
    assert result.data.startswith(b"\xef\xbb\xbf")
    aside = client.get(f"/imports/{job}/rejected.csv").get_data(as_text=True)
    assert aside.startswith("\ufeffrow;SK_ID_CURR;column;")
    assert "AMT_CREDIT" in aside
    assert "n’est pas un nombre" in aside
    rows_aside = client.get(f"/imports/{job}/set-aside.csv").get_data(as_text=True)
    assert rows_aside.splitlines()[0] == "\ufeffrow;problem;SK_ID_CURR;AMT_CREDIT;NAME_INCOME_TYPE"
    assert rows_aside.splitlines()[1].endswith(";2;x;Working")

    rows = jobs.rows(job, ResultRowQuery(sort="SK_ID_CURR", descending=True), "fr")
    assert (rows.total, [row["SK_ID_CURR"] for row in rows.rows]) == (2, [3, 1])
    assert jobs.row(job, int(str(rows.rows[0]["row"]))).features["AMT_CREDIT"] == 3000
    assert [each.id for each in jobs.imports(10)] == [job]
    jobs.remove(job, "fr")
    with pytest.raises(NotFound):
        jobs.find(job, "fr")


def fired(client: FlaskClient, output: str, triggered: str, holds: dict[str, object]) -> dict[str, Any]:
    """What the callback of an output answers a page whose components hold some values, by `component.property`."""
    callbacks = client.get("/_dash-dependencies").get_json()
    callback = next(each for each in callbacks if output in each["output"])
    inputs, state = (
        [each | {"value": holds.get(f"{each['id']}.{each['property']}")} for each in callback[kind]]
        for kind in ("inputs", "state")
    )
    names = [each.rsplit(".", 1) for each in callback["output"].strip(".").split("...")]
    outputs = [{"id": component, "property": name} for component, name in names]
    asked = {"output": callback["output"], "outputs": outputs, "changedPropIds": [triggered]}
    answer = client.post("/_dash-update-component", json=asked | {"inputs": inputs, "state": state})
    assert answer.status_code == 200, answer.text
    response: dict[str, Any] = answer.get_json()["response"]
    return response


def test_a_file_that_lacks_what_matters_is_scored_once_the_box_is_ticked(client: FlaskClient, jobs: JobService) -> None:
    job = send(client, text.encode()).get_json()["id"]
    holds: dict[str, object] = {f"{ids.shown}.data": {"job": job}}
    shown = fired(client, f"{ids.state}.data", f"{ids.shown}.data", holds)
    holds[f"{ids.state}.data"] = shown[ids.state]["data"]
    for ticked in ([], ["yes"]):
        holds[f"{ids.agreed}.value"] = ticked
        asked = fired(client, f"{ids.agreement}.hidden", f"{ids.agreed}.value", holds)
        assert asked == {ids.agreement: {"hidden": False}, ids.start: {"disabled": not ticked}}
    assert jobs.find(job, "fr").status == "held"
    fired(client, f"{ids.state}.data", f"{ids.start}.n_clicks", holds | {f"{ids.start}.n_clicks": 1})
    assert jobs.find(job, "fr").status == "queued"


def test_first_rows_are_read_once_until_another_history_is_chosen(
    client: FlaskClient, jobs: JobService, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = send(client, text.encode()).get_json()["id"]
    asked: list[object] = []
    preview = jobs.preview

    def counted(job_id: str, lang: Language, history: HistoryChoice | None = None) -> JobPreview:
        asked.append(history)
        return preview(job_id, lang, history)

    monkeypatch.setattr(jobs, "preview", counted)
    note, chosen = f"{ids.history_note}.children", f"{ids.history}.value"
    # As the page has it where nobody chose.
    holds: dict[str, object] = {f"{ids.shown}.data": {"job": job}, chosen: ""}
    holds[f"{ids.state}.data"] = fired(client, f"{ids.state}.data", f"{ids.shown}.data", holds)[ids.state]["data"]
    said = fired(client, note, f"{ids.state}.data", holds)
    # Of synthetic clients, none.
    assert said[ids.history]["value"] == "none"
    assert said[ids.history_note]["children"] == preview(job, "fr").history.text
    again = fired(client, note, chosen, holds | {chosen: "none"})
    assert again[ids.history_note] == said[ids.history_note]
    assert asked == [None]
    other = fired(client, note, chosen, holds | {chosen: "portfolio"})
    assert other[ids.history_note]["children"] == preview(job, "fr", "portfolio").history.text
    assert asked == [None, "portfolio"]


@pytest.mark.parametrize(
    ("lang", "query", "head"),
    [
        ("fr", "", "row;SK_ID_CURR"),
        ("en", "", "row,SK_ID_CURR"),
        ("fr", "?convention=plain", "row,SK_ID_CURR"),
        ("en", "?convention=fr", "row;SK_ID_CURR"),
        ("en", "?convention=fr&columns=all", "row;SK_ID_CURR"),
    ],
)
def test_csv_is_in_the_convention_of_the_reader_or_the_one_chosen(
    client: FlaskClient, jobs: JobService, worker: Worker, lang: str, query: str, head: str
) -> None:
    job = send(client, text.encode()).get_json()["id"]
    jobs.start(job, "fr", confirmed=True)
    worker.run(job)
    for name in ("result.csv", "rejected.csv"):
        content = client.get(f"/imports/{job}/{name}{query}", headers={"Accept-Language": lang}).get_data(as_text=True)
        # The mark stands there once.
        assert content.startswith(f"\ufeff{head}")


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_file_of_which_no_row_was_scored_is_not_said_to_be_done(
    server: Flask, client: FlaskClient, jobs: JobService, worker: Worker, lang: str
) -> None:
    job = send(client, b"SK_ID_CURR,AMT_CREDIT\n1,x\n2,y\n").get_json()["id"]
    jobs.start(job, "fr", confirmed=True)
    worker.run(job)
    found = jobs.find(job, "fr")
    assert (found.status, found.nothing_scored) == ("done", True)
    labels = jobs.rows(job, ResultRowQuery(limit=1), "fr").labels
    with server.test_request_context(headers={"Cookie": f"lang={lang}"}):
        said = _("nothing scored")
        pages = [
            "".join(str(part) for part in results.whole(found, labels, themes["light"])),
            markup(stages.recent(jobs.imports_page(10))),
        ]
    for page in pages:
        assert said in page
        assert "check-circle" not in page
    # What was set aside can be had; there is no result to be had.
    assert f"/imports/{job}/set-aside.csv" in pages[0]
    assert "/result." not in pages[0]


def test_a_page_past_the_last_import_leads_back_to_the_first(
    server: Flask, client: FlaskClient, jobs: JobService
) -> None:
    def said(offset: int) -> str:
        with server.test_request_context(headers={"Cookie": "lang=en"}):
            return markup(stages.recent(jobs.imports_page(10, offset)))

    assert "None yet" in said(0)
    send(client, b"SK_ID_CURR,AMT_CREDIT\n1,2\n")
    beyond = said(9_999_990)
    assert "None yet" not in beyond
    assert 'href="/simulation"' in beyond


def test_what_the_api_refuses_is_said(client: FlaskClient, jobs: JobService) -> None:
    refused = send(client, b"x" * 2_000_001)
    assert refused.status_code == 413
    assert "2000000" in refused.get_json()["detail"]
    assert jobs.imports(10) == []


def test_a_quota_is_said_in_the_words_of_the_api(client: FlaskClient, jobs: JobService) -> None:
    refused = send(client, b"SK_ID_CURR,AMT_CREDIT\n" + b"1,2e5\n" * 100_001)
    assert refused.status_code == 429
    assert "JOBS_MAX_ROWS" in refused.get_json()["detail"]
    assert jobs.imports(10) == []


def test_a_file_that_cannot_be_scored_is_an_import_that_failed(client: FlaskClient, jobs: JobService) -> None:
    for content in (b"name,colour\na,b\n", b""):
        sent = send(client, content)
        assert sent.status_code == 201
        found = jobs.find(sent.get_json()["id"], "en")
        assert found.status == "failed"
        assert found.error


def test_only_the_page_sends_files(client: FlaskClient, jobs: JobService) -> None:
    assert client.post("/imports", data=text).status_code == 403
    other = {**ours, "Sec-Fetch-Site": "cross-site"}
    assert client.post("/imports", data=text, headers=other).status_code == 403
    assert jobs.imports(10) == []


@pytest.mark.parametrize(
    ("path", "status"),
    # Nobody is there who would compare it, which is said though its rest does not come.
    [("/imports", 408), ("/drift/files", 503)],
)
def test_a_file_that_does_not_come_is_told_so(client: FlaskClient, jobs: JobService, path: str, status: int) -> None:
    late = client.post(path, environ_overrides={"wsgi.input": late_body(), "CONTENT_LENGTH": "100"}, headers=ours)
    assert (late.status_code, bool(late.get_json()["detail"])) == (status, True)
    assert jobs.imports(10) == []


@pytest.mark.parametrize("path", ["result.csv", "result.exe", "rejected.csv"])
def test_what_is_not_there_is_said(client: FlaskClient, path: str) -> None:
    missing = client.get(f"/imports/{'0' * 32}/{path}", headers={"Accept-Language": "en"})
    assert (missing.status_code, missing.get_data(as_text=True)) == (404, "There is no such import.")


def test_a_result_that_is_not_there_yet_is_said(client: FlaskClient) -> None:
    job = send(client, text.encode()).get_json()["id"]
    assert client.get(f"/imports/{job}/result.csv").status_code == 409


def test_the_template_is_an_application_that_can_be_scored(client: FlaskClient, scorer: Scorer) -> None:
    text = client.get("/imports/template.csv").get_data().decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text), delimiter=";")
    assert list(row)[1:] == [column.name for column in catalogue.main_columns()]
    kinds = catalogue.polars_schema("application")
    given = {
        name: value if kinds[name] == pl.String or isinstance(kinds[name], pl.Enum) else float(value.replace(",", "."))
        for name, value in row.items()
        if value
    }
    application = parse_application(given)
    assert not application.warnings
    assert 0 < scorer.decide(application).probability < 1


def test_a_row_has_the_probability_that_its_application_gets(
    client: FlaskClient, jobs: JobService, worker: Worker, scorer: Scorer
) -> None:
    content = io.BytesIO()
    demo.draw_applications(50, 4, "test").write_parquet(content)
    job = send(client, content.getvalue(), "in.parquet").get_json()["id"]
    jobs.start(job, "fr")
    worker.run(job)
    for line in jobs.rows(job, ResultRowQuery(limit=10), "fr").rows:
        application = parse_application(dict(jobs.row(job, int(str(line["row"]))).features))
        assert scorer.decide(application).probability == pytest.approx(line["probability"], abs=1e-12)
