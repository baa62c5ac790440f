"""What a reader of a report meets: words, figures with an alternative, tables, in both languages and themes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from dash import dcc, html
from dash.development.base_component import Component

from core.drift.results.columns import PairedHistogram
from dash_app.shell.theme import themes
from dash_app.views.drift import columns, figures, history, setup, summary, text, values
from dash_app.views.drift.columns import Wanted
from tests.components import spoken, walk

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from core.contract.drift import DriftAnswer
    from dash_app.service.drift import DriftService
    from dash_app.shell.theme import Theme

light = themes["light"]


def figures_in(component: object) -> list[Any]:
    return [each for each in walk(component) if isinstance(each, dcc.Graph)]


def pictures_in(component: object) -> list[Component]:
    return [each for each in walk(component) if getattr(each, "role", None) == "img"]


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("theme", themes.values(), ids=list(themes))
def test_every_figure_has_a_text_and_a_table(
    speaking: Callable[[str], AbstractContextManager[None]],
    alarming: DriftAnswer,
    watched: DriftAnswer,
    drift_service: DriftService,
    lang: str,
    theme: Theme,
) -> None:
    report, earlier = alarming.report, watched.id
    with speaking(lang):
        for panel in (
            summary.score(report, theme),
            summary.performance(report, theme),
            columns.detail(report, "EXT_SOURCE_3", theme),
            columns.detail(report, "NAME_HOUSING_TYPE", theme),
            history.section(drift_service.reports(10), earlier, theme),
        ):
            drawn = figures_in(panel)
            assert drawn
            assert len(pictures_in(panel)) == len(drawn)
            for each in pictures_in(panel):
                assert len(getattr(each, "aria-label")) > 60
            assert len([each for each in walk(panel) if isinstance(each, html.Table)]) >= len(drawn)
            for each in drawn:
                points = [len(trace.x) for trace in each.figure.data]
                assert sum(points) < 2000


@pytest.mark.usefixtures("english")
class TestVerdict:
    def test_an_alert_says_which_rules_are_broken_and_what_follows(self, alarming: DriftAnswer) -> None:
        said = spoken(summary.verdict(alarming))
        assert "Alert" in said
        assert f"of {len(alarming.report.columns)} columns drift" in said
        assert "The model leans on them for" in said
        assert "before relying on the scores" in said
        assert len(alarming.report.alerts) >= 2
        for alert in alarming.report.alerts:
            assert text.rule(alert) in said
        assert "moved.csv" in said

    def test_where_nothing_drifts_it_is_stable(self, calm: DriftAnswer) -> None:
        assert calm.verdict == "stable"
        said = spoken(summary.verdict(calm))
        assert "Stable" in said
        assert "No column drifts, and neither does the score." in said
        assert "Rules that are broken" not in said

    def test_where_something_drifts_and_no_rule_is_broken_it_is_to_be_watched(self, watched: DriftAnswer) -> None:
        assert watched.verdict == "watch"
        assert not watched.report.alerts
        said = spoken(summary.verdict(watched))
        assert "no alert rule is broken" in said
        alone = replace(watched.report, columns=tuple(replace(e, level="stable") for e in watched.report.columns))
        assert text.headline("watch", alone) == "The columns hold still, but the score moves."

    def test_without_a_model_only_columns_are_spoken_of(self, watched: DriftAnswer) -> None:
        bare = replace(
            watched.report,
            model=None,
            score=None,
            performance=None,
            columns=tuple(replace(column, importance=None) for column in watched.report.columns),
        )
        said = spoken(summary.verdict(watched.model_copy(update={"report": bare})))
        assert "leans on" not in said
        assert "only columns were compared" in spoken(summary.score(bare, light))
        assert "–" in spoken(columns.table(bare, Wanted(level="all")))


@pytest.mark.usefixtures("english")
class TestPerformance:
    def test_it_is_compared_where_outcomes_are_known(self, alarming: DriftAnswer) -> None:
        said = spoken(summary.performance(alarming.report, light))
        assert "Change of the AUC" in said
        assert "Calibration error" in said

    def test_without_outcomes_it_says_what_is_needed(self, watched: DriftAnswer) -> None:
        said = spoken(summary.performance(watched.report, light))
        assert "TARGET" in said
        assert figures_in(summary.performance(watched.report, light)) == []

    def test_a_stored_performance_has_no_points_of_its_own(self, alarming: DriftAnswer) -> None:
        found = alarming.report.performance
        assert found is not None
        stored = replace(found, reference=replace(found.reference, stored=True, reliability=()))
        said = spoken(summary.performance(replace(alarming.report, performance=stored), light))
        assert "cross-validation" in said


@pytest.mark.usefixtures("english")
class TestSegments:
    def test_the_slice_that_moved_is_named(self, alarming: DriftAnswer) -> None:
        score = alarming.report.score
        assert score is not None
        worst = max(score.segments, key=lambda each: each.psi or 0.0)
        said = spoken(summary.segments(score.segments))
        assert f"({values.said('psi')} {values.number(worst.psi)})" in said
        assert "→" in said

    def test_where_none_moved_it_says_so(self, calm: DriftAnswer) -> None:
        assert calm.report.score is not None
        assert "Within no segment" in spoken(summary.segments(calm.report.score.segments))

    def test_a_profile_has_none(self) -> None:
        assert "without rows" in spoken(summary.segments(()))


@pytest.mark.usefixtures("english")
class TestColumns:
    def test_those_that_drift_come_first_by_what_the_model_leans_on(self, alarming: DriftAnswer) -> None:
        found = columns.chosen(alarming.report, Wanted())
        assert [each.drifted for each in found] == [True] * len(found)
        weights = [each.importance or 0.0 for each in found]
        assert weights == sorted(weights, reverse=True)
        everything = columns.chosen(alarming.report, Wanted(level="all"))
        assert len(everything) == len(alarming.report.columns)
        assert everything[: len(found)] == found

    @pytest.mark.parametrize("typed", ["ext_source_3", "External score 3", "  EXTERNAL SCORE 3 "])
    def test_a_column_is_found_by_its_name_or_label(self, alarming: DriftAnswer, typed: str) -> None:
        label = values.label("EXT_SOURCE_3")
        wanted = Wanted(label.upper() if typed.strip().startswith("E") and " " in typed else typed, level="all")
        assert "EXT_SOURCE_3" in [each.name for each in columns.chosen(alarming.report, wanted)]

    def test_accents_do_not_matter(
        self, alarming: DriftAnswer, speaking: Callable[[str], AbstractContextManager[None]]
    ) -> None:
        with speaking("fr"):
            found = columns.chosen(alarming.report, Wanted("EDUCATION", level="all"))
            assert "NAME_EDUCATION_TYPE" in [each.name for each in found]
            assert "é" in values.label("NAME_EDUCATION_TYPE").lower()

    def test_they_are_filtered_and_ordered(self, alarming: DriftAnswer) -> None:
        report = alarming.report
        kinds = {each.kind for each in columns.chosen(report, Wanted(level="all", kind="category"))}
        assert kinds == {"category"}
        assert {each.level for each in columns.chosen(report, Wanted(level="major"))} == {"major"}
        psi = [each.psi for each in columns.chosen(report, Wanted(level="all", order="psi"))]
        assert psi == sorted(psi, reverse=True)
        changes = [
            abs(each.missing.difference) for each in columns.chosen(report, Wanted(level="all", order="missing"))
        ]
        assert changes == sorted(changes, reverse=True)
        names = [
            values.label(each.name).casefold() for each in columns.chosen(report, Wanted(level="all", order="name"))
        ]
        assert names[0] <= names[1] <= names[-1]

    def test_every_row_opens_to_a_place_of_its_own(self, alarming: DriftAnswer) -> None:
        report, wanted = alarming.report, Wanted(level="all")
        found = columns.chosen(report, wanted)
        pages = range(1, columns.pages(found) + 1)
        ids = [each.id for page in pages for each in walk(columns.table(report, wanted, page)) if hasattr(each, "id")]
        assert len(ids) == 3 * len(report.columns)
        assert len(set(ids)) == len(ids)

    def test_a_page_is_light_however_many_columns_there_are(self, alarming: DriftAnswer) -> None:
        # Each component costs the browser time with every change: 221 rows at once took it two minutes.
        assert len(list(walk(columns.table(alarming.report, Wanted(level="all"))))) < 500
        found = columns.chosen(alarming.report, Wanted(level="all"))
        assert columns.count(found, alarming.report, 2).endswith("21 to 40")
        assert columns.pages([]) == 1

    def test_nothing_found_says_what_to_do(self, alarming: DriftAnswer, calm: DriftAnswer) -> None:
        assert "No column is called like this." in spoken(columns.table(alarming.report, Wanted("zzz")))
        said = spoken(columns.table(calm.report, Wanted()))
        assert "No column drifts." in said
        assert f"Show all {len(calm.report.columns)} columns" in said
        assert columns.count([], calm.report).startswith("0 columns of")

    def test_an_opened_column_says_what_moved_and_by_which_measure(self, alarming: DriftAnswer) -> None:
        said = spoken(columns.detail(alarming.report, "NAME_HOUSING_TYPE", light))
        assert "rare or never seen (0.0% → 100.0%)" in said
        assert "Total variation" in said
        assert "Kolmogorov" not in said
        number = spoken(columns.detail(alarming.report, "EXT_SOURCE_3", light))
        assert "Kolmogorov-Smirnov" in number
        assert "how far values have moved" in number
        still = next(column for column in alarming.report.columns if not column.drifted)
        assert "This column holds still." in spoken(columns.detail(alarming.report, still.name, light))

    def test_every_column_can_be_opened(self, alarming: DriftAnswer) -> None:
        for column in alarming.report.columns:
            assert figures_in(columns.detail(alarming.report, column.name, light)), column.name


@pytest.mark.usefixtures("english")
class TestFigures:
    def test_sides_differ_by_more_than_colour(self, alarming: DriftAnswer) -> None:
        column = alarming.report.column("EXT_SOURCE_3")
        assert column.numbers is not None
        assert isinstance(column.numbers.histogram, PairedHistogram)
        bars, line = figures.overlaid(column.name, column.numbers.histogram, light).data
        assert (bars.type, line.type, line.line.dash) == ("bar", "scatter", "dash")
        current, reference = figures.paired(alarming.report.column("NAME_HOUSING_TYPE"), light).data
        assert current.marker.pattern.shape == "/"
        assert reference.marker.pattern.shape is None
        assert alarming.report.performance is not None
        drawn = figures.calibration(alarming.report.performance.reference, alarming.report.performance.current, light)
        assert len({each.marker.symbol for each in drawn.data[1:]}) == 2

    def test_the_past_is_in_the_order_of_time(self, drift_service: DriftService, alarming: DriftAnswer) -> None:
        lines = drift_service.reports(10).reports
        drawn = figures.history(lines, light, alarming.id)
        assert list(drawn.data[0].y) == [line.drifted_share for line in reversed(lines)]
        marks = dict(zip([line.verdict for line in reversed(lines)], drawn.data[2].marker.symbol, strict=True))
        assert marks["alert"] == "x"
        assert len(drawn.data[1].x) == 1

    def test_a_column_with_one_value_has_an_axis_all_the_same(self) -> None:
        assert values.ticks("AMT_CREDIT", 5.0, 5.0 + 1e-9)[0]
        assert values.ticks("DAYS_BIRTH", -20000.0, -8000.0)[1][0].endswith("years")


@pytest.mark.usefixtures("english")
class TestPast:
    def test_the_report_that_is_shown_is_marked_and_the_others_are_links(
        self, drift_service: DriftService, alarming: DriftAnswer, watched: DriftAnswer
    ) -> None:
        found = history.section(drift_service.reports(10), alarming.id, light)
        links = [str(getattr(each, "href", "")) for each in walk(found) if isinstance(each, html.A)]
        assert any(link.endswith(f"/drift?report={watched.id}") for link in links)
        assert not any(alarming.id in link for link in links)
        assert [each for each in walk(found) if getattr(each, "aria-current", None) == "true"]

    def test_none_is_said(self, drift_service: DriftService) -> None:
        listed = drift_service.reports(10)
        none = listed.model_copy(update={"reports": [], "total": 0})
        assert "No report has been made yet." in spoken(history.section(none, None, light))
        one = listed.model_copy(update={"reports": listed.reports[:1], "total": 9})
        assert "newest 1 of 9" in spoken(history.section(one, None, light))

    @pytest.mark.parametrize(("webhook", "words"), [(True, "Alerts are sent"), (False, "Nobody is told")])
    def test_whether_anybody_is_told_and_how_to_set_it(self, webhook: Any, words: str) -> None:
        said = spoken(history.webhook_note(webhook))
        assert words in said
        assert "DRIFT_WEBHOOK_URL" in said
        assert "run.py drift portfolio live" in said


@pytest.mark.usefixtures("english")
def test_the_notes_speak_of_correction_time_and_limits(alarming: DriftAnswer) -> None:
    said = spoken(summary.notes(alarming.report))
    for words in ("by chance alone", "Benjamini-Hochberg", "no application dates", "never seen", "PSI of the score"):
        assert words in said
    unreadable = replace(alarming.report.current, unreadable={"AMT_CREDIT": 3}, broken=2)
    told = spoken(summary.notes(replace(alarming.report, current=unreadable, not_compared=("X",))))
    for words in ("AMT_CREDIT: 3 values", "2 malformed lines", "Only one of the two sets"):
        assert words in told


@pytest.mark.usefixtures("english")
def test_files_and_imports_can_be_chosen_on_both_sides() -> None:
    sent = [{"id": "file-1", "name": "mine.csv", "rows": 1234, "columns": 5}]
    for options in (setup.sides(sent, []), setup.references(sent, [])):
        assert {"value": "file-1", "label": "File: mine.csv (1,234)"} in options
    assert "reference" not in [side["value"] for side in setup.sides([], [])]


@pytest.mark.usefixtures("english")
def test_statistics_are_written_honestly() -> None:
    assert values.p_value(0.0) == "< 0.001"
    assert values.p_value(0.25) == "0.250"
    assert (values.change(-0.0002), values.change(-0.0123), values.change(0.5)) == ("0.000", "-0.012", "+0.500")
