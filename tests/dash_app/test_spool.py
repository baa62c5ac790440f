"""What was decided while the API was away comes on record once, whatever dies on the way."""

from __future__ import annotations

import json
import multiprocessing
import os
import sqlite3
import stat
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
import requests
from pydantic import SecretStr

from api import create_app as create_api
from core.access.assertions import Assertions
from core.access.person import Person
from core.audit.engine import Database, database_url
from core.audit.entries import PredictionFilter
from core.audit.log import AuditLog
from core.contract import problems
from core.settings import Settings
from dash_app.service import FailoverScoring, LocalScoring, ScoringService, ServiceUnavailable
from dash_app.service.answers import DecisionDraft
from dash_app.service.away.delivery import SpoolDelivery
from dash_app.service.away.spool import Spool, Spooled, SpoolFull, SpoolUnavailable, Waiting
from dash_app.service.client import ApiClient
from dash_app.shell import sidebar, states
from tests.adapters import Answering, Wsgi, reply
from tests.dash_app.appending import append

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.audit.entries import RecordedPrediction
    from core.model.source import ModelSource
    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer

asked = {"AMT_CREDIT": 500_000, "AMT_INCOME_TOTAL": 180_000, "AMT_ANNUITY": 25_000, "EXT_SOURCE_2": 0.5}


class Api(Wsgi):
    """The real API, on a record of its own, which can be away or die at a step."""

    def __init__(self, settings: Settings, scorer: Scorer, portfolio: Portfolio) -> None:
        super().__init__(create_api(settings, scorer, portfolio))
        self.settings = settings
        self.dies: str | None = None
        self.calls = 0

    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        self.calls += 1
        if self.dies == "before":
            raise requests.ConnectionError("nobody")
        answer = super().send(request)
        if self.dies == "after":
            raise requests.ConnectionError("gone before the answer came")
        return answer

    def record(self) -> tuple[RecordedPrediction, ...]:
        database = Database.open(database_url(self.settings))
        try:
            return AuditLog(database).predictions_with_inputs(PredictionFilter(), 500).predictions
        finally:
            database.close()


@pytest.fixture
def api(models_dir: Path, scorer: Scorer, portfolio: Portfolio, tmp_path: Path) -> Api:
    folder = portfolio.folder.parent
    settings = Settings(models_dir=models_dir, data_dir=folder, audit_file=tmp_path / "audit.db")
    return Api(settings, scorer, portfolio)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", 1000, 10_000_000)


@pytest.fixture
def decide(loaded_model: ModelSource, portfolio_dir: Path, spool: Spool) -> Callable[[], str]:
    local = LocalScoring(loaded_model, portfolio_dir, spool=spool)

    def once() -> str:
        key = local.assess(asked, "fr").prediction_id
        assert key is not None
        return key

    return once


def delivery(spool: Spool, api: Answering) -> SpoolDelivery:
    return SpoolDelivery(spool, ApiClient("http://api", 5, api))


def test_a_local_decision_comes_on_record_as_it_was_made(
    decide: Callable[[], str], spool: Spool, api: Api, local: LocalScoring
) -> None:
    key = decide()
    assert spool.waiting() == Waiting(1, 0)
    assert delivery(spool, api).deliver() == 1
    assert spool.waiting() == Waiting(0, 0)
    (row,) = api.record()
    said = local.assess(asked, "fr")
    assert (row.id, row.kind, row.history, row.portfolio) == (key, "local", "none", None)
    assert (row.probability, row.threshold) == (said.probability, said.threshold)
    assert row.model_version == said.model_version
    assert row.inputs == asked


def test_each_decision_comes_on_record_for_whom_it_was_made(
    loaded_model: ModelSource, scorer: Scorer, portfolio: Portfolio, spool: Spool, api: Api
) -> None:
    secret = "one secret that both services have"
    people = [Person("u-1", "Alice"), None, Person("u-2", "Bob"), Person("u-2", "Bob")]
    made = {}
    signed_in = iter(people)
    local = LocalScoring(loaded_model, portfolio.folder, spool=spool, person=lambda: next(signed_in))
    for person in people:
        made[local.assess(asked, "fr").prediction_id] = person
    knowing = Api(api.settings.model_copy(update={"secret_key": SecretStr(secret)}), scorer, portfolio)
    client = ApiClient("http://api", 5, knowing)
    assert SpoolDelivery(spool, client, asserted=Assertions(secret).of).deliver() == 4
    recorded = {row.id: Person(row.subject, row.person or "") if row.subject else None for row in knowing.record()}
    assert recorded == made


def test_what_a_visitor_of_a_demonstration_decided_comes_on_record_as_theirs(
    loaded_model: ModelSource, scorer: Scorer, portfolio: Portfolio, spool: Spool, api: Api
) -> None:
    visitor = Person("a" * 32, "Demo")
    local = LocalScoring(loaded_model, portfolio.folder, spool=spool, person=lambda: visitor)
    key = local.assess(asked, "fr").prediction_id
    demo = Api(api.settings.model_copy(update={"public_demo": True}), scorer, portfolio)
    assert SpoolDelivery(spool, ApiClient("http://api", 5, demo)).deliver() == 1
    assert [(row.id, row.subject) for row in demo.record()] == [(key, visitor.subject)]


def test_a_spool_of_an_earlier_version_is_gone_on_with(spool: Spool) -> None:
    folder = spool.lock_file.parent
    folder.mkdir()
    with closing(sqlite3.connect(folder / "decisions.db")) as earlier:
        earlier.execute(
            "CREATE TABLE spooled (id TEXT PRIMARY KEY, body TEXT NOT NULL, refused INTEGER NOT NULL DEFAULT 0) "
            "WITHOUT ROWID"
        )
        earlier.execute("INSERT INTO spooled (id, body) VALUES ('1', '{}')")
        earlier.commit()
    spool.append("2", "{}", Person("u-1", "Alice"))
    assert spool.oldest(10) == [Spooled("1", "{}", None), Spooled("2", "{}", Person("u-1", "Alice"))]


@pytest.mark.parametrize("step", ["before", "after"])
def test_an_api_that_dies_at_a_step_leaves_one_record(
    decide: Callable[[], str], spool: Spool, api: Api, step: str
) -> None:
    keys = [decide() for _ in range(3)]
    api.dies = step
    for _ in range(2):
        with pytest.raises(ServiceUnavailable):
            delivery(spool, api).deliver()
        assert spool.waiting().count == 3
    api.dies = None
    assert delivery(spool, api).deliver() == 3
    assert sorted(row.id for row in api.record()) == sorted(keys)
    assert spool.waiting().count == 0


def test_a_dashboard_killed_between_answer_and_removal_leaves_one_record(
    decide: Callable[[], str], spool: Spool, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = decide()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(Spool, "remove", killed)
        with pytest.raises(KeyboardInterrupt):
            delivery(spool, api).deliver()
    assert [row.id for row in api.record()] == [key]
    # The next process finds what waits, hands it in again, and is told that it is there.
    again = Spool(spool.lock_file.parent, 1000, 10_000_000)
    assert delivery(again, api).deliver() == 1
    assert [row.id for row in api.record()] == [key]
    assert again.waiting().count == 0


def test_several_workers_keep_and_deliver_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    # The imports of one are those of all.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.dash_app.appending"])
    workers = [context.Process(target=append, args=(folder, first)) for first in (0, 100, 200)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    spool = Spool(folder, 1000, 10_000_000)
    assert spool.waiting().count == 75
    sent: list[int] = []
    entered, leave = threading.Event(), threading.Event()

    def slowly(request: requests.PreparedRequest) -> requests.Response:
        entered.set()
        leave.wait(10)
        body = request.body
        assert isinstance(body, bytes)
        sent.append(len(json.loads(body)["predictions"]))
        return reply(json={"recorded": 1, "known": 0})

    first = threading.Thread(target=delivery(spool, Answering(slowly)).deliver)
    first.start()
    assert entered.wait(10)
    # One delivers; the others have nothing to do.
    assert delivery(Spool(folder, 1000, 10_000_000), Answering(slowly)).deliver() == 0
    leave.set()
    first.join(10)
    assert sum(sent) == 75
    assert spool.waiting().count == 0


def test_one_that_is_not_taken_holds_up_no_other(
    decide: Callable[[], str], spool: Spool, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    spool.append("00000000-0000-7000-8000-000000000000", json.dumps({"id": "x", "inputs": {"AMT_CREDIT": "secret"}}))
    key = decide()
    assert delivery(spool, api).deliver() == 1
    assert [row.id for row in api.record()] == [key]
    assert spool.waiting() == Waiting(0, 1)
    assert "does not take decision" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    "problem", [problems.unauthenticated, problems.forbidden, problems.too_many_requests, problems.audit_unavailable]
)
def test_what_is_refused_for_now_goes_on_waiting(
    decide: Callable[[], str], spool: Spool, problem: problems.ProblemType
) -> None:
    decide()
    closed = Answering(lambda _: reply(problem.status, json=problems.content(problem, "no")))
    with pytest.raises(ServiceUnavailable):
        delivery(spool, closed).deliver()
    assert spool.waiting() == Waiting(1, 0)


def test_the_folder_is_for_its_owner_alone(decide: Callable[[], str], spool: Spool) -> None:
    before = os.umask(0)
    try:
        decide()
    finally:
        os.umask(before)
    folder = spool.lock_file.parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


@pytest.mark.parametrize(("rows", "size"), [(2, 10_000), (100, 4)])
def test_a_full_spool_is_said_and_decides_nothing(
    rows: int, size: int, tmp_path: Path, loaded_model: ModelSource, portfolio_dir: Path
) -> None:
    spool = Spool(tmp_path / "small", rows, size)
    for number in range(2):
        spool.append(str(number), "{}")
    with pytest.raises(SpoolFull):
        spool.append("3", "{}")
    with pytest.raises(ServiceUnavailable, match="spool_full"):
        LocalScoring(loaded_model, portfolio_dir, spool=spool).assess(asked, "fr")
    assert spool.waiting().count == 2


def test_a_spool_that_cannot_be_written_decides_nothing(
    tmp_path: Path, loaded_model: ModelSource, portfolio_dir: Path
) -> None:
    (tmp_path / "file").write_text("")
    spool = Spool(tmp_path / "file", 10, 10_000)
    with pytest.raises(SpoolUnavailable):
        spool.append("1", "{}")
    with pytest.raises(ServiceUnavailable, match="spool_closed"):
        LocalScoring(loaded_model, portfolio_dir, spool=spool).assess(asked, "fr")


def test_an_officer_decides_on_what_was_decided_here(
    decide: Callable[[], str], spool: Spool, api: Api, local: LocalScoring
) -> None:
    key = decide()
    draft = DecisionDraft(key, "ACCEPTÉ", "Revenus justifiés.", "C. Martin", "key-of-the-page")
    http = ScoringService("http://api", 5, api)
    with pytest.raises(ServiceUnavailable, match="not_on_record"):
        FailoverScoring(http, local).decide(draft, "fr")
    service = FailoverScoring(http, local, deliver=delivery(spool, api).deliver)
    assert service.decide(draft, "fr").officer == "C. Martin"


@pytest.mark.usefixtures("french")
def test_the_sidebar_shows_how_many_wait() -> None:
    shown = str(sidebar.standing(states.States((), "", Waiting(2, 1))))
    assert "2 décisions attendent d’être mises au registre." in shown
    assert "1 décision n’a pas été prise au registre" in shown
    assert "registre" not in str(sidebar.standing(states.States((), "")))
    # What cannot be counted is not told as none.
    assert "Impossible de lire si des décisions attendent" in str(sidebar.standing(states.States((), "", None)))


def test_deliveries_are_refused_field_by_field(api: Api) -> None:
    session = requests.Session()
    session.mount("http://", api)
    good: dict[str, Any] = {
        "id": "019ac8f0-3b7e-7d41-8c52-0f2b6a9d4e11",
        "probability": 0.2,
        "threshold": 0.1,
        "model_version": "1",
        "history": "none",
        "inputs": asked,
    }
    changes: tuple[tuple[dict[str, Any], str], ...] = (
        ({"id": "x"}, "id"),
        ({"probability": 1.5}, "probability"),
        ({"history": "guessed"}, "history"),
        ({"inputs": {"AMT_CREDIT": "much"}}, "AMT_CREDIT"),
        ({"inputs": None}, "inputs"),
    )
    for change, field in changes:
        answer = session.post("http://api/predictions", json={"predictions": [good, good | change]}, timeout=5)
        assert answer.status_code == 400
        assert [error["field"] for error in answer.json()["errors"]] == [f"predictions[1].{field}"]
    assert session.post("http://api/predictions", json={"predictions": []}, timeout=5).status_code == 400
    assert api.record() == ()
    answer = session.post("http://api/predictions", json={"predictions": [good, good]}, timeout=5)
    assert answer.json() == {"recorded": 1, "known": 0}
    (row,) = api.record()
    assert (row.decision, row.time.isoformat()[:7]) == ("REFUSÉ", "2025-11")
