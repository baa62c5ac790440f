"""The main journey: find a client, read the decision and why, try a change, enter an application."""

from __future__ import annotations

import dataclasses
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

import pytest
import requests
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.keys import Keys

from tests.e2e.conftest import Served
from tests.e2e.reader import Reader

if TYPE_CHECKING:
    from pathlib import Path

    from dash.testing.browser import Browser

    from core.contract.clients.lists import ClientLine
    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer


@dataclasses.dataclass(frozen=True)
class Words:
    """What the interface says in one language."""

    accepted: str
    refused: str
    in_100: str
    in_favour: str
    against: str
    needed: str
    number: str
    whole: str
    unknown: str
    before: str
    simulated: str
    api: str


words: Final = {
    "fr": Words(
        accepted="Accepté",
        refused="Refusé",
        in_100="sur 100",
        in_favour="En faveur du client",
        against="En défaveur du client",
        needed="Ce champ est nécessaire.",
        number="Saisissez un nombre.",
        whole="Saisissez un nombre entier.",
        unknown="Aucun client ne porte ce numéro.",
        before="Avant",
        simulated="Le risque",
        api="Calculé par l’API",
    ),
    "en": Words(
        accepted="Accepted",
        refused="Refused",
        in_100="in 100",
        in_favour="In favour",
        against="Against",
        needed="This field is needed.",
        number="Enter a number.",
        whole="Enter a whole number.",
        unknown="There is no client with this number.",
        before="Before",
        simulated="The risk",
        api="Computed by the API",
    ),
}


# What is said is tested for each language without a browser, and much of it here in one: both are for what depends on
# the language, the main journey, and numbers as they are written and read. French is read in the light, English in the
# dark.
in_both = pytest.mark.parametrize("lang", ["fr", "en"])
in_french = pytest.mark.parametrize("lang", ["fr"])
in_english = pytest.mark.parametrize("lang", ["en"])


@pytest.fixture
def reader(dash_br: Browser, dashboard_service: Served, lang: str) -> Reader:
    return Reader(dash_br, dashboard_service.url, lang, {"fr": "light", "en": "dark"}[lang])


@pytest.fixture(scope="session")
def refused(portfolio: Portfolio) -> ClientLine:
    """The client with the highest risk."""
    return max(portfolio.search(limit=400).clients, key=lambda each: each.probability)


@pytest.fixture(scope="session")
def accepted(portfolio: Portfolio) -> ClientLine:
    return min(portfolio.search(limit=400).clients, key=lambda each: each.probability)


@pytest.fixture(scope="session")
def overruled(portfolio: Portfolio) -> ClientLine:
    """A client of its own for decisions: they stay in the record, and on every other page and letter of the client."""
    return sorted(portfolio.search(limit=400).clients, key=lambda each: each.probability)[1]


@in_both
def test_find_a_client_and_read_why(reader: Reader, lang: str, refused: ClientLine) -> None:
    said = words[lang]
    number = str(refused.client_id)
    reader.opens("/")
    reader.until(lambda: reader.all("table.clients tbody tr"))
    assert reader.violations() == []
    reader.presses("/")
    reader.until(lambda: reader.focused == "shell-finder-input")
    reader.presses(number[:-1])
    reader.until(lambda: any(option.get_attribute("href").endswith(number) for option in options(reader)))
    reader.presses(number[-1])
    reader.until(lambda: len(options(reader)) == 1)
    reader.presses(Keys.ARROW_DOWN)
    reader.until(lambda: options(reader)[0].get_attribute("aria-selected") == "true")
    reader.presses(Keys.ENTER)

    reader.sees("#scoring-banner", said.refused)
    reader.until(lambda: reader.place == f"/?client={number}")
    reader.sees("#scoring-banner", said.api)
    banner = reader.text("#scoring-banner")
    assert f"{max(round(refused.probability * 100), 1)}" in banner
    reader.until(lambda: said.in_100 in reader.one(".verdict-gauge [role='img']").get_attribute("aria-label"))
    reader.until(lambda: len(reader.all(".reason")) >= 4)
    favour, against = (each.text for each in reader.all("#scoring-reasons .reason-column"))
    assert favour.startswith(said.in_favour)
    assert against.startswith(said.against)
    reader.clicks("#scoring-reasons .reason-column.is-against .reason summary")
    helped = "#scoring-reasons .reason-column.is-against .reason[open] .reason-help"
    reader.until(lambda: len(reader.text(helped)) > 20)
    reads_the_letter(reader, lang)
    assert reader.complaints() == []


def reads_the_letter(reader: Reader, lang: str) -> None:
    """The report for the client."""
    reader.until(lambda: reader.all("a[href^='/report']"))
    reader.clicks("a[href^='/report']")
    reader.sees(".letter", {"fr": "Votre demande de crédit", "en": "Your credit application"}[lang])
    reader.sees(".letter", words[lang].refused)
    assert reader.violations() == []


def options(reader: Reader) -> list:  # type: ignore[type-arg]
    return reader.all("#shell-finder-options a[role='option']")


@in_french
def test_the_list_is_narrowed_turned_over_and_come_back_to(
    reader: Reader, lang: str, portfolio: Portfolio, api_service: Served
) -> None:
    reader.opens("/")
    narrows_the_list(reader, lang, api_service)
    first_page, second_page = (portfolio.search(limit=10, offset=offset).clients for offset in (0, 10))
    reader.sees("table.clients tbody tr:first-child", spaced(first_page[0].client_id))
    reader.clicks(".pager-steps a")
    reader.sees("table.clients tbody tr", spaced(second_page[0].client_id))
    reader.clicks("table.clients tbody tr:nth-child(4) td")
    reader.sees("#scoring-file h1", spaced(second_page[3].client_id))
    reader.until(lambda: reader.place == f"/?client={second_page[3].client_id}")
    reader.sees("#scoring-banner", words[lang].in_100)
    reader.driver.back()
    reader.sees("table.clients tbody tr:nth-child(4)", spaced(second_page[3].client_id))
    reader.types("#scoring-list-filter", str(second_page[5].client_id))
    reader.until(lambda: len(reader.all("table.clients tbody tr")) == 1)
    assert reader.complaints() == []


def narrows_the_list(reader: Reader, lang: str, api: Served) -> None:
    """By what is chosen and written, which is still there when one comes back."""
    # The decision that counts: officers of other tests may have taken some.
    wanted = {"current_decision": "REFUSÉ", "age_min": "40", "sort": "probability", "order": "desc"}
    found = requests.get(f"{api.url}/clients", params=wanted, timeout=300).json()
    # The page listens once it has listed them all.
    reader.one("table.clients tbody tr")
    for name, value in (("decision", "REFUSÉ"), ("sort", "probability-desc")):
        reader.chooses(filter_control(name), value)
    reader.clicks(".filters-more summary")
    reader.types(filter_control("age_min"), "40")
    first = spaced(found["clients"][0]["client_id"])
    reader.sees(".pager", f"{found['total']} clients")
    reader.sees("table.clients tbody tr:first-child", first)
    reader.until(lambda: "age_min=40" in reader.place)
    reader.until(lambda: all(words[lang].refused in each.text for each in reader.all("table.clients tbody tr")))
    assert reader.violations() == []
    reader.clicks("table.clients tbody tr:first-child a")
    reader.sees("#scoring-file h1", first)
    reader.driver.back()
    reader.sees("table.clients tbody tr:first-child", first)
    reader.until(lambda: reader.one(filter_control("age_min")).get_attribute("value") == "40")
    reader.types(filter_control("age_min"), "x")
    reader.sees("#scoring-filter-note", words[lang].number)
    reader.clicks("#scoring-filter-clear")
    reader.until(lambda: reader.place == "/")


def spaced(client_id: int) -> str:
    return f"{client_id:,}".replace(",", " ")


@in_both
def test_try_a_change_and_take_it_back(
    reader: Reader, lang: str, accepted: ClientLine, portfolio: Portfolio, scorer: Scorer
) -> None:
    from core.application import parse_application

    said = words[lang]
    reader.opens(f"/?client={accepted.client_id}")
    reader.sees("#scoring-banner", said.accepted)
    shown = reader.field("AMT_INCOME_TOTAL").get_attribute("value")
    reader.until(lambda: not reader.one("#scoring-reset").is_displayed())

    for column, text in (("EXT_SOURCE_1", "0.02"), ("EXT_SOURCE_2", "0.02"), ("EXT_SOURCE_3", "0.02")):
        reader.writes(column, text)
    reader.writes("AMT_INCOME_TOTAL", "30000")
    reader.until(lambda: len(reader.all(".change-list li")) == 4)
    assert reader.violations() == []
    known = {name: value for name, value in portfolio.client(accepted.client_id).features.items() if value is not None}
    changed = known | {"EXT_SOURCE_1": 0.02, "EXT_SOURCE_2": 0.02, "EXT_SOURCE_3": 0.02, "AMT_INCOME_TOTAL": 30000.0}
    expected = scorer.decide(parse_application(changed)).probability
    percent = f"{expected * 100:.1f}".replace(".", "," if lang == "fr" else ".")
    reader.until(lambda: percent in reader.one(".verdict-gauge [role='img']").get_attribute("aria-label"))
    reader.until(lambda: reader.text(".change-effect").startswith(said.simulated))
    reader.sees(".verdict-before", said.before)
    reader.until(lambda: said.before in reader.note("AMT_INCOME_TOTAL"))

    reader.writes("AMT_INCOME_TOTAL", "beaucoup")
    reader.until(lambda: said.number in reader.note("AMT_INCOME_TOTAL"))
    reader.until(lambda: reader.field("AMT_INCOME_TOTAL").get_attribute("aria-invalid") == "true")
    assert reader.all(".change-list li"), "the last result stays while a field is wrong"

    reader.clicks("#scoring-reset")
    reader.until(lambda: not reader.all(".change-list li"))
    reader.until(lambda: reader.field("AMT_INCOME_TOTAL").get_attribute("value") == shown)
    reader.sees("#scoring-banner", said.accepted)
    reader.until(lambda: reader.note("AMT_INCOME_TOTAL") == "")

    # An age is whole; typed again as it is shown, rounded, it is what is on file to the day.
    age = reader.field("DAYS_BIRTH").get_attribute("value")
    reader.writes("DAYS_BIRTH", f"{age}{',' if lang == 'fr' else '.'}5")
    reader.until(lambda: said.whole in reader.note("DAYS_BIRTH"))
    reader.writes("DAYS_BIRTH", age)
    reader.until(lambda: reader.note("DAYS_BIRTH") == "")
    reader.until(lambda: not reader.all(".field.is-changed"))
    # A slider types into its field.
    reader.driver.execute_script(
        "arguments[0].value = 100000; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))",
        reader.one(".field[data-column='AMT_INCOME_TOTAL'] .field-slider input"),
    )
    reader.until(lambda: len(reader.all(".change-list li")) == 1)
    reader.until(lambda: reader.all(".field.is-changed[data-column='AMT_INCOME_TOTAL']"))
    slides_are_told(reader)
    one_request_a_change(reader)
    assert reader.complaints() == []


def one_request_a_change(reader: Reader) -> None:
    """The server is asked for the decision and for nothing else, also where instalment and price follow an amount."""
    reader.driver.execute_script(
        """
        const fetch = window.fetch;
        window.asked = [];
        window.fetch = (resource, options) => {
          const body = options && typeof options.body === "string" ? JSON.parse(options.body) : {};
          if (body.changedPropIds && body.output.includes("scoring-")) window.asked.push(body.changedPropIds);
          return fetch(resource, options);
        };
        """
    )
    for column, cause in (("AMT_INCOME_TOTAL", "scoring-question.data"), ("AMT_CREDIT", "scoring-linked-amount.data")):
        slider = reader.one(f".field[data-column='{column}'] .field-slider input")
        time.sleep(0.3)  # Longer than one movement may rest.
        shown = reader.text("#scoring-changes")
        reader.driver.execute_script("window.asked = [];")
        slider.send_keys(Keys.ARROW_RIGHT)
        reader.until(partial(_says_other, reader, "#scoring-changes", shown))
        time.sleep(0.5)  # What would follow has been asked for by then.
        assert reader.driver.execute_script("return window.asked;") == [[cause]], column


def slides_are_told(reader: Reader) -> None:
    """The first step of a slider at once, the next when it is let go, and both with the value that they have then."""
    time.sleep(0.3)  # Longer than one movement may rest.
    told = reader.driver.execute_script(
        """
        const slider = arguments[0], tell = window.dash_clientside.set_props, told = [];
        window.dash_clientside.set_props = (id, properties) => {
          if (id === "scoring-form") told.push(properties.data.AMT_INCOME_TOTAL);
          tell(id, properties);
        };
        const counts = [110000, 120000].map(value => {
          slider.value = value;
          slider.dispatchEvent(new Event("input", {bubbles: true}));
          return told.length;
        });
        document.dispatchEvent(new Event("pointerup"));
        window.dash_clientside.set_props = tell;
        return [counts, told];
        """,
        reader.one(".field[data-column='AMT_INCOME_TOTAL'] .field-slider input"),
    )
    assert told == [[1, 1], [110_000, 120_000]]


def _says_other(reader: Reader, place: str, before: str) -> bool:
    return reader.text(place) != before


def what_is_asked_for_goes_with_its_values(reader: Reader) -> None:
    """The curve and the clients most like this one, each at the press of its button."""
    reader.clicks("#scoring-curve-ask")
    reader.until(lambda: reader.all("#scoring-curve .js-plotly-plot"))
    reader.sees("#scoring-curve-said", "€1,200,000")
    # Heard once: the figure says the same as the words, and is no live region.
    assert not reader.all("#scoring-curve [role='status'], [role='status'] #scoring-curve")
    reader.clicks("#scoring-alike-ask")
    reader.until(lambda: reader.all("#scoring-alike a[href*='client=']"))
    reader.writes("AMT_CREDIT", "1500000")
    # The curve was of other values, and so were the clients most like this one.
    reader.until(lambda: not reader.all("#scoring-curve *, #scoring-curve-said *"))
    reader.until(lambda: not reader.all("#scoring-alike *, #scoring-alike-said *"))


@in_english
def test_enter_an_application_from_scratch(reader: Reader, lang: str) -> None:
    said = words[lang]
    reader.opens("/")
    reader.clicks(".page-head .button-primary")
    reader.until(lambda: reader.place == "/?new=1")
    reader.clicks("#scoring-submit")
    reader.until(lambda: reader.note("AMT_CREDIT") == said.needed)
    reader.until(lambda: reader.field("AMT_CREDIT").get_attribute("aria-invalid") == "true")
    assert reader.violations() == []

    reader.writes("AMT_CREDIT", "much")
    reader.until(lambda: reader.note("AMT_CREDIT") == said.number)
    # Where the instalment was there first, no digit of the amount that follows moves it.
    reader.writes("AMT_ANNUITY", "24300")
    reader.writes("AMT_CREDIT", "450000")
    reader.until(lambda: reader.one("#scoring-duration").get_attribute("value") == "18.5")
    reader.until(lambda: reader.field("AMT_ANNUITY").get_attribute("value") == "24,300")
    reader.clicks("#scoring-example")
    reader.sees("#scoring-banner", said.in_100)
    reader.until(lambda: reader.note("AMT_CREDIT") == "")
    # An application without a history: most concepts are not known, and are no reasons.
    reader.until(lambda: len(reader.all(".reason")) >= 3)

    first = reader.text("#scoring-banner")
    reader.writes("AMT_CREDIT", "1500000")
    reader.until(lambda: reader.text("#scoring-banner") != first)
    # Instalment and price follow the amount, and the duration stays; unlinked, they do not.
    reader.until(lambda: reader.field("AMT_ANNUITY").get_attribute("value") == "81,000")
    reader.until(lambda: reader.field("AMT_GOODS_PRICE").get_attribute("value") == "1,350,000")
    reader.until(lambda: reader.one("#scoring-duration").get_attribute("value") == "18.5")
    months = reader.one("#scoring-duration")
    months.send_keys(Keys.CONTROL, "a")
    months.send_keys("99", Keys.ENTER)
    reader.until(lambda: months.get_attribute("aria-invalid") == "true")
    reader.sees(f"#{months.get_attribute('aria-describedby')}", "45")
    months.send_keys(Keys.CONTROL, "a")
    months.send_keys("20", Keys.ENTER)
    reader.until(lambda: reader.field("AMT_ANNUITY").get_attribute("value") == "75,000")
    reader.sees("#scoring-linked-note", "75,000")
    reader.until(lambda: months.get_attribute("aria-invalid") == "false")
    reader.clicks("#scoring-linked")
    reader.writes("AMT_CREDIT", "1200000")
    reader.until(lambda: reader.one("#scoring-duration").get_attribute("value") == "16")
    assert reader.field("AMT_ANNUITY").get_attribute("value") == "75,000"
    what_is_asked_for_goes_with_its_values(reader)
    reader.writes("DAYS_BIRTH", "12")
    reader.until(lambda: "17" in reader.note("DAYS_BIRTH"))
    kept = {"fr": "1\u202f500\u202f000", "en": "1,500,000"}[lang]
    assert reader.field("AMT_CREDIT").get_attribute("value") == kept, "nothing that was typed is lost"
    assert reader.complaints() == []


@in_english
def test_an_application_comes_from_a_file_and_survives_another_language(
    reader: Reader, lang: str, accepted: ClientLine, tmp_path: Path
) -> None:
    other = {"fr": "en", "en": "fr"}[lang]
    file = tmp_path / "application.json"
    file.write_text('{"features": {"AMT_CREDIT": 1234567.5, "CNT_CHILDREN": -1, "SHOE_SIZE": 43}}')
    reader.opens("/?new=1")
    reader.types("#scoring-import-file", str(file))
    reader.sees("#scoring-import-note", "SHOE_SIZE")
    amount = {"fr": "1\u202f234\u202f567,5", "en": "1,234,567.5"}
    reader.until(lambda: reader.field("AMT_CREDIT").get_attribute("value") == amount[lang])
    assert reader.field("CNT_CHILDREN").get_attribute("value") == ""
    reader.writes("AMT_ANNUITY", "4321")
    reader.clicks(f".languages a[lang={other}]")
    reader.until(lambda: reader.one("html").get_attribute("lang") == other)
    reader.until(lambda: reader.field("AMT_CREDIT").get_attribute("value") == amount[other])
    reader.until(lambda: "321" in reader.field("AMT_ANNUITY").get_attribute("value"))

    # Of a client, what is tried and what is about to be recorded.
    reader.opens(f"/?client={accepted.client_id}")
    reader.until(lambda: reader.all("#scoring-banner .verdict-word"))
    reader.writes("AMT_INCOME_TOTAL", "30000")
    reader.until(lambda: reader.all("#scoring-changes .change-list li"))
    reader.types("#scoring-officer-reason", "Pay slips")
    reader.clicks(f".languages a[lang={lang}]")
    reader.until(lambda: reader.one("html").get_attribute("lang") == lang)
    reader.until(lambda: reader.all("#scoring-changes .change-list li"))
    reader.until(lambda: reader.one("#scoring-officer-reason").get_attribute("value") == "Pay slips")
    assert reader.complaints() == []


def filter_control(name: str) -> str:
    return f'[id=\'{{"name":"{name}","type":"scoring-filter"}}\']'


@in_english
def test_a_number_that_nobody_has(reader: Reader, lang: str) -> None:
    reader.opens("/?client=42")
    reader.sees("#scoring-problem", words[lang].unknown)
    reader.until(lambda: not reader.one("#scoring-workspace").is_displayed())
    # Nor are links to parts of it.
    reader.until(lambda: not reader.one(".file-ways").is_displayed())
    reader.opens("/?client=<script>")
    reader.until(lambda: reader.all("table.clients"))
    assert reader.complaints() == []


@in_french
def test_a_way_to_an_acceptance_is_tried_in_the_form(
    reader: Reader, lang: str, portfolio: Portfolio, scorer: Scorer
) -> None:
    said = words[lang]
    near = min(
        (client for client in portfolio.search(limit=400).clients if client.decision == "REFUSÉ"),
        key=lambda each: each.probability,
    )
    reader.opens(f"/?client={near.client_id}")
    reader.sees("#scoring-banner", said.refused)
    reader.until(lambda: reader.all(".way .button:not([hidden])"))
    size = {"width": 1440, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    reader.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    for part in (".verdict", "#scoring-reasons", ".ways", "#scoring-officer-submit"):
        with suppress(TimeoutException):
            reader.until(partial(ends_within, reader, part, 900))
        assert ends_within(reader, part, 900), f"{part} is on the first screen"
    reader.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    reader.clicks(".way .button:not([hidden])")
    reader.sees("#scoring-banner", said.accepted)
    reader.until(lambda: reader.all(".field.is-changed"))
    reader.until(lambda: reader.all(".past-part"))
    assert all(each.get_attribute("aria-label") for each in reader.all(".past-part [role='img']"))
    # The charts of the history are there without the script that draws figures, which is at most fetched for others.
    assert not reader.driver.execute_script("return Boolean(window.Plotly)")
    assert reader.violations() == []
    # In the other language it is still tried, and what would be left of the room is said in it.
    reader.turns_to("en")
    reader.until(lambda: reader.all("#scoring-changes .change-list li"))
    reader.sees("#scoring-banner", words["en"].accepted)
    reader.sees("#scoring-ways", reader.says("Room before a refusal"))
    assert reader.complaints() == []


def ends_within(reader: Reader, selector: str, height: int) -> bool:
    foot = "return document.querySelector(arguments[0]).getBoundingClientRect().bottom"
    return bool(reader.driver.execute_script(foot, selector) <= height)


@in_english
def test_an_officer_has_the_final_word_and_its_trail_stays(reader: Reader, lang: str, overruled: ClientLine) -> None:
    reader.opens(f"/?client={overruled.client_id}")
    reader.sees("#scoring-banner", words[lang].accepted)
    reader.clicks("#scoring-officer-submit")
    reader.until(lambda: "scoring-officer-decision" in reader.focused)
    reader.until(lambda: reader.text("#scoring-officer-reason-fault"))
    reason = reader.one("#scoring-officer-reason")
    reader.until(lambda: reason.get_attribute("aria-describedby") == "scoring-officer-reason-fault")
    accept, refuse = reader.all("#scoring-officer-decision input")
    # Arrow keys go round among the two, and change no other choice of the page.
    accept.send_keys(Keys.SPACE)
    for expected in (refuse, accept, refuse):
        reader.driver.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
        reader.until(expected.is_selected)
    reader.types("#scoring-officer-name", "Ada Lovelace")
    reader.types("#scoring-officer-reason", f"The pay slips do not agree ({lang}).")
    reader.clicks("#scoring-officer-submit")
    reader.sees("#scoring-officer-trail", "Ada Lovelace")
    reader.sees("#scoring-officer-trail li:first-child", f"({lang})")
    reader.until(lambda: reader.one("#scoring-officer-reason").get_attribute("value") == "")
    assert reader.violations() == []
    reader.opens(f"/?client={overruled.client_id}")
    reader.sees("#scoring-officer-trail", f"({lang})")
    assert reader.complaints() == []
