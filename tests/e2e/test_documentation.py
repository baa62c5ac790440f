"""The documentation in the browser: search, guide, glossary, model, code; in the dark, on a phone, in large letters."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.keys import Keys

from core.catalogue.glossary import terms
from dash_app.views.documentation import sections
from tests.e2e.reader import Reader

if TYPE_CHECKING:
    from dash.testing.browser import Browser

    from tests.e2e.conftest import Served

_words = {
    "fr": {
        "search": "decision finale",
        "chapter": "Enregistrer la décision finale",
        "title": "Guide d’utilisation · Documentation ·",
        "place": "#enregistrer-la-decision-finale",
        "entries": f"{len(terms(None))} entrées",
        "entry": "Moyenne des scores externes",
        "empty": "Aucune entrée ne contient cela.",
        "half": "La moitié des demandes",
        "copied": "Copié",
        "other": "Mean of the external scores",
        "fair": "Équité",
    },
    "en": {
        "search": "final decision",
        "chapter": "Record the final decision",
        "title": "User guide · Documentation ·",
        "place": "#record-the-final-decision",
        "entries": f"{len(terms(None))} entries",
        "entry": "Mean of the external scores",
        "empty": "No entry holds that.",
        "half": "Half of the applications",
        "copied": "Copied",
        "other": "Moyenne des scores externes",
        "fair": "Fairness",
    },
}
_found = ".doc-found:not([hidden])"
# Of reliability, of who is accepted, and of what was predicted for whom.
_figures = 3


def size(reader: Reader, width: int, height: int = 900) -> None:
    wanted = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    reader.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", wanted)


def listed(reader: Reader) -> list[str]:
    """The names of the entries that are not hidden."""
    shown = "#documentation-terms li:not([hidden]) .term-code"
    script = f"return [...document.querySelectorAll('{shown}')].map(e => e.textContent)"
    return list(reader.driver.execute_script(script))


@pytest.mark.parametrize(("lang", "theme"), [("fr", "light"), ("en", "dark")])
def test_from_a_question_to_its_answer(dash_br: Browser, dashboard_service: Served, lang: str, theme: str) -> None:
    words = _words[lang]
    reader = Reader(dash_br, dashboard_service.url, lang, theme)
    reader.opens("/documentation")
    reader.until(lambda: len(reader.all(".doc-card")) == len(sections.sections))
    assert reader.violations() == []
    search_by_keyboard(reader, words)
    look_up(reader, words, lang)
    read_the_model(reader, words)
    copy_code(reader, words)
    for key in ("accessibility", "changelog"):
        turns_to(reader, key)
        reader.until(lambda: reader.all(".prose p, .prose li"))
        assert reader.violations() == []
    assert reader.complaints() == []


def turns_to(reader: Reader, key: str) -> None:
    reader.goes(f"/documentation/{key}")
    reader.one(f".doc-{key}")


def search_by_keyboard(reader: Reader, words: dict[str, str]) -> None:
    """The search leads to a chapter."""
    reader.types(".doc-search input", words["search"])
    reader.until(lambda: any(words["chapter"] in each.text for each in reader.all(f"{_found} a")))
    assert reader.violations() == []
    reader.clicks(".doc-search input")
    reader.presses(Keys.ESCAPE)
    reader.until(lambda: not reader.one(".doc-found").is_displayed())
    titles = [each.get_attribute("textContent") for each in reader.all(f"{_found} .hit-title")]
    reader.presses(*[Keys.ARROW_DOWN] * (1 + titles.index(words["chapter"])))
    reader.presses(Keys.ENTER)
    reader.until(lambda: reader.place == "/documentation/guide")
    reader.until(lambda: reader.driver.title.startswith(words["title"]))
    # It stands below the header, wherever pictures above it have pushed it.
    top = f"return document.querySelector('{words['place']}').getBoundingClientRect().top"
    reader.one(words["place"])
    reader.until(lambda: 0 <= reader.driver.execute_script(top) < 400)
    reader.until(lambda: reader.all(".prose strong"))
    reader.until(lambda: reader.all(".screenshot img"))
    broken = "return [...document.images].filter(i => i.complete && !i.naturalWidth || !i.alt).map(i => i.src)"
    assert reader.driver.execute_script(broken) == []
    assert reader.violations() == []


def look_up(reader: Reader, words: dict[str, str], lang: str) -> None:
    """The glossary narrows with every letter, and opens an entry beside the list."""
    turns_to(reader, "glossary")
    reader.sees("#documentation-term-count", words["entries"])
    field = "#documentation-term-search"
    reader.types(field, "nobody has this")
    reader.sees("#documentation-term-count", words["empty"])
    reader.types(field, Keys.CONTROL, "a")
    reader.types(field, "ext_source_")
    reader.until(lambda: 0 < len(listed(reader)) < 20)
    reader.chooses("#documentation-term-table", "features")
    reader.until(lambda: listed(reader) == ["EXT_SOURCE_MEAN"])
    reader.clicks("a[data-entry='features.EXT_SOURCE_MEAN']")
    reader.sees("#documentation-term h2", words["entry"])
    reader.sees("#documentation-term", words["half"])
    reader.until(lambda: reader.all("#documentation-term .js-plotly-plot"))
    reader.until(lambda: reader.place == "/documentation/glossary?entry=features.EXT_SOURCE_MEAN")
    assert listed(reader) == ["EXT_SOURCE_MEAN"]
    assert reader.violations() == []
    # That address opens the entry again, in the other language as well.
    reader.clicks(f"#shell-languages a[lang='{'en' if lang == 'fr' else 'fr'}']")
    reader.sees("#documentation-term h2", words["other"])
    reader.until(lambda: reader.one("#documentation-terms a[aria-current]").is_displayed())
    reader.clicks(f"#shell-languages a[lang='{lang}']")
    reader.sees("#documentation-term h2", words["entry"])


def read_the_model(reader: Reader, words: dict[str, str]) -> None:
    """The model card, and the cost of a threshold."""
    turns_to(reader, "model")
    reader.sees("#fairness h2", words["fair"])
    reader.until(lambda: len(reader.all("#documentation-measures .js-plotly-plot")) == _figures)
    assert reader.violations() == []
    turns_to(reader, "threshold")
    reader.until(lambda: reader.all("#curve .js-plotly-plot"))
    assert reader.violations() == []


def copy_code(reader: Reader, words: dict[str, str]) -> None:
    """Calls of the API to copy, in a terminal and in Python."""
    turns_to(reader, "api")
    granted = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    reader.driver.execute_cdp_cmd("Browser.grantPermissions", granted)
    reader.clicks("#predict .copy")
    reader.sees("#predict .copy", words["copied"])
    reader.clicks("#predict details:nth-of-type(1) summary")
    reader.sees("#predict details[open] code", "urlopen(request)")
    assert reader.violations() == []


def test_on_a_phone_and_in_large_letters(dash_br: Browser, dashboard_service: Served) -> None:
    reader = Reader(dash_br, dashboard_service.url, "fr")
    size(reader, 390, 844)
    reader.opens("/documentation")
    fits(reader)
    for section in sections.sections:
        turns_to(reader, section.key)
        reader.until(lambda: not reader.all(".doc-waiting > .skeleton"))
        if section.key in ("guide", "model", "glossary"):
            assert reader.violations() == [], section.key
        fits(reader)
    turns_to(reader, "glossary")
    reader.types("#documentation-term-search", "mensualite revenu")
    reader.clicks("a[data-entry='features.ANNUITY_INCOME_RATIO']")
    reader.sees("#documentation-term h2", "Part de la mensualité dans le revenu")


def is_told_of_its_width(reader: Reader, width: int) -> bool:
    return bool(reader.driver.execute_script("return innerWidth") == width)


def fits(reader: Reader) -> None:
    """On two widths of phones, and at 200 %: all follows the size that is wanted, and nothing is lost sideways."""
    for width in (390, 320):
        size(reader, width, 844)
        reader.until(partial(is_told_of_its_width, reader, width))
        reader.until(lambda: not reader.is_wider_than_the_window())
    size(reader, 1280)
    reader.until(lambda: is_told_of_its_width(reader, 1280))
    reader.driver.execute_script("document.documentElement.style.fontSize = '200%'")
    reader.until(lambda: reader.one("main h1").size["height"] > 50)
    reader.until(lambda: not reader.is_wider_than_the_window())
    reader.driver.execute_script("document.documentElement.style.fontSize = ''")
    size(reader, 390, 844)
