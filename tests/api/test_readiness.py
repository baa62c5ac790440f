"""`/health/live` and `/health/ready`: what to restart, and what to send requests to."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from api import create_app
from api.operations import readiness
from api.operations.readiness import Check
from core.model.artefacts import config_file, listed_files, model_file

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer
    from core.settings import Settings


@pytest.fixture
def own(api_settings: Settings, scorer: Scorer, portfolio: Portfolio) -> Flask:
    return create_app(api_settings, scorer, portfolio)


def test_a_whole_service_is_live_and_ready(client: FlaskClient) -> None:
    assert client.get("/health/live").get_json() == {"status": "live"}
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    checks = {"model": True, "portfolio": True, "audit": True}
    assert answer.get_json() == {"status": "ready", "checks": checks, "registry": None, "challenger": None}


def test_without_a_model_it_is_live_and_not_ready(api_settings: Settings, models_dir: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    settings = api_settings.model_copy(update={"models_dir": models, "data_dir": tmp_path})
    client = create_app(settings).test_client()
    assert client.get("/health/live").status_code == 200
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.get_json()["detail"]) == (503, "The service is not ready; missing: model.")
    # It does without a portfolio, and is ready as soon as the model is there.
    for name in (config_file, *listed_files(models_dir)):
        shutil.copy(models_dir / name, models / name)
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.get_json()["checks"] == {"model": True, "portfolio": False, "audit": True}
    (models / model_file).unlink()
    assert client.get("/health/ready").status_code == 503


def test_an_audit_log_that_has_to_be_there_is_needed(api_settings: Settings, tmp_path: Path) -> None:
    from pydantic import SecretStr

    away = SecretStr(f"sqlite:///{tmp_path / 'file' / 'audit.db'}")
    (tmp_path / "file").touch()
    settings = api_settings.model_copy(update={"database_url": away, "audit_required": True})
    answer = create_app(settings).test_client().get("/health/ready", headers={"Accept-Language": "fr"})
    assert answer.status_code == 503
    assert "audit" in answer.get_json()["detail"]
    can_do_without = settings.model_copy(update={"audit_required": False})
    answer = create_app(can_do_without).test_client().get("/health/ready")
    assert (answer.status_code, answer.get_json()["checks"]["audit"]) == (200, False)


def test_other_parts_add_their_checks(own: Flask) -> None:
    failing: list[str] = []
    readiness.add(own, Check("queue", lambda: failing[0] if failing else None, needed=True))
    client = own.test_client()
    assert client.get("/health/ready").get_json()["checks"]["queue"] is True
    failing.append("no worker")
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.get_json()["detail"]) == (503, "The service is not ready; missing: queue.")
    # What a load balancer reads says no more than the name.
    assert "no worker" not in answer.text
