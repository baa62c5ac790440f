"""A model upgraded, rolled back, swapped and damaged under a server that runs: no request fails that could be answered.

By its alias in the registry: `tests/runtime/mlflow`.
"""

from __future__ import annotations

import json
import shutil
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from core.model import artefacts
from core.model.artefacts import config_file, listed_files, model_file
from tests.api.following import application, asked_meanwhile, until_all_answer_from
from tests.api.running import Running, ask, patience, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def until_all(server: Running, met: Callable[[int, dict[str, object]], bool]) -> None:
    """Asks on many connections, so that both workers answer, until all answers are as they should be."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        with server.spread(6) as links:
            answers = [ask(link, "POST", "/predict", application) for link in links]
        if all(met(answer.status, answer.json()) for answer in answers):
            return
        # Processor time for the server, which may have to wait for its own patience.
        time.sleep(0.1)
    pytest.fail(f"not all as they should be: {[answer.body for answer in answers]}")


@pytest.fixture(scope="module")
def models(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artefacts of the server; each test puts back what it changes."""
    folder = tmp_path_factory.mktemp("models")
    for name in (config_file, *listed_files(models_dir)):
        shutil.copy(models_dir / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def server(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("upgrades")
    with running(folder, MODELS_DIR=str(models), DATA_DIR=str(folder)) as server:
        yield server


def test_a_model_that_is_trained_anew_and_the_one_before_put_back(
    server: Running, models: Path, tmp_path: Path
) -> None:
    first = artefacts.load(models)
    second = replace(first, info=replace(first.info, version="2.0.0+test"))
    # As `train` does, and as somebody does who copies a folder that was kept, one file after the other.
    kept = shutil.copytree(models, tmp_path / "kept")
    until_all_answer_from(server, first.info.version)
    logged = len(server.lines())
    with asked_meanwhile(server) as seen:
        for _ in range(3):
            artefacts.save(second, models)
            until_all_answer_from(server, "2.0.0+test")
            for path in sorted(kept.iterdir()):
                shutil.copy(path, models / path.name)
                time.sleep(0.05)
            until_all_answer_from(server, first.info.version)
    assert seen == {(200, first.info.version), (200, "2.0.0+test")}
    assert not [line for line in server.lines()[logged:] if "ArtefactError" in line["event"]]


def test_a_model_swapped_under_a_running_server(server: Running, models: Path) -> None:
    config = models / config_file
    original = config.read_bytes()
    threshold = json.loads(original)["optimal_threshold"]
    seen: set[int] = set()
    stop = threading.Event()

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
        model = models / model_file
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


def test_files_that_stay_wrong_are_not_forgiven(server: Running, models: Path) -> None:
    until_all(server, lambda status, _: status == 200)
    whole = (models / config_file).read_bytes()
    (models / config_file).unlink()
    until_all(server, lambda status, _: status == 503)
    (models / config_file).write_bytes(whole)
    until_all(server, lambda status, _: status == 200)
