"""Schemas of what-if changes that are tried on an application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import ConfigDict, Field

from api.requests.scenarios import longest_name, not_changeable
from api.schemas.base import WithApplications
from core import catalogue
from core.application import ApplicationFeatures
from core.contract.answer import Answer, WarningDetails, Warnings, warned
from core.contract.prediction import HistoryUsed, PortfolioUsed, provenance_of
from core.decision import RiskCategory, lowers_risk, raises_risk
from core.explain.information import essential_warnings
from core.explain.what_if import max_changes, max_scenarios
from core.recourse.sentences import effect_text
from core.text.formats import format_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.requests.scenarios import WhatIfScenario
    from core.application import Application
    from core.catalogue import Language
    from core.contract.field_warnings import FieldWarning
    from core.decision import Decision
    from core.explain.what_if import Effect, Simulation
    from core.scoring import Scorer

Changes = Annotated[
    ApplicationFeatures,  # type: ignore[valid-type]
    Field(
        description="Columns to be replaced; null removes a value.",
        json_schema_extra={"maxProperties": max_changes, "properties": dict.fromkeys(not_changeable, False)},
    ),
]


class ScenarioRequest(WithApplications):
    """Changes to be tried together."""

    name: str | None = Field(default=None, max_length=longest_name)
    changes: Changes


class SimulationRequest(WithApplications):
    """An application with either `changes`, or a list of `scenarios`."""

    model_config = ConfigDict(
        json_schema_extra={
            "required": ["features"],
            "oneOf": [{"required": ["changes"]}, {"required": ["scenarios"]}],
        }
    )

    features: ApplicationFeatures  # type: ignore[valid-type]
    changes: Changes
    scenarios: list[ScenarioRequest] = Field(min_length=1, max_length=max_scenarios)


class Outcome(Answer):
    """The decision on an application, before or after changes."""

    probability: float = Field(ge=0, le=1, description="Probability of default.")
    log_odds: float = Field(description="The same as log-odds.")
    prediction: Literal[0, 1]
    decision: Literal["ACCEPTÉ", "REFUSÉ"]
    risk_category: RiskCategory
    missing_essentials: list[str] = Field(description="As in `/predict`.")
    information: float = Field(ge=0, le=1, description="As in `/predict`.")


class ChangeEffect(Answer):
    """What the change of one column contributes to the difference; it does not depend on the order of the changes."""

    field: str
    label: str
    before: float | int | str | None
    after: float | int | str | None
    before_text: str
    after_text: str
    contribution: float = Field(description="In log-odds of default.")
    probability_change: float = Field(description="In probability of default.")
    direction: Literal["augmente le risque", "diminue le risque"] | None = Field(description="null: no effect.")
    text: str = Field(description="A sentence that a client understands.")


class ScenarioAnswer(Answer):
    """One scenario: its decision, and what each change contributes to the difference."""

    name: str | None
    after: Outcome
    changes_decision: bool = Field(description="Whether the decision is another one than before.")
    log_odds_change: float = Field(description="The sum of the contributions of `effects`.")
    probability_change: float = Field(description="The sum of the probability changes of `effects`.")
    effects: list[ChangeEffect]
    warnings: Warnings
    warning_details: WarningDetails


class SimulationAnswer(Answer):
    """An application as it is, and under each scenario."""

    client_id: int | None
    threshold: float = Field(ge=0, le=1)
    before: Outcome
    scenarios: list[ScenarioAnswer] = Field(description="One where `changes` was sent.")
    warnings: Warnings
    warning_details: WarningDetails
    model_version: str
    history: HistoryUsed
    portfolio: PortfolioUsed

    @classmethod
    def of(
        cls,
        simulations: Sequence[Simulation],
        scenarios: Sequence[WhatIfScenario],
        application: Application,
        warnings: Sequence[FieldWarning],
        scorer: Scorer,
        lang: Language,
    ) -> SimulationAnswer:
        """The answer that says simulations, at least one, in words of `lang`."""
        first = simulations[0]
        return cls(
            client_id=first.before.client_id,
            threshold=first.before.threshold,
            before=_outcome(first.before, first.log_odds_before),
            scenarios=[_answer(one, asked, scorer, lang) for one, asked in zip(simulations, scenarios, strict=True)],
            **warned(warnings),
            model_version=scorer.model.version,
            **provenance_of(application),
        )


def _answer(simulation: Simulation, scenario: WhatIfScenario, scorer: Scorer, lang: Language) -> ScenarioAnswer:
    before, after = simulation.before, simulation.after
    return ScenarioAnswer(
        name=scenario.name,
        after=_outcome(after, simulation.log_odds_after),
        changes_decision=before.decision != after.decision,
        log_odds_change=simulation.log_odds_after - simulation.log_odds_before,
        probability_change=after.probability - before.probability,
        effects=[_effect(effect, lang) for effect in simulation.effects],
        **warned(
            [
                *scenario.warnings,
                *scorer.training_ranges.warnings(scenario.changes, lang),
                *essential_warnings(tuple(name for name in after.missing_essentials if name in scenario.changes), lang),
            ]
        ),
    )


def _outcome(decision: Decision, log_odds: float) -> Outcome:
    return Outcome(
        probability=decision.probability,
        log_odds=log_odds,
        prediction=decision.prediction,
        decision=decision.decision,
        risk_category=decision.risk_category,
        missing_essentials=list(decision.missing_essentials),
        information=decision.information,
    )


def _effect(effect: Effect, lang: Language) -> ChangeEffect:
    entry = catalogue.entry(effect.field)
    direction = raises_risk if effect.log_odds > 0 else lowers_risk
    return ChangeEffect(
        field=effect.field,
        label=entry.label(lang),
        before=effect.before,
        after=effect.after,
        before_text=format_value(entry, effect.before, lang),
        after_text=format_value(entry, effect.after, lang),
        contribution=effect.log_odds,
        probability_change=effect.probability,
        direction=direction if effect.log_odds else None,
        text=effect_text(effect, lang),
    )
