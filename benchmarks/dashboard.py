"""Measures the dashboard as a reader meets it, in Chromium: `python -m benchmarks.dashboard [--json FILE]`.

The API and the dashboard run through gunicorn in front of the portfolio in DATA_DIR, in processes of their own. Every
time is taken in the browser, from what the reader does to what the reader sees.
"""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import psutil
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.common.keys import Keys

from benchmarks.measured import Figure, report
from benchmarks.services import megabytes, running_api, service_environment
from core.portfolio.client_search import ClientFilter
from core.portfolio.clients import Portfolio
from core.settings import root, settings
from dash_app import addresses
from runtime import services

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_patience: Final = 60.0
_arguments: Final = (
    "--headless=new",
    "--no-sandbox",
    "--window-size=1440,1000",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
# Notes in the page itself when what was waited for is first seen, so that asking about it takes no part in the time.
_watch: Final = """
window.seen = null;
window.began = arguments[0];
const look = () => {{ if (window.seen === null && ({ready})) window.seen = performance.now(); }};
window.watcher = new MutationObserver(look);
window.watcher.observe(document.documentElement,
  {{childList: true, subtree: true, attributes: true, characterData: true}});
look();
"""
decided: Final = "!!document.querySelector('#scoring-banner .verdict-word')"
_shown: Final = "!!document.querySelector('#_pages_content h1, #_pages_content h2')"
_pages: Final = {
    "the first page": addresses.scoring,
    "a client": f"{addresses.scoring}?client={{client}}",
    "Comparison of a client": f"{addresses.comparison}?client={{client}}",
    "Import": addresses.simulation,
    "Drift": addresses.drift,
    "Model": addresses.model,
}
# By what the address of their scripts holds.
_libraries: Final = {"Plotly": "/plotly/package_data/", "AG Grid": "/dash_ag_grid/"}
_listed: Final = "!!document.querySelector('#scoring-list-table tbody tr')"
# The three figures of the page, drawn; those that stood there before are marked as old.
_compared: Final = (
    "Array.from(document.querySelectorAll('.comparison .js-plotly-plot:not(.old)'))"
    ".filter(e => e.querySelector('.main-svg')).length >= 3"
)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A running dashboard: its address and gunicorn's arbiter."""

    url: str
    process: psutil.Process


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmark and returns 0; whether a goal is met is for the reader to judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dashboard", description=__doc__)
    parser.add_argument("--rounds", type=int, default=12, help="how often each step is taken")
    parser.add_argument("--sizes", action="store_true", help="only what a first visit to a page fetches")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    namespace = parser.parse_args(arguments)
    portfolio = Portfolio.open(settings().portfolio_dir)
    clients = [client.client_id for client in portfolio.search(ClientFilter(), namespace.rounds + 3).clients]
    with (
        tempfile.TemporaryDirectory() as folder,
        running_api(Path(folder), workers=2) as api,
        running_dashboard(Path(folder), f"http://127.0.0.1:{api.port}") as dashboard,
    ):
        figures = [Figure("clients in the portfolio", f"{portfolio.summary.n_clients:,}")]
        if namespace.sizes:
            report("What a first visit to a page fetches", _sizes(dashboard, clients[0]), namespace.json)
            return 0
        with browser() as driver:
            # The first reader of a server pays for what it loads once.
            for address in (f"/?client={clients[0]}", f"/comparison?client={clients[0]}"):
                opened(driver, dashboard.url + address, decided if "compar" not in address else _compared)
            figures += _first_pages(driver, dashboard, clients, namespace.rounds)
            figures += _steps(driver, dashboard, clients)
        figures += _sizes(dashboard, clients[0])
        for number, each in enumerate(dashboard.process.children(), 1):
            figures.append(Figure(f"memory of dashboard process {number}", f"{megabytes(each):.0f} MB", "< 300 MB"))
    report("The dashboard in Chromium, from what the reader does to what the reader sees", figures, namespace.json)
    return 0


def _first_pages(driver: Any, dashboard: Dashboard, clients: list[int], rounds: int) -> list[Figure]:
    """Pages opened by their address, without and with what the browser has kept of earlier visits."""
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    cold = [opened(driver, dashboard.url + "/", _listed) for _round in range(rounds)]
    driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": False})
    warm = [opened(driver, dashboard.url + "/", _listed) for _round in range(rounds)]
    client = [opened(driver, f"{dashboard.url}/?client={each}", decided) for each in clients[1 : rounds + 1]]
    return [
        _timed("first page usable, nothing in the browser's cache", cold, "< 2,000 ms"),
        _timed("first page usable, on a later visit", warm, "< 2,000 ms"),
        _timed("a client opened by the address, decision shown", client, "< 2,000 ms"),
    ]


def _steps(driver: Any, dashboard: Dashboard, clients: list[int]) -> list[Figure]:
    """What the reader does within the dashboard."""
    pages, answers, compared, others = [], [], [], []
    for client in clients[1:-2]:
        opened(driver, dashboard.url + "/", _listed)
        others.append(_pressed(driver, _link("/comparison"), "!!document.querySelector('.comparison-start')"))
        pages.append(_pressed(driver, _link("/"), _listed))
        opened(driver, f"{dashboard.url}/?client={client}", decided)
        answers.append(_slid(driver))
        compared.append(_pressed(driver, _link(f"/comparison?client={client}"), _compared))
        pages.append(_pressed(driver, _link(f"/?client={client}"), decided))
    chosen = [_chosen(driver, dashboard, client) for client in clients[1:-2]]
    return [
        _timed("change of page, to Comparison without a client", others, "< 500 ms"),
        _timed("change of page, to the list or to a client's decision", pages, "< 500 ms"),
        _timed("what-if: a slider moved, to the new decision shown", answers, "< 150 ms"),
        _timed("change of page, to a whole comparison of a client", compared, "< 700 ms"),
        _timed("comparison with another group, all figures redrawn", chosen, "< 700 ms"),
    ]


def _slid(driver: Any) -> float:
    settle(driver)
    slider = driver.find_element("css selector", ".field-slider input")
    _watches(driver, "document.querySelector('#scoring-changes .change-list') !== null", None)
    # Before the page itself hears of it.
    driver.execute_script(
        "window.began = null; arguments[0].addEventListener('input',"
        " () => { window.began = performance.now(); }, {once: true, capture: true});",
        slider,
    )
    slider.send_keys(Keys.ARROW_LEFT)
    return _taken(driver)


def _chosen(driver: Any, dashboard: Dashboard, client: int) -> float:
    opened(driver, f"{dashboard.url}/comparison?client={client}", _compared)
    settle(driver)
    driver.execute_script(
        "document.querySelectorAll('.comparison .js-plotly-plot').forEach(each => each.classList.add('old'));"
    )
    _watches(driver, _compared, None)
    driver.execute_script(
        "window.began = performance.now(); document.querySelector('#comparison-group input[value=accepted]').click();"
    )
    return _taken(driver)


def opened(driver: Any, url: str, ready: str) -> float:
    """Milliseconds from the navigation to what is waited for."""
    driver.get(url)
    _watches(driver, ready, 0)
    return _taken(driver)


def _pressed(driver: Any, selector: str, ready: str) -> float:
    """Milliseconds from a click on a link to what is waited for."""
    settle(driver)
    # What stands on the page now does not count.
    driver.execute_script("window.old = document.querySelector('#_pages_content').firstElementChild;")
    gone = f"!document.contains(window.old) && ({ready})"
    _watches(driver, gone, None)
    driver.execute_script("window.began = performance.now(); document.querySelector(arguments[0]).click();", selector)
    return _taken(driver)


def _link(address: str) -> str:
    return f"#shell-navigation a[href='{address}']"


def settle(driver: Any) -> None:
    """Waits until the page asks for nothing any more."""
    quiet = (
        "return document.querySelectorAll('[data-dash-is-loading]').length === 0"
        " && performance.now() - Math.max(0, ...performance.getEntriesByType('resource').map(e => e.responseEnd)) > 400"
    )
    deadline = time.monotonic() + _patience
    while not driver.execute_script(quiet) and time.monotonic() < deadline:
        time.sleep(0.05)


def _watches(driver: Any, ready: str, began: int | None) -> None:
    # The page allows no `eval`: the condition is part of the script.
    driver.execute_script(_watch.format(ready=ready), began)


def _taken(driver: Any) -> float:
    deadline = time.monotonic() + _patience
    while time.monotonic() < deadline:
        found = driver.execute_script("return window.seen === null ? null : window.seen - window.began")
        if found is not None:
            driver.execute_script("window.watcher.disconnect()")
            return float(found)
        time.sleep(0.02)
    raise TimeoutError("what was waited for did not come")


def _sizes(dashboard: Dashboard, client: int) -> list[Figure]:
    """What a first visit to each page fetches of scripts and style sheets, and which libraries are among them."""
    figures = []
    for place, address in _pages.items():
        goal = "" if figures else "< 1,500 kB unpacked"
        # Each with nothing in the browser's cache.
        with browser() as driver:
            driver.get(dashboard.url + address.format(client=client))
            _watches(driver, _compared if address.startswith(addresses.comparison) else _shown, 0)
            _taken(driver)
            settle(driver)
            entries = driver.execute_script(
                "return performance.getEntriesByType('resource')"
                # What is fetched ahead is not needed here; style sheets come from a link as well.
                ".filter(e => e.initiatorType !== 'link' || !/[.]js([?]|$)/.test(e.name))"
                ".map(e => [e.name, e.encodedBodySize, e.decodedBodySize])"
            )
        fetched = [(sent, whole) for url, sent, whole in entries if url.split("?")[0].endswith((".js", ".css"))]
        sent, whole = (sum(each) / 1000 for each in zip(*fetched, strict=True))
        libraries = [name for name, mark in _libraries.items() if any(mark in url for url, _, _ in entries)]
        named = f", with {' and '.join(libraries)}" if libraries else ""
        text = f"{sent:,.0f} kB sent, {whole:,.0f} kB unpacked{named}"
        figures.append(Figure(f"scripts and style sheets of {place}", text, goal))
    return figures


def _timed(name: str, values: list[float], goal: str) -> Figure:
    middle, slow = np.quantile(values, [0.5, 0.95])
    return Figure(name, f"p50 {middle:,.0f} ms, p95 {slow:,.0f} ms", goal)


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium without a window; closed at the end."""
    options = Options()
    # What is waited for is watched for; the load of the last picture is not.
    options.page_load_strategy = "eager"
    for argument in _arguments:
        options.add_argument(argument)  # type: ignore[no-untyped-call]
    driver = webdriver.Chrome(options=options)
    try:
        yield driver
    finally:
        driver.quit()


@contextmanager
def running_dashboard(folder: Path, api_url: str) -> Iterator[Dashboard]:
    """The dashboard through gunicorn, two workers; stopped at the end. Raises `RuntimeError` where it does not."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, *services.service_command("dashboard", "127.0.0.1", port)]
    environment = service_environment(folder, port, 2) | {"API_URL": api_url}
    url = f"http://127.0.0.1:{port}"
    with (folder / "dashboard.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log)
        try:
            until(lambda: answers(url), process)
            yield Dashboard(url, psutil.Process(process.pid))
        finally:
            process.terminate()
            process.wait(_patience)


def answers(url: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"{url}/health", timeout=5):
        return True
    return False


def until(ready: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _patience
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the dashboard does not answer")
        time.sleep(0.05)


if __name__ == "__main__":
    raise SystemExit(main())
