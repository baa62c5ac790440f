"""A client among others: with whom, in what, drawn how, said how, and taken away as a file."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.keys import Keys

from tests.e2e.conftest import Served
from tests.e2e.reader import Reader, arrived

if TYPE_CHECKING:
    from dash.testing.browser import Browser

    from core.portfolio.clients import Portfolio

drawn = (
    "return Array.from(document.querySelectorAll('.comparison .js-plotly-plot'))"
    ".filter(each => each.querySelector('.main-svg')).length"
)

# A click that a browser would open another tab for, were it let; how many scripts of figures the page then has.
click_with_a_key = """
window.addEventListener("click", event => event.preventDefault(), { once: true });
const manner = { bubbles: true, cancelable: true, ctrlKey: true };
document.querySelector(arguments[0]).dispatchEvent(new MouseEvent("click", manner));
return document.querySelectorAll("script[src*='/plotly/package_data/']").length;
"""


@pytest.fixture(scope="session")
def clients(portfolio: Portfolio) -> tuple[int, int]:
    first, *_rest, other = portfolio.search(limit=20).clients
    return first.client_id, other.client_id


def opened(reader: Reader, address: str) -> Reader:
    reader.goes(address)
    reader.until(lambda: reader.driver.execute_script(drawn) == 3)
    return reader


def chosen(reader: Reader, control: str, value: str) -> None:
    # The radio button itself is not seen: it lies over its words, and takes the click.
    reader.clicks_at(f"#comparison-{control} input[value={value}] + label")


def offered(reader: Reader, selector: str) -> list[str]:
    """The values of a list that can be chosen."""
    return reader.until(  # type: ignore[no-any-return]
        lambda: [str(each.get_attribute("value")) for each in reader.all(f"{selector} option:not([disabled])")]
    )


def test_from_the_finder_to_two_clients_side_by_side(
    dash_br: Browser, dashboard_service: Served, clients: tuple[int, int]
) -> None:
    reader = Reader(dash_br, dashboard_service.url, "fr")
    first, other = clients
    reader.opens("/comparison")
    reader.clicks("[data-action='find-client']")
    reader.until(lambda: reader.focused == "shell-finder-input")
    # Somebody found while comparing is compared.
    reader.goes(f"/comparison?client={first}")
    reader.until(lambda: reader.driver.execute_script(drawn) == 3)
    reader.until(lambda: len(reader.all("#comparison-overview .place")) == 6)
    reader.sees("#shell-crumb", str(first)[-3:])

    chosen(reader, "group", "similar")
    reader.sees("#comparison-who", reader.says("Similar clients"))
    reader.until(lambda: "group=similar" in reader.place)
    chosen(reader, "group", "refused")
    reader.sees("#comparison-who", reader.says("Refused clients"))

    reader.clicks(".chips li:last-child button")
    reader.until(lambda: len(reader.all("#comparison-overview .place")) == 5)
    reader.until(lambda: "features=" in reader.place)

    before = reader.text("#comparison-distribution .panel-said")
    reader.chooses("#comparison-feature", offered(reader, "#comparison-feature")[1])
    reader.until(lambda: reader.text("#comparison-distribution .panel-said") != before)

    before = reader.one("#comparison-density [role='img']").get_attribute("aria-label")
    reader.chooses("#comparison-x", offered(reader, "#comparison-x")[2])
    reader.until(lambda: reader.one("#comparison-density [role='img']").get_attribute("aria-label") != before)

    chosen(reader, "view", "radar")
    reader.until(lambda: reader.all("#comparison-overview .polar"))

    reader.types("#comparison-against", "1")
    reader.sees("#comparison-against-note", reader.says("There is no client with this number."))
    reader.types("#comparison-against", Keys.BACKSPACE + str(other))
    reader.until(lambda: len(reader.all("#comparison-overview .place-second")) == 5)
    reader.until(lambda: f"against={other}" in reader.place)

    # The other language, in which the page is loaded anew: its controls work as those of the first.
    kept = reader.place
    reader.turns_to("en")
    reader.until(lambda: reader.driver.execute_script(drawn) == 3)
    assert reader.place == kept, "an address that is sent on shows the same"
    reader.until(lambda: len(reader.all("#comparison-overview .place-second")) == 5)
    reader.sees("#comparison-who", "Refused clients")
    chosen(reader, "group", "accepted")
    reader.sees("#comparison-who", "Accepted clients")
    reader.sees("#comparison-distribution .panel-said", "of the accepted clients")
    is_said_and_tabled(reader)
    reader.clicks("#shell-crumb a")
    reader.until(lambda: reader.place == f"/?client={first}")
    reader.until(lambda: reader.all("#scoring-banner .verdict-word"))
    assert reader.complaints() == []


def is_said_and_tabled(reader: Reader) -> None:
    """Nothing stands in the way, with every part open; figures have words, and those that are read off a table."""
    for each in reader.all(".comparison details"):
        reader.driver.execute_script("arguments[0].open = true", each)
    assert reader.violations() == []
    reader.until(lambda: all(len(each.get_attribute("aria-label")) > 40 for each in reader.all(".comparison .picture")))
    reader.until(lambda: len(reader.all(".comparison .past-table table")) == 2)


def test_in_the_dark_and_taken_away_as_files(
    dash_br: Browser, dashboard_service: Served, clients: tuple[int, int], tmp_path: Path
) -> None:
    first, other = clients
    reader = Reader(dash_br, dashboard_service.url, "en", "dark").opens("/comparison")
    assert reader.violations() == []
    opened(reader, f"/comparison?client={first}&group=similar&against={other}")
    is_said_and_tabled(reader)
    folder = tmp_path / "taken"
    folder.mkdir()
    reader.driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder), "eventsEnabled": False}
    )
    for button, ending in (("csv", ".csv"), ("xlsx", ".xlsx")):
        reader.clicks(f"#comparison-{button}")
        reader.until(partial(arrived, folder, ending))
    names = sorted(path.name for path in folder.iterdir())
    assert names == [f"comparison-{first}.csv", f"comparison-{first}.xlsx"]
    assert (folder / names[0]).read_bytes().startswith(b"\xef\xbb\xbf")
    assert (folder / names[1]).read_bytes().startswith(b"PK")


def test_what_draws_figures_is_there_before_the_first_of_them(
    dash_br: Browser, dashboard_service: Served, clients: tuple[int, int]
) -> None:
    """Nothing of it is fetched with the list, whose readers may never see a figure; nothing is fetched twice."""
    reader = Reader(dash_br, dashboard_service.url, "en")
    # Other journeys of this browser have seen figures.
    reader.driver.execute_cdp_cmd("Network.clearBrowserCache", {})
    reader.opens("/")
    reader.until(lambda: reader.all("#scoring-list-table tbody tr"))
    # Time for a browser that is at rest to begin.
    time.sleep(1.0)
    assert scripts_of_figures(reader) == []

    first, _other = clients
    reader.opens(f"/?client={first}")
    reader.until(lambda: len(scripts_of_figures(reader)) == 1)
    [(kind, sent)] = scripts_of_figures(reader)
    assert (kind, sent > 4_000_000) == ("link", True), sent
    # It is run by who goes to figures, not by who moves a slider.
    assert not reader.driver.execute_script("return Boolean(window.Plotly)")

    # Nor by who opens them in another tab, which has a script of its own.
    assert reader.driver.execute_script(click_with_a_key, "#shell-navigation a[href^='/comparison']") == 0

    reader.clicks("#shell-navigation a[href^='/comparison']")
    reader.until(lambda: reader.driver.execute_script(drawn) == 3)
    assert {sent for _kind, sent in scripts_of_figures(reader)[1:]} == {0}
    assert reader.complaints() == []


def scripts_of_figures(reader: Reader) -> list[tuple[str, int]]:
    """What asked for Plotly's script, and the bytes that came over the network for it."""
    found = reader.driver.execute_script(
        "return performance.getEntriesByType('resource').filter(e => e.name.includes('/plotly/package_data/'))"
        ".map(e => [e.initiatorType, e.transferSize])"
    )
    return [tuple(each) for each in found]
