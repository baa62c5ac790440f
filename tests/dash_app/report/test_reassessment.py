"""A letter about a recorded application is written of what was recorded, and leaves a record that says whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.contract.record.predictions import PredictionDetail
from core.features import history_names
from dash_app.views.report.reassessment import Reassessment, reassessment
from tests.contracts import partly

if TYPE_CHECKING:
    from core.decision import Value
    from core.portfolio.provenance import ApplicationSource
    from dash_app.service import LocalScoring

portfolio = "imported:0123456789abcdef"


@pytest.fixture
def features(local: LocalScoring, known_client: int) -> dict[str, Value]:
    found = local.client(known_client).features
    return {name: value for name, value in found.items() if value is not None and name != "SK_ID_CURR"}


def recorded(
    number: int, features: dict[str, Value], of: str | None, application: ApplicationSource | None
) -> PredictionDetail:
    return partly(PredictionDetail, client_id=number, inputs=features, portfolio=of, application=application)


@pytest.mark.parametrize("application", ["on_file", None])
def test_the_application_of_a_client_on_hand(
    local: LocalScoring, known_client: int, features: dict[str, Value], application: ApplicationSource | None
) -> None:
    found = reassessment(local, recorded(known_client, features, portfolio, application))
    assert found == Reassessment(features, client_id=known_client)
    # Of then: who has the number today is somebody else.
    name = next(each for each in history_names() if each in features)
    other = features | {name: 0.125}
    assert reassessment(local, recorded(known_client, other, portfolio, application)) == Reassessment(other)
    assert reassessment(local, recorded(7, features, portfolio, application)) == Reassessment(features)


@pytest.mark.parametrize("of", [portfolio, None])
def test_one_that_was_sent_stays_one(
    local: LocalScoring, known_client: int, features: dict[str, Value], of: str | None
) -> None:
    found = reassessment(local, recorded(known_client, features, of, "sent"))
    assert (found.client_id, found.joined) == (None, of is not None)
    assert found.features == (features | {"SK_ID_CURR": known_client} if of else features)
