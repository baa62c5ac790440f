"""What the documentation says of the shipped model, over HTTP and from the dashboard's own image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api import create_app as create_api
from core.model.source import FolderModel
from core.settings import Settings
from dash_app.service.client import ApiClient
from dash_app.service.documentation import DocumentationService, LocalDocumentation
from tests.adapters import Wsgi

if TYPE_CHECKING:
    from pathlib import Path

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer


@pytest.fixture(scope="session")
def http_documentation(models_dir: Path, scorer: Scorer, portfolio: Portfolio) -> DocumentationService:
    api = create_api(Settings(models_dir=models_dir, data_dir=portfolio.folder.parent), scorer, portfolio)
    return DocumentationService(ApiClient("http://api", 5, adapter=Wsgi(api)))


@pytest.fixture(scope="session")
def local_documentation(models_dir: Path) -> LocalDocumentation:
    return LocalDocumentation(FolderModel(models_dir))
