"""What a reader does in front of the dashboard, in the words of the journeys."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    MoveTargetOutOfBoundsException,
    NoSuchElementException,
    StaleElementReferenceException,
    TimeoutException,
    WebDriverException,
)
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from core.settings import root
from dash_app.i18n import translations

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dash.testing.browser import Browser
    from selenium.webdriver.remote.webelement import WebElement

# Far more than any step takes, on a machine that does much else: what is waited for either comes or never will.
_patience: Final = 300
# What a page says that is still being built: not there yet, just replaced, out of sight, or with another part over it.
_in_motion: Final = (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    MoveTargetOutOfBoundsException,
    NoSuchElementException,
    StaleElementReferenceException,
)
# To the middle of the window, where it has to stand still for two frames: a click goes to a point, whatever is there.
_rests: Final = """
const [element, done] = arguments;
element.scrollIntoView({block: 'center', behavior: 'instant'});
const place = () => JSON.stringify(element.getBoundingClientRect());
const before = place();
requestAnimationFrame(() => requestAnimationFrame(() => done(place() === before)));
"""
# What stands there for eyes, as WebDriver would say it: one question of 4 ms of a core, where WebDriver's own took 24.
_text: Final = """
const element = document.querySelector(arguments[0]);
if (!element) return null;
if (!element.checkVisibility({opacityProperty: true, visibilityProperty: true})) return "";
const lines = (element.innerText ?? element.textContent).replace(/[\\t\\u00a0 ]+/g, " ").split("\\n");
return lines.map(line => line.trim()).filter(Boolean).join("\\n");
"""
# Each look costs 5 ms of a core that somebody else may need: what was not there at once is looked for less often.
_first_pause: Final = 0.05
_longest_pause: Final = 0.3
_axe: Final = (root / "tests" / "e2e" / "vendor" / "axe.min.js").read_text(encoding="utf-8")
# What is folded is hidden from axe as from readers; that it is kept for a search of the page had the browser lay it out
# at each question about it: half of the time, with the same findings.
_unkept: Final = "details:not([open])::details-content { display: none !important; }"
_axe_tags: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def arrived(folder: Path, ending: str) -> bool:
    """Whether a file has been fetched, whole: while it comes, the browser keeps a part of it beside."""
    names = [path.name for path in folder.iterdir()]
    return any(name.endswith(ending) for name in names) and not any(name.endswith(".crdownload") for name in names)


class Reader:
    """A browser in one language and theme, in front of one dashboard."""

    def __init__(self, browser: Browser, url: str, lang: str = "fr", theme: str = "light") -> None:
        self.driver = browser.driver
        self.url = url
        # Selenium would wait two seconds for what is meant not to be there; `until` waits for what is.
        self.driver.implicitly_wait(0)
        self.driver.set_script_timeout(_patience)
        # Without `Network.enable`, which no cookie needs: all requests would be told of, a tenth of the load of a page.
        for name, value in (("lang", lang), ("theme", theme)):
            self.driver.execute_cdp_cmd("Network.setCookie", {"name": name, "value": value, "url": url})

    def opens(self, path: str) -> Reader:
        self.driver.get(self.url + path)
        self.until(lambda: self.all("#shell-navigation a"))
        self.until(lambda: not self.all("#shell-dataset .skeleton"))
        return self

    def goes(self, path: str) -> Reader:
        """Follows a link within the dashboard, which changes the page without loading it anew."""
        self.driver.execute_script(
            "const link = document.createElement('a'); link.href = arguments[0]; link.dataset.link = '';"
            "document.body.append(link); link.click(); link.remove();",
            path,
        )
        self.until(lambda: self.place.startswith(path))
        return self

    def until(self, wanted: Callable[[], Any], seconds: float = _patience) -> Any:
        """Waits until `wanted` is true, and returns it; what a page in motion refuses is tried again.

        Raises:
            WebDriverException: what the last try met, `TimeoutException` where that was nothing but untrue.
        """
        deadline, pause = time.monotonic() + seconds, _first_pause
        while True:
            met: WebDriverException = TimeoutException()
            try:
                if found := wanted():
                    return found
            except _in_motion as refused:
                met = refused
            if time.monotonic() > deadline:
                raise met
            time.sleep(pause)
            pause = min(pause * 1.5, _longest_pause)

    def all(self, selector: str) -> list[WebElement]:
        found: list[WebElement] = self.driver.find_elements(By.CSS_SELECTOR, selector)
        return found

    def one(self, selector: str) -> WebElement:
        found: WebElement = self.until(lambda: next(iter(self.all(selector)), None))
        return found

    def text(self, selector: str) -> str:
        """What stands there for eyes, hidden parts left out; waits until there is something."""
        return str(self.until(lambda: self._said(selector)))

    def sees(self, selector: str, words: str, seconds: float = _patience) -> bool:
        self.until(lambda: words in self._said(selector), seconds)
        return True

    def _said(self, selector: str) -> str:
        """What stands there now; waits for the element alone."""
        found: str | None = self.driver.execute_script(_text, selector)
        # Of what a browser has not laid out yet, as rows below the window, only WebDriver knows the text.
        return found or self.one(selector).text

    def says(self, msgid: str, **parts: object) -> str:
        """What the dashboard's catalogue has for a msgid in the language of the page, its `{parts}` filled in.

        With plain spaces in the place of no-break ones, as the browser gives the text of an element.
        """
        said = translations(str(self.one("html").get_attribute("lang"))).gettext(msgid).format(**parts)
        return said.replace("\u00a0", " ")

    def turns_to(self, lang: str) -> None:
        """Chooses the other language, in which the page is loaded anew."""
        self.clicks(f"#shell-languages a[lang={lang}]")
        self.until(lambda: self.one("html").get_attribute("lang") == lang)

    def clicks(self, selector: str) -> None:
        """Scrolls to an element and clicks on it, anew while the layout moves or another part lies over it."""
        self.until(lambda: self._clicked(self.one(selector)))

    def clicks_at(self, selector: str) -> None:
        """Clicks on the place of an element, where what takes the click lies over it by design."""
        self.until(lambda: self._clicked_at(self.one(selector)))

    def _clicked_at(self, element: WebElement) -> bool:
        if not self.driver.execute_async_script(_rests, element):
            return False
        ActionChains(self.driver).move_to_element(element).click().perform()
        return True

    def _clicked(self, element: WebElement) -> bool:
        if not self.driver.execute_async_script(_rests, element):
            return False
        element.click()
        return True

    def types(self, selector: str, *keys: str) -> None:
        """Types into a field, or gives a path to one for files."""
        self.until(lambda: _typed(self.one(selector), *keys))

    def chooses(self, selector: str, value: str) -> None:
        """Chooses from a list, once it holds the value."""
        self.until(lambda: _chosen(self.one(selector), value))

    def field(self, column: str) -> WebElement:
        return self.one(f'[id=\'{{"name":"{column}","type":"scoring-value"}}\']')

    def note(self, column: str) -> str:
        """What is said of a field; nothing where there is nothing to say."""
        return self._said(f"#scoring-note-{column}")

    def writes(self, column: str, text: str) -> None:
        """Replaces what a field says."""
        self.until(lambda: self._written(self.field(column), text))

    def _written(self, field: WebElement, text: str) -> bool:
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", field)
        if field.tag_name == "select":
            return _chosen(field, text)
        return _typed(field, Keys.CONTROL, "a") and _typed(field, text or Keys.DELETE)

    def presses(self, *keys: str) -> None:
        self.until(lambda: _typed(self.driver.switch_to.active_element, *keys))

    @property
    def focused(self) -> str:
        return str(self.driver.switch_to.active_element.get_attribute("id"))

    @property
    def place(self) -> str:
        """The address without the host."""
        return str(self.driver.execute_script("return location.pathname + location.search"))

    def violations(self) -> list[str]:
        """What axe-core objects to on the page as it stands."""
        # From the top: what a sticky header half covers would count as too small to be hit.
        self.driver.execute_script("window.scrollTo(0, 0)")
        if not self.driver.execute_script("return Boolean(window.axe)"):
            self.driver.execute_script(_axe)
        found = self.driver.execute_async_script(
            "const [folded, done] = arguments, style = document.createElement('style');"
            "style.textContent = folded; document.head.append(style);"
            # Of what is in order, nothing is asked but that: half of the time went into describing it.
            f"axe.run(document, {{runOnly: {json.dumps(_axe_tags)}, resultTypes: ['violations']}})"
            ".finally(() => style.remove()).then(r => done(r.violations));",
            _unkept,
        )
        return [
            f"{each['id']} ({each['impact']}): {node['target']} {node['failureSummary']}"
            for each in found
            for node in each["nodes"]
        ]

    def complaints(self) -> list[str]:
        """What the browser's console has to say that is no plain log."""
        return [each["message"] for each in self.driver.get_log("browser") if each["level"] in ("SEVERE", "WARNING")]

    def is_wider_than_the_window(self) -> bool:
        return bool(
            self.driver.execute_script(
                "return document.documentElement.scrollWidth > document.documentElement.clientWidth"
            )
        )


def _typed(field: WebElement, *keys: str) -> bool:
    field.send_keys(*keys)
    return True


def _chosen(field: WebElement, value: str) -> bool:
    Select(field).select_by_value(value)
    return True
