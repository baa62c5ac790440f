"""What a reader of the documentation meets: sections, search, glossary, figures with words and tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import dash
import pytest
from dash import dcc, html
from dash.development.base_component import Component

from core.catalogue.glossary import terms
from core.decision import risk_bands
from dash_app import addresses
from dash_app.service import ServiceUnavailable
from dash_app.services import DashboardServices
from dash_app.shell.theme import themes
from dash_app.views.documentation import card, glossary, search, sections, text, values
from dash_app.views.documentation.evaluation import figures, threshold
from tests.components import spoken, walk

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from dash import Dash

    from dash_app.service.documentation import LocalDocumentation

light = themes["light"]


def of(kind: type, component: object) -> list[Any]:
    return [each for each in walk(component) if isinstance(each, kind)]


def page(dashboard: Dash, key: str, **query: str) -> Component:
    found = next(each for each in dash.page_registry.values() if each["path"] == addresses.of_section(key))
    shown: Component = found["layout"](**query)
    return shown


def ask(dashboard: Dash, output: str) -> Callable[..., Any]:
    """The callback that writes to an output, undecorated."""
    found = next(each for key, each in dashboard.callback_map.items() if output in key)
    asked: Callable[..., Any] = found["callback"].__wrapped__
    return asked


class TestSections:
    @pytest.mark.usefixtures("french")
    def test_each_has_a_title_of_its_own(self, dashboard: Dash) -> None:
        titles = set()
        for section in sections.sections:
            answer = dashboard.server.test_client().get(section.path, headers={"Cookie": "lang=fr"}).text
            titles.add(answer.split("<title>")[1].split("</title>")[0])
        assert "Glossaire · Documentation · Home Credit Workbench" in titles
        assert len(titles) == len(sections.sections)

    @pytest.mark.parametrize("key", [section.key for section in sections.sections])
    @pytest.mark.usefixtures("french")
    def test_contents_lead_to_places_on_the_page(self, dashboard: Dash, key: str) -> None:
        shown = page(dashboard, key)
        links = [each.href for nav in of(html.Nav, shown) for each in of(html.A, nav) if each.href.startswith("#")]
        there = {place for each in walk(shown) if isinstance(place := getattr(each, "id", None), str)}
        computed = {f"#{place}" for place in (*card.places, *threshold.places)}
        assert {link for link in links if link not in computed} <= {f"#{each}" for each in there}
        assert bool(links) == (key != "glossary")

    @pytest.mark.usefixtures("english")
    def test_what_is_english_is_marked_for_french_readers(self, dashboard: Dash) -> None:
        chapters = of(html.Section, page(dashboard, "changelog"))
        assert chapters
        assert {chapter.lang for chapter in chapters} == {"en"}


class TestSearch:
    @pytest.mark.parametrize(
        ("lang", "words", "title", "address"),
        [
            ("fr", "decision finale", "Enregistrer la décision finale", "/documentation/guide#"),
            ("fr", "ÉQUITÉ genre", "Ce que demande la loi", "/documentation/model#ce-que-demande-la-loi"),
            ("en", "record decision", "Record the final decision", "/documentation/guide#record-the-final-decision"),
            ("en", "ext_source_3", "External score 3", "/documentation/glossary?entry=application.EXT_SOURCE_3"),
            ("en", "glossary", "Glossary", "/documentation/glossary"),
        ],
    )
    def test_words_find_places(
        self, speaking: Callable[[str], AbstractContextManager[None]], lang: str, words: str, title: str, address: str
    ) -> None:
        with speaking(lang):
            hits = search.search(words, "fr" if lang == "fr" else "en")
        found = {hit.title: hit.address for hit in hits}
        assert title in found
        assert found[title].startswith(address)

    @pytest.mark.usefixtures("french")
    def test_nothing_asked_and_nothing_found_are_told_apart(self) -> None:
        assert search.results(" a ") == ([], True)
        said, hidden = search.results("xyzzy")
        assert not hidden
        assert "Rien ne contient" in spoken(said)

    @pytest.mark.usefixtures("french")
    def test_what_was_typed_is_marked_and_harmless(self) -> None:
        said, _hidden = search.results("seuil (")
        assert said
        said, _hidden = search.results("dérive")
        assert "dérive" in {spoken(each).lower() for each in of(html.Mark, said)}


class TestGlossary:
    @pytest.mark.usefixtures("french")
    def test_every_term_is_listed_the_weightiest_first(self, local_documentation: LocalDocumentation) -> None:
        weights = local_documentation.weights()
        listed = glossary.rows(weights)
        assert len(listed) == len(terms(None))
        ranks = [row.to_plotly_json()["props"]["data-rank"] for row in listed]
        assert ranks[: len(weights)] == [str(each) for each in range(1, len(weights) + 1)]
        assert set(ranks[len(weights) :]) == {""}
        assert len({each.href for each in of(html.A, listed)}) == len(listed)

    @pytest.mark.usefixtures("french")
    def test_it_is_whole_without_a_model(self) -> None:
        assert len(glossary.rows({})) == len(terms(None))

    @pytest.mark.parametrize(("lang", "theme", "drawn_first"), [("fr", "light", 0), ("en", "dark", 1)])
    def test_every_term_can_be_opened(
        self,
        speaking: Callable[[str], AbstractContextManager[None]],
        local_documentation: LocalDocumentation,
        lang: str,
        theme: str,
        drawn_first: int,
    ) -> None:
        weights = local_documentation.weights()
        drawn = 0
        with speaking(lang):
            for place, term in enumerate(terms(None)):
                name = (term.table, term.entry.name)
                # Each in both languages, and drawn in one of them: half are drawn in each.
                shape = local_documentation.shape(*name) if place % 2 == drawn_first else None
                shown = glossary.opened(term, weights.get(name), shape, themes["dark" if theme == "dark" else "light"])
                assert term.entry.label("fr" if lang == "fr" else "en") in spoken(shown)
                for graph in of(dcc.Graph, shown):
                    drawn += 1
                    assert of(html.Table, shown), name
                    assert graph.figure.data
        assert drawn > len(weights) * 0.4

    @pytest.mark.usefixtures("english")
    def test_a_term_tells_its_weight_direction_and_spread(self, local_documentation: LocalDocumentation) -> None:
        term = glossary.find("application.EXT_SOURCE_3")
        assert term is not None
        weight = local_documentation.weights()["application", "EXT_SOURCE_3"]
        shape = local_documentation.shape("application", "EXT_SOURCE_3")
        said = spoken(glossary.opened(term, weight, shape, light))
        assert f"place {weight.rank}" in said
        assert "A higher value may only lower the risk" in said
        assert "Half of the applications lie between" in said
        pictures = [
            each
            for each in of(html.Div, glossary.opened(term, weight, shape, light))
            if getattr(each, "role", "") == "img"
        ]
        assert pictures
        assert all(
            "Half of the applications" in picture.to_plotly_json()["props"]["aria-label"] for picture in pictures
        )

    def test_unknown_terms(self) -> None:
        for key in (None, "", "application", "application.NOPE", "nope.EXT_SOURCE_3", "."):
            assert glossary.find(key) is None

    @pytest.mark.usefixtures("english")
    def test_too_few_values_are_not_drawn(self, local_documentation: LocalDocumentation) -> None:
        shape: Any = local_documentation.shape("application", "EXT_SOURCE_3")
        empty = shape.model_copy(update={"quantiles": [], "edges": [], "counts": [], "default_rate": []})
        term = glossary.find("application.EXT_SOURCE_3")
        assert term is not None
        shown = glossary.opened(term, None, empty, light)
        assert "Too few values are known" in spoken(shown)
        assert of(dcc.Graph, shown) == []


class TestCard:
    @pytest.mark.parametrize("lang", ["fr", "en"])
    def test_every_figure_has_words_and_a_table(
        self,
        speaking: Callable[[str], AbstractContextManager[None]],
        local_documentation: LocalDocumentation,
        lang: str,
    ) -> None:
        facts, report = local_documentation.facts("fr"), local_documentation.report()
        with speaking(lang):
            shown = [*card.summary(facts, report), *card.measures(facts, report, light)]
        pictures = [each for each in of(html.Div, shown) if getattr(each, "role", "") == "img"]
        assert len(pictures) == len(of(dcc.Graph, shown)) == 3
        assert all(len(picture.to_plotly_json()["props"]["aria-label"]) > 40 for picture in pictures)
        assert len(of(html.Table, shown)) == 7 + len(values.dimensions(report.segments))

    @pytest.mark.usefixtures("english")
    def test_fairness_says_who_and_how_far(self, local_documentation: LocalDocumentation) -> None:
        by = values.dimensions(local_documentation.report().segments)
        assert list(by)[:2] == ["CODE_GENDER", "age_band"]
        assert [values.segment_name(each) for each in by["age_band"]] == [
            "Under 30", "30 to 39 years", "40 to 49 years", "50 to 59 years", "60 and over",
        ]  # fmt: skip
        rates = [each.approval_rate for each in by["age_band"]]
        assert values.min_ratio(by["age_band"]) == pytest.approx(min(rates) / max(rates))
        unequal = [
            by["age_band"][0].model_copy(update={"approval_rate": 0.4}),
            by["age_band"][1].model_copy(update={"approval_rate": 0.8}),
        ]
        assert "0.50" in text.fairness("age_band", unequal)
        assert "has to be justified" in text.fairness("age_band", unequal)
        equal = [each.model_copy(update={"approval_rate": 0.8}) for each in unequal]
        assert "has to be justified" not in text.fairness("age_band", equal)
        assert values.min_ratio([each.model_copy(update={"approval_rate": 0}) for each in unequal]) == 1

    @pytest.mark.usefixtures("english")
    def test_a_demo_model_says_so_and_a_real_one_does_not(self, local_documentation: LocalDocumentation) -> None:
        facts, report = local_documentation.facts("fr"), local_documentation.report()
        for trained_on, said in (("demo", True), ("real", False)):
            shown = spoken(
                card.summary(replace(facts, model=facts.model.model_copy(update={"trained_on": trained_on})), report)
            )
            assert ("synthetic" in shown) == said
        assert "image" in spoken(card.summary(facts, report))
        assert "image" not in spoken(card.summary(replace(facts, source="api"), report))


class TestThreshold:
    @pytest.mark.usefixtures("english")
    def test_the_optimum_is_marked_where_the_stored_curve_has_it(self, local_documentation: LocalDocumentation) -> None:
        report = local_documentation.report()
        drawn = figures.cost_curve(report, light)
        marked = drawn.data[1]
        assert (marked.x[0], marked.y[0]) == (report.evaluation.threshold, report.evaluation.business_cost)
        assert marked.y[0] <= min(drawn.data[0].y) + 1e-3
        assert values.rate(report.evaluation.threshold) in text.cost_curve(report)

    @pytest.mark.usefixtures("english")
    def test_levels_of_risk_are_those_of_decisions(self, local_documentation: LocalDocumentation) -> None:
        facts, report = local_documentation.facts("fr"), local_documentation.report()
        shown = threshold.explained(facts, report, light)
        table = next(each for each in of(html.Table, shown) if "Level" in spoken(each))
        rows = [[spoken(cell) for cell in each.children] for each in of(html.Tr, table)][1:]
        assert len(rows) == len(risk_bands)
        assert [row[2] for row in rows] == ["Accepted"] * 3 + ["Refused"] * 2
        assert rows[2][1].endswith(values.rate(facts.model.optimal_threshold))


class Away:
    """A documentation service that never answers."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def ask(*_given: object) -> Any:
            raise ServiceUnavailable("no_model")

        return ask


class TestWithoutAnyModel:
    @pytest.fixture(autouse=True)
    def away(self, dashboard: Dash, monkeypatch: pytest.MonkeyPatch) -> None:
        services = dashboard.server.extensions[DashboardServices.key]
        monkeypatch.setitem(dashboard.server.extensions, DashboardServices.key, replace(services, documentation=Away()))

    @pytest.mark.usefixtures("french")
    def test_what_needs_it_says_so_and_the_rest_stands(self, dashboard: Dash) -> None:
        assert "ne peut pas être affiché" in spoken(list(ask(dashboard, "documentation-measures")("light")))
        assert "ne peut pas être affiché" in spoken(ask(dashboard, "documentation-threshold")("light"))
        listed, note = ask(dashboard, "documentation-terms-note")("documentation-terms")
        assert listed["documentation-terms"].count("<li") == len(terms(None))
        assert "modèle" in spoken(note)
        shown = ask(dashboard, "documentation-term.children")("application.EXT_SOURCE_3", "light")
        assert "Score externe 3" in spoken(shown)
        assert "ne peut pas être dit" in spoken(shown)
        assert "aucun modèle" in spoken(ask(dashboard, "documentation-card-note")(1)[1])

    @pytest.mark.usefixtures("french")
    def test_the_page_shows_which_entry_the_address_names(self, dashboard: Dash) -> None:
        store = next(each for each in of(dcc.Store, page(dashboard, "glossary", entry="a.B")) if each.data)
        assert store.data == "a.B"
        assert "pas de telle entrée" in spoken(ask(dashboard, "documentation-term.children")("a.B", "light"))
        assert "Choisissez" in spoken(ask(dashboard, "documentation-term.children")(None, "light"))


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_glossary_names_the_measures_of_drift(
    speaking: Callable[[str], AbstractContextManager[None]], lang: str
) -> None:
    with speaking(lang):
        said = " ".join(map(spoken, glossary.workspace(None)))
    for name in ("PSI", "Jensen-Shannon", "Wasserstein"):
        assert name in said
