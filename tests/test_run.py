"""The front door as somebody at a terminal meets it."""

from __future__ import annotations

import ast
import os
import shutil
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import run
from commands import command_line
from core.settings import root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

verbs = ["all", "demo", "api", "dashboard", "mlflow", *command_line.names(), "test"]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The front door alone, as in a fresh clone: no environment, no data."""
    return clone(tmp_path_factory.mktemp("clone"))


def clone(folder: Path) -> Path:
    for name in ("run.py", "pyproject.toml"):
        shutil.copy(root / name, folder / name)
    for name in ("launcher", "requirements"):
        shutil.copytree(root / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for package, module in (("commands", "command_line.py"), ("core/access", "keys.py"), ("runtime", "services.py")):
        (folder / package).mkdir(parents=True)
        for name in ("__init__.py", module):
            shutil.copy(root / package / name, folder / package / name)
    shutil.copy(root / "core" / "__init__.py", folder / "core" / "__init__.py")
    return folder


def call(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    # -S: without site-packages, so that nothing but the standard library can be imported.
    return subprocess.run(
        [sys.executable, "-S", "run.py", *arguments],
        cwd=folder,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("verb", verbs)
def test_help_needs_nothing_installed(bare: Path, verb: str) -> None:
    said = call(bare, verb, "--help")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith(f"usage: run.py {verb} ")
    assert not (bare / ".venv").exists()


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_without_a_command_lists_them_all(bare: Path, option: str) -> None:
    said = call(bare, option)
    assert said.returncode == 0
    assert all(f"\n  {verb} " in said.stdout for verb in verbs)
    assert "--api-port" in said.stdout


@pytest.mark.parametrize("action", ["demo", "portfolio", "demo-year", "fit-demo"])
def test_actions_on_data_have_help(bare: Path, action: str) -> None:
    said = call(bare, "data", action, "--help")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith(f"usage: run.py data {action} ")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["paint"], "there is no command 'paint'; choose from all, api, "),
        (["--api-port", "0"], "argument --api-port: expected a port number from 1 to 65535, got '0'"),
        (["mlflow", "--port", "http"], "argument --port: expected a port number from 1 to 65535, got 'http'"),
        (["data"], "the following arguments are required: ACTION"),
        (["data", "demo", "--clients", "-3"], "argument --clients: expected a whole number of at least 1, got '-3'"),
        (["demo", "--clients", "0"], "argument --clients: expected a whole number of at least 1, got '0'"),
        (["train", "--folds", "1"], "argument --folds: expected a whole number of at least 2, got '1'"),
        (["score", "file.csv"], "the following arguments are required: --out"),
        (["score", "f", "--out", "o", "--threshold", "nan"], "expected a number between 0 and 1, got 'nan'"),
        (["test", "--shuffle", "often"], "argument --shuffle: expected a whole number or new, got 'often'"),
        (["worker", "--fast"], "unrecognized arguments: --fast"),
    ],
)
def test_wrong_usage_is_named_before_anything_is_installed(bare: Path, arguments: list[str], expected: str) -> None:
    said = call(bare, *arguments)
    assert said.returncode == 2
    assert expected in said.stderr
    assert not (bare / ".venv").exists()


def test_a_wrong_port_in_the_environment_is_named(bare: Path) -> None:
    said = call(bare, API_PORT="eight")
    assert said.returncode == 2
    assert "expected a port number from 1 to 65535, got 'eight'" in said.stderr


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which another program listens, as long as the test lasts."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize(("verb", "option"), [("all", "--mlflow-port"), ("mlflow", "--port")])
def test_a_taken_port_is_named_with_its_service_and_a_way_out(bare: Path, taken: int, verb: str, option: str) -> None:
    others = {"API_PORT": str(free_port()), "DASHBOARD_PORT": str(free_port())}
    for said in (call(bare, verb, option, str(taken), **others), call(bare, verb, MLFLOW_PORT=str(taken), **others)):
        assert said.returncode == 1
        assert said.stderr == (
            f"Error: Port {taken}, which the MLflow server needs, is taken by another program.\n"
            f"Stop that program, or choose another port with {option} N or MLFLOW_PORT=N.\n"
        )
    assert not (bare / ".venv").exists()


def test_one_port_for_two_services_is_refused(bare: Path) -> None:
    said = call(bare, "--api-port", "8600", "--mlflow-port", "8600")
    assert (said.returncode, said.stderr) == (1, "Error: Port 8600 was given to two services: each needs its own.\n")


def test_an_address_of_another_machine_is_refused(bare: Path) -> None:
    said = call(bare, "api", "--host", "192.0.2.1", "--port", "8600")
    assert said.returncode == 1
    assert said.stderr.startswith("Error: The scoring API cannot listen on 192.0.2.1: ")


def test_without_a_network_it_says_so_in_two_lines(tmp_path: Path) -> None:
    # An environment is begun, which the others must not find.
    bare = clone(tmp_path)
    # Nothing listens on port 1, so that every connection is refused at once.
    said = call(bare, "train", PIP_INDEX_URL="http://127.0.0.1:1/simple", PIP_CONFIG_FILE=os.devnull, PIP_FIND_LINKS="")
    assert said.returncode == 1
    assert said.stderr.startswith("Error: No network: pip cannot reach the package index set by PIP_INDEX_URL.\n")
    assert len(said.stderr.splitlines()) == 2


def test_an_old_python_says_so_and_names_a_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}" if name == "python3.12" else None)
    assert run.too_old((3, 8, 10)) == (
        "Python 3.11 or newer is needed, and this is Python 3.8.\nThere is a newer one here: python3.12 run.py"
    )
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert "Install one from your system's packages" in (run.too_old((2, 7)) or "")
    assert run.too_old((3, 11)) is None
    assert run.too_old(sys.version_info) is None


def test_an_old_python_can_read_as_far_as_that() -> None:
    source = (root / "run.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 6))
    at_once = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node) for node in at_once] == ["import sys"]
    # The oldest syntax checker knows no f-strings and no `print` of Python 2 either, so neither is here.
    assert not any(isinstance(node, ast.JoinedStr) for node in ast.walk(tree))
