"""A provider, and dashboards that ask it who somebody is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.settings import Settings
from dash_app import create_app
from tests.dash_app.access.provider import Provider, client_id, client_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dash import Dash

    Maker = Callable[..., Dash]


@pytest.fixture(scope="session")
def running_provider() -> Iterator[Provider]:
    running = Provider()
    yield running
    running.stop()


@pytest.fixture
def provider(running_provider: Provider) -> Provider:
    running_provider.claims = {"sub": "u-1", "name": "Awa Diop", "groups": ["credit"]}
    running_provider.changed = {}
    running_provider.signs = True
    return running_provider


@pytest.fixture
def with_login(provider: Provider) -> Maker:
    def make(**settings: object) -> Dash:
        given = {
            "oidc_issuer": provider.issuer,
            "oidc_client_id": client_id,
            "oidc_client_secret": client_secret,
            "secret_key": "for this test alone, and long enough",
        }
        return create_app(Settings.model_validate(given | settings))

    return make
