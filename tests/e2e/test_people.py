"""Two people at one computer: what the browser keeps of one is not there for the other."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import make_server

from core.settings import Settings
from dash_app import create_app
from tests.dash_app.access.provider import Provider, client_id, client_secret
from tests.e2e.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dash.testing.browser import Browser


@pytest.fixture
def provider() -> Iterator[Provider]:
    running = Provider()
    yield running
    running.stop()


@pytest.fixture
def address(provider: Provider, models_dir: Path, portfolio_dir: Path, tmp_path: Path) -> Iterator[str]:
    """A dashboard where one has to sign in, without an API."""
    settings = Settings.model_validate(
        {
            "oidc_issuer": provider.issuer,
            "oidc_client_id": client_id,
            "oidc_client_secret": client_secret,
            "secret_key": "for this test alone, and long enough",
            "models_dir": models_dir,
            "data_dir": portfolio_dir.parent,
            "spool_dir": tmp_path / "spool",
            "api_url": "http://127.0.0.1:9",
            "mlflow_url": "http://127.0.0.1:9",
        }
    )
    server = make_server("127.0.0.1", 0, create_app(settings).server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_the_browser_keeps_is_of_who_signed_in(dash_br: Browser, provider: Provider, address: str) -> None:
    reader = Reader(dash_br, address)

    def arrives(name: str) -> tuple[str | None, str | None]:
        """Signs in, and says what the tab and the browser hold."""
        provider.claims = {"sub": f"u-{name}", "name": name}
        reader.driver.get(f"{address}/documentation")
        reader.sees("header", name)
        read = "return [sessionStorage.getItem('draft'), localStorage.getItem('scenarios-kept')]"
        draft, scenarios = reader.driver.execute_script(read)
        return draft, scenarios

    def leaves() -> None:
        reader.driver.execute_script("document.querySelector('form[action$=\"/logout\"]').submit()")
        reader.until(lambda: reader.driver.current_url.startswith(provider.issuer))

    assert arrives("Alice") == (None, None)
    typed = "sessionStorage.setItem('draft', 'of Alice'); localStorage.setItem('scenarios-kept', '[]')"
    reader.driver.execute_script(typed)
    assert arrives("Alice") == ("of Alice", "[]")
    leaves()
    assert arrives("Bob") == (None, None)
    leaves()
    assert arrives("Alice") == (None, "[]")
