"""The pages for everybody: by keyboard alone, with text twice as large, on a phone, without motion."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import pytest
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.keys import Keys

from tests.e2e.conftest import Served
from tests.e2e.reader import Reader

if TYPE_CHECKING:
    from dash.testing.browser import Browser

    from core.contract.clients.lists import ClientLine
    from core.portfolio.clients import Portfolio

# Where the focus is, and whether a reader sees that it is there.
focus = """
const at = document.activeElement, style = getComputedStyle(at);
const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
const label = document.querySelector(`label[for="${CSS.escape(at.id)}"]`);
const beside = label && getComputedStyle(label).outlineStyle !== 'none';
const box = at.getBoundingClientRect();
// The ring is around the thumb, whose style no script can read.
const slider = at.type === 'range' && at.matches(':focus-visible');
return {
  name: at.id || at.getAttribute('aria-label') || at.textContent.trim().slice(0, 40), tag: at.tagName,
  seen: ring || beside || slider || style.boxShadow !== 'none' || at === document.body || at.id === 'main',
  inside: box.width === 0 || (box.right > 0 && box.left < innerWidth),
};
"""


@pytest.fixture
def reader(dash_br: Browser, dashboard_service: Served) -> Reader:
    return Reader(dash_br, dashboard_service.url)


@pytest.fixture(scope="session")
def client(portfolio: Portfolio) -> ClientLine:
    return min(portfolio.search(limit=400).clients, key=lambda each: each.probability)


def test_the_main_journey_needs_no_mouse(reader: Reader, client: ClientLine) -> None:
    reader.opens("/")
    reader.presses(Keys.TAB)
    reader.until(lambda: reader.driver.execute_script("return document.activeElement.className") == "skip")
    reader.presses(Keys.ENTER)
    reader.until(lambda: reader.focused == "main")
    reader.presses("/")
    reader.until(lambda: reader.focused == "shell-finder-input")
    # Enter at once, before the list is there.
    reader.presses(str(client.client_id), Keys.ENTER)
    reader.until(lambda: reader.all("#scoring-banner .verdict-word"))

    # From field to field; each stop can be seen.
    stops = []
    for _press in range(140):
        reader.presses(Keys.TAB)
        stops.append(reader.driver.execute_script(focus))
        if stops[-1]["tag"] == "INPUT" and "AMT_INCOME_TOTAL" in stops[-1]["name"]:
            break
    assert "AMT_INCOME_TOTAL" in stops[-1]["name"], "the field is reached"
    assert [stop["name"] for stop in stops if not stop["seen"]] == []
    assert [stop["name"] for stop in stops if not stop["inside"]] == []

    # The slider after the field is moved by its arrows, and the decision follows.
    reader.presses(Keys.TAB)
    assert reader.driver.execute_script("return document.activeElement.type") == "range"
    before = reader.field("AMT_INCOME_TOTAL").get_attribute("value")
    reader.presses(Keys.ARROW_LEFT * 3)
    reader.until(lambda: reader.all("#scoring-changes .change-list li"))
    reader.until(lambda: reader.field("AMT_INCOME_TOTAL").get_attribute("value") != before)
    slider = "return document.activeElement.getAttribute('aria-valuetext')"
    reader.until(
        lambda: reader.driver.execute_script(slider).startswith(reader.field("AMT_INCOME_TOTAL").get_attribute("value"))
    )

    # A reason opens to its help by the keyboard, and stays open when the score changes.
    focuses(reader, "#scoring-reasons .reason summary")
    reader.presses(Keys.ENTER)
    reader.until(lambda: reader.all("#scoring-reasons .reason[open]"))
    focuses(reader, "#scoring-waterfall-view input[value=reason]")
    reader.presses(Keys.ARROW_RIGHT)
    reader.until(lambda: reader.one("#scoring-waterfall .by-variable").is_displayed())
    reader.until(lambda: not reader.one("#scoring-waterfall .by-reason").is_displayed())
    goes_through_the_finder(reader)
    assert reader.complaints() == []


def focuses(reader: Reader, selector: str) -> None:
    script = "arguments[0].focus(); return document.activeElement === arguments[0]"
    reader.until(lambda: reader.driver.execute_script(script, reader.one(selector)))


def goes_through_the_finder(reader: Reader) -> None:
    """By arrow keys, as a combobox says it to those who do not see it."""
    reader.driver.execute_script("document.activeElement.blur()")
    reader.presses("/")
    control = reader.one("#shell-finder-input")
    reader.until(lambda: control.get_attribute("role") == "combobox")
    reader.until(lambda: control.get_attribute("aria-expanded") == "true")
    reader.types("#shell-finder-input", "900")
    reader.until(lambda: len(reader.all("#shell-finder-options a[role='option']")) == 8)
    reader.presses(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_UP)
    first = reader.one("#shell-finder-options a[role='option']").get_attribute("id")
    reader.until(lambda: control.get_attribute("aria-activedescendant") == first)
    assert reader.violations() == []
    reader.presses(Keys.ESCAPE)
    reader.until(lambda: control.get_attribute("aria-expanded") == "false")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/", "#scoring-list-table tbody"),
        ("/?client={client}", "#scoring-banner .verdict-word"),
        ("/?new=1", "#scoring-banner .empty"),
        ("/comparison?client={client}", ".js-plotly-plot"),
        ("/report?client={client}", ".letter h1"),
    ],
)
def test_pages_fit_a_phone_and_text_twice_as_large(
    reader: Reader, client: ClientLine, address: str, shown: str
) -> None:
    is_as_wide_as(reader, 320)
    reader.opens(address.format(client=client.client_id))
    reader.until(lambda: reader.all(shown))
    for width in (320, 390):
        is_as_wide_as(reader, width)
        reader.until(partial(is_in_a_window_of, reader, width))
        fits(reader)
        reader.until(lambda: not reader.is_wider_than_the_window())
        assert words_in_one_another(reader) == []

    size = {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    reader.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    reader.driver.execute_script("document.documentElement.style.fontSize = '200%'")
    fits(reader)
    reader.until(lambda: not reader.is_wider_than_the_window())
    assert cut_words(reader) == []
    reader.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize(("width", "columns"), [(390, 1), (1000, 2), (1440, 3)])
def test_the_form_has_the_columns_that_there_is_room_for(
    reader: Reader, client: ClientLine, width: int, columns: int
) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    reader.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    reader.opens(f"/?client={client.client_id}")
    reader.until(lambda: reader.all("#scoring-banner .verdict-word"))
    boxes = reader.driver.execute_script(
        "return [...document.querySelectorAll('.form .field-group')].map(each => each.getBoundingClientRect().toJSON())"
    )
    lefts = sorted({round(box["left"]) for box in boxes})
    assert len(lefts) == columns
    # Read from left to right or from above to below, and side by side, not over one another.
    assert all(
        one["bottom"] <= other["top"] + 0.5 or one["right"] <= other["left"] + 0.5
        for at, one in enumerate(boxes)
        for other in boxes[at + 1 :]
    )
    reader.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def fits(reader: Reader) -> None:
    """A figure takes its new width once it has been told of it."""
    with suppress(TimeoutException):
        reader.until(lambda: not wide_parts(reader))
    assert wide_parts(reader) == []


def is_as_wide_as(reader: Reader, width: int) -> None:
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    reader.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def is_in_a_window_of(reader: Reader, width: int) -> bool:
    return bool(reader.driver.execute_script("return innerWidth") == width)


def words_in_one_another(reader: Reader) -> list[str]:
    """The words of the scales of charts that lie on others of the same scale."""
    script = """
    const places = Array.from(document.querySelectorAll('.past-years, .past-scale')), found = [];
    for (const place of places) {
      const words = Array.from(place.children).filter(each => each.checkVisibility());
      const boxes = words.map(each => each.getBoundingClientRect());
      boxes.forEach((box, at) => boxes.slice(at + 1).forEach(other => {
        const across = box.right > other.left && other.right > box.left;
        if (across && box.bottom > other.top && other.bottom > box.top) found.push(words[at].textContent);
      }));
    }
    return found;
    """
    found: list[str] = reader.driver.execute_script(script)
    return found


def wide_parts(reader: Reader) -> list[str]:
    """What reaches beyond the window, and is not in a part that scrolls by itself."""
    script = """
    const wide = [];
    for (const each of document.querySelectorAll('main *, header *')) {
      const box = each.getBoundingClientRect();
      if (!box.width || !each.checkVisibility({visibilityProperty: true})) continue;
      if (box.right <= document.documentElement.clientWidth + 1) continue;
      let scrolls = false;
      for (let up = each; up && up.tagName !== 'MAIN'; up = up.parentElement) {
        const style = getComputedStyle(up);
        scrolls = scrolls || /auto|scroll|hidden|clip/.test(style.overflowX) || style.clipPath !== 'none';
      }
      if (!scrolls) wide.push(each.tagName + '.' + each.className + ' ' + Math.round(box.right));
    }
    return wide.slice(0, 5);
    """
    found: list[str] = reader.driver.execute_script(script)
    return found


def cut_words(reader: Reader) -> list[str]:
    """Buttons and headings whose text does not fit them."""
    script = """
    return Array.from(document.querySelectorAll('main :is(h1, h2, h3, .button, .tag, dd, label)'))
      .filter(each => each.offsetParent && !each.closest('.unseen') && !each.classList.contains('unseen')
        && each.scrollWidth > each.clientWidth + 2 && getComputedStyle(each).overflow !== 'visible')
      .map(each => each.textContent.trim().slice(0, 40));
    """
    found: list[str] = reader.driver.execute_script(script)
    return found


def media(reader: Reader, **features: str) -> None:
    """What the system of the reader asks for; the rest as it comes."""
    wanted = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
    reader.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": wanted})


def test_less_motion_and_colours_of_the_system(dash_br: Browser, dashboard_service: Served, client: ClientLine) -> None:
    """Nothing moves for who asks for that, and colours that the system forces leave everything to be read."""
    reader = Reader(dash_br, dashboard_service.url, "en")
    media(reader, prefers_reduced_motion="reduce")
    reader.opens(f"/?client={client.client_id}")
    reader.until(lambda: reader.all("#scoring-banner .verdict-word"))
    moving = """
    return Array.from(document.querySelectorAll('body *')).filter(each => {
      const style = getComputedStyle(each);
      const longest = text => Math.max(...text.split(',').map(parseFloat));
      const runs = style.animationName !== 'none' && longest(style.animationDuration) > 0.01;
      return longest(style.transitionDuration) > 0.01 || runs;
    }).map(each => each.className).slice(0, 5);
    """
    reader.until(lambda: reader.driver.execute_script(moving) == [])

    media(reader, forced_colors="active")
    is_read(reader)
    reader.clicks("#shell-theme-toggle")
    reader.until(lambda: reader.one("html").get_attribute("data-bs-theme") == "dark")
    is_read(reader)
    media(reader)


def is_read(reader: Reader) -> None:
    reader.sees("#scoring-banner", "in 100")
    reader.until(lambda: reader.one(".verdict-gauge [role='img']").get_attribute("aria-label").startswith("Gauge"))
    reader.until(lambda: len(reader.all("#scoring-waterfall .by-variable tr")) > 5)
    # A ground that is forced cannot tell whether a switch is on.
    own = "return getComputedStyle(document.querySelector('#scoring-linked')).appearance"
    assert reader.driver.execute_script(own) == "auto"
