"""The figures of the Simulation page, and what stands beside them for those who do not see them."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any, Final

import pytest
from dash.development.base_component import Component

from core.contract.scenarios import DecisionFlows
from dash_app.shell.theme import themes
from dash_app.views.scenarios import figures, results, text

if TYPE_CHECKING:
    from core.contract.scenarios import CurveAnswer, ScenarioOutcome, ScenariosAnswer
    from dash_app.shell.theme import Theme
    from dash_app.views.scenarios.figures import By

both: Final[tuple[By, ...]] = ("decision", "band")
# WCAG 2.2, 1.4.3.
_min_contrast: Final = 4.5


def channels(colour: str, over: str) -> list[float]:
    """A colour as it is seen over another, 0 to 255."""
    ground = [int(over[place : place + 2], 16) for place in (1, 3, 5)]
    if colour.startswith("#"):
        return [float(int(colour[place : place + 2], 16)) for place in (1, 3, 5)]
    *parts, alpha = (float(each) for each in re.findall(r"[\d.]+", colour))
    return [part * alpha + below * (1 - alpha) for part, below in zip(parts, ground, strict=True)]


def luminance(parts: list[float]) -> float:
    linear = [part / 3294.6 if part <= 10.31 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[float], other: list[float]) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def found(component: Any, kind: str) -> list[Component]:
    here = component if isinstance(component, list) else [component]
    every = itertools.chain.from_iterable([each, *each._traverse()] for each in here if isinstance(each, Component))
    return [each for each in every if isinstance(each, Component) and each._type == kind]


def headings(component: Any, scope: str) -> list[str]:
    return [each.children for each in found(component, "Th") if getattr(each, "scope", None) == scope]


@pytest.mark.usefixtures("english")
class TestCurve:
    def test_what_the_browser_moves_is_where_it_looks_for_it(self, curve: CurveAnswer) -> None:
        drawn = figures.cost_curve(curve, themes["light"])
        assert drawn.layout.shapes[0].x0 == drawn.layout.shapes[0].x1 == curve.today.threshold
        assert list(drawn.data[-1].x) == [curve.today.threshold]
        assert list(drawn.data[-1].y) == [curve.today.cost * figures.per]

    def test_the_optimum_is_marked_and_nothing_on_the_curve_is_lower(self, curve: CurveAnswer) -> None:
        drawn = figures.cost_curve(curve, themes["light"])
        line = next(each for each in drawn.data if each.mode == "lines" and "expected" in each.hovertemplate)
        star = next(each for each in drawn.data if each.mode == "markers" and each.marker.symbol == "star")
        assert list(star.x) == [curve.best.threshold]
        assert min(line.y) == pytest.approx(star.y[0])

    def test_without_outcomes_nothing_is_said_in_hindsight(self, curve: CurveAnswer) -> None:
        unknown = {name: [None] * len(values) for name, values in curve.curve if name.startswith("observed")}
        points = curve.curve.model_copy(update=unknown)
        blind = curve.model_copy(update={"best_observed": None, "curve": points})
        names = [
            each.marker.symbol for each in figures.cost_curve(blind, themes["dark"]).data if each.mode == "markers"
        ]
        assert names == ["star", "circle"]
        assert "became" not in text.curve(blind)
        assert results.held(blind)["hindsight"] is None
        heads = [
            each.children for each in found(results.curve_table(blind), "Th") if getattr(each, "scope", None) == "col"
        ]
        assert heads == [
            "Threshold",
            "Accepted",
            "Expected defaults",
            "Cost for 100",
            "Precision",
            "Recall",
        ]

    def test_it_can_be_heard_and_read_as_a_table(self, curve: CurveAnswer) -> None:
        panel = results.curve(curve, themes["light"])
        (picture,) = [each for each in found(panel, "Div") if getattr(each, "role", None) == "img"]
        assert getattr(picture, "aria-label") == text.curve(curve)
        rows = [
            each.children for each in found(results.curve_table(curve), "Th") if getattr(each, "scope", None) == "row"
        ]
        # Every point of a percentage, as far as the curve is drawn.
        assert rows[:3] == ["0.0%", "1.0%", "2.0%"]
        assert len(rows) == round(figures.reach(curve) * 100) + 1


@pytest.mark.parametrize("by", both)
class TestFlow:
    @pytest.mark.usefixtures("french")
    def test_everybody_is_on_either_side(self, trial: ScenariosAnswer, by: By) -> None:
        for scenario in trial.scenarios:
            flows = figures.flow(scenario, by, themes["light"]).data[0]
            assert sum(flows.link.value) == trial.population.used
            sides = [label.split(" · ")[0] for label in flows.node.label]
            assert set(sides) <= set(figures.sides(by))

    def test_names_can_be_read_on_every_wide_flow(
        self, trial: ScenariosAnswer, by: By, speaking: Any, subtests: Any
    ) -> None:
        for palette, each in itertools.product(themes.values(), trial.scenarios):
            with subtests.test(scenario=each.name, surface=palette.surface), speaking("en"):
                reads(each, by, palette)

    @pytest.mark.usefixtures("english")
    def test_it_can_be_heard_and_read_as_a_table(self, trial: ScenariosAnswer, by: By) -> None:
        blind = trial.scenarios[3]
        panel = results.flow(blind, by, themes["light"])
        (picture,) = [each for each in found(panel, "Div") if getattr(each, "role", None) == "img"]
        label = getattr(picture, "aria-label")
        assert label == f"{blind.name}. {text.flow(blind, by)}"
        cells = [int(each.children.replace(",", "")) for each in found(panel, "Td")]
        assert cells == [many for row in figures.flows(blind, by) for many in row]


def reads(each: ScenarioOutcome, by: By, palette: Theme) -> None:
    flows = figures.flow(each, by, palette).data[0]
    ink = channels(flows.textfont.color, palette.surface)
    wide = [
        colour
        for colour, many in zip(flows.link.color, flows.link.value, strict=True)
        if many >= 0.02 * sum(flows.link.value)
    ]
    assert wide
    for colour in wide:
        assert contrast(ink, channels(colour, palette.surface)) >= _min_contrast


@pytest.mark.usefixtures("english")
def test_a_scenario_that_changes_nobody_is_drawn_too(trial: ScenariosAnswer) -> None:
    flows = DecisionFlows(stay_accepted=7, become_refused=0, become_accepted=0, stay_refused=0)
    nobody = trial.scenarios[0].model_copy(update={"flows": flows})
    drawn = figures.flow(nobody, "decision", themes["dark"]).data[0]
    assert list(drawn.node.label) == ["Accepted · 7", "Accepted · 7"]
    assert text.outcome(nobody, trial.outcome) == f"{nobody.name}: nobody changes decision."
