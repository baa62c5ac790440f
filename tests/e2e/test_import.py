"""A file in the browser: sent, looked at, scored, read, fetched, removed; and a worker that is killed in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING

import polars as pl
import pytest
from selenium.webdriver.support.expected_conditions import alert_is_present

from core import commands
from core.data import demo
from tests.e2e.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dash.testing.browser import Browser

    from tests.e2e.conftest import Served

clients = 3000
wrong = 30
words = {
    "fr": {"part": "en partie", "sent": "à confirmer", "done": "terminé", "refused": "✕ Refusé"},
    "en": {"part": "in part", "sent": "waits for you", "done": "done", "refused": "✕ Refused"},
}


@pytest.fixture(scope="module")
def jobs_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("jobs")


@pytest.fixture(scope="module")
def dashboard(serve: Callable[..., Served], jobs_dir: Path) -> Served:
    own = {"JOBS_DIR": str(jobs_dir), "AUDIT_FILE": str(jobs_dir / "audit.db")}
    api = serve("api", **own)
    return serve("dashboard", API_URL=api.url, API_TIMEOUT="20")


def start_worker(jobs_dir: Path, portfolio_dir: Path) -> subprocess.Popen[bytes]:
    own = {"JOBS_DIR": str(jobs_dir), "AUDIT_FILE": str(jobs_dir / "audit.db"), "DATA_DIR": str(portfolio_dir.parent)}
    command = [sys.executable, "-m", "core", "worker"]
    return subprocess.Popen(
        command, cwd=commands.root, env=os.environ | own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@pytest.fixture
def worker(jobs_dir: Path, portfolio_dir: Path) -> Iterator[subprocess.Popen[bytes]]:
    running = start_worker(jobs_dir, portfolio_dir)
    yield running
    running.send_signal(signal.SIGTERM)
    running.wait()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = demo.draw_applications(clients, 21, "train")
    bad = pl.int_range(pl.len()) % (clients // wrong) == 0
    path = tmp_path_factory.mktemp("files") / "demandes.csv"
    rows.with_columns(AMT_CREDIT=pl.when(bad).then(-1.0).otherwise("AMT_CREDIT")).write_csv(path)
    return path


def sends(reader: Reader, file: Path) -> None:
    reader.opens("/simulation")
    reader.one("#import-upload-file").send_keys(str(file))
    reader.until(lambda: "import=" in reader.place)


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(("lang", "theme"), [("fr", "light"), ("en", "dark")])
def test_from_a_file_to_its_decisions(dash_br: Browser, dashboard: Served, file: Path, lang: str, theme: str) -> None:
    said = words[lang]
    reader = Reader(dash_br, dashboard.url, lang, theme)
    reader.opens("/simulation")
    assert reader.violations() == []
    sends(reader, file)
    reader.sees("#import-stage", said["part"])
    reader.sees(".import-state", said["sent"])
    assert reader.violations() == []
    # Somebody who leaves finds it again.
    place = reader.place
    reader.opens("/simulation")
    reader.sees("#import-recent", "demandes.csv")
    reader.opens(place)

    reader.clicks("#import-start")
    reader.sees("#import-result .import-state", said["done"])
    figures = [each.text for each in reader.all(".import-banner dd")]
    digits = ["".join(filter(str.isdigit, each)) for each in figures]
    assert digits[0] == str(clients - wrong)
    assert int(digits[1]) + int(digits[2]) == clients - wrong
    assert digits[4] == str(wrong)
    reader.until(lambda: reader.all(".ag-row a"))
    assert reader.violations() == []
    assert not reader.is_wider_than_the_window()

    # Only the refused, through the server.
    reader.driver.execute_script("arguments[0].click()", reader.one(".import-tools .form-check:last-child input"))
    reader.until(
        lambda: (
            (shown := [each.text for each in reader.all('.ag-row [col-id="decision"]')])
            and set(shown) == {said["refused"]}
        )
    )
    # A row opens with what the file says of it, and is decided as the file was.
    first = reader.one(".ag-row[row-index='0'] a")
    row, risk = first.text, reader.text(".ag-row[row-index='0'] [col-id='probability']")
    address = first.get_attribute("href")
    reader.clicks(".ag-row[row-index='0'] a")
    reader.sees("#scoring-file h1", row)
    reader.sees("#scoring-source", "demandes.csv")
    reader.sees("#scoring-banner", risk)
    assert reader.url + reader.place == address
    assert reader.violations() == []
    reader.clicks(".page-head a.back")
    reader.sees("#import-result .import-state", said["done"])

    link = reader.one('.import-banner a[href$=".csv"]').get_attribute("href")
    assert link is not None
    with urllib.request.urlopen(link) as answer:  # noqa: S310 - of our own page
        assert len(answer.read().splitlines()) == clients - wrong + 1
    assert [each for each in reader.complaints() if "favicon" not in each] == []


def test_a_worker_that_is_killed_leaves_a_file_that_is_finished_by_the_next(
    dash_br: Browser, dashboard: Served, tmp_path: Path, jobs_dir: Path, portfolio_dir: Path
) -> None:
    large = tmp_path / "large.parquet"
    demo.draw_applications(60_000, 3, "test").write_parquet(large)
    reader = Reader(dash_br, dashboard.url, "en")
    sends(reader, large)
    reader.clicks("#import-start")
    # Nobody is there yet, and the page says so.
    reader.sees("#import-stage", "Nobody scores files")
    first = start_worker(jobs_dir, portfolio_dir)
    reader.sees("#import-stage", "rows read")
    first.kill()
    first.wait()
    second = start_worker(jobs_dir, portfolio_dir)
    try:
        reader.sees("#import-result .import-state", "done")
        assert "60,000" in reader.text(".import-outcome")
    finally:
        second.terminate()
        second.wait()


def test_a_file_that_is_not_wanted_any_more_is_removed(dash_br: Browser, dashboard: Served, file: Path) -> None:
    reader = Reader(dash_br, dashboard.url, "en")
    sends(reader, file)
    reader.sees(".import-state", "waits for you")
    reader.clicks("#import-remove")
    reader.until(lambda: alert_is_present()(reader.driver)).accept()
    reader.sees("#import-stage", "cancelled")


def test_on_a_phone(dash_br: Browser, dashboard: Served) -> None:
    reader = Reader(dash_br, dashboard.url, "fr")
    size = {"width": 320, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    reader.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    reader.opens("/simulation")
    reader.one("#import-upload-file")
    assert not reader.is_wider_than_the_window()
    assert reader.violations() == []
