"""The decision follows from probability and threshold alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decision import Decision, Decisions, accepted, refused


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


shares = st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0])
essentials = st.sampled_from([(), ("AMT_CREDIT",)])
# Where bands begin and end, at any threshold.
multiples = st.sampled_from([0.0, 0.25, 0.5, 1.0, 2.0, 3.0])


@given(st.lists(st.tuples(multiples, essentials, shares, shares), max_size=6), st.floats(0, 1), st.booleans())
def test_together_they_are_as_each_alone(
    rows: list[tuple[float, tuple[str, ...], float, float]], threshold: float, folds: bool
) -> None:
    each = [
        Decision(number, min(multiple * threshold, 1.0), threshold, missing, share, agreement if folds else None)
        for number, (multiple, missing, share, agreement) in enumerate(rows)
    ]
    together = Decisions(
        [decision.client_id for decision in each],
        [decision.probability for decision in each],
        threshold,
        [decision.missing_essentials for decision in each],
        [share for _, _, share, _ in rows],
        [agreement for _, _, _, agreement in rows] if folds else None,
    )
    assert len(together) == len(each)
    assert list(together) == each
    for name in ("decision", "prediction", "risk_category", "referral_codes", "certainty", "agreement", "threshold"):
        assert list(together.column(name)) == [getattr(decision, name) for decision in each]
