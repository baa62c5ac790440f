"""Thresholds and scenarios tried on many applications at once."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from core.contract.answer import Answer
from core.decision import RiskCategory, risk_bands
from core.scenarios.rules import follows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.scenarios.comparing import ScenarioComparison
    from core.scenarios.outcomes import DecisionOutcome
    from core.scenarios.rules import Scenario
    from core.scenarios.trials import StatusQuo, Trial


class ThresholdOutcome(Answer):
    """What deciding at a threshold comes to."""

    threshold: float
    accepted: int
    refused: int
    expected_defaults: float = Field(description="Sum of the probabilities of the accepted.")
    cost: float = Field(description="Expected, for each application, by the costs of the model.")
    precision: float | None = Field(description="Share of the refused who are expected to default.")
    recall: float | None = Field(description="Share of the expected defaults that are refused.")
    observed_defaults: int | None = Field(description="Among the accepted; null where outcomes are not known.")
    observed_cost: float | None
    observed_precision: float | None
    observed_recall: float | None

    @classmethod
    def of(cls, outcome: DecisionOutcome) -> ThresholdOutcome:
        """The answer that says an outcome."""
        return cls(**asdict(outcome))


class ThresholdCurve(Answer):
    """Outcomes at many thresholds, ascending: a list for each part of them."""

    threshold: list[float]
    accepted: list[int]
    refused: list[int]
    expected_defaults: list[float]
    cost: list[float]
    precision: list[float | None]
    recall: list[float | None]
    observed_defaults: list[int | None]
    observed_cost: list[float | None]
    observed_precision: list[float | None]
    observed_recall: list[float | None]

    @classmethod
    def of(cls, outcomes: Sequence[DecisionOutcome]) -> ThresholdCurve:
        """The answer that says outcomes."""
        return cls(**{name: [getattr(outcome, name) for outcome in outcomes] for name in cls.model_fields})


class PopulationAnswer(Answer):
    """On whom it was tried."""

    name: str = Field(description="`portfolio`, or the name of the file.")
    total: int
    used: int = Field(description="Fewer than `total` where there are very many: a part of them, spread evenly.")
    outcomes_known: bool
    mean_probability: float

    @classmethod
    def of(cls, name: str, base: StatusQuo) -> PopulationAnswer:
        """The answer that says who the population of that name is."""
        return cls(
            name=name,
            total=base.total,
            used=base.used,
            outcomes_known=base.ranking.target is not None,
            mean_probability=base.mean_probability,
        )


class _Tried(Answer):
    population: PopulationAnswer
    model_version: str
    cost_fn: float
    cost_fp: float


class CurveAnswer(_Tried):
    """What every threshold comes to."""

    today: ThresholdOutcome = Field(description="At the model's own threshold.")
    best: ThresholdOutcome = Field(description="The least cost that can be expected.")
    best_observed: ThresholdOutcome | None = Field(description="The least cost in hindsight, where outcomes are known.")
    curve: ThresholdCurve = Field(description="Every tenth of a point up to 50 %, then every point; and those above.")

    @classmethod
    def of(cls, name: str, base: StatusQuo, today: float, model_version: str) -> CurveAnswer:
        """The answer that says what thresholds come to on the population of that name, the model's own at `today`."""
        ranking = base.ranking
        observed = ranking.best_observed()
        return cls(
            population=PopulationAnswer.of(name, base),
            model_version=model_version,
            cost_fn=ranking.cost_fn,
            cost_fp=ranking.cost_fp,
            today=ThresholdOutcome.of(ranking.at(today)),
            best=ThresholdOutcome.of(ranking.best()),
            best_observed=ThresholdOutcome.of(observed) if observed else None,
            curve=ThresholdCurve.of(ranking.curve(today)),
        )


class DecisionFlows(Answer):
    """Applications by the decision before and after."""

    stay_accepted: int
    become_refused: int
    become_accepted: int
    stay_refused: int

    @property
    def turned(self) -> int:
        """Applications whose decision changes."""
        return self.become_refused + self.become_accepted


class ScenarioOutcome(Answer):
    """What a scenario comes to."""

    name: str
    outcome: ThresholdOutcome
    mean_probability: float
    touched: int = Field(description="Applications of which a rule changed something.")
    follows: list[Literal["AMT_ANNUITY"]] = Field(description="Columns that changed without a rule of their own.")
    flows: DecisionFlows
    bands: list[list[int]] = Field(description="Applications by risk band before (rows) and after (columns).")

    @classmethod
    def of(cls, comparison: ScenarioComparison, follows: Sequence[Literal["AMT_ANNUITY"]]) -> ScenarioOutcome:
        """The answer that says a comparison."""
        return cls(
            name=comparison.name,
            outcome=ThresholdOutcome.of(comparison.outcome),
            mean_probability=comparison.mean_probability,
            touched=comparison.touched,
            follows=list(follows),
            flows=DecisionFlows(
                stay_accepted=comparison.stay_accepted,
                become_refused=comparison.become_refused,
                become_accepted=comparison.become_accepted,
                stay_refused=comparison.stay_refused,
            ),
            bands=[list(row) for row in comparison.bands],
        )


class ScenariosAnswer(_Tried):
    """Every scenario at one threshold, beside things as they are."""

    threshold: float
    bands: list[RiskCategory] = Field(default=[name for _, name in risk_bands], description="Their order in `bands`.")
    outcome: ThresholdOutcome = Field(description="Of things as they are.")
    scenarios: list[ScenarioOutcome]
    warnings: list[str]

    @classmethod
    def of(
        cls, name: str, trial: Trial, scenarios: Sequence[Scenario], model_version: str, warnings: Sequence[str] = ()
    ) -> ScenariosAnswer:
        """The answer that says what `scenarios` come to on the population of that name."""
        return cls(
            population=PopulationAnswer.of(name, trial.base),
            model_version=model_version,
            cost_fn=trial.base.ranking.cost_fn,
            cost_fp=trial.base.ranking.cost_fp,
            threshold=trial.outcome.threshold,
            outcome=ThresholdOutcome.of(trial.outcome),
            scenarios=[
                ScenarioOutcome.of(comparison, follows(scenario))
                for scenario, comparison in zip(scenarios, trial.scenarios, strict=True)
            ],
            warnings=list(warnings),
        )
