"""What the terminal says of officers and the model, of one and of several."""

from __future__ import annotations

from typing import Any

import pytest

from commands.of_outcomes.overrides import alarm, figures, name
from core.contract.record.overrides import OverrideAlarm, OverrideGroup
from runtime.console import counted


def group(**known: Any) -> OverrideGroup:
    values: dict[str, Any] = {
        "dimension": "officer",
        "value": "A. Petit",
        "decisions": 40,
        "overrides": 4,
        "rate": 0.1,
        "rate_low": 0.04,
        "rate_high": 0.23,
        "few": False,
        "accepted": 2,
        "accepted_known": 0,
        "accepted_defaults": 0,
        "paid_known": 0,
        "paid_rate": None,
        "paid_rate_low": None,
        "paid_rate_high": None,
    }
    return OverrideGroup(**(values | known))


@pytest.mark.parametrize(
    ("count", "words", "said"),
    [
        (0, ("row",), "0 rows"),
        (1, ("row",), "1 row"),
        (1860, ("row",), "1,860 rows"),
        (1, ("entry", "entries"), "1 entry"),
        (2, ("entry", "entries"), "2 entries"),
    ],
)
def test_one_is_not_said_as_several(count: int, words: tuple[str, ...], said: str) -> None:
    assert counted(count, *words) == said


def test_the_decisions_of_a_group_are_counted_in_words() -> None:
    assert figures(group()) == "4 of 40 decisions of officers, 10.0% [4.0%, 23.0%]"
    assert figures(group(decisions=1, overrides=0, few=True)) == "0 of 1 decision of officers, too few"
    reason = {"dimension": "reason", "value": "Guarantor"}
    assert figures(group(**reason, decisions=63, overrides=63)) == "63 decisions of officers against the model"
    assert figures(group(**reason, decisions=1, overrides=1)) == "1 decision of officers against the model"


def test_a_segment_is_named_in_words() -> None:
    found = OverrideAlarm(
        kind="overrules_one_group",
        dimension="gender",
        value="F",
        model_decision="REFUSÉ",
        decisions=90,
        overrides=27,
        rate=0.3,
        rate_low=0.21,
        rate_high=0.4,
        expected=9.0,
        others_decisions=200,
        others_overrides=20,
        others_rate=0.1,
        others_rate_low=0.07,
        others_rate_high=0.15,
        ratio=3.0,
        p_value=0.0001,
    )
    assert name(group(dimension="gender", value="F")) == "Female"
    assert alarm(found).startswith("Of gender Female, 30.0% of 90 whom the model refuses are accepted")
    older = found.model_copy(update={"dimension": "age_band", "value": "< 30"})
    assert alarm(older).startswith("Of age < 30, 30.0%")
