"""`python -m runtime.serve` becomes the service that is named, where HOST and PORT say."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from runtime import serve, services


@pytest.mark.parametrize("service", services.services, ids=lambda each: each.name)
def test_the_process_is_replaced(service: services.Service, monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[tuple[str, list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda *given: became.append(given))
    monkeypatch.setenv("HOST", "10.0.0.5")
    monkeypatch.setenv("PORT", "10000")
    monkeypatch.setenv("API_URL", "https://api.example")
    run: Callable[[list[str]], object] = serve.main
    run([service.name])
    ((program, arguments, environment),) = became
    assert program == arguments[0] == sys.executable
    assert arguments[1:] == services.service_command(service.name, "10.0.0.5", 10000)
    assert environment["API_URL"] == "https://api.example"
    assert environment["OMP_NUM_THREADS"]


@pytest.mark.parametrize(("arguments", "port"), [(["cobol"], "8000"), (["api"], "http"), ([], "8000")])
def test_wrong_usage_is_told_without_a_trace(arguments: list[str], port: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "runtime.serve", *arguments],
        env=os.environ | {"PORT": port},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "usage:" in done.stderr
    assert "Traceback" not in done.stderr
