"""The scenario service: every threshold of a population, and scenarios tried on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from core.scenarios.comparing import ScenarioComparison
from core.scenarios.outcomes import DecisionOutcome
from core.scenarios.populations import EmptyPopulation, of_portfolio
from core.scenarios.trials import Trials
from dash_app.service.client import read
from dash_app.service.protocol import NotFound, ServiceUnavailable, Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.catalogue import Language
    from core.scenarios.rules import Scenario
    from core.scenarios.trials import StatusQuo
    from dash_app.service.client import ApiClient
    from dash_app.service.local import LocalScoring

_Answer = TypeVar("_Answer")

portfolio: Final = "portfolio"
# Eight scenarios that nobody tried before take seconds.
_patience: Final = 50.0


@dataclass(frozen=True, slots=True)
class Tried:
    """On whom something was tried.

    Attributes:
        name: `portfolio`, or the name of a file.
        total, used: how many applications there are, and how many of them were tried, spread evenly.
        outcomes_known: whether it is known who defaulted.
        mean_probability: of default, of those that were tried.
        source: who answered.
    """

    name: str
    total: int
    used: int
    outcomes_known: bool
    mean_probability: float
    source: Source = "api"


@dataclass(frozen=True, slots=True)
class CurveView:
    """What every threshold comes to.

    Attributes:
        cost_fn, cost_fp: of a default that is accepted, of a good client that is refused.
        today: at the model's own threshold.
        best, best_observed: least cost, as expected and in hindsight; None where outcomes are not known.
        curve: the parts of outcomes at ascending thresholds, by name.
    """

    population: Tried
    cost_fn: float
    cost_fp: float
    today: DecisionOutcome
    best: DecisionOutcome
    best_observed: DecisionOutcome | None
    curve: Mapping[str, Sequence[float | int | None]]


@dataclass(frozen=True, slots=True)
class TrialView:
    """Scenarios beside things as they are, at one threshold."""

    population: Tried
    outcome: DecisionOutcome
    scenarios: tuple[ScenarioComparison, ...]

    @property
    def largest(self) -> int:
        """The place of the scenario that changes most decisions."""
        return max(range(len(self.scenarios)), key=lambda place: self.scenarios[place].turned)


class ScenarioService(Protocol):
    """Everything that the page can ask, of `portfolio` or of the id of an import that is done.

    Each call may raise `ServiceUnavailable`, `NotFound` where there is no such import, and `Refused` where nothing can
    be tried on it.
    """

    def curve(self, population: str, lang: Language) -> CurveView:
        """What every threshold comes to."""

    def run(self, population: str, scenarios: Sequence[Scenario], threshold: float, lang: Language) -> TrialView:
        """What scenarios of rules that `check_rule` lets pass come to. Raises `Rejected`."""


class HttpScenarios:
    """As the API says."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    def curve(self, population: str, lang: Language) -> CurveView:
        params = {"population": population, "lang": lang}
        return read(CurveView, self._asked("GET", "/scenarios/curve", params, None))

    def run(self, population: str, scenarios: Sequence[Scenario], threshold: float, lang: Language) -> TrialView:
        asked = {
            "population": population,
            "threshold": threshold,
            "scenarios": [asdict(scenario) for scenario in scenarios],
        }
        return read(TrialView, self._asked("POST", "/scenarios", {"lang": lang}, asked))

    def _asked(self, method: str, path: str, params: Mapping[str, str], body: object) -> Any:
        try:
            return self._api.ask(method, path, params=params, json=body, timeout=_patience)
        except NotFound:
            raise NotFound("population") from None


class LocalScenarios:
    """From the model and the portfolio in the dashboard's own image; files are the API's."""

    def __init__(self, local: LocalScoring) -> None:
        self._local = local
        self._trials = Trials()

    def curve(self, population: str, lang: Language) -> CurveView:  # noqa: ARG002 (nothing is refused in words)
        scorer = self._local.scorer()
        base = self._known(population, lambda: self._trials.base(scorer, of_portfolio(self._local.portfolio())))
        ranking, today = base.ranking, scorer.model.optimal_threshold
        points = ranking.curve(today)
        return CurveView(
            population=_of(base),
            cost_fn=scorer.model.cost_fn,
            cost_fp=scorer.model.cost_fp,
            today=ranking.at(today),
            best=ranking.best(),
            best_observed=ranking.best_observed(),
            curve={field.name: [getattr(point, field.name) for point in points] for field in fields(DecisionOutcome)},
        )

    def run(
        self,
        population: str,
        scenarios: Sequence[Scenario],
        threshold: float,
        lang: Language,  # noqa: ARG002 (nothing is refused in words)
    ) -> TrialView:
        scorer = self._local.scorer()
        found = self._known(
            population,
            lambda: self._trials.run(scorer, of_portfolio(self._local.portfolio()), scenarios, threshold),
        )
        return TrialView(_of(found.base), found.outcome, found.scenarios)

    @staticmethod
    def _known(population: str, ask: Callable[[], _Answer]) -> _Answer:
        if population != portfolio:
            raise ServiceUnavailable("unreachable")
        try:
            return ask()
        except (EmptyPopulation, OSError) as error:
            raise ServiceUnavailable("no_portfolio") from error


def _of(base: StatusQuo) -> Tried:
    known = base.ranking.target is not None
    return Tried(portfolio, base.total, base.used, known, base.mean_probability, "local")
