"""A trial as the browser holds it between a comparison and what is made of it: numbers of all, of nobody."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from core.scenarios.comparing import Comparison
from core.scenarios.outcomes import Outcome
from dash_app.service.scenarios import TrialView, Tried


def held(view: TrialView) -> dict[str, Any]:
    """What the browser holds."""
    return asdict(view)


def read(data: dict[str, Any]) -> TrialView:
    """What `held` was given."""
    return TrialView(
        population=Tried(**data["population"]),
        outcome=Outcome(**data["outcome"]),
        scenarios=tuple(
            Comparison(
                name=each["name"],
                outcome=Outcome(**each["outcome"]),
                mean_probability=each["mean_probability"],
                touched=each["touched"],
                bands=tuple(tuple(row) for row in each["bands"]),
            )
            for each in data["scenarios"]
        ),
    )
