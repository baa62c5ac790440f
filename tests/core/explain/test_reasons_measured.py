"""Reasons as a benchmark measures them, by other means than those that choose them; and what that finds is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.reasons.__main__ import accepted_with, typical_donors
from benchmarks.reasons.measures import Slots, is_contrary, members
from core.application import Application
from core.catalogue.concepts import concepts
from core.explain.concepts import ConceptTotal, concept_totals
from core.features import feature_names
from core.features.rows import matrix

if TYPE_CHECKING:
    from core.decision import Value
    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer

# Counted among 400 clients, and in the training: a value in the middle of one may be beside it in the other.
tolerance = 0.2


def test_clients_are_told_nothing_absurd(scorer: Scorer, portfolio: Portfolio) -> None:
    numbers = [line.client_id for line in portfolio.search(limit=400).clients]
    own = ("SK_ID_CURR", "TARGET")
    clients = [
        {name: value for name, value in portfolio.client(number).features.items() if name not in own}
        for number in numbers
    ]
    given = [{name: value for name, value in client.items() if value is not None} for client in clients]
    others = matrix(given)
    slots = Slots(tolerance)
    for values, row in zip(given[:120], others, strict=False):
        totals = concept_totals(scorer.explain(Application(values)).contributions, "en")
        slots.add([total for total in totals if total.text], values, row, others)
    assert slots.reasons > 6 * slots.clients
    assert (slots.contrary, slots.twice, slots.both_sides, slots.missing) == (0, 0, 0, 0), slots.examples
    # Under 2 % of those of a thousand, which are too many for a test.
    assert slots.neutral_share < 0.04


nobody = np.full((1, len(feature_names())), np.nan)


def told(feature: str | None, value: Value, contribution: float, text: str) -> tuple[ConceptTotal, dict[str, Value]]:
    total = ConceptTotal("late_payments", "Late payments", contribution, known=True, feature=feature, text=text)
    return total, {feature: value} if feature else {}


@pytest.mark.parametrize(
    ("feature", "value", "contribution", "text", "contrary"),
    [
        (
            "POS_LATE_SHARE",
            0.024,
            -0.4,
            "The monthly statements of your credits at the bank show a delay in 2.4% of the months.",
            True,
        ),
        (
            "POS_LATE_SHARE",
            0.024,
            0.4,
            "The monthly statements of your credits at the bank show a delay in 2.4% of the months.",
            False,
        ),
        ("INSTALMENT_DAYS_LATE_MAX", 0.0, 0.4, "You never paid an instalment late.", True),
        # By the words alone, and by the value alone.
        ("PREVIOUS_APPLICATIONS", 1.0, 0.4, "You never paid an instalment late.", True),
        ("INSTALMENT_DAYS_LATE_MAX", 0.0, 0.4, "As it is.", True),
        ("NAME_EDUCATION_TYPE", "Lower secondary", -0.4, "Your education: lower secondary.", True),
        ("AMT_INCOME_TOTAL", 9e5, 0.4, "Your income is high.", True),
        ("AMT_INCOME_TOTAL", 9e5, -0.4, "Your income is high.", False),
        (None, None, 0.4, "On the whole, your punctuality at the bank is against you.", False),
    ],
)
def test_a_contrary_sentence_is_found(
    feature: str | None, value: Value, contribution: float, text: str, contrary: bool
) -> None:
    total, values = told(feature, value, contribution, text)
    others = nobody.repeat(10, axis=0)
    others[:, feature_names().index("AMT_INCOME_TOTAL")] = np.arange(10) * 1e4
    assert is_contrary(total, values, matrix([values])[0], others, 0.06) == contrary


def test_what_is_said_twice_and_what_is_missing_is_found() -> None:
    first, values = told("POS_LATE_SHARE", 0.0, -0.4, "You were never late on your credits at the bank.")
    again, _ = told("INSTALMENT_LATE_SHARE", 0.3, 0.2, "You paid 30% of your instalments late, which is much.")
    missing, _ = told("CARD_LATE_SHARE", None, 0.2, "Share of months late on cards: not stated.")
    values |= {"INSTALMENT_LATE_SHARE": 0.3}
    slots = Slots()
    slots.add([first, again, missing], values, matrix([values])[0], nobody)
    assert (slots.twice, slots.both_sides, slots.missing, slots.neutral) == (1, 1, 1, 0)


def test_refused_with_all_of_an_accepted_client_are_accepted(scorer: Scorer, portfolio: Portfolio) -> None:
    lines = portfolio.search(limit=400).clients
    rows = matrix([portfolio.client(line.client_id).features for line in lines])
    risks = np.asarray(scorer.artefacts.booster.predict(rows))
    refused, accepted = rows[risks >= scorer.model.optimal_threshold], rows[risks < scorer.model.optimal_threshold]
    donors = typical_donors(accepted, scorer)
    assert set(donors) == set(concepts())
    assert sorted(place for key in donors for place in members([key])) == list(range(len(feature_names())))
    everything = [list(donors)] * len(refused)
    whole = [dict.fromkeys(donors, 0)] * len(refused)
    assert accepted_with(everything, whole, refused, accepted, scorer) == 1
    assert accepted_with([[]] * len(refused), whole, refused, accepted, scorer) == 0
