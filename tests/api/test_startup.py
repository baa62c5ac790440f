"""What the API refuses to start with, and the folder that its workers share."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from api.operations.startup import CannotStart, check_access, checked_settings, metrics_variable
from core.access.listening import is_local
from core.model.artefacts import model_file
from core.settings import Settings, root
from tests.api.running import patience, running, start
from tests.traps import vouch_for

key = hashlib.sha256(b"a key").hexdigest()


@pytest.mark.parametrize(
    "address", [("127.0.0.1", 8000), ("127.8.9.1", 8000), ("::1", 8000), ("localhost", 8000), "/run/api.sock"]
)
def test_an_address_of_this_machine_needs_no_keys(address: object) -> None:
    assert is_local(address)
    check_access(Settings(), [address])


@pytest.mark.parametrize(
    "address",
    [("0.0.0.0", 8000), ("::", 8000), ("", 8000), ("10.0.0.7", 80), ("127.0.0.1.example.org", 80), ("bank", 80), 3],  # noqa: S104
)
def test_an_address_that_others_reach_needs_keys(address: object) -> None:
    with pytest.raises(CannotStart, match="API_KEYS"):
        check_access(Settings(), [("127.0.0.1", 8000), address])
    check_access(Settings(api_keys=f"till:{key}"), [address])
    check_access(Settings(allow_anonymous=True), [address])


def test_a_setting_that_is_wrong_is_named_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COST_FN", "-7391746")
    monkeypatch.setenv("LOG_FORMAT", "zebulon")
    with pytest.raises(CannotStart) as refused:
        checked_settings()
    said = str(refused.value)
    assert "COST_FN: " in said
    assert "LOG_FORMAT: " in said
    assert "7391746" not in said
    assert "zebulon" not in said


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"API_KEYS": "till:zebulon"}, "API_KEYS: entry 1"),
        ({"API_KEYS_FILE": "/nowhere/zebulon"}, "API_KEYS_FILE: the file cannot be read"),
        ({"RATE_LIMIT": "zebulon"}, "RATE_LIMIT: "),
        ({"COST_FN": "zebulon"}, "COST_FN: "),
        ({"DATABASE_URL": "mysql://bank:zebulon@db/audit"}, "DATABASE_URL: expected postgresql://"),
    ],
)
def test_settings_that_cannot_be_used_keep_it_from_starting(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], said: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(CannotStart) as refused:
        check_access(checked_settings(), [("127.0.0.1", 8000)])
    assert said in str(refused.value)
    assert "zebulon" not in str(refused.value)


# One is refused before anything listens, the other as gunicorn reads its configuration.
@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"HOST": "0.0.0.0"}, "listen on 0.0.0.0"),  # noqa: S104
        ({"COST_FN": "zebulon"}, "COST_FN: "),
    ],
)
def test_the_server_says_why_it_does_not_start(tmp_path: Path, environment: dict[str, str], said: str) -> None:
    with start(tmp_path, **environment) as server:
        assert server.process.wait(patience) == 1
    log = server.log()
    assert "Error: " in log
    assert said in log
    assert "Traceback" not in log
    assert "zebulon" not in log
    assert "Booting worker" not in log


def in_a_process(code: str) -> subprocess.Popen[str]:
    program = f"from api.operations.startup import *; import os, time; folder = share_a_folder(); {code}"
    return subprocess.Popen([sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE, text=True)


def printed(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_what_a_killed_server_left_is_removed_by_the_next() -> None:
    with in_a_process("print(folder, flush=True); time.sleep(1000)") as first:
        folder = Path(printed(first))
        with in_a_process("print(folder)") as second:
            # It lives: its folder is left alone.
            assert Path(printed(second)) != folder
        assert folder.is_dir()
        first.kill()
    with in_a_process("print(folder)") as third:
        assert printed(third)
    assert not folder.exists()


def test_a_folder_for_metrics_is_used_and_emptied(tmp_path: Path) -> None:
    (tmp_path / "counter_17.db").touch()
    (tmp_path / "notes.txt").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
        with in_a_process(f"print(os.environ[{metrics_variable!r}])") as process:
            assert printed(process) == str(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_model_that_is_none_keeps_no_server_from_starting_and_makes_way_for_one(
    models_dir: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "models"
    shutil.copytree(models_dir, folder)
    sound = (folder / model_file).read_bytes()
    (folder / model_file).write_bytes(sound.replace(b"\nleft_child=", b"\nleft_child=9", 1))
    vouch_for(folder, model_file)
    with running(tmp_path, MODELS_DIR=str(folder), DATA_DIR=str(tmp_path), WEB_CONCURRENCY="1") as server:
        found = server.ask("GET", "/health").json()
        assert (found["status"], found["model_loaded"]) == ("degraded", False)
        assert server.ask("POST", "/predict", {"features": {"AMT_CREDIT": 1000}}).status == 503
        (folder / model_file).write_bytes(sound)
        vouch_for(folder, model_file)
        deadline = time.monotonic() + patience
        while not server.ask("GET", "/health").json()["model_loaded"]:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert server.ask("POST", "/predict", {"features": {"AMT_CREDIT": 1000}}).status == 200
