"""The states of the services, as the sidebar and the live region tell them."""

from __future__ import annotations

import dataclasses
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from core.access.keys import Role
from core.contract.health import StandIn
from core.jobs.running import heartbeat
from core.settings import Settings
from dash_app.service import HttpProbe, ServiceHealth, ServiceUnavailable
from dash_app.service.mlflow_link import MlflowLink
from dash_app.service.scoring import ScoringService
from dash_app.services import DashboardServices
from dash_app.shell import frame, sidebar, states
from tests.adapters import Answering, reply
from tests.contracts import health

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclasses.dataclass
class Api:
    """A service of which only the health is asked."""

    answer: Callable[[], ServiceHealth]

    def health(self) -> ServiceHealth:
        return self.answer()


def unreachable() -> ServiceHealth:
    raise ServiceUnavailable("unreachable")


def services(answer: Callable[[], ServiceHealth], mlflow: int = 200) -> DashboardServices:
    api: Any = Api(answer)
    probe = HttpProbe("http://mlflow", 5, Answering(lambda _request: reply(mlflow)))
    experiment = {"experiment": {"experiment_id": "7", "lifecycle_stage": "active"}}
    link = MlflowLink("http://mlflow", "http://mlflow", Answering(lambda _request: reply(json=experiment)))
    settings = Settings(api_url="http://api", mlflow_url="http://mlflow")
    return dataclasses.replace(DashboardServices.reached_by(settings, api), tracking=probe, mlflow=link)


@pytest.mark.usefixtures("french")
class TestStates:
    def test_all_is_well(self) -> None:
        found = states.check(services(health), {})
        assert {service.key: service.level for service in found.services} == {
            "api": "up",
            "worker": "up",
            "mlflow": "up",
        }
        assert not found.local
        assert found.model_version == "1.2.3"
        assert found.seen.keys() == {"api", "worker", "mlflow"}
        assert sidebar.announcement(found) == (
            "API de scoring\u00a0: en ligne. Scoring de fichiers\u00a0: en ligne. MLflow\u00a0: en ligne"
        )

    @pytest.mark.parametrize(("status", "url"), [(200, "http://mlflow/#/experiments/7/runs"), (500, "http://mlflow")])
    def test_mlflow_is_asked_for_our_experiment_where_it_answers(self, status: int, url: str) -> None:
        asked = services(health, mlflow=status)
        states.check(asked, {})
        assert asked.mlflow.url == url

    def test_a_service_that_is_away_keeps_when_it_was_seen(self) -> None:
        found = states.check(services(unreachable, mlflow=500), {"api": time.time() - 300})
        api, worker, mlflow = found.services
        # Who could tell is away.
        assert (worker.level, worker.fault) == ("unknown", "")
        assert (api.level, api.fault) == ("down", "injoignable")
        assert api.seen_ago == pytest.approx(300, abs=60)
        assert (mlflow.seen_ago, mlflow.fault) == (None, "réponse inattendue (500)")
        assert found.local
        assert "modèle local" in sidebar.announcement(found)
        assert "il y a 5 minutes" in str(sidebar.states(found))

    @pytest.mark.parametrize(
        ("stand_in", "fault"), [("kept", "le dernier en service"), ("shipped", "celui de l’image")]
    )
    def test_another_model_than_the_registered_one_is_told(self, stand_in: StandIn, fault: str) -> None:
        found = states.check(services(lambda: health(model_stand_in=stand_in)), {})
        api = found.services[0]
        assert (api.level, api.away, found.model_version) == ("degraded", False, "1.2.3")
        assert fault in api.fault
        assert fault in str(sidebar.states(found))

    @pytest.mark.parametrize(
        ("role", "fault"),
        [
            (None, "l’API ne connaît pas la clé"),
            ("score", "la clé du tableau de bord n’a pas ce rôle"),
            ("review", ""),
        ],
    )
    def test_a_key_that_is_refused_is_seen_before_anybody_asks(self, role: Role | None, fault: str) -> None:
        found = states.check(services(lambda: health(role=role)), {})
        assert found.services[0].fault.startswith(fault)
        assert found.services[0].level == ("degraded" if fault else "up")
        # Somebody is there, and does not let us in: nothing is decided without them.
        assert not found.local
        assert "modèle local" not in str(sidebar.standing(found))

    @pytest.mark.parametrize(
        ("heard", "level", "said"),
        [
            # Built in the test: what is collected first may run minutes later.
            (lambda: {"alive": True, "seen": time.time()}, "up", "à l’instant"),
            (lambda: {"alive": False, "seen": time.time() - 300}, "down", "il y a 5 minutes"),
            (lambda: {"alive": False, "seen": None}, "down", "pas encore"),
        ],
    )
    def test_the_api_tells_whether_files_are_scored(
        self, heard: Callable[[], dict[str, Any]], level: str, said: str
    ) -> None:
        worker = heard()
        found = states.check(services(lambda: health(worker=worker)), {})
        assert found.services[1].level == level
        shown = str(sidebar.states(found))
        assert said in shown
        assert ("les fichiers envoyés l’attendent" in shown) is (level == "down")
        assert ("ne sont pas notés" in str(sidebar.standing(found))) is (level == "down")
        assert not found.local, "only the API has a stand-in"

    def test_what_is_away_is_told_within_fifteen_seconds(self) -> None:
        between_checks = frame._milliseconds_between_checks / 1000
        assert heartbeat.patience_seconds + between_checks < 15
        # A beat may be late now and then.
        assert heartbeat.patience_seconds >= 3 * heartbeat.seconds_between

    def test_what_says_nothing_is_given_up_before_it_is_asked_again(self) -> None:
        """Else Dash would drop each answer for the next question, and nobody would ever learn of it."""
        waits: list[tuple[float, float]] = []

        class Noting(Answering):
            def send(self, request: Any, *rest: object, **named: Any) -> Any:
                waits.append(named["timeout"])
                return super().send(request, *rest, **named)

        network = Noting(lambda _request: reply(500))
        for ask in (ScoringService("http://api", 60, network).health, HttpProbe("http://mlflow", 60, network).check):
            with pytest.raises(ServiceUnavailable):
                ask()
        # To connect and to be answered, one of which an address that leads nowhere never comes to.
        assert len(waits) == 2
        assert max(map(max, waits)) + 1 < frame._milliseconds_between_checks / 1000

    def test_services_are_asked_at_once(self) -> None:
        asked = threading.Event()

        def answer(_request: object) -> Any:
            asked.set()
            return reply(200)

        def ask() -> ServiceHealth:
            assert asked.wait(60)
            return health()

        together = dataclasses.replace(services(ask), tracking=HttpProbe("http://mlflow", 5, Answering(answer)))
        assert [service.level for service in states.check(together, {}).services] == ["up", "up", "up"]

    def test_an_api_without_a_model_is_degraded_not_away(self) -> None:
        found = states.check(services(lambda: health(model_loaded=False, model_version=None)), {})
        assert found.services[0].level == "degraded"
        assert found.services[0].fault == "aucun modèle chargé"
        assert found.local
