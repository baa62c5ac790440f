"""A file in the browser: sent, looked at, scored, read, fetched, removed; and a worker that is killed in between."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import polars as pl
import pytest
from selenium.webdriver.support.expected_conditions import alert_is_present

from core import catalogue
from core.data import demo
from core.features import history_names
from core.jobs import files
from core.portfolio.clients import clients_file
from runtime import services
from tests.e2e.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dash.testing.browser import Browser

    from tests.e2e.conftest import Served

catalogue_names = [column.name for column in catalogue.columns() if column.type != "target"]
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
    return serve("dashboard", API_URL=api.url)


class Worker:
    """The process that scores files: there once a test needs it, and until one wants it away."""

    def __init__(self, jobs_dir: Path, portfolio_dir: Path) -> None:
        self._own = {
            "JOBS_DIR": str(jobs_dir),
            "AUDIT_FILE": str(jobs_dir / "audit.db"),
            "DATA_DIR": str(portfolio_dir.parent),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it where it is away."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "commands", "worker"],
                cwd=services.root,
                env=os.environ | self._own,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def ends_by(self, number: signal.Signals) -> None:
        """Sends a signal, and waits for its end."""
        if self._process is not None:
            self._process.send_signal(number)
            # Where a test failed while it was frozen, it would not hear of it.
            self._process.send_signal(signal.SIGCONT)
            self._process.wait()
        self._process = None

    def freeze(self) -> None:
        """Has it do nothing more until it is killed."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)


@pytest.fixture(scope="module")
def shared_worker(jobs_dir: Path, portfolio_dir: Path) -> Iterator[Worker]:
    found = Worker(jobs_dir, portfolio_dir)
    yield found
    found.ends_by(signal.SIGTERM)


@pytest.fixture
def worker(shared_worker: Worker) -> None:
    """A worker is there."""
    shared_worker.start()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = demo.draw_applications(clients, 21, "train")
    bad = pl.int_range(pl.len()) % (clients // wrong) == 0
    path = tmp_path_factory.mktemp("files") / "demandes.csv"
    rows.with_columns(AMT_CREDIT=pl.when(bad).then(-1.0).otherwise("AMT_CREDIT")).write_csv(path)
    return path


def sends(reader: Reader, file: Path) -> None:
    if reader.place != "/simulation":
        reader.opens("/simulation")
    reader.types("#import-upload-file", str(file))
    reader.until(lambda: "import=" in reader.place)


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(("lang", "theme"), [("fr", "light"), ("en", "dark")])
def test_from_a_file_to_its_decisions(dash_br: Browser, dashboard: Served, file: Path, lang: str, theme: str) -> None:
    said = words[lang]
    reader = Reader(dash_br, dashboard.url, lang, theme)
    reader.opens("/simulation")
    assert reader.violations() == []
    if lang == "fr":
        fits_a_phone(reader)
    sends(reader, file)
    reader.sees("#import-stage", said["part"])
    reader.sees(".import-state", said["sent"])
    assert reader.violations() == []
    # Somebody who leaves finds it again.
    place = reader.place
    reader.goes("/simulation")
    reader.sees("#import-recent", "demandes.csv")
    reader.clicks(f'#import-recent a[href$="{place}"]')
    reader.sees("#import-stage", said["part"])

    reader.clicks("#import-start")
    reader.sees("#import-result .import-state", said["done"])
    figures = reader.until(lambda: [each.text for each in reader.all(".import-banner dd")])
    digits = ["".join(filter(str.isdigit, figure)) for figure in figures]
    assert digits[0] == str(clients - wrong)
    assert int(digits[1]) + int(digits[2]) == clients - wrong
    # Those for a person to look at, of what was scored.
    assert 0 < int(digits[4]) < clients - wrong
    assert digits[5] == str(wrong)
    reader.until(lambda: reader.all(".ag-row a"))
    assert reader.violations() == []
    reader.until(lambda: not reader.is_wider_than_the_window())

    # Only the refused, through the server.
    reader.driver.execute_script("arguments[0].click()", reader.one(".import-tools .form-check:last-child input"))
    reader.until(
        lambda: (
            (shown := [each.text for each in reader.all('.ag-row [col-id="decision"]')])
            and set(shown) == {said["refused"]}
        )
    )
    # A row opens with what the file says of it, and is decided as the file was.
    first = ".ag-row[row-index='0']"
    row, risk = reader.text(f"{first} a"), reader.text(f"{first} [col-id='probability']")
    address = reader.until(lambda: reader.one(f"{first} a").get_attribute("href"))
    reader.clicks(f"{first} a")
    reader.sees("#scoring-file h1", row)
    reader.sees("#scoring-source", "demandes.csv")
    reader.sees("#scoring-banner", risk)
    assert reader.url + reader.place == address
    assert reader.violations() == []
    reader.clicks(".page-head a.back")
    reader.sees("#import-result .import-state", said["done"])

    link = reader.one('.import-banner .card-actions a[href*="result.csv"]').get_attribute("href")
    assert link is not None
    with urllib.request.urlopen(link) as answer:  # noqa: S310 - of our own page
        assert len(answer.read().splitlines()) == clients - wrong + 1
    assert [complaint for complaint in reader.complaints() if "favicon" not in complaint] == []


def fits_a_phone(reader: Reader) -> None:
    size = {"width": 320, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    reader.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    reader.until(lambda: reader.driver.execute_script("return innerWidth") == 320)
    reader.until(lambda: not reader.is_wider_than_the_window())
    assert reader.violations() == []
    reader.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def shows_rows(reader: Reader, count: int) -> None:
    reader.until(lambda: len(reader.all(".ag-row a")) == count)


@pytest.mark.usefixtures("worker")
def test_mended_rows_are_seen_among_the_others(dash_br: Browser, dashboard: Served, tmp_path: Path) -> None:
    drawn = demo.draw_applications(8, 22, "train")
    path, mended = tmp_path / "huit.csv", tmp_path / "mended.csv"
    place = pl.int_range(pl.len())
    drawn.with_columns(AMT_CREDIT=pl.when(place < 4).then(-1.0).otherwise("AMT_CREDIT")).write_csv(path)
    reader = Reader(dash_br, dashboard.url)
    sends(reader, path)
    reader.clicks("#import-start")
    shows_rows(reader, 4)
    link = reader.one('.card-actions a[href*="set-aside.csv"]').get_attribute("href")
    assert link is not None
    with urllib.request.urlopen(link) as answer:  # noqa: S310 - of our own page
        heading, *lines = answer.read().decode("utf-8-sig").splitlines()
    # Twice, as what is shown of the second is like what is shown of the first.
    for part, count in ((lines[:2], 6), (lines[2:], 8)):
        right = [line.replace("-1,0", "300000").replace("-1.0", "300000") for line in part]
        mended.write_text("\n".join([heading, *right]), encoding="utf-8")
        reader.types("#import-mended-file", str(mended))
        shows_rows(reader, count)


@pytest.fixture
def rows(request: pytest.FixtureRequest, portfolio_dir: Path, tmp_path: Path) -> Path:
    """Applications without a history: of clients on hand and of strangers, or real ones."""
    if request.param == "real":
        folder: Path = request.getfixturevalue("real_sample")
        # Enough for every kind of cell that they have; all of them would be scored three times.
        few = tmp_path / "application_train.csv.gz"
        with gzip.open(folder / few.name, "rt") as lines, gzip.open(few, "wt") as kept:
            kept.writelines(islice(lines, 1_501))
        return few
    path = tmp_path / "rows.csv"
    ours = pl.read_parquet(portfolio_dir / clients_file).head(150).select(catalogue_names)
    strangers = demo.draw_applications(50, 8, "test").with_columns(pl.col("SK_ID_CURR") - 8_900_000)
    pl.concat([ours, strangers.select(catalogue_names)]).write_csv(path)
    return path


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(("rows", "choice"), [("drawn", ""), ("drawn", "portfolio"), ("real", "")], indirect=["rows"])
def test_a_file_gets_the_same_decisions_in_the_browser_by_the_api_and_on_the_command_line(
    dash_br: Browser, dashboard: Served, rows: Path, choice: str, tmp_path: Path, portfolio_dir: Path
) -> None:
    ours = pl.read_parquet(portfolio_dir / clients_file).head(150).select(history_names())
    # Of a client or two nothing is stored.
    joined = ours.filter(pl.any_horizontal(pl.all().is_not_null())).height if choice == "portfolio" else 0
    reader = Reader(dash_br, dashboard.url, "en")
    sends(reader, rows)
    # What follows from synthetic clients on hand, unless one chooses.
    reader.until(lambda: reader.one("#import-history input[value='none']").is_selected())
    reader.sees("#import-history-note", "No history of clients on hand is joined")
    if choice:
        reader.driver.execute_script("arguments[0].click()", reader.one(f"#import-history input[value='{choice}']"))
        said = f"would be joined to {joined} of the 200 rows" if joined else "No history of clients on hand is joined"
        reader.sees("#import-history-note", said)
        assert reader.violations() == []
    reader.clicks("#import-start")
    reader.sees("#import-result .import-state", "done")
    said = f"was joined to {joined} of 200 rows" if joined else "No history of clients on hand is joined"
    reader.sees(".import-banner", said)
    link = reader.one('.import-banner .card-actions a[href*="result.csv"]').get_attribute("href")
    assert link is not None
    query = f"?history={choice}" if choice else ""
    in_browser, by_api = fetched(link), by_the_api(dashboard.environment["API_URL"], rows, query)

    out = tmp_path / "out.csv"
    own = {"DATA_DIR": str(portfolio_dir.parent), "MODELS_DIR": dashboard.environment["MODELS_DIR"]}
    command = [sys.executable, "-m", "commands", "score", str(rows), "--out", str(out)]
    subprocess.run(
        [*command, *(["--history", choice] if choice else [])],
        cwd=services.root,
        env=os.environ | own,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    on_command_line = pl.read_csv(out)

    assert in_browser.height == by_api.height == on_command_line.height > 100
    for other in (by_api, on_command_line):
        assert other["SK_ID_CURR"].to_list() == in_browser["SK_ID_CURR"].to_list()
        assert (other["probability"] - in_browser["probability"]).abs().max() < 1e-9  # type: ignore[operator]
        for name in ("decision", "history"):
            assert other[name].to_list() == in_browser[name].to_list()
    assert (in_browser["history"] == "portfolio").sum() == joined


def fetched(address: str) -> pl.DataFrame:
    with urllib.request.urlopen(address) as answer:  # noqa: S310 - of our own services
        return pl.read_csv(answer.read(), infer_schema_length=None)


def by_the_api(url: str, rows: Path, query: str) -> pl.DataFrame:
    """What the API makes of a file."""
    request = urllib.request.Request(f"{url}/jobs{query}", rows.read_bytes(), {"Content-Type": "text/csv"})  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        address = f"{url}/jobs/{json.load(answer)['id']}"
    while True:
        with urllib.request.urlopen(address) as answer:  # noqa: S310
            status = json.load(answer)["status"]
        if status not in ("queued", "running"):
            break
        time.sleep(0.1)
    assert status == "done"
    return fetched(f"{address}/result?format=csv")


def test_a_worker_that_is_killed_leaves_a_file_that_is_finished_by_the_next(
    dash_br: Browser, dashboard: Served, tmp_path: Path, jobs_dir: Path, shared_worker: Worker
) -> None:
    shared_worker.ends_by(signal.SIGTERM)
    large = tmp_path / "large.parquet"
    demo.draw_applications(20_000, 3, "test").write_parquet(large)
    reader = Reader(dash_br, dashboard.url, "en")
    sends(reader, large)
    reader.clicks("#import-start")
    # Nobody is there yet, and the page says so.
    reader.sees("#import-stage", "Nobody scores files")
    shared_worker.start()
    checkpoint = files.checkpoint(jobs_dir / parse_qs(urlsplit(reader.place).query)["import"][0])
    reader.until(checkpoint.exists)
    # Frozen first, so that it does not come to the end while the browser is busy.
    shared_worker.freeze()
    reader.sees(".progress-words", "rows read")
    # It is missed: what is left is not counted down any more.
    reader.sees("#import-stage", "Once it is back, the scoring goes on from where it was")
    reader.clicks(".sidebar-fold > summary")
    reader.sees('[data-service="worker"]', "offline")
    assert " left" not in reader.text(".progress-words")
    shared_worker.ends_by(signal.SIGKILL)
    shared_worker.start()
    reader.sees("#import-result .import-state", "done")
    reader.sees(".import-outcome", "20,000")


def test_a_file_that_is_not_wanted_any_more_is_removed(dash_br: Browser, dashboard: Served, tmp_path: Path) -> None:
    path = tmp_path / "unwanted.csv"
    demo.draw_applications(8, 23, "train").write_csv(path)
    reader = Reader(dash_br, dashboard.url, "en")
    sends(reader, path)
    reader.sees(".import-state", "waits for you")
    reader.clicks("#import-remove")
    reader.until(lambda: alert_is_present()(reader.driver)).accept()
    reader.sees("#import-stage", "cancelled")
