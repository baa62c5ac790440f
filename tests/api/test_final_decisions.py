"""What an officer decided last is in every answer about a client or an application, beside what the model says."""

from __future__ import annotations

import io
import shutil
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from api import audit, create_app
from api.openapi.examples import features
from core.audit.files import FileRecorder
from core.jobs.running.worker import Worker
from core.portfolio.provenance import Provenance
from core.settings import Settings
from tests.shipped import shipped_model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from core.contract.clients.lists import ClientLine
    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer


spreadsheet = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def settings(models_dir: Path, portfolio: Portfolio, tmp_path: Path) -> Settings:
    return Settings(
        models_dir=models_dir,
        data_dir=portfolio.folder.parent,
        database_url=None,
        audit_file=tmp_path / "kept" / "audit.db",
        audit_required=False,
        jobs_dir=tmp_path / "jobs",
        rate_limit="off",
    )


@pytest.fixture
def office(settings: Settings, scorer: Scorer, portfolio: Portfolio) -> Iterator[FlaskClient]:
    app = create_app(settings, scorer, portfolio)
    yield app.test_client()
    audit.close(app)


@pytest.fixture(scope="module")
def refused(portfolio: Portfolio) -> ClientLine:
    return next(client for client in portfolio.search(limit=400).clients if client.decision == "REFUSÉ")


def decide(client: FlaskClient, **body: object) -> dict[str, Any]:
    answer = client.post("/decisions", json={"reason": "Justificatifs reçus", "officer": "Ada Lovelace"} | body)
    assert answer.status_code == 201, answer.text
    recorded: dict[str, Any] = answer.get_json()
    return recorded


def get(client: FlaskClient, path: str) -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.get_json()
    return content


def listed(client: FlaskClient, number: int) -> dict[str, Any]:
    (line,) = get(client, f"/clients?search={number}")["clients"]
    found: dict[str, Any] = line
    return found


def test_a_client_is_shown_with_what_was_decided_last(office: FlaskClient, refused: ClientLine) -> None:
    number = refused.client_id
    before = listed(office, number)
    assert (before["decision"], before["final_decision"], before["current_decision"]) == ("REFUSÉ", None, "REFUSÉ")
    prediction = get(office, f"/clients/{number}")["prediction"]["prediction_id"]
    decide(office, prediction_id=prediction, decision="REFUSÉ")
    last = decide(office, prediction_id=prediction, decision="ACCEPTÉ", officer="Grace Hopper")
    answers = (
        listed(office, number),
        get(office, f"/clients/{number}"),
        get(office, f"/clients/{number}/comparison?features=AMT_CREDIT"),
        get(office, f"/predictions/{prediction}"),
    )
    for answer in answers:
        assert answer["final_decision"] == {
            name: last[name]
            for name in ("id", "time", "decision", "kind", "officer", "prediction_id", "model_decision")
        }
        assert answer["current_decision"] == "ACCEPTÉ"
        # Why is for those who review.
        assert "reason" not in answer["final_decision"]
    # What the model says is as it was.
    assert [each.get("decision", "REFUSÉ") for each in answers] == ["REFUSÉ"] * 4
    assert get(office, "/decisions")["total"] == 2


def test_the_list_is_filtered_by_each_decision(office: FlaskClient, portfolio: Portfolio) -> None:
    everybody = portfolio.search(limit=400).clients
    overridden, confirmed = [each for each in everybody if each.decision == "REFUSÉ"][:2]
    for client, decision in ((overridden, "ACCEPTÉ"), (confirmed, "REFUSÉ")):
        get(office, f"/clients/{client.client_id}")
        decide(office, client_id=client.client_id, decision=decision)
    decided = {overridden.client_id: "ACCEPTÉ", confirmed.client_id: "REFUSÉ"}

    def numbers(query: str) -> set[int]:
        return {client["client_id"] for client in get(office, f"/clients?limit=500&{query}")["clients"]}

    for outcome in ("ACCEPTÉ", "REFUSÉ"):
        by_model = {each.client_id for each in everybody if each.decision == outcome}
        current = {each.client_id for each in everybody if decided.get(each.client_id, each.decision) == outcome}
        assert numbers(f"decision={outcome}") == by_model
        assert numbers(f"current_decision={outcome}") == current
        assert numbers(f"current_decision={outcome}&decided_by=model") == by_model - set(decided)
    assert numbers("decided_by=officer") == set(decided)
    assert numbers("decided_by=officer&decision=REFUSÉ&current_decision=ACCEPTÉ") == {overridden.client_id}
    assert office.get("/clients?decided_by=nobody").status_code == 400


def test_without_its_record_it_is_said_that_nothing_is_known(
    office: FlaskClient, refused: ClientLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = refused.client_id
    get(office, f"/clients/{number}")
    decide(office, client_id=number, decision="ACCEPTÉ")
    shutil.rmtree(tmp_path / "kept")
    # As a file, its folder cannot be made again.
    (tmp_path / "kept").write_text("")
    for path in (f"/clients/{number}", f"/clients/{number}/comparison?features=AMT_CREDIT"):
        answer = get(office, path)
        assert (answer["final_decision"], answer["current_decision"]) == (None, None)
    assert listed(office, number)["current_decision"] is None
    for query in ("current_decision=ACCEPTÉ", "decided_by=model"):
        assert office.get(f"/clients?{query}").status_code == 503
    assert office.get("/clients?decision=REFUSÉ").status_code == 200


def test_a_new_application_is_found_by_its_prediction(office: FlaskClient, scorer: Scorer) -> None:
    given = {name: value for name, value in features.items() if name != "SK_ID_CURR"}
    answered = office.post("/predict/explain", json={"features": given}).get_json()
    key = answered["prediction_id"]
    before = get(office, f"/predictions/{key}")
    assert (before["final_decision"], before["current_decision"]) == (None, answered["decision"])
    assert before["client_id"] is None
    last = decide(office, prediction_id=key, decision="ACCEPTÉ")
    found = get(office, f"/predictions/{key}")
    assert found["final_decision"]["id"] == last["id"]
    # What was decided can be assessed again: the same application gives the same probability.
    again = office.post("/predict", json={"features": found["inputs"]}).get_json()
    assert found["probability"] == answered["probability"]
    assert again["probability"] == pytest.approx(found["probability"], abs=1e-12)
    assert office.get("/predictions/00000000-0000-7000-8000-000000000000").status_code == 404
    assert office.get("/predictions/nothing").status_code == 400


def test_a_row_of_a_file_is_decided_by_the_prediction_of_its_job(office: FlaskClient, settings: Settings) -> None:
    columns = "AMT_INCOME_TOTAL,AMT_CREDIT,AMT_ANNUITY,NAME_INCOME_TYPE"
    text = f"{columns}\n202500,406597.5,24700,Working\n1e5,2e5,9000,Working\n"
    job = office.post("/jobs", data=text, content_type="text/csv").get_json()["id"]
    Worker(settings, FileRecorder(settings), model=shipped_model()).run(job)
    first, second = (get(office, f"/jobs/{job}/rows/{row}") for row in (2, 3))
    key = first["prediction"]["prediction_id"]
    assert key not in (None, second["prediction"]["prediction_id"])
    recorded = get(office, f"/predictions/{key}")
    assert (recorded["kind"], recorded["probability"]) == ("job", first["prediction"]["probability"])
    assert (first["final_decision"], first["current_decision"]) == (None, first["prediction"]["decision"])
    decide(office, prediction_id=key, decision="REFUSÉ")
    found = get(office, f"/jobs/{job}/rows/2")
    assert (found["final_decision"]["officer"], found["current_decision"]) == ("Ada Lovelace", "REFUSÉ")
    assert get(office, f"/jobs/{job}/rows/3")["final_decision"] is None


class TestOfWhomItIs:
    """A decision is a client's where it was taken on that client, not on whoever else bears the number."""

    def shown(self, client: FlaskClient, number: int) -> list[str | None]:
        """By whom the client is shown as decided: in card, list, comparison, and the trail that the letter reads."""
        answers = (
            get(client, f"/clients/{number}"),
            listed(client, number),
            get(client, f"/clients/{number}/comparison?features=AMT_CREDIT"),
        )
        officers = [answer["final_decision"] and answer["final_decision"]["officer"] for answer in answers]
        trail = get(client, f"/decisions?client_id={number}&on_hand=true")["decisions"]
        found = {each["client_id"] for each in get(client, "/clients?decided_by=officer")["clients"]}
        assert (number in found) == bool(officers[0])
        return [*officers, trail[0]["officer"] if trail else None]

    @pytest.mark.parametrize("query", ["", "?history=portfolio"])
    def test_a_row_of_a_file_and_a_typed_application_are_others(
        self, office: FlaskClient, settings: Settings, refused: ClientLine, query: str
    ) -> None:
        number = refused.client_id
        text = f"SK_ID_CURR,AMT_INCOME_TOTAL,AMT_CREDIT\n{number},202500,406597.5\n"
        job = office.post(f"/jobs{query}", data=text, content_type="text/csv").get_json()["id"]
        Worker(settings, FileRecorder(settings), model=shipped_model()).run(job)
        row = get(office, f"/jobs/{job}/rows/2")["prediction"]
        typed = office.post(f"/predict{query}", json={"features": features | {"SK_ID_CURR": number}}).get_json()
        # Their history may be the client's.
        assert [each["history"] for each in (row, typed)] == (["portfolio"] * 2 if query else ["none"] * 2)
        of_row = row["prediction_id"]
        for key in (of_row, typed["prediction_id"]):
            assert decide(office, prediction_id=key, decision="ACCEPTÉ")["client_id"] == number
        assert self.shown(office, number) == [None] * 4
        # Where all that bears the number is asked for, it is there, and it counts where it belongs.
        assert get(office, f"/decisions?client_id={number}")["total"] == 2
        assert get(office, f"/jobs/{job}/rows/2")["current_decision"] == "ACCEPTÉ"

    def test_what_is_decided_in_scoring_is_the_clients(
        self, office: FlaskClient, portfolio: Portfolio, refused: ClientLine
    ) -> None:
        number = refused.client_id
        answer = office.post(f"/predict/explain?client_id={number}", json={"features": {"AMT_CREDIT": 1e5}})
        key = answer.get_json()["prediction_id"]
        recorded = decide(office, prediction_id=key, decision="ACCEPTÉ")
        assert recorded["portfolio"] == str(portfolio.provenance)
        assert self.shown(office, number) == ["Ada Lovelace"] * 4

    def test_drawn_clients_do_not_stand_beside_real_ones(
        self, office: FlaskClient, settings: Settings, scorer: Scorer, imported_portfolio: Portfolio
    ) -> None:
        number = imported_portfolio.search(limit=1).clients[0].client_id
        drawn = replace(imported_portfolio, provenance=Provenance("synthetic", "0" * 16))
        again = replace(imported_portfolio, provenance=Provenance("imported", "0" * 16))

        def decided(on_hand: Portfolio, officer: str | None) -> list[str | None]:
            app = create_app(settings, scorer, on_hand)
            try:
                client = app.test_client()
                key = get(client, f"/clients/{number}")["prediction"]["prediction_id"]
                if officer:
                    decide(client, prediction_id=key, decision="ACCEPTÉ", officer=officer)
                return self.shown(client, number)
            finally:
                audit.close(app)

        assert decided(drawn, "Ada Lovelace") == ["Ada Lovelace"] * 4
        assert decided(imported_portfolio, None) == [None] * 4
        assert decided(imported_portfolio, "Grace Hopper") == ["Grace Hopper"] * 4
        # Imported again, with other rows beside: what was decided on the client stands.
        assert decided(again, None) == ["Grace Hopper"] * 4
        assert decided(drawn, None) == ["Ada Lovelace"] * 4


@pytest.fixture
def job(office: FlaskClient, settings: Settings) -> str:
    """The address of a job that has scored rows 2, 3 and 5; row 4 was set aside."""
    columns = "AMT_INCOME_TOTAL,AMT_CREDIT,AMT_ANNUITY,NAME_INCOME_TYPE"
    sound = "202500,406597.5,24700,Working"
    text = f"{columns}\n{sound}\n1e5,2e5,9000,Working\noops,1,1,Working\n{sound}\n"
    sent = office.post("/jobs", data=text, content_type="text/csv").get_json()["id"]
    Worker(settings, FileRecorder(settings), model=shipped_model()).run(sent)
    return f"/jobs/{sent}"


def decide_row(office: FlaskClient, job: str, row: int, **body: object) -> dict[str, Any]:
    return decide(office, prediction_id=get(office, f"{job}/rows/{row}")["prediction"]["prediction_id"], **body)


def files(office: FlaskClient, job: str) -> dict[str, bytes]:
    found = {}
    for kind in ("csv", "parquet", "xlsx"):
        with office.get(f"{job}/result?format={kind}") as answer:
            assert answer.status_code == 200
            found[kind] = answer.data
    return found


def tables(office: FlaskClient, job: str) -> list[pl.DataFrame]:
    """The three files, as text, in the order of their rows."""
    found = files(office, job)
    with zipfile.ZipFile(io.BytesIO(found["xlsx"])) as book:
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314
        names = book.namelist()
        shared = book.read("xl/sharedStrings.xml") if "xl/sharedStrings.xml" in names else b"<sst/>"
    strings = ET.fromstring(shared)  # noqa: S314
    texts = ["".join(part.itertext()) for part in strings]
    lines = []
    for line in sheet.iter(f"{spreadsheet}row"):
        cells = {}
        for cell in line:
            value = "".join(cell.itertext())
            cells[cell.attrib["r"].rstrip("0123456789")] = texts[int(value)] if cell.get("t") == "s" else value
        lines.append(cells)
    heads = lines[0]
    workbook = pl.DataFrame([{head: line.get(place) for place, head in heads.items()} for line in lines[1:]])
    # Excel counts days, in which a second is no round number: half a second more, and what is cut off is nothing.
    day_zero = datetime(1899, 12, 30, 0, 0, 0, 500_000, tzinfo=UTC)
    times = [
        days and (day_zero + timedelta(days=float(days))).replace(microsecond=0).isoformat()
        for days in workbook["decided_at"]
    ]
    workbook = workbook.with_columns(decided_at=pl.Series(times, dtype=pl.String))
    return [
        pl.read_csv(io.BytesIO(found["csv"]), infer_schema=False),
        pl.read_parquet(io.BytesIO(found["parquet"])).cast(pl.String),
        workbook,
    ]


def test_rows_and_files_of_a_job_say_what_officers_decided(office: FlaskClient, job: str) -> None:
    before = files(office, job)
    assert b"officer" not in before["csv"]
    nobody = {"final_decision": None, "officer": None, "decided_at": None}
    page = get(office, f"{job}/rows")
    assert page["decisions_known"]
    assert all(nobody.items() <= row.items() for row in page["rows"])

    decide_row(office, job, 5, decision="ACCEPTÉ")
    for officer, decision in (("=Grace", "REFUSÉ"), ("Ada", "ACCEPTÉ"), ("Grace Hopper", "REFUSÉ")):
        last = decide_row(office, job, 5, decision=decision, officer=officer)
        (*others, decided) = get(office, f"{job}/rows")["rows"]
        assert (decided["row"], decided["final_decision"], decided["officer"]) == (5, decision, officer)
        assert datetime.fromisoformat(decided["decided_at"]) == datetime.fromisoformat(last["time"]).replace(
            microsecond=0
        )
        assert decided["decision"] == last["model_decision"]
        assert all(nobody.items() <= row.items() for row in others)
        # No file is served as it was before the decision; no name runs in a spreadsheet.
        for table, safe in zip(tables(office, job), ("'", "", "'"), strict=True):
            assert table.columns[-3:] == ["final_decision", "officer", "decided_at"]
            assert table["row"].to_list() == ["2", "3", "5"]
            name = f"{safe}{officer}" if officer.startswith("=") else officer
            assert table["final_decision"].to_list() == [None, None, decision]
            assert table["officer"].to_list() == [None, None, name]
            assert table["decided_at"].to_list() == [None, None, decided["decided_at"]]
            assert table["decision"][2] == last["model_decision"]


def test_a_decision_on_another_file_changes_nothing_here(office: FlaskClient, job: str, settings: Settings) -> None:
    before = files(office, job)
    columns = "AMT_INCOME_TOTAL,AMT_CREDIT,AMT_ANNUITY,NAME_INCOME_TYPE"
    other = office.post("/jobs", data=f"{columns}\n1e5,2e5,9000,Working\n", content_type="text/csv").get_json()["id"]
    Worker(settings, FileRecorder(settings), model=shipped_model()).run(other)
    decide_row(office, f"/jobs/{other}", 2, decision="REFUSÉ")
    assert files(office, job) == before


def test_no_file_leaves_without_what_officers_decided(office: FlaskClient, job: str, tmp_path: Path) -> None:
    decide_row(office, job, 2, decision="REFUSÉ")
    shutil.rmtree(tmp_path / "kept")
    (tmp_path / "kept").write_text("")
    page = get(office, f"{job}/rows")
    assert not page["decisions_known"]
    assert [row["final_decision"] for row in page["rows"]] == [None] * 3
    for kind in ("csv", "parquet", "xlsx"):
        assert office.get(f"{job}/result?format={kind}").status_code == 503
