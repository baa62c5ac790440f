"""Curves and trials of the clients on hand, by the model that the dashboard carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dash_app.service.scenarios import LocalScenarios, portfolio
from dash_app.views.scenarios import definitions

if TYPE_CHECKING:
    from core.contract.scenarios import CurveAnswer, ScenariosAnswer
    from dash_app.service import LocalScoring


@pytest.fixture(scope="session")
def service(local: LocalScoring) -> LocalScenarios:
    return LocalScenarios(local)


@pytest.fixture(scope="session")
def curve(service: LocalScenarios) -> CurveAnswer:
    return service.curve(portfolio, "fr").answer


@pytest.fixture(scope="session")
def trial(service: LocalScenarios, curve: CurveAnswer) -> ScenariosAnswer:
    """The ready-made scenarios at the model's own threshold."""
    tried = [each.scenario for each in definitions.ready()]
    return service.run(portfolio, tried, curve.today.threshold, "fr").answer
