"""Takes the screenshots of docs/images anew: `python -m tests.e2e.gallery ADDRESS [NAME...]`.

Each page in English and light, in French and dark, and on a phone. At the address is a dashboard with its services,
worker included, on the demo portfolio; a file is scored and a drift report is made on the way.
"""

from __future__ import annotations

import base64
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from core.data import demo
from core.settings import root
from tests.e2e.pictures import Camera, refused

if TYPE_CHECKING:
    from collections.abc import Callable

folder: Final = root / "docs" / "images"
_quality: Final = 80
_rows: Final = 2_000
# Ending of the name, language, theme, width, height, sharpness.
_looks: Final = (
    ("", "en", "light", 1440, 1000, 1.25),
    ("-dark", "fr", "dark", 1440, 1000, 1.25),
    ("-phone", "en", "light", 390, 844, 2.0),
)


def scoring(camera: Camera) -> None:
    """A client who is refused, with the first reasons."""
    camera.opens(f"/?client={refused(camera)}", "#scoring-banner *", "#scoring-reasons *")


def clients(camera: Camera) -> None:
    """The list of clients."""
    camera.opens("/", "table.clients tbody tr")


def report(camera: Camera) -> None:
    """The report for a client."""
    camera.opens(f"/report?client={refused(camera)}", ".letter")


def comparison(camera: Camera) -> None:
    """A client among all."""
    camera.opens(f"/comparison?client={refused(camera)}", "#comparison-overview .js-plotly-plot")


def imported(camera: Camera) -> None:
    """A file that was scored: the newest, or one that is drawn now."""
    camera.opens("/simulation", "#import-upload-file")
    recent = camera.all("#import-recent a")
    if recent:
        camera.opens(str(recent[0].get_attribute("href")).removeprefix(camera.url))
    else:
        with TemporaryDirectory() as folder_of_file:
            path = Path(folder_of_file, "applications.csv")
            demo.draw_applications(_rows, 21, "train").write_csv(path)
            camera.one("#import-upload-file").send_keys(str(path))
            camera.clicks("#import-start")
    camera.one(".ag-row a")


def simulation(camera: Camera) -> None:
    """Thresholds and scenarios on the portfolio."""
    camera.opens("/simulation/scenarios", ".js-plotly-plot")


def drift(camera: Camera) -> None:
    """A drift report: the newest, or the first."""
    camera.opens("/drift", "#drift-compare")
    if not camera.all("#drift-score .js-plotly-plot"):
        camera.clicks("#drift-compare")
    camera.one("#drift-score .js-plotly-plot")


def model(camera: Camera) -> None:
    """The model in use, for its owner."""
    camera.opens("/model", "#model-coverage .js-plotly-plot", "#model-performance .js-plotly-plot", ".model-checks li")


def documentation(camera: Camera) -> None:
    """Threshold and cost, explained."""
    camera.opens("/documentation/threshold", ".js-plotly-plot")


_pages: Final[dict[str, Callable[[Camera], None]]] = {
    "scoring": scoring,
    "clients": clients,
    "report": report,
    "comparison": comparison,
    "import": imported,
    "simulation": simulation,
    "drift": drift,
    "model": model,
    "documentation": documentation,
}


def main(arguments: list[str]) -> None:
    """Takes those that are named, or all."""
    url, *names = arguments
    for ending, lang, theme, width, height, sharpness in _looks:
        camera = Camera(url.rstrip("/"), lang)
        camera.driver.execute_cdp_cmd("Network.setCookie", {"name": "theme", "value": theme, "url": url})
        look = {"width": width, "height": height, "deviceScaleFactor": sharpness, "mobile": width < height}
        camera.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", look)
        try:
            for name in names or _pages:
                _pages[name](camera)
                camera.top()
                time.sleep(2)
                shot = camera.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "webp", "quality": _quality})
                (folder / f"{name}{ending}.webp").write_bytes(base64.b64decode(shot["data"]))
        finally:
            camera.driver.quit()


if __name__ == "__main__":
    main(sys.argv[1:])
