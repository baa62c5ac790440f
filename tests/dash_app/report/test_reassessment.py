"""A letter about a recorded application is written of what was recorded, and leaves a record that says whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.features import history_names
from dash_app.service.protocol import RecordedApplication
from dash_app.views.report.reassessment import Reassessment, reassessment

if TYPE_CHECKING:
    from core.decision import Value
    from dash_app.service import LocalScoring

portfolio = "imported:0123456789abcdef"


@pytest.fixture
def features(local: LocalScoring, known_client: int) -> dict[str, Value]:
    found = local.client(known_client).features
    return {name: value for name, value in found.items() if value is not None and name != "SK_ID_CURR"}


def recorded(number: int, features: dict[str, Value], of: str | None, *, on_file: bool | None) -> RecordedApplication:
    return RecordedApplication("p", number, features, 0.1, 0.09, "1", None, on_file=on_file, portfolio=of)


@pytest.mark.parametrize("on_file", [True, None])
def test_the_application_of_a_client_on_hand(
    local: LocalScoring, known_client: int, features: dict[str, Value], on_file: bool | None
) -> None:
    found = reassessment(local, recorded(known_client, features, portfolio, on_file=on_file))
    assert found == Reassessment(features, client_id=known_client)
    # Of then: who has the number today is somebody else.
    name = next(each for each in history_names() if each in features)
    other = features | {name: 0.125}
    assert reassessment(local, recorded(known_client, other, portfolio, on_file=on_file)) == Reassessment(other)
    assert reassessment(local, recorded(7, features, portfolio, on_file=on_file)) == Reassessment(features)


@pytest.mark.parametrize("of", [portfolio, None])
def test_one_that_was_sent_stays_one(
    local: LocalScoring, known_client: int, features: dict[str, Value], of: str | None
) -> None:
    found = reassessment(local, recorded(known_client, features, of, on_file=False))
    assert (found.client_id, found.joined) == (None, of is not None)
    assert found.features == (features | {"SK_ID_CURR": known_client} if of else features)
