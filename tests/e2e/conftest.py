"""Real services on ports of their own, and the browser that visits them."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from dash.testing.browser import Browser
from selenium.webdriver.chrome.options import Options

from runtime import services

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(services.root / "tests" / "e2e"):
            item.add_marker(pytest.mark.e2e)
            # Selenium 4.2, to which dash[testing] is bound, against its urllib3.
            item.add_marker(pytest.mark.filterwarnings("ignore:HTTPResponse.getheader:DeprecationWarning"))


def pytest_setup_options() -> Options:
    """The browser of `dash_br` and `dash_duo`: in French, of a fixed size, asking nothing of the network.

    Without motion: each frame of an animation is painted by the processor, where services and tests wait for it.
    """
    options = Options()
    for argument in (
        "--window-size=1440,1000",
        "--accept-lang=fr-FR,fr",
        # What is compiled of a script is kept at its first sight, not at its second: many files have a dashboard of
        # their own, and so other addresses (V8CacheOptions::kCodeWithoutHeatCheck).
        "--blink-settings=v8CacheOptions=3",
        "--disable-background-networking",
        "--disable-component-update",
        # Pages of the browser's own, loaded beside ours for an address bar that nobody sees.
        "--disable-features=WebUIOmniboxAimPopup,WebUIOmniboxPopup",
        "--disable-quic",
        "--disable-sync",
        "--force-prefers-reduced-motion",
        "--no-first-run",
    ):
        options.add_argument(argument)
    return options


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser that all journeys share: it starts once, and reads the scripts that it knows from its cache."""
    option = request.config.getoption
    with Browser(
        browser=option("webdriver"),
        headless=option("headless"),
        options=request.config.hook.pytest_setup_options(),
        download_path=str(tmp_path_factory.mktemp("downloads")),
    ) as found:
        yield found


@pytest.fixture
def dash_br(browser: Browser) -> Iterator[Browser]:
    """That browser as if it were new: another tab, no cookies, nothing stored, nothing said."""
    driver = browser.driver
    driver.execute_cdp_cmd("Storage.clearCookies", {})
    driver.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"})
    driver.get_log("browser")
    yield browser
    # At the end, so that nothing goes on asking its services until the next one comes, which may be never.
    before = driver.window_handles
    driver.switch_to.new_window("tab")
    fresh = driver.current_window_handle
    for handle in before:
        driver.switch_to.window(handle)
        driver.close()
    driver.switch_to.window(fresh)


@dataclass
class Served:
    """A service started as `run.py` starts it, which a test may stop and start again on the same port."""

    name: str
    folder: Path
    environment: dict[str, str]
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        return services.url(services.loopback, self.port)

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}-{self.port}.log"

    def start(self) -> Served:
        """Starts the service and comes back once it is healthy."""
        addresses = {self.name: self.url}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *services.service_command(self.name, services.loopback, self.port)],
                cwd=services.root,
                env=services.service_environment(os.environ | self.environment, addresses),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        while not self._is_healthy():
            assert self.process.poll() is None, f"{self.name} ended: {self.log.read_text(errors='replace')[-3000:]}"
            time.sleep(0.1)
        return self

    def freeze(self) -> None:
        """Has the service accept connections, and answer none, until it is killed."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGSTOP)

    def kill(self) -> None:
        """Ends the service and all its processes at once, wherever they are."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def ask_to_stop(self) -> None:
        """Has the service stop, without waiting for it."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)

    def stop(self) -> None:
        """Stops the service and comes back once its port is free."""
        self.ask_to_stop()
        self.wait()

    def wait(self) -> None:
        """Comes back once a service that was asked to stop has."""
        if self.process is None:
            return
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def _is_healthy(self) -> bool:
        with closing(http.client.HTTPConnection(services.loopback, self.port, timeout=10)) as connection:
            try:
                connection.request("GET", "/health")
                return connection.getresponse().status == http.HTTPStatus.OK
            except (OSError, http.client.HTTPException):
                return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((services.loopback, 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def serve(
    tmp_path_factory: pytest.TempPathFactory, models_dir: Path, portfolio_dir: Path
) -> Iterator[Callable[..., Served]]:
    """Starts a service by its name, with environment variables of choice; all are stopped at the end."""
    folder = tmp_path_factory.mktemp("services")
    ours = {
        "MODELS_DIR": str(models_dir),
        "DATA_DIR": str(portfolio_dir.parent),
        "WEB_CONCURRENCY": "1",
        # An API that is only slow, on a machine that does much else, is not taken for one that is away.
        "API_TIMEOUT": "60",
    }
    started: list[Served] = []

    def start(name: str, **environment: str) -> Served:
        started.append(Served(name, folder, ours | environment, free_port()))
        return started[-1].start()

    yield start
    # Beside each other: they take as long as the slowest.
    for served in started:
        served.ask_to_stop()
    for served in started:
        served.wait()


@pytest.fixture(scope="session")
def api_service(serve: Callable[..., Served]) -> Served:
    """The API that all journeys share; a test that stops it starts one of its own with `serve`."""
    return serve("api")


@pytest.fixture(scope="session")
def dashboard_service(serve: Callable[..., Served], api_service: Served) -> Served:
    """The dashboard that all journeys share, in front of `api_service`."""
    return serve("dashboard", API_URL=api_service.url)
