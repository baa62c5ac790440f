"""The figures of a comparison: what they draw follows from the numbers alone."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.contract.clients.comparison import ComparedCategory, ComparedNumber
from dash_app.shell.theme import themes
from dash_app.views.comparison.figures.categories import bars, categories
from dash_app.views.comparison.figures.density import blocks, heatmap, joined, share_of_rarer
from dash_app.views.comparison.figures.distribution import Marked, spread
from dash_app.views.comparison.figures.slices import fewest, slices
from dash_app.views.comparison.overview import ColumnStanding, dots, fewest_spokes, radar, standings
from tests.contracts import changed
from tests.dash_app.comparison.by_hand import category, density, everywhere, number

if TYPE_CHECKING:
    from dash_app.service import ComparisonView

light, dark = themes["light"], themes["dark"]
# Browsers leak on figures with more points than this, and a portfolio has 300,000 clients.
max_points = 5000


def points(figure: go.Figure) -> int:
    return sum(np.size(each[name]) for each in figure.data for name in ("x", "y", "z", "r") if name in each)


def written_on(figure: go.Figure) -> list[str]:
    return [str(annotation.text) for annotation in figure.layout.annotations]


@pytest.mark.usefixtures("french")
class TestOverview:
    def test_a_dot_stands_at_the_percentile_in_the_order_of_the_rows(self, view: ComparisonView) -> None:
        rows = standings(view)
        drawn = dots(rows, light)
        assert list(drawn.data[-1].x) == [each.percentile for each in rows]
        assert list(drawn.data[-1].y) == [-float(place) for place in range(len(rows))]
        for row in rows:
            assert row.value in written_on(drawn)

    def test_only_numbers_that_the_client_has_are_rows(self, view: ComparisonView) -> None:
        numbers = [
            feature for feature in view.features if isinstance(feature, ComparedNumber) and feature.value is not None
        ]
        assert len(standings(view)) == len(numbers) < len(view.features)

    def test_another_client_is_a_mark_of_another_shape(self, beside: ComparisonView) -> None:
        drawn = dots(standings(beside), light)
        second, own = drawn.data[0], drawn.data[-1]
        assert len(second.x) > 0
        assert second.marker.symbol != own.marker.symbol

    def test_the_radar_has_the_same_places(self, view: ComparisonView) -> None:
        rows = standings(view)
        assert len(rows) >= fewest_spokes
        own = radar(rows, light).data[-1]
        assert list(own.r)[:-1] == [row.percentile for row in rows]
        assert own.r[0] == own.r[-1], "the line is closed"

    @given(st.lists(st.builds(ColumnStanding, st.text(), st.text(), st.floats(0, 1), st.none() | st.floats(0, 1))))
    def test_any_rows_can_be_drawn(self, rows: list[ColumnStanding]) -> None:
        assert dots(rows, light).layout.height > 0


@pytest.mark.usefixtures("french")
class TestDistribution:
    def test_the_bars_are_the_shares_of_the_group(self) -> None:
        drawn = spread(number(), "all", [Marked(1, 120_000.0)], light)
        assert list(drawn.data[0].y) == [0.4, 0.5, 0.1]
        assert sum(drawn.data[0].y) == pytest.approx(1)

    def test_another_group_has_everybody_as_an_outline(self) -> None:
        only = spread(number(), "all", [Marked(1, 1.0)], light)
        both = spread(number(), "similar", [Marked(1, 1.0)], light)
        assert len(both.data) == len(only.data) + 1

    def test_rates_of_few_clients_are_joined(self) -> None:
        found = slices(number(), "all")
        assert [each.clients for each in found] == [40, 60]
        assert found[1].default_rate == pytest.approx((0.08 * 50 + 0.5 * 10) / 60)
        assert all(each.clients >= fewest for each in found)

    @given(st.lists(st.integers(0, 200), min_size=1, max_size=30))
    def test_slices_have_all_clients_and_leave_no_gap(self, counts: list[int]) -> None:
        edges = tuple(float(each) for each in range(len(counts) + 1))
        rates = tuple(0.1 for _each in counts)
        found = slices(changed(number(), edges=edges, counts=everywhere(counts), default_rate=rates, risk=rates), "all")
        assert sum(each.clients for each in found) == sum(counts)
        assert (found[0].low, found[-1].high) == (edges[0], edges[-1])
        assert all(one.high == other.low for one, other in pairwise(found))

    def test_the_client_is_named_at_the_own_value(self) -> None:
        drawn = spread(number(), "all", [Marked(9000002, 120_000.0), Marked(9000003, None)], light)
        assert any("9\u00a0000\u00a0002" in each for each in written_on(drawn))
        assert not any("9\u00a0000\u00a0003" in each for each in written_on(drawn))


@pytest.mark.usefixtures("french")
class TestCategories:
    def test_rows_are_shares_with_the_client_in_one_of_them(self) -> None:
        rows = categories(category(), "all", [Marked(1, "Y")])
        assert [row.part for row in rows] == [0.7, 0.299, 0.001]
        assert [row.marks for row in rows] == [(), (0,), ()]

    def test_few_clients_have_no_rate(self) -> None:
        assert categories(category(), "all", [])[2].default_rate is None

    def test_those_without_a_value_are_a_row_of_their_own(self) -> None:
        assert categories(category(None), "all", [Marked(1, None)])[2].marks == (0,)

    def test_many_categories_show_the_first_ten_and_that_of_the_client(self, compare: Any) -> None:
        of = next(feature for feature in compare(names=("ORGANIZATION_TYPE",), x="", y="").features)
        assert isinstance(of, ComparedCategory)
        rare = of.codes[-1]
        drawn = bars(categories(of, "all", [Marked(1, rare)]), light)
        assert len(drawn.data[0].y) == 11


@pytest.mark.usefixtures("french")
class TestDensity:
    def test_an_empty_cell_stays_empty_and_says_nothing(self, compare: Any) -> None:
        of = compare().density
        drawn = heatmap(of, "clients", light).data[0]
        for values, told in zip(drawn.z, drawn.customdata, strict=True):
            for value, text in zip(values, told, strict=True):
                assert (value is None or np.isnan(value)) == (text == "")

    def test_joined_cells_hold_the_same_clients(self, compare: Any) -> None:
        of = compare().density
        fewer = joined(of, 3, 7)
        assert np.sum(fewer.counts) == np.sum(of.counts)
        known = [(np.array(each.counts), np.array(each.default_rate, dtype=float)) for each in (of, fewer)]
        sums = [float(np.nansum(counts * rates)) for counts, rates in known]
        assert sums[0] == pytest.approx(sums[1])

    def test_blocks_are_sixteen_at_most_and_hold_everybody(self, compare: Any) -> None:
        of = compare().density
        found = blocks(of)
        assert len(found) <= 16
        assert sum(each.clients for each in found) == np.sum(of.counts)

    def test_how_rare_a_place_is(self) -> None:
        assert share_of_rarer(density()) is not None
        assert share_of_rarer(density(None)) is None

    def test_a_client_without_a_value_has_no_mark(self) -> None:
        assert len(heatmap(density(None), "clients", light).data) < len(heatmap(density(), "clients", light).data)

    def test_the_other_client_has_a_mark_of_its_own_shape(self) -> None:
        both = heatmap(density(), "clients", light, second=(0.2, 120.0))
        own, other = both.data[-1], both.data[-2]
        assert (own.marker.symbol, other.marker.symbol) == ("circle", "diamond")
        assert (list(other.x), list(other.y)) == ([0.2], [120.0])


@pytest.mark.usefixtures("french")
class TestEveryFigure:
    def all_of(self, view: ComparisonView, theme: Any) -> list[go.Figure]:
        assert view.density is not None
        figures = [dots(standings(view), theme), radar(standings(view), theme)]
        figures += [heatmap(view.density, "clients", theme), heatmap(view.density, "default", theme)]
        for feature in view.features:
            clients = [Marked(view.client_id, feature.value)]
            if isinstance(feature, ComparedCategory):
                figures.append(bars(categories(feature, view.group, clients), theme))
            else:
                figures.append(spread(feature, view.group, clients, theme))
        return figures

    def test_holds_few_points_however_many_clients_there_are(self, view: ComparisonView) -> None:
        for each in self.all_of(view, light):
            assert points(each) < max_points

    def test_has_the_colours_of_its_theme_alone(self, view: ComparisonView) -> None:
        for one, other in zip(self.all_of(view, light), self.all_of(view, dark), strict=True):
            said = json.dumps(one.to_plotly_json(), default=str)
            assert light.ink in said or light.ink_muted in said
            for colour in (dark.ink, dark.ink_muted, dark.surface):
                assert colour not in said
            assert json.dumps(other.to_plotly_json(), default=str) != said

    def test_can_be_sent_to_a_browser(self, beside: ComparisonView) -> None:
        for each in self.all_of(beside, light):
            json.loads(each.to_json())
