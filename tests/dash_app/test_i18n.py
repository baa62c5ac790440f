"""Every word of the interface is translated, and none is left out."""

from __future__ import annotations

import ast
import gettext
import itertools
import re
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

import dash
import numpy as np
import plotly.graph_objects as go
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from dash.development.base_component import Component

from core import catalogue
from core.comparison.choice import Choice
from core.text import drift
from core.text.formats import format_date, format_value
from dash_app import i18n
from dash_app.components import finder
from dash_app.service import ServiceUnavailable
from dash_app.shell import frame, sidebar, states
from dash_app.shell.theme import themes
from dash_app.views.comparison import export, panels, table, values
from dash_app.views.comparison import text as comparison_text
from dash_app.views.documentation import calls, markdown, programs, prose
from dash_app.views.report.letter import letter
from dash_app.views.scoring.client_list import clients
from dash_app.views.scoring.form import application_file, entries, form_state, notes
from dash_app.views.scoring.result import result_panel, waterfall
from dash_app.views.scoring.result.options import panel as ways_panel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from babel.messages.catalog import Message
    from dash import Dash

    from dash_app.service import Assessment, LocalScoring

package = Path(i18n.__file__).parent


def msgids() -> set[str | tuple[str, ...]]:
    found = extract_from_dir(
        str(package), method_map=[("**.py", "python")], keywords={"_": None, "mark": None, "plural": (1, 2)}
    )
    return {each[2] for each in found}


def catalogues(lang: str) -> list[Path]:
    return sorted((package / "locales" / lang / "LC_MESSAGES").glob("*.po"))


def messages(path: Path, lang: str) -> list[Message]:
    with path.open("rb") as stream:
        return [each for each in read_po(stream, locale=lang) if each.id]


def test_no_words_stand_in_an_f_string_where_babel_does_not_see_them() -> None:
    hidden = [
        f"{path.relative_to(package)}:{call.lineno}"
        for path in sorted(package.rglob("*.py"))
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("_", "mark", "plural")
    ]
    assert hidden == []


@pytest.mark.parametrize("lang", i18n.languages)
class TestCatalogues:
    def test_every_msgid_is_there_with_the_same_parts_and_no_other(self, lang: str) -> None:
        listed = [message for path in catalogues(lang) for message in messages(path, lang)]
        stored = {each.id: each.string for each in listed}
        assert len(stored) == len(listed), "each msgid is in one file"
        assert set(stored) == msgids()
        for msgid, text in stored.items():
            for said in forms(text):
                assert said, f"{msgid!r} has no words in {lang}"
                assert parts(said) == parts(msgid if isinstance(msgid, str) else msgid[0]), msgid

    def test_french_has_its_spaces(self, lang: str) -> None:
        if lang != "fr":
            pytest.skip("a rule of French")
        for path in catalogues("fr"):
            for message in messages(path, "fr"):
                for said in forms(message.string):
                    assert not re.search(r"(?<![\u00a0\u202f])[:;?!]", said), said
                    assert "'" not in said, f"{said}: the apostrophe is ’"


def forms(text: object) -> list[str]:
    return [text] if isinstance(text, str) else [str(each) for each in text]  # type: ignore[attr-defined]


def parts(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in Formatter().parse(text) if name}


class TestChoice:
    @pytest.mark.parametrize(
        ("headers", "lang"),
        [
            ({}, "fr"),
            ({"Accept-Language": "en-GB,en;q=0.8"}, "en"),
            ({"Accept-Language": "de"}, "fr"),
            ({"Accept-Language": "fr", "Cookie": "lang=en"}, "en"),
            ({"Cookie": "lang=xx"}, "fr"),
        ],
    )
    def test_cookie_then_browser_then_french(self, dashboard: Dash, headers: dict[str, str], lang: str) -> None:
        with dashboard.server.test_request_context("/", headers=headers):
            assert i18n.language() == lang

    def test_the_switch_keeps_the_place_and_leads_nowhere_else(self, dashboard: Dash) -> None:
        browser = dashboard.server.test_client()
        answer = browser.get("/language/en?next=/?client=9000002")
        assert answer.headers["Location"] == "/?client=9000002"
        assert "lang=en" in answer.headers["Set-Cookie"]
        for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example"):
            assert browser.get(f"/language/fr?next={elsewhere}").headers["Location"] == "/"
        assert "Set-Cookie" not in browser.get("/language/tlh").headers


class Pseudo(gettext.NullTranslations):
    """A language in which every translated word stands in brackets."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch, english: None) -> None:
    monkeypatch.setattr(i18n, "translations", lambda _lang: Pseudo())


def words(component: object) -> Iterator[str]:
    """Every text that a reader meets in a component: children, labels, placeholders, titles, captions."""
    if isinstance(component, str):
        yield component
    elif isinstance(component, list | tuple):
        for each in component:
            yield from words(each)
    elif isinstance(component, Component):
        for name in ("placeholder", "title", "alt", "aria-label"):
            if isinstance(text := getattr(component, name, None), str):
                yield text
        for option in getattr(component, "options", None) or []:
            yield option["label"]
        if isinstance(figure := getattr(component, "figure", None), go.Figure):
            yield from drawn(figure)
        yield from words(getattr(component, "children", None))


def drawn(figure: go.Figure) -> Iterator[str]:
    """Every text in a figure: its annotations, the titles of its axes, what it says where it is pointed at."""
    layout = figure.to_plotly_json()["layout"]
    found = [str(annotation["text"]) for annotation in layout.get("annotations", ())]
    found += [
        axis["title"]["text"] for name, axis in layout.items() if "axis" in name and axis.get("title", {}).get("text")
    ]
    for trace in figure.data:
        found += [str(each) for each in np.ravel(trace.customdata)] if trace.customdata is not None else []
    for text in found:
        # A label may be broken over lines; what is pointed at has one for each thing that it says.
        yield from (re.sub(r"</?b>", "", part) for part in ([text] if "⟧<br>⟦" in text else text.split("<br>")))


def outside_brackets(text: str) -> str:
    while (rest := re.sub(r"⟦[^⟦⟧]*⟧", "", text)) != text:
        text = rest
    return text


def of_the_domain() -> set[str]:
    """What the catalogue and the drift report say, in their own translations."""
    columns = catalogue.columns()
    said = {each.label("en") for each in (*columns, *catalogue.features())}
    said |= {each.help("en") for each in (*columns, *catalogue.features())}
    said |= set(drift.words.of("en").values())
    said |= {code.label("en") for column in columns for code in column.codes}
    return said | {catalogue.group_label(each.group, "en") for each in (*columns, *catalogue.features())}


def of_the_texts() -> tuple[str, ...]:
    """What the documentation shows of the texts in `docs/`, which are written in both languages, and of calls."""
    read = [markdown.text(name, "en") for name in ("user-guide", "model-notes", "accessibility")]
    chapters = [*itertools.chain(*read), *markdown.changelog()]
    shown = [part.strip() for word in words(prose.shown(chapters)) for part in word.split(" · ")]
    called = [calls.call(example) for example in calls.examples]
    code = [part for each in called for part in (each.curl, each.python, each.answer)]
    return (
        *shown,
        *code,
        *(call for call, _says in programs.resources),
        programs.with_key,
        "Terminal",
        "Python",
        "JSON",
    )


def is_column(name: str) -> bool:
    return any(column.name == name for column in catalogue.main_columns())


not_words = re.compile(r"[\W\d_]*|FR|EN|API|MLflow|Home Credit Workbench|Français|English|Client|€\S*|(\d+ )?years?")


@pytest.mark.usefixtures("pseudo")
class TestNothingIsLeftOut:
    def left_out(self, component: object, *, said_by_core: tuple[str, ...] = ()) -> set[str]:
        known = of_the_domain() | set(said_by_core)

        def is_said(text: str) -> bool:
            rest = outside_brackets(text).strip()
            return text in known or rest in known or bool(not_words.fullmatch(rest))

        def is_put_together(text: str) -> bool:
            """Whether it puts side by side what the catalogue says and what the interface says."""
            parts = re.split(r"<br>|[●◆.;:()]|, | · ", outside_brackets(text))
            return all(is_said(part.strip()) for part in parts) or all(is_said(each) for each in text.split(" · "))

        return {text for text in words(component) if not is_said(text) and not is_put_together(text)}

    @pytest.mark.parametrize("query", [{}, {"client": "9000002"}, {"new": "1"}])
    def test_in_the_frame_of_the_scoring_page(self, dashboard: Dash, query: dict[str, str]) -> None:
        assert self.left_out(dash.page_registry["dash_app.pages.scoring"]["layout"](**query)) == set()

    def test_in_the_shell_and_every_page(self, dashboard: Dash) -> None:
        dashboard.server.test_client().get("/")
        assert self.left_out(frame.layout()) == set()
        for each in dash.page_registry.values():
            assert self.left_out(each["layout"](), said_by_core=of_the_texts()) == set()

    def test_in_the_sidebar(self, local: LocalScoring) -> None:
        failing = states.ServiceState("api", "API", "down", "", None, None)
        both = states.States((failing, states.ServiceState("mlflow", "MLflow", "up", "", 1.0, 1.0)))
        amounts = tuple(words(sidebar.model(local.model())))[1::2]
        assert self.left_out([sidebar.states(both), sidebar.standing(both), sidebar.announcement(both)]) == set()
        assert self.left_out(sidebar.model(local.model()), said_by_core=amounts) == set()
        assert self.left_out(sidebar.dataset(local.dataset())) == set()

    def test_in_the_list_and_the_finder(self, local: LocalScoring) -> None:
        found = local.clients(limit=5)
        assert self.left_out([clients.table(found, {}), finder.found(found), finder.recent([1, 2])]) == set()
        beyond = found.model_copy(update={"clients": [], "offset": 9_999_990})
        assert self.left_out([clients.table(beyond, {})]) == set()
        assert "No client is like this." not in str(clients.table(beyond, {}))
        assert "Aucun client" not in str(clients.table(beyond, {}))

    def test_in_a_simulated_result(self, local: LocalScoring, known_client: int) -> None:
        held = entries.of(local.client(known_client).features) | {"AMT_CREDIT": 200000}
        wrong, right = (
            form_state.assessed(
                local, local.client(known_client).features, held | {"AMT_ANNUITY": annuity}, asked=False
            )
            for annuity in ({"typed": "much"}, 9000)
        )
        assert right.outcome is not None
        said = [text for reason in right.outcome.now.top_features for text in (reason.text, reason.value_text)]
        said += [waterfall.effect(each) for each in waterfall.by_variable(right.outcome.now)]
        said += [waterfall.effect(each) for each in waterfall.by_reason(right.outcome.now)]
        said += said_by_concepts(right.outcome.now)
        said += [reason.message for reason in right.outcome.now.referral_reasons]
        shown = [
            result_panel.banner(right.outcome),
            result_panel.changes(right.outcome),
            result_panel.reasons(right.outcome.now),
            result_panel.other_reasons(right.outcome.now),
            result_panel.live(right.outcome),
            waterfall.waterfall(right.outcome.now),
            [note["text"] for state in (wrong, right) for own in notes.notes(state).values() for note in own],
        ]
        assert self.left_out(shown, said_by_core=(*said, right.outcome.now.model_version)) == set()

    def test_a_word_that_is_left_out_is_found(self) -> None:
        figure = go.Figure(layout={"annotations": [{"text": "⟦Share⟧<br>Median"}], "xaxis": {"title": {"text": "Age"}}})
        assert self.left_out(["⟦Said⟧: left out", "⟦Said⟧ · ⟦said⟧"]) == {"⟦Said⟧: left out"}
        assert self.left_out(dash.dcc.Graph(figure=figure)) == {"Median"}

    @pytest.mark.parametrize("group", ["all", "similar"])
    def test_in_a_comparison(self, local: LocalScoring, known_client: int, group: str) -> None:
        names = ("EXT_SOURCE_2", "AMT_CREDIT", "DAYS_BIRTH", "NAME_INCOME_TYPE")
        other = local.clients(limit=5).clients[-1].client_id
        asked = Choice(names=names, group=group, x=names[0], y=names[1], against=other)  # type: ignore[arg-type]
        view = local.compare(known_client, asked, "en")
        light = themes["light"]
        shown: list[object] = [panels.overview(view, "dots", light), panels.overview(view, "radar", light)]
        shown += [panels.distribution(view, name, light) for name in names]
        shown += [panels.density(view, "clients", light), panels.density(view, "default", light)]
        shown += [table.statistics(view), comparison_text.population(view), export.rows(view)[0]]
        said = [values.written(feature.name, feature.value) for feature in view.features]
        said += [values.written(place.name, place.value) for place in view.places]
        assert self.left_out(shown, said_by_core=tuple(said)) == set()

    def test_in_the_report_and_the_ways(self, local: LocalScoring) -> None:
        client = max(local.clients(limit=400).clients, key=lambda each: each.probability).client_id
        features = local.client(client).features
        found, ways = local.assess(features, "en"), local.assess(features, "en").recourse
        said = said_by_concepts(found)
        said += [ways.text, *(each.text for each in (*ways.options, *ways.insufficient, *ways.margins))]
        said += [each.text for each in ways.different]
        said += [ways.nearest.text] if ways.nearest else []
        said += [format_value(catalogue.column(name), features[name], "en") for name in features if is_column(name)]
        moment = datetime(2026, 11, 23, tzinfo=UTC)
        said.append(format_date(moment, "en"))
        assert self.left_out(letter(client, features, found, ways, moment), said_by_core=tuple(said)) == set()
        assert self.left_out(ways_panel(ways), said_by_core=tuple(said)) == set()

    def test_in_what_a_file_brings(self) -> None:
        told = application_file.told(
            application_file.read('{"AMT_CREDIT": -5, "CNT_CHILDREN": 1, "REGION_RATING_CLIENT": 1, "X": 2}')
        )
        assert self.left_out(told) == set()
        for wrong in ("x", "[]"):
            with pytest.raises(application_file.NotAnApplication, match="⟦"):
                application_file.read(wrong)

    def test_in_what_fails(self) -> None:
        from dash_app.errors import toast, why_unavailable

        for fault in ("unreachable", "timeout", "http", "no_model", "no_portfolio"):
            assert why_unavailable(ServiceUnavailable(fault, 502)).startswith("⟦")
        assert self.left_out(toast("")) == set()


def said_by_concepts(found: Assessment) -> list[str]:
    """What the core says of the reasons."""
    labels = [concept.label for concept in found.concepts]
    return [*labels, *(concept.text for concept in found.concepts if concept.text), found.not_known or ""]


def test_two_readers_at_once_have_their_own_language(
    speaking: Callable[[str], AbstractContextManager[None]],
) -> None:
    with speaking("fr"):
        assert i18n._("Sorted by") == "Trier par"
        with speaking("en"):
            assert i18n._("Sorted by") == "Sorted by"
        assert i18n._("Sorted by") == "Trier par"
