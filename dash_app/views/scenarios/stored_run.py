"""A run of scenarios as the browser holds it between a comparison and what is made of it: numbers of all, of nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.contract.scenarios import ScenariosAnswer
from dash_app.service.answers import Sourced

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def held(run: Sourced[ScenariosAnswer], keys: Sequence[str]) -> dict[str, Any]:
    """What the browser holds: with the keys of the scenarios, in their order."""
    return {"answer": run.answer.model_dump(mode="json"), "source": run.source, "keys": list(keys)}


def read(data: Mapping[str, Any]) -> Sourced[ScenariosAnswer]:
    """What `held` was given."""
    return Sourced(ScenariosAnswer.model_validate(data["answer"]), data["source"])


def largest(run: Sourced[ScenariosAnswer]) -> int:
    """The place of the scenario that changes most decisions."""
    scenarios = run.answer.scenarios
    return max(range(len(scenarios)), key=lambda place: scenarios[place].flows.turned)
