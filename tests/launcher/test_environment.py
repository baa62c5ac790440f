"""Environments made, repaired and brought up to date, from wheels made here."""

from __future__ import annotations

import hashlib
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from launcher.environment import Environment, explain
from launcher.terminal import Failure


def make_wheel(folder: Path, name: str, version: str) -> str:
    """Writes a wheel with one module, and gives its line in a lock."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    information = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}.py", f"version = {version!r}\n")
        wheel.writestr(f"{information}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(
            f"{information}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{information}/RECORD", "")
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels, from which alone pip installs."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path / ".venv", tmp_path / "lock.txt", tmp_path / "var" / "install.log")


def installed(environment: Environment) -> dict[str, str]:
    found = (folder.stem.rsplit("-", 1) for folder in environment.folder.rglob("*.dist-info"))
    return {name: version for name, version in found if name not in {"pip", "setuptools"}}


def test_an_environment_follows_its_lock_and_nothing_else_and_is_repaired(
    index: Path, environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = make_wheel(index, "one", "1.0"), make_wheel(index, "two", "1.0")
    environment.lock.write_text(one + two)
    assert not environment.is_current()
    environment.prepare()
    assert environment.is_current()
    assert installed(environment) == {"one": "1.0", "two": "1.0"}
    assert list(environment.folder.rglob("one.*.pyc"))

    capsys.readouterr()
    environment.prepare()
    assert capsys.readouterr().out == ""

    # Another version of one package, and one package less; its modules wait for whoever imports them.
    environment.lock.write_text(make_wheel(index, "two", "2.0"))
    assert not environment.is_current()
    replace(environment, is_compiled=False).prepare()
    assert installed(environment) == {"two": "2.0"}
    assert not list(environment.folder.rglob("two.*.pyc"))
    assert "Removing 1 packages" in capsys.readouterr().out

    # A package that is not the locked one is refused, and what is there is not taken for what the lock names.
    lock = environment.lock.read_text()
    environment.lock.write_text(make_wheel(index, "three", "1.0"))
    with zipfile.ZipFile(index / "three-1.0-py3-none-any.whl", "a") as wheel:
        wheel.writestr("added.py", "")
    with pytest.raises(Failure, match="hash differs"):
        environment.prepare()
    assert not environment.is_current()

    # Interrupted before its end, as now: the stamp is not there, and neither is half of a package.
    environment.lock.write_text(lock)
    assert not (environment.folder / "installed.json").exists()
    next(environment.folder.rglob("two.py")).unlink()
    environment.prepare()
    assert environment.is_current()
    assert subprocess.run([environment.python, "-c", "import two"], check=False).returncode == 0

    # The environment of another place leads there, and is made anew.
    moved = replace(environment, folder=environment.folder.rename(environment.folder.parent / "moved"))
    assert not moved.is_current()


def test_without_the_venv_module_it_names_the_package(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.lock.write_text("")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(Failure, match=r"apt install python3\.\d+-venv"):
        environment.prepare()


def test_where_nothing_may_be_written_it_says_so(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    environment = Environment(tmp_path / ".venv", tmp_path / "lock.txt", in_the_way / "install.log")
    with pytest.raises(Failure, match=r"Not a directory|File exists"):
        environment.prepare()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "The disk is full"),
        ("ERROR: [Errno 13] Permission denied: '/x/y'", "No permission to write here: .*'/x/y'"),
        ("WARNING: Retrying ... Temporary failure in name resolution", "No network: pip cannot reach a package index"),
        ("ERROR: No matching distribution found for one (from versions: none)", "No network"),
        ("ERROR: something else", "pip failed:\nERROR: something else\nAll that it said: install.log"),
    ],
)
def test_what_pip_says_is_put_in_words(said: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    with pytest.raises(Failure, match=expected):
        raise Failure(explain(said, "pip", Path("install.log")))
