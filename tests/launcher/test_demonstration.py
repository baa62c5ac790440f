"""The demonstration touches nothing of the user's own, and is not played anew while it is shown."""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.settings import Settings
from launcher import demonstration, services
from launcher.environment import Environment
from launcher.terminal import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

own = {
    "DATABASE_URL": "postgresql://bank/audit",
    "REDIS_URL": "redis://bank",
    "DRIFT_WEBHOOK_URL": "https://bank.example/hook",
    "AUDIT_RETENTION_DAYS": "30",
    **{
        name: f"/bank/{name}"
        for name in ("AUDIT_FILE", "DATA_DIR", "DRIFT_DIR", "EXPORTS_DIR", "JOBS_DIR", "SPOOL_DIR")
    },
}
# Read by all, or of the model in use, which the demonstration shows.
shared = {"models_dir", "mlruns_dir", "model_cache_dir", "api_keys_file"}


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the user has set; whatever is set beside it is put back."""
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    for name in ("DEMONSTRATION", "CHALLENGER_URI", "PUBLIC_DEMO"):
        monkeypatch.setenv(name, "")


def test_everything_that_is_written_lies_in_its_folder(tmp_path: Path) -> None:
    demonstration.variables(os.environ, tmp_path)
    found = Settings()
    for name in Settings.model_fields:
        if isinstance(value := getattr(found, name), Path) and name not in shared:
            assert value.is_relative_to(tmp_path), name
    assert (found.database_url, found.redis_url, found.drift_webhook_url, found.retention) == (None, None, None, None)
    assert found.challenger_uri is not None
    assert Path(found.challenger_uri).is_relative_to(tmp_path)
    assert found.demonstration


# Says what it was asked for, and fails where it is told to.
python = """#!{python}
import os, sys
from pathlib import Path
with (Path(os.environ["DATA_DIR"]).parent / "asked").open("a") as asked:
    asked.write(" ".join(sys.argv[1:]) + "\\n")
sys.exit(int("--seed=13" in sys.argv))
"""


class Prepared(Environment):
    python = Path()

    def prepare(self) -> None:
        """There is nothing to install."""


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    stub = tmp_path / "python"
    stub.write_text(python.format(python=sys.executable))
    stub.chmod(0o755)
    monkeypatch.setattr(Prepared, "python", stub)
    return Prepared(tmp_path, tmp_path, tmp_path)


def test_the_year_is_prepared_and_held_while_it_is_shown(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()

    def start_all(
        _host: str, _ports: Mapping[str, int], _in: Environment, prepare: Callable[[Environment], None]
    ) -> int:
        prepare(environment)
        with (folder / "year.lock").open() as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return 0

    monkeypatch.setattr(services, "start_all", start_all)
    assert demonstration.start("127.0.0.1", {}, ["--again"], environment, folder) == 0
    assert (folder / "asked").read_text().splitlines() == [
        "-m commands data portfolio --if-missing",
        f"-m commands data demo-year --out {folder / 'year'} --again",
    ]
    with (folder / "year.lock").open() as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with pytest.raises(Failure, match="could not be prepared"):
        demonstration.start("127.0.0.1", {}, ["--seed=13"], environment, folder)


def test_a_public_demonstration_would_forget_it(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_DEMO", "true")
    with pytest.raises(Failure, match="PUBLIC_DEMO"):
        demonstration.start("127.0.0.1", {}, [], environment)
