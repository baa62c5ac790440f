"""A model upgraded and rolled back under a server that runs, by its files or by its alias: no request fails."""

from __future__ import annotations

import shutil
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from api.openapi.examples import features
from core.model import artefacts
from core.model.artefacts import config_file, listed_files
from runtime.mlflow.runs import tracking_server
from tests.api.running import Running, ask, patience, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

application = {"features": features}
Seen = set[tuple[int, str]]


@contextmanager
def asked_meanwhile(server: Running) -> Iterator[Seen]:
    """Four callers that ask again and again, each on a connection of its own: what they were answered."""
    seen: Seen = set()
    stop = threading.Event()

    def keep_asking(link_number: int) -> None:
        with closing(server.connection()) as link:
            # Often enough to meet every moment of a change, and with processor time left for it.
            while not stop.wait(0.02):
                path = "/predict/explain" if link_number % 2 else "/predict"
                answer = ask(link, "POST", path, application)
                said = answer.json()
                seen.add((answer.status, said.get("model_version", said.get("detail", ""))))

    threads = [threading.Thread(target=keep_asking, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def until_all_answer_from(server: Running, version: str) -> None:
    """Comes back once both workers have taken a version into use."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        with server.spread(6) as links:
            if {ask(link, "GET", "/health").json()["model_version"] for link in links} == {version}:
                return
    pytest.fail(f"{version} is not in use everywhere")


@pytest.fixture
def own_models(models_dir: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    for name in (config_file, *listed_files(models_dir)):
        shutil.copy(models_dir / name, folder / name)
    return folder


def test_a_model_that_is_trained_anew_and_the_one_before_put_back(own_models: Path, tmp_path: Path) -> None:
    first = artefacts.load(own_models)
    second = replace(first, info=replace(first.info, version="2.0.0+test"))
    # As `train` does, and as somebody does who copies a folder that was kept, one file after the other.
    kept = shutil.copytree(own_models, tmp_path / "kept")
    settings = {"MODELS_DIR": str(own_models), "DATA_DIR": str(tmp_path)}
    with running(tmp_path, **settings) as server, asked_meanwhile(server) as seen:
        until_all_answer_from(server, first.info.version)
        for _ in range(3):
            artefacts.save(second, own_models)
            until_all_answer_from(server, "2.0.0+test")
            for path in sorted(kept.iterdir()):
                shutil.copy(path, own_models / path.name)
                time.sleep(0.05)
            until_all_answer_from(server, first.info.version)
    assert seen == {(200, first.info.version), (200, "2.0.0+test")}
    assert not [line for line in server.lines() if "ArtefactError" in line["event"]]


def test_files_that_stay_wrong_are_not_forgiven(own_models: Path, tmp_path: Path) -> None:
    settings = {"MODELS_DIR": str(own_models), "DATA_DIR": str(tmp_path), "REPLACEMENT_SECONDS": "0.5"}
    settings["WEB_CONCURRENCY"] = "1"
    with running(tmp_path, **settings) as server:
        assert server.ask("POST", "/predict", application).status == 200
        (own_models / config_file).unlink()
        deadline = time.monotonic() + patience
        while (answer := server.ask("POST", "/predict", application)).status == 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert answer.status == 503


def test_a_model_upgraded_and_rolled_back_by_its_alias(own_models: Path, tmp_path: Path) -> None:
    from mlflow import MlflowClient

    name = "home_credit_model"
    first = artefacts.load(own_models)
    with tracking_server(tmp_path / "mlruns") as address:
        client = MlflowClient(address)
        client.create_registered_model(name)
        versions = {}
        for version in ("1.0.0+one", "1.0.0+two"):
            artefacts.save(replace(first, info=replace(first.info, version=version)), own_models)
            run = client.create_run("0")
            client.log_artifacts(run.info.run_id, str(own_models), "model/extra_files")
            made = client.create_model_version(name, f"{run.info.artifact_uri}/model", run.info.run_id)
            versions[version] = made.version
        client.set_registered_model_alias(name, "champion", versions["1.0.0+one"])
        settings = {
            "MODEL_URI": f"models:/{name}@champion",
            "MLFLOW_TRACKING_URI": address,
            "MODEL_CACHE_DIR": str(tmp_path / "cache"),
            "MODEL_REFRESH_SECONDS": "0.2",
            "DATA_DIR": str(tmp_path),
        }
        with running(tmp_path, **settings) as server, asked_meanwhile(server) as seen:
            until_all_answer_from(server, "1.0.0+one")
            for version in ("1.0.0+two", "1.0.0+one"):
                client.set_registered_model_alias(name, "champion", versions[version])
                until_all_answer_from(server, version)
        assert seen == {(200, "1.0.0+one"), (200, "1.0.0+two")}
