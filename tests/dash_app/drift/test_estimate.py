"""The estimate of what waits, as the page and the terminal say it: labelled, with its error, or why there is none."""

from __future__ import annotations

import pytest

from commands.of_outcomes.performance import estimate_lines
from core.contract.record.estimate import EstimatedFigures, EstimateError, PerformanceEstimate
from dash_app.views.drift.waiting import estimate

_whole = EstimatedFigures(month="", rows=4200, default_rate=0.031, auc=0.741, cost=0.312)
_month = EstimatedFigures(month="2026-03", rows=40, default_rate=0.02, auc=None, cost=0.2)
_error = EstimateError(
    months=5, rows=9000, default_rate=0.002, default_rate_spread=0.012, auc=-0.058, auc_spread=0.061, cost=0.1,
    cost_spread=0.2,
)  # fmt: skip


def estimated(**changes: object) -> PerformanceEstimate:
    whole = PerformanceEstimate(
        state="estimated", model_version="v1", recalibrated_on=5000, figures=[_whole, _month], error=_error
    )
    return whole.model_copy(update=changes)


@pytest.fixture(params=["french", "english"])
def reading(request: pytest.FixtureRequest) -> str:
    request.getfixturevalue(request.param)
    return str(request.param)


def test_it_is_labelled_as_an_estimate_with_its_error(reading: str) -> None:
    said = str(estimate.section(estimated()))
    label = {"french": "Une estimation, pas un résultat", "english": "An estimate, no result"}[reading]
    way = {"french": "trop basse de 0,058", "english": "0.058 too low"}[reading]
    few = {"french": "trop peu", "english": "too few"}[reading]
    assert all(words in said for words in (label, way, few, {"french": "0,741", "english": "0.741"}[reading]))
    high = estimate.known_error(_error.model_copy(update={"auc": 0.01, "months": 1}))
    assert {"french": "1 mois passé", "english": "1 past month "}[reading] in high
    assert {"french": "trop haute", "english": "too high"}[reading] in high


def test_with_too_few_defaults_no_area_is_claimed(reading: str) -> None:
    few = estimated(figures=[_whole.model_copy(update={"auc": None})])
    known = {"french": "c’est trop peu pour une AUC", "english": "that is too few for an AUC"}
    assert known[reading] in estimate.expectation(few)
    ((_, said), _) = estimate_lines(few)
    assert "a rate of 3.10%, too few for an AUC, a cost of 0.312" in said


@pytest.mark.parametrize(("error", "shown"), [(0.0004, ""), (-0.0004, ""), (0.0006, "0.001 too high")])
@pytest.mark.usefixtures("english")
def test_an_error_that_rounds_to_nothing_has_no_direction(error: float, shown: str) -> None:
    said = estimate.known_error(_error.model_copy(update={"auc": error}))
    assert ("on average" in said) == bool(shown)
    assert shown in said


@pytest.mark.parametrize(("months", "shown"), [(1, "in 1 past month:"), (2, "in 2 past months:")])
def test_the_terminal_counts_months(months: int, shown: str) -> None:
    (_, (_, said)) = estimate_lines(estimated(error=_error.model_copy(update={"months": months})))
    assert said.startswith(shown)


def test_an_error_that_is_not_known_is_said(reading: str) -> None:
    unknown = {"french": "n’est pas connue", "english": "is not known"}[reading]
    assert unknown in str(estimate.section(estimated(error=None)))
    assert ("Its error", "not known: no month of this model has enough outcomes yet") in estimate_lines(
        estimated(error=None)
    )


@pytest.mark.parametrize("state", ["not_recalibrated", "no_evaluation"])
def test_without_a_recalibration_it_is_said_why_there_is_none(state: str, reading: str) -> None:
    nothing = estimated(state=state, figures=[], error=None, recalibrated_on=None)
    _, why = estimate.section(nothing)
    assert {"french": "Aucune", "english": "None"}[reading] in str(why)
    assert "0.741" not in str(why)
    ((name, words),) = estimate_lines(nothing)
    assert (name, words[:7]) == ("Estimated", "nothing")


def test_nothing_is_said_where_nothing_waits() -> None:
    nothing = estimated(state="nothing_waits", figures=[], error=None)
    assert estimate.section(nothing) == estimate.section(None) == []
    assert estimate_lines(nothing) == estimate_lines(None) == []


def test_the_terminal_says_the_figures_and_their_error() -> None:
    (_, said), (_, error) = estimate_lines(estimated())
    assert "4,200 that wait" in said
    assert "an AUC of 0.741" in said
    assert "AUC -0.058 (0.061)" in error
