"""What is done to a server that runs: its model swapped, its stop asked for."""

from __future__ import annotations

import http.client
import json
import threading
import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import pytest

from api.openapi.examples import features
from core.model.artefacts import config_file, model_file
from tests.api.running import Running, ask, patience, running, start, wait

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.portfolio.clients import Portfolio

application = {"features": features}


def until_all(server: Running, met: Callable[[int, dict[str, object]], bool]) -> None:
    """Asks on many connections, so that both workers answer, until all answers are as they should be."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        with server.spread(6) as links:
            answers = [ask(link, "POST", "/predict", application) for link in links]
        if all(met(answer.status, answer.json()) for answer in answers):
            return
    pytest.fail(f"not all as they should be: {[answer.body for answer in answers]}")


def test_a_model_swapped_under_a_running_server(copied_models: Path, tmp_path: Path) -> None:
    config = copied_models / config_file
    original = config.read_bytes()
    threshold = json.loads(original)["optimal_threshold"]
    seen: set[int] = set()
    stop = threading.Event()
    with running(tmp_path, MODELS_DIR=str(copied_models), DATA_DIR=str(tmp_path)) as server:

        def keep_asking() -> None:
            while not stop.wait(0.02):
                seen.add(server.ask("POST", "/predict", application).status)

        asking = threading.Thread(target=keep_asking)
        asking.start()
        try:
            until_all(server, lambda status, said: (status, said.get("threshold")) == (200, threshold))
            # Another model, put in place as training does: in one step.
            other = config.with_suffix(".new")
            other.write_text(json.dumps(json.loads(original) | {"optimal_threshold": 0.5}), encoding="utf-8")
            other.replace(config)
            until_all(server, lambda status, said: (status, said.get("threshold")) == (200, 0.5))
            # A file that is not the one that was trained.
            model = copied_models / model_file
            whole = model.read_bytes()
            model.write_bytes(whole[: len(whole) // 2])
            until_all(server, lambda status, said: (status, said.get("type")) == (503, "/problems/model-unavailable"))
            assert server.ask("GET", "/health/ready").status == 503
            assert server.ask("GET", "/health/live").status == 200
            model.write_bytes(whole)
            config.write_bytes(original)
            until_all(server, lambda status, said: (status, said.get("threshold")) == (200, threshold))
        finally:
            stop.set()
            asking.join()
        assert seen <= {200, 503}
        assert "unexpected error" not in server.log()


def test_a_stop_waits_for_requests_and_not_for_idle_connections(
    models_dir: Path, portfolio: Portfolio, tmp_path: Path
) -> None:
    body = json.dumps(application).encode()
    lines = (
        "POST /predict HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    # So long that a stop that waits to the end is seen.
    settings = {"MODELS_DIR": str(models_dir), "DATA_DIR": str(portfolio.folder.parent), "WEB_CONCURRENCY": "1"}
    with start(tmp_path, "--graceful-timeout", "1000", **settings) as server:
        wait(server)
        with ExitStack() as stack:
            kept = [stack.enter_context(closing(server.connection())) for _ in range(6)]
            assert [ask(each, "GET", "/health").status for each in kept] == [200] * 6
            silent = [stack.enter_context(server.link()) for _ in range(6)]
            halfway = [stack.enter_context(server.link()) for _ in range(6)]
            for link in halfway:
                link.sendall("\r\n".join((*lines, "", "")).encode() + body[:20])
            # Until they are read: a worker that has not seen them yet owes them nothing.
            assert server.ask("GET", "/health").status == 200
            time.sleep(0.5)
            server.process.terminate()
            time.sleep(0.5)
            assert server.process.poll() is None
            for link in halfway:
                link.sendall(body[20:])
                with http.client.HTTPResponse(link) as answer:
                    answer.begin()
                    assert (answer.status, json.loads(answer.read())["client_id"]) == (200, features["SK_ID_CURR"])
            assert server.process.wait(patience) == 0
            assert [each.recv(1) for each in silent] == [b""] * 6
    assert "Traceback" not in server.log()
    assert not [line for line in server.lines() if line["level"] in ("error", "critical")]
