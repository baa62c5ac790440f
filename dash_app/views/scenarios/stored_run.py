"""A run of scenarios as the browser holds it between a comparison and what is made of it: numbers of all, of nobody."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from core.scenarios.comparing import ScenarioComparison
from core.scenarios.outcomes import DecisionOutcome
from dash_app.service.scenarios import TrialView, Tried

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def held(view: TrialView, keys: Sequence[str]) -> dict[str, Any]:
    """What the browser holds: with the keys of the scenarios, in their order."""
    return asdict(view) | {"keys": list(keys)}


def read(data: Mapping[str, Any]) -> TrialView:
    """What `held` was given."""
    return TrialView(
        population=Tried(**data["population"]),
        outcome=DecisionOutcome(**data["outcome"]),
        scenarios=tuple(
            ScenarioComparison(
                name=scenario["name"],
                outcome=DecisionOutcome(**scenario["outcome"]),
                mean_probability=scenario["mean_probability"],
                touched=scenario["touched"],
                bands=tuple(tuple(row) for row in scenario["bands"]),
            )
            for scenario in data["scenarios"]
        ),
    )
