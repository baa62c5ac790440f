"""Whether gunicorn starts the dashboard on an address."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from runtime import services


@pytest.fixture(params=["0.0.0.0", "::"])  # noqa: S104 - that is what is refused
def everywhere(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def refused(host: str, **variables: str) -> str:
    command = [sys.executable, *services.service_command("dashboard", host, 0)]
    ended = subprocess.run(
        command, cwd=services.root, env=os.environ | variables, capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_without_a_login_other_machines_are_not_served(everywhere: str) -> None:
    said = refused(everywhere)
    assert "does not listen on" in said
    assert "OIDC_ISSUER" in said
    assert "ALLOW_ANONYMOUS" in said


def test_a_wrong_setting_is_named_and_its_value_is_not(everywhere: str) -> None:
    said = refused(everywhere, SECRET_KEY="hunter2")
    assert "SECRET_KEY" in said
    assert "hunter2" not in said


def test_half_a_login_is_said_before_anything_listens() -> None:
    said = refused(services.loopback, OIDC_ISSUER="https://login.bank.example", OIDC_CLIENT_ID="workbench")
    assert "OIDC_CLIENT_SECRET, SECRET_KEY" in said
