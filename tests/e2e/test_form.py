"""What is typed on the Scoring page is not lost, and no verdict stands beside values that it was not made of."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import pytest
from selenium.webdriver.common.keys import Keys

from core.application import parse_application
from core.text.messages import message
from tests.e2e.between import Between
from tests.e2e.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dash.testing.browser import Browser
    from selenium.webdriver.remote.webelement import WebElement

    from core.catalogue import Language
    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer
    from tests.e2e.conftest import Served

others: Final[dict[str, Language]] = {"fr": "en", "en": "fr"}
# The same number as each language writes it: what is a decimal sign in one only groups digits in the other.
annuity: Final = 29173.5
income: Final = 129173.5
written: Final = {"fr": "29\u202f173,5", "en": "29,173.5"}
outdated: Final = {"fr": "N’est plus à jour", "en": "Out of date"}


# One language each: the other comes into it where it matters, and from English to French in test_scoring.
in_french = pytest.mark.parametrize("lang", ["fr"])
in_english = pytest.mark.parametrize("lang", ["en"])


@pytest.fixture(scope="module")
def client_id(portfolio: Portfolio, scorer: Scorer) -> int:
    """The safest client in whom the changes show in a tenth of a percent: of smaller ones the page says more digits."""
    changed = ({"AMT_ANNUITY": annuity}, {"AMT_ANNUITY": annuity, "AMT_INCOME_TOTAL": income})
    safest = sorted(portfolio.search(limit=400).clients, key=lambda line: line.probability)
    return next(
        line.client_id
        for line in safest
        if all(
            percent(scorer, portfolio, line.client_id, "en", **changes)
            != percent(scorer, portfolio, line.client_id, "en")
            for changes in changed
        )
    )


@pytest.fixture(scope="module")
def near_id(portfolio: Portfolio) -> int:
    """An accepted client with little room before a refusal: the safest ones have so much that no way is listed."""
    accepted = [line for line in portfolio.search(limit=400).clients if line.decision == "ACCEPTÉ"]
    return max(accepted, key=lambda line: line.probability).client_id


@pytest.fixture(scope="module")
def between(api_service: Served) -> Iterator[Between]:
    with Between(api_service.url).running() as found:
        yield found


@pytest.fixture(scope="module")
def slow_dashboard(serve: Callable[..., Served], between: Between) -> Served:
    return serve("dashboard", API_URL=between.url)


def percent(scorer: Scorer, portfolio: Portfolio, client_id: int, lang: Language, **changes: float) -> str:
    """The risk of a client after changes, as the page writes it."""
    known = dict(portfolio.client(client_id).features) | changes
    known = {name: value for name, value in known.items() if value is not None}
    probability = scorer.decide(parse_application(known)).probability
    return f"{probability * 100:.1f}".replace(".", "," if lang == "fr" else ".")


def gauge(reader: Reader) -> str:
    return str(reader.one(".verdict-gauge [role='img']").get_attribute("aria-label"))


def value(reader: Reader, column: str) -> str:
    return str(reader.field(column).get_attribute("value"))


def state(reader: Reader) -> str:
    return str(reader.one(".scoring").get_attribute("data-answer") or "")


def outdated_chips(reader: Reader) -> list[WebElement]:
    return [chip for chip in reader.all(".outdated") if chip.is_displayed()]


@in_french
def test_what_is_typed_outlives_back_reload_and_a_tab_in_another_language(
    dash_br: Browser,
    dashboard_service: Served,
    lang: Language,
    client_id: int,
    portfolio: Portfolio,
    scorer: Scorer,
) -> None:
    reader, other = Reader(dash_br, dashboard_service.url, lang), others[lang]
    expected = {name: percent(scorer, portfolio, client_id, name, AMT_ANNUITY=annuity) for name in others.values()}
    reader.opens(f"/?client={client_id}")
    reader.until(lambda: reader.all(".verdict-word"))
    reader.writes("AMT_ANNUITY", written[lang])
    reader.until(lambda: expected[lang] in gauge(reader))

    reader.clicks("#shell-navigation a[href^='/comparison']")
    reader.until(lambda: reader.place.startswith("/comparison"))
    reader.driver.back()
    reader.until(lambda: value(reader, "AMT_ANNUITY") == written[lang])
    reader.until(lambda: expected[lang] in gauge(reader))
    reader.driver.refresh()
    reader.until(lambda: value(reader, "AMT_ANNUITY") == written[lang])
    reader.until(lambda: expected[lang] in gauge(reader))
    reader.until(lambda: reader.one("#scoring-resumed").is_displayed())

    # Another tab chooses another language; this page goes on in its own.
    first = reader.driver.current_window_handle
    reader.driver.switch_to.new_window("tab")
    reader.opens("/")
    reader.clicks(f".languages a[lang={other}]")
    reader.until(lambda: reader.one("html").get_attribute("lang") == other)
    reader.driver.close()
    reader.driver.switch_to.window(first)
    reader.writes("AMT_INCOME_TOTAL", written[lang].replace("29", "129"))
    both = percent(scorer, portfolio, client_id, lang, AMT_ANNUITY=annuity, AMT_INCOME_TOTAL=income)
    reader.until(lambda: both in gauge(reader))
    reader.until(lambda: not reader.all(".field.is-wrong"))
    assert reader.one("html").get_attribute("lang") == lang
    before = {"fr": "Avant", "en": "Before"}[lang]
    reader.until(lambda: before in reader.note("AMT_ANNUITY"))
    reader.sees(".verdict-before", before)

    # Loaded anew, it is in the other language, and says the same numbers.
    reader.driver.refresh()
    reader.until(lambda: reader.one("html").get_attribute("lang") == other)
    reader.until(lambda: value(reader, "AMT_ANNUITY") == written[other])
    reader.until(lambda: value(reader, "AMT_INCOME_TOTAL") == written[other].replace("29", "129"))
    reader.until(lambda: both.replace(",", ".") in gauge(reader).replace(",", "."))
    assert reader.complaints() == []

    # Taken back, it is gone for good.
    reader.clicks("#scoring-reset")
    reader.until(lambda: not reader.all(".field.is-changed"))
    reader.driver.refresh()
    reader.until(lambda: reader.all(".verdict-word"))
    assert not reader.all(".field.is-changed")
    reads_what_the_model_never_saw(reader, other)
    assert reader.complaints() == []


def reads_what_the_model_never_saw(reader: Reader, lang: Language) -> None:
    """Beside the field, and beside the verdict."""
    assert not reader.all(".field.is-warned")
    reader.writes("AMT_ANNUITY", "9000000")
    said = message("outside_training", lang)
    reader.until(lambda: said[1:] in reader.note("AMT_ANNUITY"))
    label = {"fr": "Mensualité", "en": "Instalment"}[lang]
    line = message("of_field", lang, field=label, message=f"{said}.")
    reader.until(lambda: line in str(reader.one("#scoring-warnings").get_attribute("textContent")))
    assert reader.violations() == []
    reader.clicks("#scoring-reset")
    reader.until(lambda: not reader.all("#scoring-warnings .warned"))
    reader.until(lambda: reader.note("AMT_ANNUITY") == "")


@in_english
def test_a_new_application_is_found_again_with_its_decision(
    dash_br: Browser, dashboard_service: Served, lang: Language
) -> None:
    reader = Reader(dash_br, dashboard_service.url, lang).opens("/?new=1")
    reader.clicks("#scoring-example")
    reader.until(lambda: value(reader, "AMT_CREDIT"))
    reader.clicks("#scoring-submit")
    reader.until(lambda: reader.all(".verdict-word"))
    reader.writes("AMT_ANNUITY", written[lang])
    reader.until(lambda: state(reader) == "")
    shown = gauge(reader)
    reader.clicks(".back")
    reader.until(lambda: reader.all("table.clients tbody tr"))
    reader.driver.back()
    reader.until(lambda: value(reader, "AMT_ANNUITY") == written[lang])
    reader.until(lambda: gauge(reader) == shown)
    reader.clicks("#scoring-reset")
    reader.until(lambda: not value(reader, "AMT_CREDIT"))
    reader.driver.refresh()
    reader.until(lambda: reader.all("#scoring-banner .empty"))
    assert not value(reader, "AMT_CREDIT")
    assert not reader.one("#scoring-resumed").is_displayed()
    assert reader.complaints() == []


@in_english
def test_a_verdict_is_out_of_date_until_the_answer_to_the_form_is_there(
    dash_br: Browser,
    slow_dashboard: Served,
    between: Between,
    lang: Language,
    near_id: int,
    portfolio: Portfolio,
    scorer: Scorer,
) -> None:
    between.let_go()
    reader = Reader(dash_br, slow_dashboard.url, lang).opens(f"/?client={near_id}")
    reader.until(lambda: reader.all("#scoring-ways .way"))
    reader.until(lambda: not outdated_chips(reader))

    between.held.add("/predict/explain")
    reader.writes("AMT_INCOME_TOTAL", "60000")
    reader.until(lambda: state(reader) == "awaiting")
    # Verdict, reasons, the credit in figures, waterfall, margins, and the line beside the fields.
    reader.until(lambda: len(outdated_chips(reader)) == 6)
    assert all(chip.text.startswith(outdated[lang]) for chip in outdated_chips(reader))
    reader.until(lambda: reader.one("#scoring-result").get_attribute("aria-busy") == "true")
    reader.until(lambda: reader.one("#scoring-outdated-said").get_attribute("textContent").startswith(outdated[lang]))
    reader.until(lambda: not reader.all("[data-way]:not([aria-disabled='true'])"))
    assert reader.violations() == []
    between.let_go()
    late = percent(scorer, portfolio, near_id, lang, AMT_INCOME_TOTAL=60000)
    reader.until(lambda: state(reader) == "")
    reader.until(lambda: late in gauge(reader))

    # An answer that comes late does not replace the one to what was typed after it.
    between.held.add("/predict/explain")
    reader.writes("AMT_INCOME_TOTAL", "70000")
    reader.until(lambda: between.waiting)
    between.held.clear()
    reader.writes("AMT_INCOME_TOTAL", "80000")
    newest = percent(scorer, portfolio, near_id, lang, AMT_INCOME_TOTAL=80000)
    reader.until(lambda: newest in gauge(reader) and state(reader) == "")
    between.let_go()
    time.sleep(1.0)
    assert newest in gauge(reader)
    assert state(reader) == ""

    # Beside a value that cannot be read, it is of the values before.
    reader.writes("AMT_INCOME_TOTAL", "beaucoup")
    reader.until(lambda: state(reader) == "invalid")
    reader.until(lambda: reader.text("#scoring-outdated").startswith(outdated[lang]))
    assert newest in gauge(reader)
    reader.writes("AMT_INCOME_TOTAL", "80000")
    reader.until(lambda: state(reader) == "")
    assert reader.complaints() == []


@in_english
def test_a_step_of_a_slider_and_what_follows_it_are_one_question(
    dash_br: Browser,
    slow_dashboard: Served,
    between: Between,
    lang: Language,
    near_id: int,
    portfolio: Portfolio,
    scorer: Scorer,
) -> None:
    between.let_go()
    reader = Reader(dash_br, slow_dashboard.url, lang).opens(f"/?client={near_id}")
    reader.until(lambda: reader.all("#scoring-ways .way"))
    known: Any = portfolio.client(near_id).features
    before = between.asked["/predict/explain"]
    reader.one(".field[data-column=AMT_CREDIT] .field-slider input").send_keys(Keys.ARROW_LEFT)
    reader.until(lambda: reader.all("#scoring-changes .change-list") and state(reader) == "")
    credit, annuity, price = (
        float(value(reader, column).replace(",", "")) for column in ("AMT_CREDIT", "AMT_ANNUITY", "AMT_GOODS_PRICE")
    )
    assert credit < known["AMT_CREDIT"]
    assert annuity / credit == pytest.approx(known["AMT_ANNUITY"] / known["AMT_CREDIT"], rel=1e-4)
    assert percent(
        scorer, portfolio, near_id, lang, AMT_CREDIT=credit, AMT_ANNUITY=annuity, AMT_GOODS_PRICE=price
    ) in gauge(reader)
    # Time for a second question to leave.
    time.sleep(1.0)
    assert between.asked["/predict/explain"] - before == 1
    assert (state(reader), reader.complaints()) == ("", [])


@in_english
def test_a_late_answer_to_a_new_application_leaves_the_client_opened_meanwhile(
    dash_br: Browser, slow_dashboard: Served, between: Between, lang: Language, near_id: int
) -> None:
    between.let_go()
    reader = Reader(dash_br, slow_dashboard.url, lang).opens(f"/?client={near_id}")
    reader.until(lambda: reader.all("#scoring-ways .way"))
    reader.writes("AMT_INCOME_TOTAL", "60000")
    on_file = reader.until(lambda: reader.text(".verdict-before"))
    # With a draft, the client's page would ask too, and the browser forget what was asked before.
    reader.clicks("#scoring-reset")
    reader.until(lambda: not reader.all(".verdict-before") and state(reader) == "")

    reader.opens("/?new=1").clicks("#scoring-example")
    reader.until(lambda: value(reader, "AMT_CREDIT"))
    between.held.add("/predict/explain")
    reader.clicks("#scoring-submit")
    reader.until(lambda: between.waiting)
    between.held.clear()
    reader.goes(f"/?client={near_id}")
    reader.until(lambda: reader.all("#scoring-ways .way"))
    between.let_go()
    time.sleep(1.0)
    # What an officer would decide under, and what changes stand beside, is the decision on this client.
    reader.writes("AMT_INCOME_TOTAL", "61000")
    reader.until(lambda: reader.all(".verdict-before") and state(reader) == "")
    assert reader.text(".verdict-before") == on_file
    assert reader.complaints() == []


@in_english
def test_what_is_typed_when_the_page_is_left_is_no_draft_of_the_next_client(
    dash_br: Browser, dashboard_service: Served, lang: Language, client_id: int, near_id: int
) -> None:
    reader = Reader(dash_br, dashboard_service.url, lang).opens(f"/?client={near_id}")
    reader.until(lambda: reader.all(".verdict-word"))
    theirs = value(reader, "AMT_INCOME_TOTAL")
    reader.opens(f"/?client={client_id}")
    reader.until(lambda: reader.all(".verdict-word"))
    # The focus stays in the field, which groups its digits when it loses it: at a time when the address is another.
    reader.writes("AMT_INCOME_TOTAL", "1234567")
    reader.goes(f"/?client={near_id}")
    reader.until(lambda: reader.all(".verdict-word") and value(reader, "AMT_INCOME_TOTAL") == theirs)
    assert not reader.one("#scoring-resumed").is_displayed()
    reader.driver.refresh()
    reader.until(lambda: reader.all(".verdict-word") and value(reader, "AMT_INCOME_TOTAL") == theirs)
    assert not reader.one("#scoring-resumed").is_displayed()
    # It is kept where it was typed.
    reader.goes(f"/?client={client_id}")
    reader.until(lambda: value(reader, "AMT_INCOME_TOTAL") == "1,234,567")
    assert reader.one("#scoring-resumed").is_displayed()
    assert reader.complaints() == []
