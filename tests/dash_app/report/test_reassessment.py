"""A letter about a recorded application is written of what was recorded, and leaves a record that says whose it is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from core.contract.record.predictions import PredictionDetail
from core.features import history_names
from dash_app.components.markup import markup
from dash_app.views.report.reassessment import Reassessment, reassessment
from tests.contracts import changed, partly

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

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


@pytest.mark.parametrize(
    ("agreement", "referral", "threshold", "unsure", "ways"),
    [(0.6, "close_call", 1.0, True, True), (1.0, None, 1.0, False, True), (None, None, 2.0, False, False)],
)
def test_a_letter_says_how_sure_it_was_then_and_what_was_enough(
    local: LocalScoring,
    speaking: Callable[[str], AbstractContextManager[None]],
    monkeypatch: pytest.MonkeyPatch,
    agreement: float | None,
    referral: str | None,
    threshold: float,
    unsure: bool,
    ways: bool,
) -> None:
    """`threshold`: that of the recorded decision, in those of the model."""
    from dash_app.pages import report

    refused = max(local.clients(limit=400).clients, key=lambda client: client.probability).client_id
    values = {name: value for name, value in local.client(refused).features.items() if value is not None}
    # Today it is the other way round.
    today = changed(local.assess(values, "en"), certainty="sure" if unsure else "close_call", referral=not unsure)
    then = partly(
        PredictionDetail,
        client_id=None,
        inputs=values,
        portfolio=None,
        application="sent",
        probability=today.probability,
        threshold=today.threshold * threshold,
        decision="REFUSÉ",
        model_version=today.model_version,
        fold_agreement=agreement,
        referral=referral,
        final_decision=None,
    )
    monkeypatch.setattr(
        report, "scoring", lambda: SimpleNamespace(recorded=lambda _: then, assess=lambda *_, **__: today)
    )
    with speaking("en"):
        shown = markup(report._of_application("01a209e4-8353-7d50-846d-3f12c06d7bbf"))
    assert ("The model is not sure here" in shown) is unsure
    assert ("What would change the decision" in shown) is ways
