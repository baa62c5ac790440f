"""The scenario service: every threshold of a population, and scenarios tried on it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, TypeVar

from core.contract.scenarios import CurveAnswer, ScenariosAnswer
from core.scenarios.populations import EmptyPopulation, of_portfolio
from core.scenarios.trials import Trials
from dash_app.service.answers import Sourced
from dash_app.service.client import read
from dash_app.service.errors import NotFound, ServiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from core.catalogue import Language
    from core.scenarios.rules import Scenario
    from dash_app.service.client import ApiClient
    from dash_app.service.local import LocalScoring

_Answer = TypeVar("_Answer")

portfolio: Final = "portfolio"
# Eight scenarios that nobody tried before take seconds.
_patience: Final = 50.0


class ScenarioService:
    """Everything that the page can ask, of `portfolio` or of the id of an import that is done.

    Each call may raise `ServiceUnavailable`, `NotFound` where there is no such import, and `Refused` where nothing can
    be tried on it.
    """

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    def curve(self, population: str, lang: Language) -> Sourced[CurveAnswer]:
        """What every threshold comes to."""
        params = {"population": population, "lang": lang}
        return Sourced(read(CurveAnswer, self._asked("GET", "/scenarios/curve", params, None)))

    def run(
        self, population: str, scenarios: Sequence[Scenario], threshold: float, lang: Language
    ) -> Sourced[ScenariosAnswer]:
        """What scenarios of rules that `check_rule` lets pass come to. Raises `Rejected`."""
        asked = {
            "population": population,
            "threshold": threshold,
            "scenarios": [asdict(scenario) for scenario in scenarios],
        }
        return Sourced(read(ScenariosAnswer, self._asked("POST", "/scenarios", {"lang": lang}, asked)))

    def _asked(self, method: str, path: str, params: Mapping[str, str], body: object) -> Any:
        try:
            return self._api.ask(method, path, params=params, json=body, timeout=_patience)
        except NotFound:
            raise NotFound("population") from None


class LocalScenarios(ScenarioService):
    """From the model and the portfolio in the dashboard's own image; files are the API's."""

    def __init__(self, local: LocalScoring) -> None:
        self._local = local
        self._trials = Trials()

    def curve(self, population: str, lang: Language) -> Sourced[CurveAnswer]:  # noqa: ARG002 (nothing is refused in words)
        scorer = self._local.scorer()
        base = self._known(population, lambda: self._trials.base(scorer, of_portfolio(self._local.portfolio())))
        return Sourced(CurveAnswer.of(portfolio, base, scorer.model.optimal_threshold, scorer.model.version), "local")

    def run(
        self,
        population: str,
        scenarios: Sequence[Scenario],
        threshold: float,
        lang: Language,  # noqa: ARG002 (nothing is refused in words)
    ) -> Sourced[ScenariosAnswer]:
        scorer = self._local.scorer()
        trial = self._known(
            population,
            lambda: self._trials.run(scorer, of_portfolio(self._local.portfolio()), scenarios, threshold),
        )
        return Sourced(ScenariosAnswer.of(portfolio, trial, scenarios, scorer.model.version), "local")

    @staticmethod
    def _known(population: str, ask: Callable[[], _Answer]) -> _Answer:
        if population != portfolio:
            raise ServiceUnavailable("unreachable")
        try:
            return ask()
        except (EmptyPopulation, OSError) as error:
            raise ServiceUnavailable("no_portfolio") from error
