"""What was decided while the API was away comes on record once, wherever its process is killed."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from core.audit.chain.verification import verify
from core.audit.engine import Database, database_url
from core.audit.entries import PredictionFilter
from core.audit.log import AuditLog
from core.model.source import FolderModel
from core.settings import Settings
from dash_app.service import LocalScoring
from dash_app.service.away.delivery import SpoolDelivery
from dash_app.service.away.spool import Spool
from dash_app.service.client import ApiClient
from dash_app.service.errors import ServiceError
from tests.api import running

if TYPE_CHECKING:
    from pathlib import Path

# Of one request: as it comes in, between two entries, before and after all are committed, before it is answered.
steps = ("received", "between", "uncommitted", "written", "answered")


def test_an_api_that_is_killed_at_each_step_records_each_decision_once(
    models_dir: Path, portfolio_dir: Path, tmp_path: Path
) -> None:
    spool = Spool(tmp_path / "spool", 1000, 10_000_000)
    local = LocalScoring(FolderModel(models_dir), portfolio_dir, spool=spool)
    # More than go into one request, so that some are on record while others still wait.
    asked = [{"AMT_CREDIT": 500_000 + number, "AMT_INCOME_TOTAL": 180_000} for number in range(70)]
    keys = [local.assess(each, "fr").prediction_id for each in asked]

    plan, audit = tmp_path / "plan", tmp_path / "audit.db"
    # Each step of each of the two requests: what is crossed out was died at.
    plan.write_text(" ".join((*steps, *steps)), encoding="utf-8")
    environment = {
        "DYING_AT": str(plan),
        "AUDIT_FILE": str(audit),
        "MODELS_DIR": str(models_dir),
        "DATA_DIR": str(portfolio_dir.parent),
        "WEB_CONCURRENCY": "1",
    }
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    delivery = SpoolDelivery(spool, ApiClient(f"http://127.0.0.1:{port}", 20))
    with pytest.raises(ServiceError):
        # Nobody is there yet.
        delivery.deliver()
    assert spool.waiting().count == len(keys)
    # Loaded once, before a process is forked: nothing is scored here.
    with running.start(tmp_path, "--preload", "tests.dash_app.dying:app", **environment, PORT=str(port)) as server:
        deadline = time.monotonic() + 4 * running.patience
        while spool.waiting().count:
            assert time.monotonic() < deadline, server.log()
            with suppress(ServiceError):
                delivery.deliver()
            time.sleep(0.05)
        assert plan.read_text(encoding="utf-8") == "", "it was killed at each step"

    assert spool.waiting().refused == 0
    database = Database.open(database_url(Settings(audit_file=audit, database_url=None)))
    try:
        recorded = AuditLog(database).predictions_with_inputs(PredictionFilter(), 500).predictions
        assert len(recorded) == len(keys)
        assert {each.id: each.inputs for each in recorded} == dict(zip(keys, asked, strict=True))
        assert {each.kind for each in recorded} == {"local"}
        assert verify(database).faults == []
    finally:
        database.close()
