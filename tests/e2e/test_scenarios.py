"""The Simulation page in the browser: a threshold moved, scenarios made, fetched, sent back, and tried on an import."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Final

import pytest
import requests
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from core.data import demo
from runtime import services
from tests.e2e.reader import Reader, arrived

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dash.testing.browser import Browser

    from tests.e2e.conftest import Served

rows: Final = 600
path: Final = "/simulation/scenarios"
words: Final = {
    "fr": {
        "rows": "600 demandes de demandes.csv",
        "unchanged": "Sans changement",
        "income": "Revenus −10",
        "own": "Crise",
        "imported": "Scénarios importés",
        "bad": "Le fichier n’est pas du JSON.",
        "number": "Un pourcentage de 0 à 100 est attendu.",
        "many": "10 scénarios sont cochés, 8 sont comparés",
        "local": "L’API ne répond pas",
    },
    "en": {
        "rows": "600 applications of demandes.csv",
        "unchanged": "No change",
        "income": "Income −10%",
        "own": "Crisis",
        "imported": "Scenarios imported",
        "bad": "The file is not JSON.",
        "number": "A percentage from 0 to 100 is expected.",
        "many": "10 scenarios are ticked, 8 are compared",
        "local": "The API does not answer",
    },
}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("scenarios")
    return {"JOBS_DIR": str(folder), "AUDIT_FILE": str(folder / "audit.db")}


@pytest.fixture(scope="module")
def api(serve: Callable[..., Served], own: dict[str, str]) -> Served:
    return serve("api", **own)


@pytest.fixture(scope="module")
def dashboard(serve: Callable[..., Served], api: Served) -> Served:
    return serve("dashboard", API_URL=api.url)


@pytest.fixture(scope="module")
def done(
    api: Served, own: dict[str, str], portfolio_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """An import that is scored, whose outcomes nobody knows."""
    file = tmp_path_factory.mktemp("files") / "demandes.csv"
    demo.draw_applications(rows, 5, "test").write_csv(file)
    environment = os.environ | own | {"DATA_DIR": str(portfolio_dir.parent)}
    worker = subprocess.Popen(
        [sys.executable, "-m", "commands", "worker"],
        cwd=services.root,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with requests.Session() as client:
            sent = client.post(f"{api.url}/jobs", params={"filename": file.name}, data=file.read_bytes(), timeout=30)
            assert sent.ok, sent.text
            job = sent.json()["id"]
            while (found := client.get(f"{api.url}/jobs/{job}", timeout=30).json())["status"] != "done":
                assert found["status"] in ("queued", "running", "waiting"), found
                time.sleep(0.2)
        yield job
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait()


def box(key: str) -> str:
    return f'#scenarios-listed [id=\'{{"key":"{key}","type":"scenarios-chosen"}}\']'


def tile(reader: Reader, part: str) -> str:
    return reader.text(f"#scenarios-tile-{part}-value")


def moves(reader: Reader, text: str) -> None:
    reader.types("#scenarios-number", Keys.CONTROL, "a")
    reader.types("#scenarios-number", text, Keys.ENTER)


def resizes(reader: Reader, width: int, *, mobile: bool) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": mobile}
    reader.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


@pytest.mark.parametrize(("lang", "theme"), [("fr", "light"), ("en", "dark")])
def test_from_a_threshold_to_an_import(
    dash_br: Browser, dashboard: Served, done: str, tmp_path: Path, lang: str, theme: str
) -> None:
    said = words[lang]
    reader = Reader(dash_br, dashboard.url, lang, theme)
    behaviour = {"behavior": "allow", "downloadPath": str(tmp_path), "eventsEnabled": False}
    reader.driver.execute_cdp_cmd("Browser.setDownloadBehavior", behaviour)
    kept = {"origin": dashboard.url, "storageTypes": "local_storage"}
    reader.driver.execute_cdp_cmd("Storage.clearDataForOrigin", kept)
    reader.opens(path)
    reader.sees("#scenarios-comparison tbody tr:first-child", said["unchanged"])
    reader.sees("#scenarios-comparison", said["income"])
    reader.until(lambda: len(reader.all("#scenarios-workspace .js-plotly-plot")) == 2)
    # Every figure has words, and numbers behind it.
    reader.until(lambda: all(each.get_attribute("aria-label") for each in reader.all(".scenarios .picture")))
    reader.until(lambda: len(reader.all(".scenarios .past-table")) == 2)

    moves_the_threshold(reader, said)
    makes_a_scenario(reader, said)
    passes_files(reader, said, tmp_path)

    # An import is chosen; the address can be kept, and the threshold stays.
    threshold = reader.one("#scenarios-number").get_attribute("value")
    reader.until(lambda: len(Select(reader.one("#scenarios-population")).options) > 1)
    reader.chooses("#scenarios-population", done)
    reader.sees("#scenarios-population-note", said["rows"])
    reader.until(lambda: reader.place == f"{path}?population={done}")
    reader.until(lambda: not reader.one("#scenarios-hindsight").is_displayed())
    assert reader.one("#scenarios-number").get_attribute("value") == threshold
    fits(reader)
    assert reader.violations() == []
    assert reader.complaints() == []


def moves_the_threshold(reader: Reader, said: dict[str, str]) -> None:
    """By number, by keyboard and by button; figures and the table follow."""
    before = {part: tile(reader, part) for part in ("accepted", "defaults", "cost", "recall")}
    shares = reader.text("#scenarios-comparison tbody tr:first-child td")
    moves(reader, "20")
    reader.until(lambda: tile(reader, "accepted") != before["accepted"])
    reader.until(lambda: all(tile(reader, part) != shown for part, shown in before.items()))
    reader.until(lambda: reader.text("#scenarios-comparison tbody tr:first-child td") != shares)
    reader.until(lambda: reader.text("#scenarios-comparison tbody tr:first-child td") == tile(reader, "accepted"))
    reader.types("#scenarios-slider", Keys.ARROW_RIGHT)
    reader.until(lambda: reader.one("#scenarios-number").get_attribute("value") in ("20,1", "20.1"))
    moves(reader, "beaucoup")
    reader.sees("#scenarios-number-problem", said["number"])
    assert reader.one("#scenarios-number").get_attribute("value") in ("20,1", "20.1")
    reader.clicks("#scenarios-today")
    reader.until(lambda: tile(reader, "accepted") == before["accepted"])
    reader.until(lambda: reader.one("#scenarios-number-problem").text == "")


def makes_a_scenario(reader: Reader, said: dict[str, str]) -> None:
    """From the keyboard; it is compared at once, kept through a reload, as is what is not ticked."""
    reader.clicks("#scenarios-editor-open")
    reader.until(lambda: reader.focused == "scenarios-name")
    reader.presses(said["own"])
    reader.chooses("#scenarios-column", "AMT_INCOME_TOTAL")
    reader.until(lambda: reader.one("#scenarios-value-unit").text == "%")
    reader.types("#scenarios-value", "-50")
    assert reader.violations() == []
    reader.types("#scenarios-value", Keys.TAB)
    reader.clicks("#scenarios-save")
    reader.until(lambda: reader.focused == "scenarios-editor-open")
    reader.sees("#scenarios-comparison tbody tr:last-child", said["own"])
    reader.clicks(box("ready-blind"))
    reader.until(lambda: len(reader.all("#scenarios-comparison tbody tr")) == 5)
    reader.opens(path)
    reader.sees("#scenarios-comparison tbody tr:last-child", said["own"])
    reader.until(lambda: len(reader.all("#scenarios-comparison tbody tr")) == 5)
    assert not reader.one(box("ready-blind")).is_selected()


def passes_files(reader: Reader, said: dict[str, str], folder: Path) -> None:
    """Fetched as CSV, Excel and JSON; the JSON comes back, and a bad one does not."""
    for button, ending in (("csv", ".csv"), ("xlsx", ".xlsx"), ("to-file", ".json")):
        reader.clicks(f"#scenarios-{button}")
        reader.until(partial(arrived, folder, ending))
    table = (folder / "scenarios.csv").read_text(encoding="utf-8-sig").splitlines()
    assert table[1].startswith(said["unchanged"])
    assert table[-1].startswith(said["own"])
    assert (folder / "scenarios.xlsx").read_bytes().startswith(b"PK")
    kept = json.loads((folder / "scenarios.json").read_text(encoding="utf-8"))
    assert [scenario["name"] for scenario in kept["scenarios"]][-1] == said["own"]

    bad = folder / "bad.json"
    bad.write_text("{")
    reader.types("#scenarios-file", str(bad))
    reader.sees("#scenarios-file-note", said["bad"])
    assert len(kept["scenarios"]) == 5
    good = folder / "good.json"
    good.write_text(json.dumps(kept))
    reader.types("#scenarios-file", str(good))
    reader.sees("#scenarios-file-note", said["imported"])
    reader.until(lambda: len(reader.all("#scenarios-listed li")) == 10)
    # Eight are compared; whoever ticks more is told.
    reader.until(lambda: len(reader.all("#scenarios-comparison tbody tr")) == 9)
    for unticked in (box("ready-blind"), "#scenarios-listed li:last-child input"):
        reader.clicks(unticked)
    reader.sees("#scenarios-limit", said["many"])


def fits(reader: Reader) -> None:
    """On 320 pixels, and with text twice as large."""
    resizes(reader, 320, mobile=True)
    reader.until(lambda: reader.driver.execute_script("return innerWidth") == 320)
    reader.until(lambda: not reader.is_wider_than_the_window())
    reader.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    reader.driver.execute_script("document.documentElement.style.fontSize = '200%'")
    reader.until(lambda: not reader.is_wider_than_the_window())
    reader.driver.execute_script("document.documentElement.style.fontSize = ''")


def test_an_import_that_is_not_there_and_an_api_that_is_away(dash_br: Browser, api: Served, dashboard: Served) -> None:
    reader = Reader(dash_br, dashboard.url, "en")
    reader.opens(f"{path}?population={'0' * 32}")
    reader.sees("#scenarios-problem", "There is no such import.")
    reader.until(lambda: not reader.one("#scenarios-workspace").is_displayed())
    assert reader.violations() == []
    api.stop()
    reader.chooses("#scenarios-population", "portfolio")
    reader.sees("#scenarios-population-note", words["en"]["local"])
    reader.until(lambda: reader.all("#scenarios-comparison tbody tr"))
    reader.until(lambda: tile(reader, "accepted") != "–")
