"""An MLflow that strangers can reach shows what it has, and takes nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from runtime.mlflow.read_only import ReadOnly

if TYPE_CHECKING:
    from collections.abc import MutableMapping


def asked(scope: dict[str, Any]) -> str | int:
    """Who answers: `mlflow`, or else with which status, or what else is sent."""
    sent: list[MutableMapping[str, Any]] = []

    async def mlflow(_scope: object, _receive: object, _send: object) -> None:
        sent.append({"type": "mlflow"})

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> MutableMapping[str, Any]:
        pytest.fail("a body was read that is refused")

    asyncio.run(ReadOnly(mlflow)(scope, receive, send))
    first = sent[0]
    return str(first["type"]) if first["type"] != "http.response.start" else int(first["status"])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/health"),
        ("HEAD", "/model-versions/get-artifact"),
        ("POST", "/ajax-api/2.0/mlflow/runs/search"),
        ("POST", "/api/2.0/mlflow/experiments/search"),
        ("POST", "/ajax-api/3.0/mlflow/traces/search"),
        ("POST", "/graphql"),
    ],
)
def test_what_reads_is_answered(method: str, path: str) -> None:
    assert asked({"type": "http", "method": method, "path": path}) == "mlflow"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/2.0/mlflow/runs/create"),
        ("POST", "/api/2.0/mlflow/model-versions/create"),
        ("POST", "/api/2.0/mlflow/registered-models/alias"),
        ("DELETE", "/api/2.0/mlflow/registered-models/alias"),
        ("PUT", "/api/2.0/mlflow-artifacts/artifacts/1/runs/search"),
        ("PATCH", "/api/2.0/mlflow/runs/search"),
        ("POST", "/api/2.0/mlflow/runs/search/../create"),
        ("POST", "/api/2.0/mlflow/runs/search\n"),
        ("POST", "/ajax-api/3.0/mlflow/gateway/budgets/create"),
        ("POST", "/v1/traces"),
        ("PURGE", "/"),
    ],
)
def test_what_writes_is_refused_before_its_body_is_read(method: str, path: str) -> None:
    assert asked({"type": "http", "method": method, "path": path}) == 403


def test_no_socket_is_opened_and_it_starts_and_stops() -> None:
    assert asked({"type": "websocket", "path": "/"}) == "websocket.close"
    assert asked({"type": "lifespan"}) == "mlflow"
