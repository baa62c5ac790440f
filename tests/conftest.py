"""What tests of every part stand on: the shipped model, a small portfolio, and real rows where they are at hand."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# Small models do not gain from a second thread, and lose much where the other core is busy. Read by OpenMP when
# LightGBM is loaded, so before anything of ours is.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from api import create_app
from core.data.portfolio import build_demo
from core.portfolio import Portfolio
from core.scoring import Scorer
from core.settings import Settings, root

if TYPE_CHECKING:
    from flask.testing import FlaskClient


@pytest.fixture(scope="session")
def real_sample() -> Path:
    """The folder with real rows, which lies beside the repository and is never part of it."""
    folder = root.parent / "shared" / "data" / "real_sample"
    if not folder.is_dir():
        pytest.skip("the real sample is not on this machine")
    return folder


@pytest.fixture(scope="session")
def models_dir() -> Path:
    return root / "models"


@pytest.fixture(scope="session")
def scorer(models_dir: Path) -> Scorer:
    return Scorer.load(models_dir)


@pytest.fixture(scope="session")
def portfolio_clients() -> int:
    """How many clients the small portfolio holds."""
    return 400


@pytest.fixture(scope="session")
def portfolio_dir(tmp_path_factory: pytest.TempPathFactory, scorer: Scorer, portfolio_clients: int) -> Path:
    """A small demo portfolio, in a data folder that holds nothing else."""
    folder = tmp_path_factory.mktemp("data") / "portfolio"
    build_demo(folder, scorer, portfolio_clients)
    return folder


@pytest.fixture(scope="session")
def portfolio(portfolio_dir: Path) -> Portfolio:
    return Portfolio.open(portfolio_dir)


@pytest.fixture
def api_client(models_dir: Path, scorer: Scorer, portfolio: Portfolio) -> FlaskClient:
    """The API without a server, on the same model and portfolio."""
    settings = Settings(models_dir=models_dir, data_dir=portfolio.folder.parent)
    return create_app(settings, scorer, portfolio).test_client()
