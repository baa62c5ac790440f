"""Takes the pictures of the user guide anew: `python -m tests.e2e.pictures ADDRESS [NAME...]`.

At the address is a dashboard with its services, worker included, on the demo portfolio; one decision and one file are
recorded on the way. `outcomes` and `model` show what `run.py demo` plays: a year of decisions and their outcomes.
"""

from __future__ import annotations

import base64
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from core.data import demo
from core.settings import root
from tests.e2e.conftest import pytest_setup_options

if TYPE_CHECKING:
    from collections.abc import Callable

folder: Final = root / "assets" / "docs"
_patience: Final = 60
_quality: Final = 82
_sharpness: Final = 1.5
_rows: Final = 400
_moment: Final = 2.5


class Camera:
    """A browser in one language, in front of one dashboard."""

    def __init__(self, url: str, lang: str) -> None:
        options = pytest_setup_options()
        for argument in ("--headless=new", "--no-sandbox", "--hide-scrollbars"):
            options.add_argument(argument)
        self.driver = webdriver.Chrome(options=options)
        self.url, self.lang = url, lang
        self.driver.execute_cdp_cmd("Network.enable", {})
        for name, value in (("lang", lang), ("theme", "light")):
            self.driver.execute_cdp_cmd("Network.setCookie", {"name": name, "value": value, "url": url})
        self.size(1280, 900)

    def size(self, width: int, height: int) -> None:
        wanted = {"width": width, "height": height, "deviceScaleFactor": _sharpness, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", wanted)

    def opens(self, path: str, *shown: str) -> None:
        """Opens a page and waits for what it shows."""
        self.driver.get(self.url + path)
        for selector in shown:
            self.one(selector)
        # What comes last, figures and sentences, has no mark of its own that all pages share.
        time.sleep(_moment)

    def one(self, selector: str) -> Any:
        return self.until(lambda: next(iter(self.driver.find_elements(By.CSS_SELECTOR, selector)), None))

    def all(self, selector: str) -> list[Any]:
        return list(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def until(self, wanted: Callable[[], Any]) -> Any:
        return WebDriverWait(self.driver, _patience, 0.2, [StaleElementReferenceException]).until(lambda _d: wanted())

    def clicks(self, selector: str) -> None:
        self.until(lambda: self.one(selector).is_displayed())
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", self.one(selector))
        self.one(selector).click()

    def takes(self, name: str, selector: str = "main", *, most: int = 860, around: int | None = None) -> None:
        """A picture of an element, from its top, at most so high."""
        box = self.driver.execute_script(
            "const b = document.querySelector(arguments[0]).getBoundingClientRect();"
            "return [b.left + scrollX, b.top + scrollY, b.width, b.height]",
            selector,
        )
        around = (0 if selector == "main" else 12) if around is None else around
        x, y = max(box[0] - around, 0), max(box[1] - around, 0)
        clip = {
            "x": x,
            "y": y,
            "width": box[2] + 2 * around,
            "height": min(box[3] + 2 * around, most),
            "scale": 1,
        }
        shot = self.driver.execute_cdp_cmd(
            "Page.captureScreenshot",
            {"format": "webp", "quality": _quality, "clip": clip, "captureBeyondViewport": True},
        )
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.{self.lang}.webp").write_bytes(base64.b64decode(shot["data"]))

    def top(self) -> None:
        self.driver.execute_script("window.scrollTo(0, 0)")
        time.sleep(0.3)


def find(camera: Camera, _client: str) -> None:
    """The finder, open."""
    camera.opens("/", "table.clients tbody tr")
    camera.one("#shell-finder-input").send_keys("9000")
    camera.until(lambda: len(camera.all("#shell-finder-options a")) > 3)
    camera.takes("find", "body", most=430, around=0)


def decision(camera: Camera, client: str) -> None:
    """The decision on a refused client, with the first reasons."""
    camera.opens(f"/?client={client}", "#scoring-banner *", "#scoring-reasons *")
    camera.takes("decision", most=880)


def what_if(camera: Camera, client: str) -> None:
    """A lower credit in the file of the client, with the risk before and after."""
    camera.opens(f"/?client={client}", "#scoring-banner *")
    credit = camera.one('[id=\'{"name":"AMT_CREDIT","type":"scoring-value"}\']')
    value = "".join(filter(str.isdigit, credit.get_attribute("value")))
    credit.send_keys(Keys.CONTROL, "a")
    credit.send_keys(str(round(int(value) * 7 // 10, -4)), Keys.TAB)
    camera.one(".change-list li")
    camera.top()
    camera.takes("what-if", ".dossier", most=1000)


def recourse(camera: Camera, client: str) -> None:
    """What would change the decision."""
    # What was tried before is kept in the tab.
    camera.driver.execute_script("sessionStorage.clear()")
    camera.opens(f"/?client={client}", ".way .button")
    camera.takes("recourse", ".card.ways")


def new(camera: Camera, _client: str) -> None:
    """A new application, filled in with the example."""
    camera.opens("/?new=1", "#scoring-example")
    camera.clicks("#scoring-example")
    camera.top()
    camera.takes("new", ".dossier", most=700)


def final(camera: Camera, _client: str) -> None:
    """The final decision, recorded; each language has a client of its own, since the trail stays."""
    words = {
        "fr": ("Claire Martin", "Trois fiches de paie vues ; le loyer prend fin en mars."),
        "en": ("Claire Martin", "Three pay slips seen; the rent ends in March."),
    }
    officer, reason = words[camera.lang]
    # Whom an officer accepted is no longer among the refused.
    client = refused(camera)
    camera.opens(f"/?client={client}", "#scoring-officer-submit")
    for again in range(2):
        camera.clicks("#scoring-officer-decision input[value='ACCEPTÉ']")
        camera.one("#scoring-officer-name").send_keys(Keys.CONTROL, "a")
        camera.one("#scoring-officer-name").send_keys(officer)
        camera.one("#scoring-officer-reason").send_keys(reason)
        if again:
            break
        camera.clicks("#scoring-officer-submit")
        camera.one("#scoring-officer-trail li")
        camera.until(lambda: not camera.one("#scoring-officer-reason").get_attribute("value"))
    camera.takes("final", ".card.word", most=900)


def report(camera: Camera, client: str) -> None:
    """The report for the client."""
    camera.opens(f"/report?client={client}", ".letter")
    camera.takes("report", most=900)


def comparison(camera: Camera, client: str) -> None:
    """A client among all."""
    camera.opens(f"/comparison?client={client}", "#comparison-overview .js-plotly-plot")
    camera.takes("comparison", most=900)


def imported(camera: Camera, _client: str) -> None:
    """A file that was scored."""
    name = {"fr": "demandes.csv", "en": "applications.csv"}[camera.lang]
    with TemporaryDirectory() as folder_of_file:
        path = Path(folder_of_file, name)
        demo.draw_applications(_rows, 21, "train").write_csv(path)
        camera.opens("/simulation", "#import-upload-file")
        camera.one("#import-upload-file").send_keys(str(path))
        camera.clicks("#import-start")
    camera.one(".ag-row a")
    camera.top()
    time.sleep(2)
    camera.takes("import", most=1000)


def drift(camera: Camera, _client: str) -> None:
    """A drift report: the newest, or the first."""
    camera.opens("/drift", "#drift-compare")
    if not camera.all("#drift-score .js-plotly-plot"):
        camera.clicks("#drift-compare")
    camera.one("#drift-score .js-plotly-plot")
    camera.top()
    time.sleep(2)
    camera.takes("drift", "#drift-results", most=900)


def outcomes(camera: Camera, _client: str) -> None:
    """What became of the decisions, month by month."""
    camera.opens("/drift", "#drift-outcomes .js-plotly-plot")
    camera.takes("outcomes", "#drift-outcomes", most=620)


def model(camera: Camera, _client: str) -> None:
    """The summary for the owner of the model."""
    camera.opens("/model", ".model-checks li", "#model-performance .js-plotly-plot")
    camera.takes("model", most=800)


_pictures: Final[dict[str, Callable[[Camera, str], None]]] = {
    "find": find,
    "decision": decision,
    "what-if": what_if,
    "recourse": recourse,
    "new": new,
    "final": final,
    "report": report,
    "comparison": comparison,
    "import": imported,
    "drift": drift,
    "outcomes": outcomes,
    "model": model,
}


def refused(camera: Camera) -> str:
    """The first client of the list who is refused."""
    camera.opens("/", "table.clients tbody tr .tag.against")
    link = camera.all("table.clients tbody tr:has(.tag.against) a")[0]
    return str(link.get_attribute("href")).split("client=")[1]


def main(arguments: list[str]) -> None:
    """Takes those that are named, or all, in both languages."""
    url, *names = arguments
    for lang in ("fr", "en"):
        camera = Camera(url.rstrip("/"), lang)
        try:
            client = refused(camera)
            for name in names or _pictures:
                _pictures[name](camera, client)
        finally:
            camera.driver.quit()


if __name__ == "__main__":
    main(sys.argv[1:])
