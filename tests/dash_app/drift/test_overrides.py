"""Officers and the model on the Drift page: the banner, what outcomes say, and the tables, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from core.contract.record.overrides import OverrideAlarm, OverrideChecks, OverrideGroup
from core.contract.record.performance import PerformanceAnswer
from dash_app.views.drift.officers.alarms import alarm
from dash_app.views.drift.officers.section import name, section, sentences, tables


def group(dimension: Any, value: str, **figures: Any) -> OverrideGroup:
    known = {"decisions": 400, "overrides": 40, "rate": 0.1, "rate_low": 0.07, "rate_high": 0.13, "accepted": 30}
    return OverrideGroup(dimension=dimension, value=value, accepted_known=28, accepted_defaults=4, **(known | figures))


def raised(kind: Any, dimension: Any = "all", value: str = "", **figures: Any) -> OverrideAlarm:
    known: dict[str, Any] = {"decisions": 80, "overrides": 0, "rate": 0.0, "rate_low": 0.0, "rate_high": 0.05}
    known |= dict.fromkeys(("model_decision", "expected", "ratio", "p_value"))
    known |= dict.fromkeys(("others_rate", "others_rate_low", "others_rate_high"))
    known |= {"others_decisions": 0, "others_overrides": 0}
    return OverrideAlarm(kind=kind, dimension=dimension, value=value, **(known | figures))


def checked(*alarms: OverrideAlarm) -> OverrideChecks:
    return OverrideChecks(
        alarms=list(alarms),
        significance=0.01,
        officers_tested=4,
        groups_tested=22,
        officers_with_few=2,
        decisions_of_few=15,
        break_even_paid=10 / 11,
    )


paid = {"paid_known": 25, "paid_rate": 0.84, "paid_rate_low": 0.65, "paid_rate_high": 0.94}


@pytest.fixture(params=["french", "english"])
def reading(request: pytest.FixtureRequest) -> str:
    request.getfixturevalue(request.param)
    return str(request.param)


def texts(component: Any) -> str:
    """Everything in it, with spaces that do not break as plain ones."""
    return str(component).replace("\\xa0", " ").replace("\\u202f", " ").replace("\u00a0", " ").replace("\u202f", " ")


def test_the_banner_names_who_agrees_with_everything_and_what_was_to_be_expected(reading: str) -> None:
    words = texts(alarm(raised("agrees_with_everything", "officer", "David Simon", expected=8.25, p_value=0.00043)))
    assert "David Simon" in words
    assert {"french": "8,2 décisions", "english": "8.2 decisions"}[reading] in words
    assert {"french": "une fois sur 1 000.", "english": "once in 1,000 times."}[reading] in words


def test_the_banner_says_which_group_is_overruled_with_both_rates(reading: str) -> None:
    figures = {"decisions": 83, "overrides": 20, "rate": 0.24, "rate_low": 0.16, "rate_high": 0.34, "expected": 3.3}
    figures |= {"others_decisions": 1068, "others_overrides": 43, "others_rate": 0.04, "p_value": 3.9e-8}
    refused = texts(alarm(raised("overrules_one_group", "age_band", "< 30", model_decision="ACCEPTÉ", **figures)))
    accepted = texts(alarm(raised("overrules_one_group", "gender", "M", model_decision="REFUSÉ", **figures)))
    for said in {
        "french": ("< 30 ans : sur 83 que le modèle accepte, les conseillers refusent", "sur 1 068 autres", "million"),
        "english": ("< 30 years old: of 83 whom the model accepts, officers refuse", "of 1,068 others", "million"),
    }[reading]:
        assert said in refused
    known = {"french": "Homme : sur 83 que le modèle refuse", "english": "Male: of 83 whom the model refuses"}
    assert known[reading] in accepted


def test_that_nobody_overrules_is_said(reading: str) -> None:
    known = {"french": "Aucun conseiller n’a décidé autrement", "english": "No officer has decided otherwise"}
    assert known[reading] in texts(alarm(raised("nobody_overrules")))


def test_outcomes_say_whether_acceptances_were_right_and_nobody_whether_refusals_were(reading: str) -> None:
    accepted, refused, tested = map(texts, sentences(group("all", "", **paid), checked()))
    even = {"french": ("à partir de 90,9 %", "pas encore"), "english": ("from 90.9%", "do not tell yet")}[reading]
    assert all(words in accepted for words in even)
    assert "10 " in refused
    assert "22 " in tested
    one = checked().model_copy(update={"officers_tested": 1, "groups_tested": 1})
    alone = texts(sentences(group("all", "", **paid), one)[-1])
    known = {"french": "1 conseiller, 1 comparaison de groupes.", "english": "1 officer, 1 comparison of groups."}
    assert alone.endswith(known[reading])
    (few, _) = sentences(group("all", ""), checked(raised("nobody_overrules")))
    assert {"french": "Trop peu", "english": "Too few"}[reading] in few


def test_since_when_it_is_looked_for_is_said(reading: str) -> None:
    # As an earlier version of the service answers: nothing is claimed.
    known = {"french": "dans les décisions depuis nov. 2025.", "english": "in the decisions since Nov 2025."}[reading]
    whole, checks = group("all", ""), checked(raised("nobody_overrules"))
    for since, is_said in (("2025-11", True), (None, False)):
        shown: dict[str, Any] = {
            "overrides": [whole],
            "override_checks": checks.model_copy(update={"since": since}),
        }
        answer = PerformanceAnswer.model_construct(**shown)
        assert (known in texts(section(answer))) is is_said


def test_each_group_has_its_line_and_few_decisions_have_no_rate(reading: str) -> None:
    groups = [
        group("all", "", **paid),
        group("month", "2026-03"),
        group("officer", "Alice Petit"),
        group("age_band", ">= 60"),
        group("gender", "F", decisions=7, few=True),
        group("model_reason", "late_payments"),
        group("model_reason", "of a later version"),
        group("reason", "Garant solide", decisions=12, overrides=12, rate=1.0),
    ]
    shown = [texts(part) for part in tables(groups, checked())]
    assert len(shown) == 5
    for each in groups:
        assert sum(texts(name(each)) in part for part in shown) >= 1
    assert {"french": "Retards", "english": "Late payments"}[reading] in shown[3]
    assert {"french": "trop peu", "english": "too few"}[reading] in shown[2]
    assert {"french": "2 conseillers de moins de 20", "english": "2 officers with fewer than 20"}[reading] in shown[1]
    assert {"french": "12 (30,0 %)", "english": "12 (30.0%)"}[reading] in shown[4]
    assert len(tables(groups[:1], None)) == 1
