"""The three ways to a scoring service: over HTTP, in this process, and the one behind the other."""

from __future__ import annotations

import dataclasses
import json
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

import pytest
import requests

from core.comparison.choice import Choice
from core.contract import problems
from core.contract.jobs import WorkerState
from core.contract.model import ModelDescription
from core.contract.problems import ProblemType
from core.model.source import FolderModel
from core.portfolio.client_search import ClientFilter
from dash_app.access.asker import asker
from dash_app.service import (
    DecisionDraft,
    FailoverScoring,
    HttpProbe,
    LocalScoring,
    NotFound,
    Rejected,
    ScoringService,
    ServiceUnavailable,
)
from dash_app.service.documentation import LocalDocumentation
from dash_app.service.scenarios import LocalScenarios
from tests.adapters import Answering, path_of, reply
from tests.contracts import health

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dash import Dash

    from core.catalogue import Language
    from core.contract.clients.lists import ClientList
    from core.decision import Value

asked: dict[str, Value] = {"AMT_CREDIT": 500_000}


def answering(status: int, body: object) -> ScoringService:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ScoringService("http://api", 5, Answering(lambda _request: reply(status, content=content)))


def problem(kind: ProblemType) -> dict[str, object]:
    return problems.content(kind, "in words")


def failing(error: type[requests.RequestException]) -> ScoringService:
    def fail(_: requests.PreparedRequest) -> requests.Response:
        raise error("no")

    return ScoringService("http://api", 5, Answering(fail))


def undecided(page: ClientList) -> ClientList:
    """A page of the API without what it knows of officers' decisions."""
    unknown = {"final_decision": None, "current_decision": None}
    return page.model_copy(update={"clients": [client.model_copy(update=unknown) for client in page.clients]})


class TestAClientIsHeld:
    """While changes are tried, the file of a client is not asked for again and again."""

    def test_for_a_minute_and_no_longer(self) -> None:
        asked: list[str] = []
        now = [0.0]

        def answer(request: requests.PreparedRequest) -> requests.Response:
            asked.append(path_of(request))
            return reply(
                200, json={"client_id": int(path_of(request).split("/")[2]), "features": {}, "portfolio": "synthetic:1"}
            )

        service = ScoringService("http://api", 5, Answering(answer), clock=lambda: now[0])
        assert service.client(7).client_id == service.client(7).client_id == 7
        assert service.client(8).client_id == 8
        assert asked == ["/clients/7/application", "/clients/8/application"]
        now[0] = 61.0
        service.client(7)
        assert asked == [f"/clients/{number}/application" for number in (7, 8, 7)]

    def test_of_many_only_the_last(self) -> None:
        asked: list[str] = []

        def answer(request: requests.PreparedRequest) -> requests.Response:
            asked.append(path_of(request))
            return reply(
                200, json={"client_id": int(path_of(request).split("/")[2]), "features": {}, "portfolio": "synthetic:1"}
            )

        service = ScoringService("http://api", 5, Answering(answer))
        for number in (*range(40), 39, 0):
            service.client(number)
        assert asked[40:] == ["/clients/0/application"]


@pytest.mark.parametrize("local", [LocalScoring, LocalScenarios, LocalDocumentation])
def test_while_the_api_is_away_nothing_asks_it(local: type) -> None:
    """A call that was not written for the local model would go to an API that is not there."""
    (service,) = local.__bases__
    calls = {name for name, call in vars(service).items() if callable(call) and not name.startswith("_")}
    assert calls <= vars(local).keys()
    assert "__init__" in vars(local)


class TestBothWays:
    """What the API says and what the local model says is the same."""

    def test_the_model_is_the_same(self, over_http: ScoringService, local: LocalScoring) -> None:
        assert over_http.model() == local.model()

    def test_the_dataset_is_the_same(self, over_http: ScoringService, local: LocalScoring) -> None:
        assert over_http.dataset() == local.dataset()

    def test_a_page_of_clients_is_the_same(self, over_http: ScoringService, local: LocalScoring) -> None:
        prefix = str(local.clients(limit=1).clients[0].client_id)[:4]
        page = over_http.clients(ClientFilter(prefix), 3, 2)
        assert undecided(page) == local.clients(ClientFilter(prefix), 3, 2)
        # What officers decided, only the API knows.
        assert [client.current_decision for client in page.clients] == [client.decision for client in page.clients]
        assert len(page.clients) == 3

    def test_filters_and_order_are_the_same(self, over_http: ScoringService, local: LocalScoring) -> None:
        wanted = ClientFilter(decision="ACCEPTÉ", contract_type="Cash loans", age_min=30, income_max=180_000.0)
        page = over_http.clients(wanted, 20, 0, "probability", "desc")
        assert undecided(page) == local.clients(wanted, 20, 0, "probability", "desc")
        risks = [client.probability for client in page.clients]
        assert risks == sorted(risks, reverse=True)
        assert {client.decision for client in page.clients} == {"ACCEPTÉ"}

    @pytest.mark.parametrize("lang", ["fr", "en"])
    def test_an_assessment_is_the_same(
        self, over_http: ScoringService, local: LocalScoring, known_client: int, lang: Language
    ) -> None:
        client = over_http.client(known_client)
        remote, here = over_http.assess(client.features, lang), local.assess(client.features, lang)
        assert remote.probability == pytest.approx(here.probability, abs=1e-9)
        assert [reason.text for reason in remote.top_features] == [reason.text for reason in here.top_features]
        assert [(reason.concept, reason.text) for reason in remote.concepts] == [
            (reason.concept, reason.text) for reason in here.concepts
        ]
        assert remote.not_known == here.not_known
        assert (remote.source, here.source) == ("api", "local")

    @pytest.mark.parametrize("lang", ["fr", "en"])
    def test_what_could_change_a_decision_is_the_same(
        self, over_http: ScoringService, local: LocalScoring, lang: Language
    ) -> None:
        by_risk = sorted(local.clients(limit=400).clients, key=lambda each: each.probability)
        for client in (by_risk[0], by_risk[-1]):
            features = local.client(client.client_id).features
            found = over_http.assess(features, lang).recourse
            assert found == local.assess(features, lang).recourse
            assert found.already_accepted == (client.decision == "ACCEPTÉ")
            assert found.text

    @pytest.mark.parametrize("lang", ["fr", "en"])
    def test_a_file_is_the_same(
        self, over_http: ScoringService, local: LocalScoring, known_client: int, lang: Language
    ) -> None:
        remote, here = over_http.client_file(known_client, lang), local.client_file(known_client, lang)
        assert remote.features == here.features
        assert remote.history == here.history
        assert remote.assessment.recourse == here.assessment.recourse
        assert [reason.text for reason in remote.assessment.top_features] == [
            reason.text for reason in here.assessment.top_features
        ]
        assert remote.assessment.probability == pytest.approx(here.assessment.probability, abs=1e-9)
        # It is the assessment of the same application when that is sent.
        sent = over_http.assess(remote.features, lang, client_id=known_client)
        same = {"prediction_id": None, "probability": 0.0}
        assert sent.model_copy(update=same) == remote.assessment.model_copy(update=same)
        # What officers decided, only the API knows.
        assert (remote.decisions, here.decisions) == ((), None)

    def test_the_history_is_the_same(self, over_http: ScoringService, local: LocalScoring) -> None:
        found = [local.history(client.client_id, "fr") for client in local.clients(limit=20).clients]
        assert found == [over_http.history(client.client_id, "fr") for client in local.clients(limit=20).clients]
        assert any(each.payments for each in found)
        assert any(each.loans for each in found)

    @pytest.mark.parametrize(
        "choice",
        [
            Choice(),
            Choice(("AMT_CREDIT", "NAME_INCOME_TYPE", "DAYS_EMPLOYED"), "similar", criteria=("contract", "age")),
            Choice(("EXT_SOURCE_1", "FLAG_OWN_CAR"), "similar", "nearest", neighbours=40),
            Choice(("DAYS_BIRTH",), "refused", x="AMT_CREDIT", y="DAYS_BIRTH"),
            Choice(("AMT_CREDIT", "OCCUPATION_TYPE"), "accepted", criteria=()),
        ],
        ids=["defaults", "criteria", "nearest", "density", "nothing in common"],
    )
    def test_a_comparison_is_the_same(
        self, over_http: ScoringService, local: LocalScoring, known_client: int, choice: Choice
    ) -> None:
        other = local.clients(limit=9).clients[-1].client_id
        for asked in (choice, dataclasses.replace(choice, against=other)):
            found = over_http.compare(known_client, asked, "fr")
            assert found.current_decision == found.decision
            assert found.model_copy(update={"current_decision": None}) == local.compare(known_client, asked, "fr")
            assert (found.against and found.against.client_id) == asked.against
            assert len(found.features) == (len(choice.names) or 6)
            assert len(found.places) == (len(found.features) if asked.against else 0)
            assert (found.density is not None) == bool(choice.x)

    def test_an_unknown_client_is_not_found(self, over_http: ScoringService, local: LocalScoring) -> None:
        for service in (over_http, local):
            with pytest.raises(NotFound):
                service.client(1)
            with pytest.raises(NotFound):
                service.history(1, "fr")
            with pytest.raises(NotFound):
                service.compare(1, Choice(), "fr")
            with pytest.raises(NotFound):
                service.compare(service.clients(limit=1).clients[0].client_id, Choice(against=1), "fr")

    def test_bad_fields_are_named(self, over_http: ScoringService, local: LocalScoring) -> None:
        for service in (over_http, local):
            with pytest.raises(Rejected) as rejected:
                service.assess({"AMT_CREDIT": "much", "DAYS_BIRTH": 12}, "en")
            assert {error.field for error in rejected.value.errors} == {"AMT_CREDIT", "DAYS_BIRTH"}
            assert all(error.expected for error in rejected.value.errors)


def test_a_key_is_shown_to_the_api() -> None:
    seen: list[object] = []

    def answer(request: requests.PreparedRequest) -> requests.Response:
        seen.append(request.headers.get("X-API-Key"))
        return reply(200, json=health().model_dump(mode="json", exclude={"source"}))

    for key in ("wb_secret", None):
        ScoringService("http://api", 5, Answering(answer), key=key).health()
    assert seen == ["wb_secret", None]


def test_the_api_tells_whether_files_are_scored() -> None:
    told = health().model_dump(mode="json", exclude={"source"})

    def worker(state: object) -> WorkerState:
        answering = Answering(lambda _request: reply(200, json=told | {"worker": state}))
        return ScoringService("http://api", 5, answering).health().worker

    assert worker({"alive": True, "seen": "1970-01-01T00:01:40Z"}) == WorkerState(
        alive=True, seen=datetime(1970, 1, 1, 0, 1, 40, tzinfo=UTC)
    )
    assert worker({"alive": False, "seen": None}) == WorkerState(alive=False, seen=None)
    with pytest.raises(ServiceUnavailable):
        worker({"alive": True, "seen": "yesterday"})


def test_the_api_is_told_for_whom_it_is_asked_and_nobodys_name(dashboard: Dash) -> None:
    seen: list[object] = []

    def answer(request: requests.PreparedRequest) -> requests.Response:
        seen.append(request.headers.get("X-On-Behalf-Of"))
        return reply(200, json=health().model_dump(mode="json", exclude={"source"}))

    service = ScoringService("http://api", 5, Answering(answer), asker=asker)
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.1"):
        with dashboard.server.test_request_context("/", environ_base={"REMOTE_ADDR": address}):
            service.health()
    service.health()
    assert seen[0] == seen[2] != seen[1]
    assert all(isinstance(each, str) and len(each) == 32 for each in seen[:3])
    assert seen[3] is None


class TestFaults:
    @pytest.mark.parametrize(
        ("service", "fault"),
        [
            (failing(requests.ConnectionError), "unreachable"),
            (failing(requests.ReadTimeout), "timeout"),
            (answering(500, problem(problems.internal_error)), "http"),
            (answering(503, b"a proxy's words"), "http"),
            (answering(401, {"detail": "a proxy's"}), "http"),
            (answering(404, problem(problems.no_such_path)), "http"),
            (answering(401, problem(problems.unauthenticated)), "key_unknown"),
            (answering(403, problem(problems.forbidden)), "key_forbidden"),
            (answering(421, problem(problems.unknown_host)), "host_unknown"),
            (answering(429, problem(problems.too_many_requests)), "busy"),
            (answering(503, problem(problems.audit_unavailable)), "record_closed"),
            (answering(503, problem(problems.still_counting)), "counting"),
            (answering(200, b"<html>a proxy's page</html>"), "http"),
            (answering(200, {"of": "another shape"}), "http"),
            (answering(200, ["a list"]), "http"),
            (answering(503, problem(problems.model_unavailable)), "no_model"),
        ],
    )
    def test_what_fails_is_told(self, service: ScoringService, fault: str) -> None:
        with pytest.raises(ServiceUnavailable) as unavailable:
            service.model()
        assert unavailable.value.fault == fault

    def test_a_missing_portfolio_is_told(self) -> None:
        with pytest.raises(ServiceUnavailable) as unavailable:
            answering(503, problem(problems.portfolio_unavailable)).clients(ClientFilter("1"))
        assert unavailable.value.fault == "no_portfolio"

    def test_an_empty_folder_has_neither_model_nor_portfolio(self, tmp_path: Path) -> None:
        nothing = LocalScoring(FolderModel(tmp_path), tmp_path)
        with pytest.raises(ServiceUnavailable, match="no_model"):
            nothing.health()
        with pytest.raises(ServiceUnavailable, match="no_portfolio"):
            nothing.clients()

    def test_a_model_that_changes_on_disk_is_loaded_anew(self, models_dir: Path, tmp_path: Path) -> None:
        folder = tmp_path / "models"
        shutil.copytree(models_dir, folder)
        service = LocalScoring(FolderModel(folder), tmp_path)
        version = service.model().version
        config = folder / "model_config.json"
        kept = config.read_text(encoding="utf-8")
        config.write_text(kept.replace(f'"{version}"', '"9.9.9"'), encoding="utf-8")
        assert service.model().version == "9.9.9"
        (folder / "model.txt").write_bytes(b"altered")
        with pytest.raises(ServiceUnavailable, match="no_model"):
            service.assess(asked, "fr")

    @pytest.mark.parametrize("given", [{}, {"AMT_CREDIT": None}, {"SHOE_SIZE": 42}, {"CODE_GENDER": "F"}])
    @pytest.mark.parametrize("lang", ["fr", "en"])
    def test_nothing_is_decided_on_nothing_whoever_answers(
        self, local: LocalScoring, over_http: ScoringService, given: dict[str, Value], lang: Language
    ) -> None:
        said = []
        for service in (local, over_http):
            with pytest.raises(Rejected) as caught:
                service.assess(given, lang)
            said.append(caught.value.errors)
        assert said[0][0].field == "features"
        assert said == [said[0]] * 2

    def test_a_probe_passes_or_tells(self) -> None:
        HttpProbe("http://mlflow/health", 5, Answering(lambda _request: reply(200))).check()
        with pytest.raises(ServiceUnavailable) as unavailable:
            HttpProbe("http://mlflow/health", 5, Answering(lambda _request: reply(403))).check()
        assert unavailable.value.code == 403


class TestWhoAsksTooOften:
    """Waits a moment where that is enough, and is told else."""

    def asked(self, wait: str, monkeypatch: pytest.MonkeyPatch) -> tuple[list[float], list[str], ScoringService]:
        slept: list[float] = []
        asked: list[str] = []
        monkeypatch.setattr("dash_app.service.client.time.sleep", slept.append)

        def answer(request: requests.PreparedRequest) -> requests.Response:
            asked.append(path_of(request))
            if len(asked) == 1:
                return reply(429, json=problem(problems.too_many_requests), headers={"Retry-After": wait})
            return reply(200, json=health().model_dump(mode="json", exclude={"source"}))

        return slept, asked, ScoringService("http://api", 5, Answering(answer))

    def test_a_moment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        slept, asked, service = self.asked("2", monkeypatch)
        assert service.health().model_loaded
        assert (slept, len(asked)) == ([2], 2)

    @pytest.mark.parametrize("wait", ["57", "0", "soon", "Wed, 21 Oct 2026 07:28:00 GMT"])
    def test_longer_is_told(self, monkeypatch: pytest.MonkeyPatch, wait: str) -> None:
        slept, asked, service = self.asked(wait, monkeypatch)
        with pytest.raises(ServiceUnavailable) as unavailable:
            service.health()
        assert (unavailable.value.fault, unavailable.value.seconds) == ("busy", 57 if wait == "57" else 0)
        assert (slept, len(asked)) == ([], 1)


class Away:
    """An API that can be switched off, and counts how often it is asked."""

    def __init__(self, api: ScoringService) -> None:
        self.api, self.away, self.asked = api, False, 0

    def __getattr__(self, name: str) -> Callable[..., object]:
        def ask(*given: object, **named: object) -> object:
            self.asked += 1
            if self.away:
                raise ServiceUnavailable("unreachable")
            return getattr(self.api, name)(*given, **named)

        return ask


class TestFailover:
    @pytest.fixture
    def api(self, over_http: ScoringService) -> Away:
        return Away(over_http)

    @pytest.fixture
    def clock(self) -> list[float]:
        return [1000.0]

    @pytest.fixture
    def service(self, api: Away, local: LocalScoring, clock: list[float]) -> FailoverScoring:
        return FailoverScoring(api, local, lambda: clock[0])  # type: ignore[arg-type]

    def test_the_api_answers_while_it_can(self, service: FailoverScoring) -> None:
        assert service.assess(asked, "fr").source == "api"

    def test_scoring_goes_on_locally_and_the_api_is_left_alone_a_while(
        self, service: FailoverScoring, api: Away, clock: list[float]
    ) -> None:
        api.away = True
        assert [service.assess(asked, "fr").source for _each in range(3)] == ["local"] * 3
        assert api.asked == 1
        clock[0] += 10
        assert service.assess(asked, "fr").source == "local"
        assert api.asked == 2

    def test_it_returns_to_the_api_by_itself(self, service: FailoverScoring, api: Away, clock: list[float]) -> None:
        api.away = True
        service.assess(asked, "fr")
        api.away = False
        assert service.assess(asked, "fr").source == "local"
        clock[0] += 10
        assert service.assess(asked, "fr").source == "api"

    def test_a_health_check_finds_the_api_back_at_once(self, service: FailoverScoring, api: Away) -> None:
        api.away = True
        with pytest.raises(ServiceUnavailable):
            service.health()
        assert service.assess(asked, "fr").source == "local"
        api.away = False
        assert service.health().model_loaded
        assert service.assess(asked, "fr").source == "api"

    @pytest.mark.parametrize(
        ("first", "decides"),
        [
            (failing(requests.ConnectionError), True),
            (failing(requests.ReadTimeout), True),
            (failing(requests.exceptions.ChunkedEncodingError), True),
            (answering(502, b"a proxy's words"), True),
            (answering(504, b"a proxy's words"), True),
            (answering(503, problem(problems.model_unavailable)), True),
            (answering(500, problem(problems.internal_error)), False),
            (answering(500, b"a proxy's words"), False),
            (answering(503, b"a proxy's words"), False),
            (answering(503, problem(problems.audit_unavailable)), False),
            (answering(503, problem(problems.portfolio_unavailable)), False),
            (answering(401, problem(problems.unauthenticated)), False),
            (answering(403, problem(problems.forbidden)), False),
            (answering(429, problem(problems.too_many_requests)), False),
            (answering(200, {"of": "another shape"}), False),
            (answering(200, b"a portal's page"), False),
        ],
    )
    def test_nobody_else_decides_while_somebody_is_there(
        self, first: ScoringService, decides: bool, local: LocalScoring
    ) -> None:
        service = FailoverScoring(first, local)
        for _ in range(2):
            if decides:
                assert service.assess(asked, "fr").source == "local"
            else:
                with pytest.raises(ServiceUnavailable):
                    service.assess(asked, "fr")

    def test_a_rejected_application_is_no_reason_to_leave_the_api(self, service: FailoverScoring, api: Away) -> None:
        with pytest.raises(Rejected):
            service.assess({"AMT_CREDIT": "much"}, "fr")
        assert service.assess(asked, "fr").source == "api"
        assert isinstance(service.model(), ModelDescription)


class TestADecisionIsRecordedOnce:
    """Its key goes with it, and what is asked again under the same key is the same record."""

    draft = DecisionDraft("01a209e4-8353-7d50-846d-3f12c06d7bbf", "REFUSÉ", "Incomplet", "C. Martin", "key-of-the-page")
    record: ClassVar[dict[str, object]] = {
        "id": "01a209e4-84f7-7ece-837d-6755618a5c9c",
        "time": "2026-11-23T19:31:40.919757Z",
        "decision": "REFUSÉ",
        "kind": "confirm",
        "officer": "C. Martin",
        "prediction_id": draft.prediction_id,
        "model_decision": "REFUSÉ",
        "reason": "Incomplet",
        "client_id": 100002,
        "caller": "dashboard",
        "probability": 0.25,
        "threshold": 0.09,
        "model_version": "1.0.0",
        "request_id": "a",
        "history": "none",
        "portfolio": None,
        "subject": None,
        "application": "sent",
    }

    def test_the_key_is_sent_as_a_header(self) -> None:
        seen: list[requests.PreparedRequest] = []

        def answer(request: requests.PreparedRequest) -> requests.Response:
            seen.append(request)
            return reply(201, json=self.record)

        recorded = ScoringService("http://api", 5, Answering(answer)).decide(self.draft, "fr")
        assert (recorded.officer, recorded.reason, recorded.time.year) == ("C. Martin", "Incomplet", 2026)
        assert seen[0].headers["Idempotency-Key"] == "key-of-the-page"
        assert json.loads(str(seen[0].body, "utf-8") if isinstance(seen[0].body, bytes) else str(seen[0].body)) == {
            "prediction_id": self.draft.prediction_id,
            "decision": "REFUSÉ",
            "reason": "Incomplet",
            "officer": "C. Martin",
        }

    def test_a_cut_answer_is_none(self) -> None:
        with pytest.raises(ServiceUnavailable, match="unreachable"):
            failing(requests.ConnectionError).decide(self.draft, "fr")
