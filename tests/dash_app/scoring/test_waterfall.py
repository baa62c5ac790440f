"""The way from the starting point to a client's risk: each step, what it says, and the table that draws it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from dash.development.base_component import Component
from hypothesis import given
from hypothesis import strategies as st

from core.contract.prediction import ConceptContribution, FeatureContribution
from dash_app.service import Assessment
from dash_app.views.scoring.result import waterfall
from dash_app.views.scoring.result.waterfall import Step, by_reason, by_variable, effect, said, start
from tests.contracts import partly

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dash_app.service import LocalScoring, ScoringService


def assessment(weights: Sequence[float], rest: float = 0.0, base: float = -2.5) -> Assessment:
    log_odds = base + sum(weights) + rest
    probability = 1 / (1 + math.exp(-log_odds))
    return partly(
        Assessment,
        probability=probability,
        threshold=0.09,
        prediction=int(probability >= 0.09),
        base_value=base,
        top_features=[
            partly(FeatureContribution, label=f"Reason {place}", value_text="1", contribution=weight)
            for place, weight in enumerate(weights)
        ],
        concepts=[
            partly(ConceptContribution, label="Income", contribution=sum(weights)),
            partly(ConceptContribution, label="Size of the credit", contribution=rest),
        ],
    )


class TestSteps:
    @given(st.lists(st.floats(-3, 3), max_size=30), st.floats(-3, 3))
    def test_each_begins_where_the_last_one_ended_and_the_last_ends_at_the_risk(
        self, weights: list[float], rest: float
    ) -> None:
        found = assessment(weights, rest)
        for steps in (by_variable(found), by_reason(found)):
            level = start(found)
            for step in steps:
                assert step.before == pytest.approx(level)
                level = step.after
            assert level == pytest.approx(found.probability, abs=1e-6)

    def test_what_is_not_shown_is_one_step(self, english: None) -> None:
        steps = by_variable(assessment([0.1] * 30))
        assert steps[-1].label == "All others"
        assert len(steps) == 11
        assert [each.label for each in by_variable(assessment([0.1, -0.2]))] == ["Reason 0", "Reason 1"]

    def test_a_real_client_says_the_same_over_http(
        self, local: LocalScoring, over_http: ScoringService, known_client: int
    ) -> None:
        features = local.client(known_client).features
        here, there = local.assess(features, "fr"), over_http.assess(features, "fr")
        assert [each.label for each in by_variable(here)] == [each.label for each in by_variable(there)]
        for mine, other in zip(by_reason(here), by_reason(there), strict=True):
            assert mine.after == pytest.approx(other.after, abs=1e-9)
        # The ten strongest, and all others.
        assert by_reason(here)[-1].after == pytest.approx(here.probability, abs=1e-6)


class TestWords:
    @pytest.mark.parametrize(
        ("lang", "written"),
        [
            ("french", ["+2,1\u00a0points", "−1,0\u00a0point", "sans effet"]),
            ("english", ["+2.1 points", "−1.0 point", "no effect"]),
        ],
    )
    def test_an_effect_has_its_sign(self, request: pytest.FixtureRequest, lang: str, written: list[str]) -> None:
        request.getfixturevalue(lang)
        assert [effect(Step("", "", 0.05, after)) for after in (0.071, 0.04, 0.0501)] == written

    @pytest.mark.usefixtures("english")
    def test_the_message_names_what_moves_it_most_each_way(self) -> None:
        both = assessment([0.9, -0.6])
        assert said(both, by_variable(both)).endswith(
            "What raises it most: reason 0 (+9.2 points). What lowers it most: reason 1 (−6.8 points)."
        )
        up = assessment([0.9])
        assert said(up, by_variable(up)).endswith("What raises it most: reason 0 (+9.2 points).")
        down = assessment([-0.9])
        assert said(down, by_variable(down)).endswith("What lowers it most: reason 0 (−4.4 points).")
        still = assessment([])
        assert said(still, by_variable(still)).endswith("here they end at 7.6%.")


@pytest.mark.usefixtures("english")
class TestTable:
    def test_every_row_says_in_words_what_its_bar_shows(self) -> None:
        found = assessment([0.9, -0.6])
        _by_reason, by_variable = of_type(waterfall.waterfall(found), "Table")
        rows = [texts(each) for each in of_type(by_variable, "Tr")][:5]
        assert rows == [
            ["Variable", "Shown as a bar", "Effect", "Risk after"],
            ["Middle of the model’s scale", "7.6%"],
            ["Reason 0", "1", "+9.2 points", "16.8%"],
            ["Reason 1", "1", "−6.8 points", "10.0%"],
            ["Risk of this client", "10.0%"],
        ]

    def test_bars_keep_within_their_track(self) -> None:
        found = assessment([2.0, -0.5, 1.5])
        for each in of_type(waterfall.waterfall(found), "Td"):
            if getattr(each, "className", "") == "step-track":
                low, high = (float(each.style[name].rstrip("%")) for name in ("--from", "--to"))
                assert 0 <= low <= high <= 100


def of_type(component: object, name: str) -> Iterator[Any]:
    if isinstance(component, list | tuple):
        for each in component:
            yield from of_type(each, name)
    elif isinstance(component, Component):
        if type(component).__name__ == name:
            yield component
        yield from of_type(getattr(component, "children", None), name)


def texts(component: object) -> list[str]:
    if isinstance(component, str):
        return [component] if component else []
    if isinstance(component, list | tuple):
        return [text for each in component for text in texts(each)]
    return texts(getattr(component, "children", None)) if isinstance(component, Component) else []
