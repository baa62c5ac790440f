"""What a comparison says in words and tables, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.contract.clients.comparison import ComparedNumber
from dash_app.components.markup import markup
from dash_app.shell.theme import themes
from dash_app.views.comparison import panels, table, text
from dash_app.views.comparison.figures.distribution import Marked
from dash_app.views.comparison.values import share_ticks, ticks, written
from tests.contracts import changed
from tests.dash_app.comparison.by_hand import category, density, everywhere, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from core.comparison.choice import Group
    from dash_app.service import ComparisonView


@pytest.mark.parametrize(
    ("percentile", "group", "french", "english"),
    [
        (0.853, "all", "Plus que 85\u00a0% des clients", "More than 85% of the clients"),
        (0.2, "similar", "Moins que 80\u00a0% des clients similaires", "Less than 80% of the similar clients"),
        (0.5, "refused", "Au milieu des clients refusés", "In the middle of the refused clients"),
        (1.0, "all", "Plus que 99\u00a0% des clients", "More than 99% of the clients"),
        (0.0, "accepted", "Moins que 99\u00a0% des clients acceptés", "Less than 99% of the accepted clients"),
    ],
)
def test_a_percentile_is_said_from_the_side_it_is_on(
    speaking: Callable[[str], AbstractContextManager[None]], percentile: float, group: Group, french: str, english: str
) -> None:
    for lang, said in (("fr", french), ("en", english)):
        with speaking(lang):
            assert text.standing(percentile, group) == said


@pytest.mark.usefixtures("english")
class TestSentences:
    def test_a_number_that_many_share_is_said_as_such(self) -> None:
        whole = changed(number(2.0), name="CNT_CHILDREN", edges=(0.5, 1.5, 2.5, 3.5))
        assert text.place(whole, "all") == "Like 50% of the clients"

    def test_without_a_value_there_is_nothing_to_compare(self) -> None:
        assert text.place(number(None, None), "all") == "Nothing to compare: the value is not stated"
        assert text.place(number(5.0, None), "all") == "Nobody to compare with"

    @pytest.mark.parametrize(
        ("value", "said"),
        [
            ("N", "Like 70% of the clients"),
            (None, "Like less than 1 in 100 of the clients"),
            ("X", "Like none of the clients"),
        ],
    )
    def test_a_category_says_how_many_share_it(self, value: str | None, said: str) -> None:
        assert text.place(category(value), "all") == said

    def test_a_distribution_says_place_range_and_both_rates(self) -> None:
        said = text.spread(number(), "all", [Marked(9000002, 120_000.0), Marked(9000003, 90_000.0)])
        for part in (
            "More than 85% of the clients.",
            "Client 9\u00a0000\u00a0003: €90,000.",
            "Half of the clients have from €90,000 to €180,000.",
            "From €100,000 to €300,000, 15% had payment difficulties (12% predicted).",
        ):
            assert part in said

    @pytest.mark.parametrize(
        ("column", "said"),
        [(10, ": a common"), (7, ": a less common"), (3, ": a rare combination. For only"), (0, "For scarcely any")],
    )
    def test_rarity_has_four_degrees(self, column: int, said: str) -> None:
        # From left to right ever more clients.
        edges = tuple(each / 12 for each in range(13))
        counts = tuple(tuple(round(100 * 1.3**place) for place in range(12)) for _row in range(12))
        rates = tuple((0.1,) * 12 for _row in range(12))
        of = changed(density(), x_edges=edges, y_edges=edges, counts=counts, default_rate=rates)
        assert said in text.density(changed(of, place=((column + 0.5) / 12, 0.5)))

    def test_without_a_value_there_is_no_place(self) -> None:
        assert "no place to mark" in text.density(density(None))

    def test_the_overview_is_one_paragraph_with_a_sentence_for_each(self, view: ComparisonView) -> None:
        said = text.places(view)
        for feature in view.features:
            assert text.place(feature, view.group) in said

    def test_criteria_that_could_not_be_asked_for_are_named(self) -> None:
        assert text.not_asked(()) == ""
        assert text.not_asked(("age", "income")).endswith("missing: age, income.")


@pytest.mark.parametrize("lang", ["fr", "en"])
class TestTables:
    def cells(self, component: Any) -> Iterator[list[str]]:
        from html.parser import HTMLParser

        class Rows(HTMLParser):
            def __init__(self) -> None:
                super().__init__()
                self.rows: list[list[str]] = []
                self.inside = False

            def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
                if tag == "tr":
                    self.rows.append([])
                if tag in ("td", "th"):
                    self.rows[-1].append("")
                    self.inside = True

            def handle_endtag(self, tag: str) -> None:
                if tag in ("td", "th"):
                    self.inside = False

            def handle_data(self, data: str) -> None:
                if self.inside:
                    self.rows[-1][-1] += data

        read = Rows()
        read.feed(markup(component))
        yield from read.rows

    def test_there_is_a_row_for_everything_that_is_compared(
        self, speaking: Callable[[str], AbstractContextManager[None]], lang: str, beside: ComparisonView
    ) -> None:
        with speaking(lang):
            rows = list(self.cells(table.statistics(beside)))
            assert len(rows) == len(beside.features) + 2
            assert len({len(row) for row in rows}) == 2, "numbers and categories have columns of their own"
            for feature in beside.features:
                assert any(written(feature.name, feature.value) in row for row in rows)

    def test_every_panel_has_the_numbers_of_its_figure_as_a_table(
        self, speaking: Callable[[str], AbstractContextManager[None]], lang: str
    ) -> None:
        with speaking(lang):
            rows = list(self.cells(table.slices_table("AMT_INCOME_TOTAL", slices_of(number()))))
            assert [row[2] for row in rows[1:]] == {"fr": ["40\u00a0%", "60\u00a0%"], "en": ["40%", "60%"]}[lang]
            few = list(self.cells(table.categories_table("FLAG_OWN_CAR", rows_of(category()))))
            assert few[-1][-1] == "—", "the rate of one client says nothing"

    def test_every_panel_says_its_message_to_ears_and_to_eyes(
        self, speaking: Callable[[str], AbstractContextManager[None]], lang: str, beside: ComparisonView
    ) -> None:
        light = themes["light"]
        with speaking(lang):
            shown = [panels.overview(beside, "dots", light), panels.overview(beside, "radar", light)]
            shown += [panels.distribution(beside, feature.name, light) for feature in beside.features]
            shown.append(panels.density(beside, "default", light))
            for panel in shown:
                images = [each for part in panel for each in everything(part) if getattr(each, "role", "") == "img"]
                assert len(images) == 1
                assert len(getattr(images[0], "aria-label")) > 40


def test_ticks_are_round_and_within(english: None) -> None:
    values, said = ticks("AMT_CREDIT", 45_000.0, 2_250_000.0)
    assert values == [500_000, 1_000_000, 1_500_000, 2_000_000]
    assert said[0] == "€500K"
    assert share_ticks(0.31)[1] == ["0%", "10%", "20%", "30%"]


def test_a_group_of_nobody_is_said_and_not_divided_by(english: None) -> None:
    nobody = changed(number(5.0, None), counts=everywhere([0, 0, 0]))
    assert isinstance(nobody, ComparedNumber)
    assert text.spread(nobody, "similar", [Marked(1, 5.0)])


def everything(component: Any) -> Iterator[Any]:
    yield component
    yield from component._traverse() if hasattr(component, "_traverse") else ()


def slices_of(of: ComparedNumber) -> Any:
    from dash_app.views.comparison.figures.slices import slices

    return slices(of, "all")


def rows_of(of: Any) -> Any:
    from dash_app.views.comparison.figures.categories import categories

    return categories(of, "all", [])
