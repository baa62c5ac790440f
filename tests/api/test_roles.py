"""Every route of the OpenAPI document, by every role, for an owner and for a stranger: one table says who may."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import polars as pl
import pytest
from pydantic import SecretStr

from api import create_app
from core.access.keys import Role, roles
from core.access.person import Person, Sender
from core.contract import problems
from core.drift.audiences import own_folder
from core.drift.history import History
from core.drift.results.drift_report import DriftReport
from core.jobs.job import job_json
from core.jobs.running.worker import Worker
from core.portfolio.clients import clients_file
from core.settings import Settings
from tests.api.signed_in import alice, asking, bob, entry, secret
from tests.shipped import shipped_model

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer


@dataclass(frozen=True)
class Rule:
    """Who may use a route.

    Attributes:
        role: that it needs; None: anybody.
        hides: where it names a thing that belongs to somebody, the problem that a stranger is told: there is no such
            thing.
        query, body: of a request that names the thing, for which `{thing}` stands.
    """

    role: Role | None
    hides: str | None = None
    query: str = ""
    body: Mapping[str, Any] | None = None


score, review = Rule("score"), Rule("review")
of_owner: Final = Rule("score", hides="unknown-job")

table: Final[dict[tuple[str, str], Rule]] = {
    ("GET", "/"): Rule(None),
    ("GET", "/health"): Rule(None),
    ("GET", "/health/live"): Rule(None),
    ("GET", "/health/ready"): Rule(None),
    ("GET", "/problems"): Rule(None),
    ("GET", "/metrics"): Rule("monitor"),
    ("GET", "/model/info"): score,
    ("GET", "/model/features"): score,
    ("GET", "/model/feature-names"): score,
    ("GET", "/model/evaluation"): score,
    ("GET", "/model/card"): score,
    ("GET", "/model/schema"): score,
    ("GET", "/model/export/{format}"): review,
    ("GET", "/model/approvals"): review,
    ("POST", "/predict"): score,
    ("POST", "/predict/batch"): score,
    ("POST", "/predict/explain"): score,
    ("POST", "/decisions"): review,
    ("GET", "/decisions"): review,
    ("GET", "/decisions/export.csv"): review,
    ("GET", "/predictions"): review,
    ("POST", "/predictions"): review,
    ("GET", "/predictions/{prediction_id}"): review,
    ("POST", "/outcomes"): review,
    ("GET", "/outcomes"): review,
    ("GET", "/outcomes/coverage"): review,
    ("GET", "/performance"): review,
    ("GET", "/clients"): score,
    ("GET", "/clients/{client_id}"): score,
    ("GET", "/clients/{client_id}/application"): score,
    ("GET", "/clients/{client_id}/comparison"): score,
    ("GET", "/clients/{client_id}/history"): score,
    ("POST", "/comparison"): score,
    ("POST", "/comparison/accepted"): score,
    ("POST", "/simulate"): score,
    ("POST", "/recourse"): score,
    ("POST", "/scenarios"): replace(of_owner, body={"population": "{thing}"}),
    ("GET", "/scenarios/curve"): replace(of_owner, query="population={thing}"),
    ("POST", "/jobs"): score,
    ("GET", "/jobs"): score,
    ("GET", "/jobs/{job_id}"): of_owner,
    ("DELETE", "/jobs/{job_id}"): of_owner,
    ("GET", "/jobs/{job_id}/preview"): of_owner,
    ("POST", "/jobs/{job_id}/start"): of_owner,
    ("GET", "/jobs/{job_id}/result"): of_owner,
    ("GET", "/jobs/{job_id}/rejected"): of_owner,
    ("GET", "/jobs/{job_id}/rows"): of_owner,
    ("POST", "/jobs/{job_id}/rows"): of_owner,
    ("GET", "/jobs/{job_id}/rows/{row}"): of_owner,
    ("GET", "/data/describe"): score,
    ("GET", "/data/glossary"): score,
    ("GET", "/data/glossary/{table}/{name}"): score,
    ("GET", "/data/drift"): Rule("score", hides="no-drift-report", query="report={thing}"),
    ("POST", "/data/drift"): replace(of_owner, body={"current": "{thing}"}),
    ("POST", "/data/drift/files"): score,
    ("GET", "/data/drift/reports"): score,
    ("DELETE", "/data/drift/reports/{report_id}"): Rule("score", hides="no-drift-report"),
    ("DELETE", "/data/drift/files/{file_id}"): Rule("score", hides="unknown-file"),
}

owned: Final = {line: rule.hides for line, rule in table.items() if rule.hides}

# Callers by what they are: a key of each role that owns something, and one that is a stranger to it.
owners: Final = {role: asking(f"{role}-owner") for role in roles}
strangers: Final = {role: asking(f"{role}-stranger") for role in roles}
refused: Final = (401, 403)
files: Final = ("/jobs", "/data/drift/files")


class House:
    """An API with keys of every role, and things that belong to each of them."""

    def __init__(self, settings: Settings, scorer: Scorer, portfolio: Portfolio) -> None:
        self.client: FlaskClient = create_app(settings, scorer, portfolio).test_client()
        self._jobs, self._drift = settings.jobs_dir, settings.drift_dir
        self._numbers = 0
        rows = pl.read_parquet(portfolio.folder / clients_file).drop("probability").head(40).write_csv()
        first = {"content_type": "text/csv", "headers": owners["score"]}
        self._job = self.client.post("/jobs", data=rows, **first).get_json()["id"]
        Worker(settings, model=shipped_model()).run(self._job)
        self._file = self.client.post("/data/drift/files", data=rows, **first).get_json()["id"]
        compared = {"current": self._file, "reference": "reference"}
        made = self.client.post("/data/drift", json=compared, headers=owners["score"])
        self._report = made.get_json()["id"]

    def thing(self, hides: str, owner: str, person: Person | None = None) -> str:
        """The id of a new thing that belongs to a key, or a person who asks with it, by what a stranger is told."""
        self._numbers += 1
        make = {"unknown-job": self._new_job, "unknown-file": self._new_file, "no-drift-report": self._new_report}
        return make[hides](Sender(owner, person))

    def _new_job(self, sender: Sender) -> str:
        made = f"{self._numbers:032x}"
        job = job_json().validate_json((self._jobs / self._job / "job.json").read_bytes())
        shutil.copytree(self._jobs / self._job, self._jobs / made)
        mine = replace(job, id=made, owner=sender.key, person=sender.person)
        (self._jobs / made / "job.json").write_bytes(job_json().dump_json(mine))
        return made

    def _new_file(self, sender: Sender) -> str:
        made = f"file-{self._numbers:032x}"
        (source,) = (self._drift / "files").glob(f"*/{self._file}")
        folder = self._drift / "files" / f"caller-{sender.owner.token}" / made
        shutil.copytree(source, folder)
        mine = {"id": made, "owner": sender.key, "subject": sender.owner.subject}
        (folder / "file.json").write_text(json.dumps(json.loads((source / "file.json").read_text()) | mine))
        return made

    def _new_report(self, sender: Sender) -> str:
        (source,) = self._drift.glob(f"reports-*/{self._report}.json")
        made = History(own_folder(self._drift, sender.owner)).keep(
            DriftReport.from_json(source.read_bytes()), f"r{self._numbers}"
        )
        return made.key

    def ask(self, method: str, path: str, thing: str, headers: Mapping[str, str]) -> TestResponse:
        """A request to a route that names a thing."""
        rule = table[method, path]
        places = {
            "job_id": thing,
            "file_id": thing,
            "report_id": thing,
            "row": "2",
            "client_id": "1",
            "prediction_id": "019a0000-0000-7000-8000-000000000001",
            "table": "application",
            "name": "AMT_CREDIT",
            "format": "onnx",
        }
        named = {name: thing if value == "{thing}" else value for name, value in (rule.body or {}).items()}
        content: dict[str, Any] = {}
        if method == "POST" and not path.endswith("/start"):
            content = {"data": "no file", "content_type": "text/csv"} if path in files else {"json": named}
        return self.client.open(
            path.format(**places),
            method=method,
            query_string=rule.query.format(thing=thing),
            headers=headers,
            buffered=True,
            **content,
        )


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, installed: Callable[..., Settings], scorer: Scorer, portfolio: Portfolio
) -> House:
    folder = tmp_path_factory.mktemp("roles")
    names = [entry(f"{role}-{kind}", role) for role in roles for kind in ("owner", "stranger")]
    settings = installed(
        folder,
        api_keys=SecretStr(",".join([*names, entry("dashboard", "review")])),
        secret_key=SecretStr(secret),
        rate_limit="off",
    )
    return House(settings, scorer, portfolio)


def problem(answer: TestResponse) -> str:
    return str(answer.get_json()["type"]).removeprefix(problems.prefix)


def test_every_route_has_a_line(house: House) -> None:
    paths = house.client.get("/openapi.json").get_json()["paths"]
    documented = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert documented == set(table)


@pytest.mark.parametrize(("method", "path"), table)
def test_who_may_use_a_route(house: House, method: str, path: str) -> None:
    rule = table[method, path]
    nothing = "0" * 32
    without = house.ask(method, path, nothing, {})
    assert (without.status_code == 401) == (rule.role is not None)
    for role in roles:
        may = rule.role is None or roles.index(role) >= roles.index(rule.role)
        answer = house.ask(method, path, nothing, strangers[role])
        assert (answer.status_code not in refused) == may, role
        assert answer.status_code < 500, (role, answer.text)
        if not may:
            assert problem(answer) == "forbidden"


@pytest.mark.parametrize(("method", "path"), owned)
def test_what_belongs_to_somebody_is_not_there_for_a_stranger(house: House, method: str, path: str) -> None:
    hides = owned[method, path]
    for role in roles[roles.index("score") :]:
        owner = f"{role}-owner"
        other = house.ask(method, path, house.thing(hides, owner), strangers[role])
        own = house.ask(method, path, house.thing(hides, owner), owners[role])
        above = house.ask(method, path, house.thing(hides, owner), strangers["admin"])
        for answer in (own, above, other) if role == "admin" else (own, above):
            assert answer.status_code not in (*refused, 404), (role, answer.text)
            assert answer.status_code < 500, (role, answer.text)
        if role != "admin":
            assert (other.status_code, problem(other)) == (404, hides), role


@pytest.mark.parametrize(("method", "path"), owned)
def test_so_it_is_for_people_who_ask_with_one_key(house: House, method: str, path: str) -> None:
    hides = owned[method, path]
    own = house.ask(method, path, house.thing(hides, "dashboard", alice), asking("dashboard", alice))
    assert own.status_code not in (*refused, 404)
    assert own.status_code < 500, own.text
    for stranger in (asking("dashboard", bob), asking("dashboard")):
        answer = house.ask(method, path, house.thing(hides, "dashboard", alice), stranger)
        assert (answer.status_code, problem(answer)) == (404, hides)


def test_what_is_for_others_as_well_is_removed_by_an_administrator(house: House) -> None:
    made = house.client.post("/data/drift", json={"current": "portfolio"}, headers=owners["score"]).get_json()["id"]
    address = f"/data/drift/reports/{made}"
    for role in ("score", "review"):
        assert problem(house.client.delete(address, headers=owners[role])) == "forbidden"
    assert house.client.get(f"/data/drift?report={made}", headers=strangers["score"]).status_code == 200
    assert house.client.delete(address, headers=owners["admin"]).get_json() == {"id": made}
    assert house.client.get(f"/data/drift?report={made}", headers=strangers["score"]).status_code == 404


@pytest.mark.parametrize("side", ["current", "reference"])
@pytest.mark.parametrize("role", ["score", "review"])
def test_decided_applications_are_compared_by_reviewers(house: House, role: Role, side: str) -> None:
    asked = {"current": "portfolio", "reference": "portfolio", side: "live"}
    answer = house.client.post("/data/drift", json=asked, headers=owners[role])
    assert (answer.status_code == 403) == (role == "score")
    if role == "score":
        assert problem(answer) == "forbidden"
