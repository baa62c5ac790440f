"""A model from the MLflow registry: fetched once, checked, followed by its alias, kept when the registry is away."""

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.client import RemoteDisconnected
from pathlib import Path

import mlflow
import pytest
import requests
from mlflow import MlflowClient
from urllib3.exceptions import ProtocolError

from api import create_app
from core.model import registry as registry_module
from core.model.artefacts import ArtefactError, config_file, model_file
from core.model.registry import ModelUri, Registry, RegistryError, fetch, latest_kept
from core.model.source import FolderModel, RegisteredModel, model_source
from core.model.tracking import tracking_server
from core.settings import Settings
from tests.adapters import Answering, parameters_of, path_of, reply

name = "home_credit_model"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with tracking_server(tmp_path_factory.mktemp("mlruns")) as found:
        yield found


def renamed(models_dir: Path, folder: Path, version: str) -> Path:
    """The shipped artefacts under another version."""
    shutil.copytree(models_dir, folder)
    config = json.loads((folder / config_file).read_text(encoding="utf-8"))
    (folder / config_file).write_text(json.dumps(config | {"version": version}), encoding="utf-8")
    return folder


def register(address: str, folder: Path) -> int:
    """Puts a folder of artefacts where training puts them, and returns the number of the version."""
    client = MlflowClient(address)
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)
    run = client.create_run("0")
    client.log_artifacts(run.info.run_id, str(folder), "model/extra_files")
    return int(client.create_model_version(name, f"{run.info.artifact_uri}/model", run.info.run_id).version)


@pytest.fixture(scope="module")
def versions(address: str, models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, int]:
    folder = tmp_path_factory.mktemp("artefacts")
    first, second = (
        register(address, renamed(models_dir, folder / each, each)) for each in ("1.0.0+first", "1.0.0+second")
    )
    return first, second


def champion(address: str, version: int) -> None:
    MlflowClient(address).set_registered_model_alias(name, "champion", str(version))


def source(address: str, cache: Path, uri: str = f"models:/{name}@champion") -> RegisteredModel:
    return RegisteredModel(ModelUri.parse(uri), Registry(address), cache, refresh_seconds=3600)


def test_an_alias_leads_to_a_version_that_is_fetched_once(
    address: str, versions: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    champion(address, versions[0])
    model = source(address, tmp_path)
    assert model.load().model.version == "1.0.0+first"
    assert (model.folder() / "evaluation.json").is_file()
    assert [each.name for each in tmp_path.iterdir()] == [f"{name}-{versions[0]}"]
    monkeypatch.setattr(Registry, "download", lambda *_: pytest.fail("downloaded again"))
    assert source(address, tmp_path).load().model.version == "1.0.0+first"


def test_an_alias_that_moves_is_followed_and_back(address: str, versions: tuple[int, int], tmp_path: Path) -> None:
    champion(address, versions[0])
    model = source(address, tmp_path)
    before = model.fingerprint()
    champion(address, versions[1])
    assert model.load().model.version == "1.0.0+first"
    model.refresh()
    assert model.load().model.version == "1.0.0+second"
    assert model.fingerprint() != before
    champion(address, versions[0])
    model.refresh()
    assert model.load().model.version == "1.0.0+first"
    assert model.fingerprint() == before


def test_a_moved_alias_is_noticed_in_the_background(address: str, versions: tuple[int, int], tmp_path: Path) -> None:
    champion(address, versions[0])
    model = RegisteredModel(ModelUri.parse(f"models:/{name}@champion"), Registry(address), tmp_path, 0.05)
    assert model.load().model.version == "1.0.0+first"
    champion(address, versions[1])
    for _ in range(400):
        if model.fingerprint() == versions[1]:
            break
        time.sleep(0.05)
    assert model.load().model.version == "1.0.0+second"


def test_who_is_not_in_use_any_more_asks_no_more(address: str, versions: tuple[int, int], tmp_path: Path) -> None:
    champion(address, versions[0])
    model = RegisteredModel(ModelUri.parse(f"models:/{name}@champion"), Registry(address), tmp_path, 0.05)
    before = set(threading.enumerate())
    model.load()
    (following,) = set(threading.enumerate()) - before
    del model
    following.join(10)
    assert not following.is_alive()


def test_a_version_is_loaded_by_its_number(address: str, versions: tuple[int, int], tmp_path: Path) -> None:
    assert source(address, tmp_path, f"models:/{name}/{versions[1]}").load().model.version == "1.0.0+second"


def test_a_registry_that_is_away_leaves_what_was_fetched(
    address: str, versions: tuple[int, int], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    champion(address, versions[1])
    source(address, tmp_path).load()
    away = source("http://127.0.0.1:9", tmp_path)
    assert away.load().model.version == "1.0.0+second"
    assert f"going on with version {versions[1]}" in caplog.text
    with pytest.raises(RegistryError, match="cannot be reached"):
        away.refresh()
    nothing = source("http://127.0.0.1:9", tmp_path / "empty")
    with pytest.raises(RegistryError, match="cannot be reached"):
        nothing.load()
    assert nothing.fingerprint() is None


@pytest.mark.parametrize("uri", ["models:/no_such_model@champion", f"models:/{name}@nobody", f"models:/{name}/99"])
def test_what_the_registry_does_not_have(address: str, versions: tuple[int, int], tmp_path: Path, uri: str) -> None:
    with pytest.raises(ArtefactError, match="no such model"):
        source(address, tmp_path, uri).load()
    assert list(tmp_path.iterdir()) == []


def test_an_altered_download_is_not_kept(address: str, models_dir: Path, tmp_path: Path) -> None:
    folder = renamed(models_dir, tmp_path / "altered", "1.0.0+altered")
    with (folder / model_file).open("ab") as file:
        file.write(b"more")
    version = register(address, folder)
    cache = tmp_path / "cache"
    with pytest.raises(ArtefactError, match=f"{model_file} does not match the SHA-256"):
        fetch(Registry(address), name, version, cache)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("listed", ["../outside.joblib", "/etc/passwd", "a/b", "", ".hidden"])
def test_a_file_name_leads_nowhere_else(address: str, models_dir: Path, tmp_path: Path, listed: str) -> None:
    folder = renamed(models_dir, tmp_path / "named", "1.0.0+named")
    config = json.loads((folder / config_file).read_text(encoding="utf-8"))
    (folder / config_file).write_text(json.dumps(config | {"sha256": {listed: "0"}}), encoding="utf-8")
    cache = tmp_path / "cache"
    with pytest.raises(RegistryError, match="name that cannot be one"):
        fetch(Registry(address), name, register(address, folder), cache)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["cache", "named"]


def test_a_download_has_a_limit(
    address: str, versions: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry_module, "_most_bytes", 1000)
    with pytest.raises(RegistryError, match="larger than 1,000 bytes"):
        fetch(Registry(address), name, versions[0], tmp_path)


def test_a_failed_refresh_leaves_the_model_in_use(
    address: str, versions: tuple[int, int], models_dir: Path, tmp_path: Path
) -> None:
    champion(address, versions[0])
    model = source(address, tmp_path / "cache")
    model.load()
    broken = renamed(models_dir, tmp_path / "broken", "1.0.0+broken")
    (broken / model_file).unlink()
    champion(address, register(address, broken))
    with pytest.raises(ArtefactError):
        model.refresh()
    assert model.load().model.version == "1.0.0+first"


def odd_answers() -> dict[str, Callable[[requests.PreparedRequest], requests.Response]]:
    """What a registry, or what stands in its place, can do to who follows it."""

    def cut(_: requests.PreparedRequest) -> requests.Response:
        raise requests.ConnectionError(ProtocolError("Connection aborted.", RemoteDisconnected("x")))

    def mistake(_: requests.PreparedRequest) -> requests.Response:
        raise RuntimeError("nobody thought of it")

    return {
        "cut": cut,
        "mistake": mistake,
        "late": lambda _: reply(504),
        "page": lambda _: reply(content=b"<html>sign in</html>"),
        "list": lambda _: reply(json=[]),
        "other": lambda _: reply(json={"model_version": {"version": "x"}}),
        "short": lambda _: reply(content=b"{", headers={"Content-Length": "90"}),
    }


@pytest.mark.parametrize("fault", list(odd_answers()))
def test_the_follower_survives_whatever_the_registry_does(
    models_dir: Path, tmp_path: Path, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    config = json.loads((models_dir / config_file).read_text(encoding="utf-8"))
    answers: list[Callable[[requests.PreparedRequest], requests.Response]] = []

    def registry(request: requests.PreparedRequest) -> requests.Response:
        if answers:
            return answers[0](request)
        if path_of(request).endswith("/alias"):
            return reply(json={"model_version": {"version": "7"}})
        file = models_dir / parameters_of(request)["path"].removeprefix("extra_files/")
        return reply(content=file.read_bytes())

    model = RegisteredModel(
        ModelUri.parse(f"models:/{name}@champion"), Registry("http://mlflow", Answering(registry)), tmp_path, 0.01
    )
    assert model.load().model.version == config["version"]
    began = model.following().last_success
    assert began is not None
    assert model.following().last_error is None

    answers.append(odd_answers()[fault])
    wait_until(lambda: model.following().last_error_time is not None)
    failed = model.following().last_error_time
    # Not once only: it is tried again and again.
    wait_until(lambda: model.following().last_error_time != failed)
    assert model.load().model.version == config["version"]
    assert ("Traceback" in caplog.text) == (fault == "mistake")

    before = model.following().last_success
    answers.clear()
    wait_until(lambda: model.following().last_success != before)
    assert model.following().version == 7
    assert model.following().last_error


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_api_tells_how_it_follows(models_dir: Path, portfolio_dir: Path, tmp_path: Path) -> None:
    settings = Settings(
        model_uri=f"models:/{name}@champion",
        mlflow_tracking_uri="http://127.0.0.1:9",
        model_cache_dir=tmp_path / "cache",
        audit_file=tmp_path / "audit.db",
        data_dir=portfolio_dir.parent,
    )
    shutil.copytree(models_dir, tmp_path / "cache" / f"{name}-3")
    client = create_app(settings).test_client()
    told = client.get("/health/ready").get_json()["registry"]
    assert (told["version"], told["last_success"]) == (3, None)
    assert "cannot be reached (Connection refused)" in told["last_error"]
    assert told["last_error_time"]
    metrics = client.get("/metrics").text
    assert 'scoring_registry_time_seconds{outcome="error"}' in metrics
    assert 'scoring_registry_time_seconds{outcome="success"}' not in metrics


def test_credentials_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    assert registry_module._credentials() == {}
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ada")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "s:é")
    assert registry_module._credentials() == {"Authorization": "Basic YWRhOnM6w6k="}
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "abc")
    assert registry_module._credentials() == {"Authorization": "Bearer abc"}


@pytest.mark.parametrize(
    "text",
    ["home_credit_model", "models:/", "models:/a", "models:/a@", "models:/a/0", "models:/a/b/1", "runs:/x/model"],
)
def test_another_form_of_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="MODEL_URI"):
        ModelUri.parse(text)
    with pytest.raises(ValueError, match="model_uri"):
        Settings(model_uri=text)


def test_only_http_is_spoken() -> None:
    with pytest.raises(ValueError, match="http"):
        Registry("file:///tmp/mlruns")


def test_the_settings_choose_the_source(tmp_path: Path) -> None:
    assert isinstance(model_source(Settings(models_dir=tmp_path)), FolderModel)
    assert isinstance(model_source(Settings(model_uri="models:/a@champion")), RegisteredModel)


def test_the_newest_version_that_was_kept(tmp_path: Path) -> None:
    assert latest_kept("m", tmp_path / "none") is None
    for each in ("m-2", "m-10", "m-x", "other-99", ".fetching-abc"):
        (tmp_path / each).mkdir()
    assert latest_kept("m", tmp_path) == 10


def test_no_mlflow_is_imported() -> None:
    code = "import sys, core.model.source; sys.exit(any(name.split('.')[0] == 'mlflow' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert mlflow.__version__  # it is there to be imported
