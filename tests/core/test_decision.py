"""The decision follows from probability and threshold alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decision import Decision, accepted, refused


@pytest.mark.parametrize(
    ("probability", "decision", "category"),
    [
        (0.0, accepted, "Très faible"),
        (0.0249, accepted, "Très faible"),
        (0.025, accepted, "Faible"),
        (0.05, accepted, "Modéré"),
        (0.0999, accepted, "Modéré"),
        (0.1, refused, "Élevé"),
        (0.2, refused, "Très élevé"),
        (1.0, refused, "Très élevé"),
    ],
)
def test_decision_and_category(probability: float, decision: str, category: str) -> None:
    made = Decision(client_id=1, probability=probability, threshold=0.1)
    assert (made.decision, made.risk_category) == (decision, category)
    assert made.prediction == (decision == refused)


@given(
    probability=st.floats(min_value=0, max_value=1),
    threshold=st.floats(min_value=0, max_value=1, exclude_min=True),
)
def test_an_accepted_client_is_never_high_risk(probability: float, threshold: float) -> None:
    made = Decision(None, probability, threshold)
    assert (made.decision == accepted) == (made.risk_category in {"Très faible", "Faible", "Modéré"})


def test_threshold_of_zero_refuses_everybody() -> None:
    made = Decision(None, 0.0, 0.0)
    assert (made.decision, made.risk_category) == (refused, "Très élevé")


def test_at_a_threshold_of_nothing_every_application_is_refused() -> None:
    for probability in (0.0, 0.5, 1.0):
        decision = Decision(client_id=None, probability=probability, threshold=0.0)
        assert (decision.prediction, decision.risk_category) == (1, "Très élevé")
