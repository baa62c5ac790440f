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
from typing import get_args

import mlflow
import pytest
import requests
from mlflow import MlflowClient
from urllib3.exceptions import ProtocolError

from api import create_app
from api.services import services
from core.catalogue import Language
from core.model import artefacts
from core.model import source as source_module
from core.model.artefacts import PickledModel, config_file, data_files, model_file, pickled_files, preprocessor_file
from core.model.errors import ArtefactError
from core.model.evidence.card import model_card
from core.model.registry import ModelUri, RegistryError, fetch, last_good
from core.model.source import FolderModel, RegisteredModel
from core.model.stored_evaluation import read_evaluation
from core.settings import Settings
from core.text.messages import message
from runtime.mlflow import registry as registry_module
from runtime.mlflow.registry import MlflowRegistry
from runtime.mlflow.runs import tracking_server
from runtime.model_source import model_source
from tests.adapters import Answering, parameters_of, path_of, reply
from tests.api.following import asked_meanwhile, until_all_answer_from
from tests.api.running import running
from tests.folds import give_small_folds
from tests.traps import Trap, vouch_for

name = "home_credit_model"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with tracking_server(tmp_path_factory.mktemp("mlruns")) as found:
        yield found


def renamed(models_dir: Path, folder: Path, version: str) -> Path:
    """The shipped artefacts under another version."""
    shutil.copytree(models_dir, folder)
    give_small_folds(folder)
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
    return RegisteredModel(ModelUri.parse(uri), MlflowRegistry(address), cache, refresh_seconds=3600)


def test_an_alias_leads_to_a_version_that_is_fetched_once(
    address: str, versions: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    champion(address, versions[0])
    model = source(address, tmp_path)
    assert model.load().model.version == "1.0.0+first"
    assert (model.folder() / "evaluation.json").is_file()
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}-{versions[0]}", f"{name}.json"}
    assert {path.name for path in model.folder().iterdir()} == set(data_files)
    monkeypatch.setattr(MlflowRegistry, "download", lambda *_: pytest.fail("downloaded again"))
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
    model = RegisteredModel(ModelUri.parse(f"models:/{name}@champion"), MlflowRegistry(address), tmp_path, 0.05)
    assert model.load().model.version == "1.0.0+first"
    champion(address, versions[1])
    for _ in range(400):
        if model.fingerprint() == versions[1]:
            break
        time.sleep(0.05)
    assert model.load().model.version == "1.0.0+second"


def test_who_is_not_in_use_any_more_asks_no_more(address: str, versions: tuple[int, int], tmp_path: Path) -> None:
    champion(address, versions[0])
    model = RegisteredModel(ModelUri.parse(f"models:/{name}@champion"), MlflowRegistry(address), tmp_path, 0.05)
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
    assert f"version {versions[1]}, which was last in use, stands in" in caplog.text
    assert (away.following().stand_in, away.following().wanted) == ("kept", None)
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
        fetch(MlflowRegistry(address), name, version, cache)
    assert list(cache.iterdir()) == []


class Served:
    """A registry that serves folders as versions, and remembers what it was asked for."""

    def __init__(self, champion: int, **versions: Path) -> None:
        """`versions` are named `v1`, `v2`..."""
        self.champion = champion
        self.versions = versions
        self.asked: list[str] = []
        self.away = False

    def __call__(self, request: requests.PreparedRequest) -> requests.Response:
        if self.away:
            raise requests.ConnectionError(ConnectionRefusedError(111, "Connection refused"))
        if path_of(request).endswith("/alias"):
            return reply(json={"model_version": {"version": str(self.champion)}})
        parameters = parameters_of(request)
        self.asked.append(parameters["path"])
        folder, file = self.versions[f"v{parameters['version']}"], parameters["path"].removeprefix("extra_files/")
        return reply(content=(folder / file).read_bytes()) if (folder / file).is_file() else reply(404)

    def source(
        self, cache: Path, shipped: Path | None = None, uri: str = f"models:/{name}@champion"
    ) -> RegisteredModel:
        """The model that follows it."""
        registry = MlflowRegistry("http://mlflow", Answering(self))
        return RegisteredModel(ModelUri.parse(uri), registry, cache, refresh_seconds=3600, shipped=shipped)


def test_a_file_name_leads_nowhere_else(models_dir: Path, tmp_path: Path) -> None:
    folder = renamed(models_dir, tmp_path / "named", "1.0.0+named")
    config = json.loads((folder / config_file).read_text(encoding="utf-8"))
    odd = dict.fromkeys(["../outside.json", "/etc/passwd", "a/b", "", ".hidden", "MLmodel"], "0")
    (folder / config_file).write_text(json.dumps(config | {"sha256": config["sha256"] | odd}), encoding="utf-8")
    served = Served(1, v1=folder)
    served.source(tmp_path / "cache").load()
    assert served.asked == [f"extra_files/{file}" for file in data_files]
    assert {path.name for path in tmp_path.iterdir()} == {"cache", "named"}


@pytest.mark.parametrize("place", ["added", "data", "all"])
def test_a_pickle_in_a_version_is_never_opened(models_dir: Path, tmp_path: Path, place: str) -> None:
    """Whoever may write to MLflow can put anything under any name, and list its digest."""
    trap = Trap(tmp_path / "trace")
    first = renamed(models_dir, tmp_path / "first", "1.0.0+first")
    second = renamed(models_dir, tmp_path / "second", "1.0.0+second")
    places = {
        "added": [*pickled_files, "MLmodel", "code.py", "python_model.pkl", "model.pkl"],
        "data": [model_file, preprocessor_file],
        "all": [*pickled_files, *data_files[1:]],
    }[place]
    for file in places:
        (second / file).write_bytes(trap.pickled())
        vouch_for(second, file)
    served = Served(1, v1=first, v2=second)
    model = served.source(tmp_path / "cache", shipped=models_dir)
    assert model.load().model.version == "1.0.0+first"
    served.champion = 2
    model.look_again()
    if place == "added":
        assert model.load().model.version == "1.0.0+second"
        assert set(served.asked) == {f"extra_files/{file}" for file in data_files}
    else:
        assert model.load().model.version == "1.0.0+first"
        following = model.following()
        assert (following.version, following.wanted, following.stand_in) == (1, 2, "kept")
        assert preprocessor_file in str(following.last_error)
    assert not trap.sprung
    trap.spring()
    assert trap.sprung, "the trap itself does not work"


@pytest.mark.parametrize("file", data_files[1:])
def test_a_pickle_in_one_place_is_never_opened(models_dir: Path, tmp_path: Path, file: str) -> None:
    trap = Trap(tmp_path / "trace")
    folder = renamed(models_dir, tmp_path / "first", "1.0.0+first")
    (folder / file).write_bytes(trap.pickled())
    vouch_for(folder, file)
    model = Served(1, v1=folder).source(tmp_path / "cache", shipped=models_dir)
    if file == artefacts.report_file:
        # Evidence, which is not needed to decide.
        assert model.load().model.version == "1.0.0+first"
        for read in (read_evaluation, model_card):
            with pytest.raises(ArtefactError, match=r"evaluation\.json"):
                read(model.folder())
    else:
        model.load()
        assert model.following().stand_in == "shipped"
    assert not trap.sprung


def as_pickles(models_dir: Path, folder: Path) -> Path:
    """A version as earlier builds registered it."""
    shutil.copytree(models_dir, folder)
    config = json.loads((folder / config_file).read_text(encoding="utf-8"))
    for file in (model_file, preprocessor_file):
        (folder / file).unlink()
        del config["sha256"][file]
    (folder / config_file).write_text(json.dumps(config), encoding="utf-8")
    return folder


def test_a_version_of_an_earlier_build_is_refused_by_name_and_the_shipped_model_serves(
    models_dir: Path, tmp_path: Path
) -> None:
    served = Served(1, v1=as_pickles(models_dir, tmp_path / "old"))
    model = served.source(tmp_path / "cache", shipped=models_dir)
    assert model.load().model == artefacts.load(models_dir).info
    assert model.folder() == models_dir
    following = model.following()
    assert (following.version, following.wanted, following.stand_in) == (None, 1, "shipped")
    assert f"version 1 of {name}" in str(following.last_error)
    assert "run.py train" in str(following.last_error)
    assert served.asked == [f"extra_files/{config_file}"]
    with pytest.raises(PickledModel):
        model.refresh()


def test_what_an_earlier_build_kept_is_not_opened(models_dir: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    as_pickles(models_dir, cache / f"{name}-1")
    served = Served(1, v1=renamed(models_dir, tmp_path / "new", "1.0.0+new"))
    assert served.source(cache).load().model.version == "1.0.0+new"


def test_a_copy_that_is_not_sound_any_more_is_fetched_again(models_dir: Path, tmp_path: Path) -> None:
    served, cache = Served(1, v1=renamed(models_dir, tmp_path / "first", "1.0.0+first")), tmp_path / "cache"
    served.source(cache).load()
    (cache / f"{name}-1" / model_file).write_bytes(b"torn")
    assert served.source(cache).load().model.version == "1.0.0+first"
    assert (cache / f"{name}-1" / model_file).read_bytes() == (models_dir / model_file).read_bytes()


@pytest.mark.parametrize("uri", [f"models:/{name}@champion", f"models:/{name}/2"])
def test_a_start_with_a_broken_version_serves_the_last_good_one(models_dir: Path, tmp_path: Path, uri: str) -> None:
    first = renamed(models_dir, tmp_path / "first", "1.0.0+first")
    third = renamed(models_dir, tmp_path / "third", "1.0.0+third")
    broken = renamed(models_dir, tmp_path / "second", "1.0.0+second")
    (broken / model_file).write_bytes(b"tree\n")
    vouch_for(broken, model_file)
    served, cache = Served(3, v1=first, v2=broken, v3=third), tmp_path / "cache"
    served.source(cache).load()
    # The last that was in use, and not the newest.
    served.champion = 1
    served.source(cache).load()
    served.champion = 2
    model = served.source(cache, models_dir, uri)
    assert model.load().model.version == "1.0.0+first"
    assert model.following().stand_in == "kept"
    # It is not fetched all the time; what is put right is taken into use, whatever stood in.
    before = len(served.asked)
    model.look_again()
    assert len(served.asked) == before
    shutil.copy(models_dir / model_file, broken / model_file)
    vouch_for(broken, model_file)
    model._refusal = None
    assert model.look_again() == ("@" in uri)
    assert model.load().model.version == "1.0.0+second"
    assert (model.following().stand_in, model.following().version) == (None, 2)


def test_a_start_without_the_registry_serves_the_last_good_one_if_it_is_what_it_was(
    models_dir: Path, tmp_path: Path
) -> None:
    served, cache = Served(1, v1=renamed(models_dir, tmp_path / "first", "1.0.0+first")), tmp_path / "cache"
    served.source(cache).load()
    served.away = True
    model = served.source(cache, models_dir)
    assert model.load().model.version == "1.0.0+first"
    assert model.following().stand_in == "kept"
    served.away = False
    model.look_again()
    assert model.following().stand_in is None
    # Another model in its place, with digests of its own, is not the one that was in use.
    config = cache / f"{name}-1" / config_file
    config.write_text(config.read_text(encoding="utf-8").replace("+first", "+other"), encoding="utf-8")
    served.away = True
    model = served.source(cache, models_dir)
    assert model.load().model == artefacts.load(models_dir).info
    assert model.following().stand_in == "shipped"


def test_a_registry_that_never_answers_holds_up_nobody(
    models_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering = threading.Event()
    served = Served(1, v1=renamed(models_dir, tmp_path / "first", "1.0.0+first"))

    def late(request: requests.PreparedRequest) -> requests.Response:
        answering.wait(30)
        return served(request)

    monkeypatch.setattr(source_module, "_patience", 0.05)
    registry = MlflowRegistry("http://mlflow", Answering(late))
    model = RegisteredModel(ModelUri.parse(f"models:/{name}@champion"), registry, tmp_path / "cache", 3600, models_dir)
    assert model.load().model == artefacts.load(models_dir).info
    assert model.following().stand_in == "shipped"
    answering.set()
    wait_until(lambda: model.following().stand_in is None)
    assert model.load().model.version == "1.0.0+first"


def test_a_version_that_was_in_use_is_remembered(models_dir: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert last_good(name, cache) is None
    served = Served(2, v2=renamed(models_dir, tmp_path / "second", "1.0.0+second"))
    served.source(cache).load()
    kept = last_good(name, cache)
    assert kept is not None
    assert (kept.version, kept.artefacts.info.version) == (2, "1.0.0+second")
    for text in ("", "{", "[]", '{"version": "x"}'):
        (cache / f"{name}.json").write_text(text, encoding="utf-8")
        with pytest.raises(ArtefactError, match="is damaged"):
            last_good(name, cache)


@pytest.mark.parametrize("file", data_files)
def test_a_download_has_a_limit(models_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    folder = renamed(models_dir, tmp_path / "first", "1.0.0+first")
    monkeypatch.setitem(artefacts.max_bytes, file, 1000)
    registry = MlflowRegistry("http://mlflow", Answering(Served(1, v1=folder)))
    with pytest.raises(ArtefactError, match=f"{file} in the MLflow registry is larger than 1,000 bytes"):
        fetch(registry, name, 1, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_download_has_an_end(models_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_module, "_max_seconds", -1.0)
    registry = MlflowRegistry("http://mlflow", Answering(Served(1, v1=models_dir)))
    with pytest.raises(RegistryError, match=r"cannot be reached \(the answer takes too long\)"):
        fetch(registry, name, 1, tmp_path)


def test_whoever_writes_to_mlflow_runs_nothing_in_the_api(
    address: str, versions: tuple[int, int], models_dir: Path, portfolio_dir: Path, tmp_path: Path
) -> None:
    """A version of which every file is a pickle, or code, or says that it is to be loaded as such."""
    trap = Trap(tmp_path / "trace")
    folder = renamed(models_dir, tmp_path / "trapped", "1.0.0+trapped")
    for file in (*pickled_files, *data_files[1:]):
        (folder / file).write_bytes(trap.pickled())
        vouch_for(folder, file)
    trapped = register(address, folder)
    client = MlflowClient(address)
    run_id = str(client.get_model_version(name, str(trapped)).run_id)
    code = f"import pathlib; pathlib.Path({str(trap.trace)!r}).touch()"
    loaded = (
        "flavors:\n  python_function: {loader_module: loader, code: code, data: model.pkl, python_version: '3.11'}\n"
    )
    for file, content in {"MLmodel": loaded, "code/loader.py": code, "code/__init__.py": code}.items():
        (tmp_path / "beside" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "beside" / file).write_text(content, encoding="utf-8")
    (tmp_path / "beside" / "model.pkl").write_bytes(trap.pickled())
    (tmp_path / "beside" / "model.lgb").write_bytes(trap.pickled())
    client.log_artifacts(run_id, str(tmp_path / "beside"), "model")

    champion(address, versions[0])
    settings = away_settings(portfolio_dir, tmp_path, models_dir)
    settings = settings.model_copy(update={"mlflow_tracking_uri": address})
    app = create_app(settings)
    api = app.test_client()

    def predicted() -> tuple[str, float]:
        answer = api.post("/predict", json={"features": {"EXT_SOURCE_2": 0.5}}).get_json()
        return answer["model_version"], answer["probability"]

    before = predicted()
    assert before[0] == "1.0.0+first"
    champion(address, trapped)
    with app.app_context():
        following = services().model
    assert isinstance(following, RegisteredModel)
    assert following.look_again()
    assert api.get("/health").get_json()["model_stand_in"] == "kept"
    assert predicted() == before
    assert api.get("/health/ready").get_json()["registry"]["wanted"] == trapped
    # At a start, too: with a copy of what was in use, and without.
    for cache, stand_in in ((settings.model_cache_dir, "kept"), (tmp_path / "empty", "shipped")):
        api = create_app(settings.model_copy(update={"model_cache_dir": cache})).test_client()
        assert predicted()[1] == before[1]
        assert api.get("/health").get_json()["model_stand_in"] == stand_in
    assert not trap.sprung
    trap.spring()
    assert trap.sprung, "the trap itself does not work"


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
        ModelUri.parse(f"models:/{name}@champion"), MlflowRegistry("http://mlflow", Answering(registry)), tmp_path, 0.01
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


def away_settings(portfolio_dir: Path, folder: Path, models_dir: Path) -> Settings:
    """Of an API that is to follow a registry where nobody listens."""
    return Settings(
        model_uri=f"models:/{name}@champion",
        mlflow_tracking_uri="http://127.0.0.1:9",
        model_cache_dir=folder / "cache",
        # It goes on following while the tests of others run.
        model_refresh_seconds=3600,
        audit_file=folder / "audit.db",
        data_dir=portfolio_dir.parent,
        models_dir=models_dir,
    )


def test_the_api_tells_how_it_follows(models_dir: Path, portfolio_dir: Path, tmp_path: Path) -> None:
    settings = away_settings(portfolio_dir, tmp_path, models_dir)
    Served(3, v3=models_dir).source(tmp_path / "cache").load()
    client = create_app(settings).test_client()
    told = client.get("/health/ready").get_json()["registry"]
    assert (told["version"], told["wanted"], told["stand_in"], told["last_success"]) == (3, None, "kept", None)
    assert "cannot be reached (Connection refused)" in told["last_error"]
    assert told["last_error_time"]
    assert client.get("/health").get_json()["model_stand_in"] == "kept"
    metrics = client.get("/metrics").text
    assert 'scoring_registry_time_seconds{outcome="error"}' in metrics
    assert 'scoring_registry_time_seconds{outcome="success"}' not in metrics
    assert 'scoring_model_stand_in{model="kept"} 1.0' in metrics
    assert 'scoring_model_stand_in{model="shipped"} 0.0' in metrics
    for lang in get_args(Language):
        warnings = client.get(f"/model/info?lang={lang}").get_json()["warnings"]
        assert warnings == [message("model_stand_in_kept", lang)]


def test_the_api_without_registry_and_copy_serves_the_shipped_model_and_says_so(
    models_dir: Path, portfolio_dir: Path, tmp_path: Path
) -> None:
    settings = away_settings(portfolio_dir, tmp_path, models_dir)
    client = create_app(settings).test_client()
    told = client.get("/health/ready").get_json()["registry"]
    assert (told["version"], told["stand_in"]) == (None, "shipped")
    assert client.post("/predict", json={"features": {"EXT_SOURCE_2": 0.5}}).status_code == 200
    assert client.get("/model/info?lang=en").get_json()["warnings"] == [message("model_stand_in_shipped", "en")]


def test_an_api_that_is_not_ready_says_what_the_registry_said(portfolio_dir: Path, tmp_path: Path) -> None:
    client = create_app(away_settings(portfolio_dir, tmp_path, tmp_path / "nothing")).test_client()
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    told = answer.get_json()
    assert told["type"] == "/problems/not-ready"
    assert told["checks"]["model"] is False
    assert (told["registry"]["version"], told["registry"]["stand_in"]) == (None, None)
    assert "cannot be reached" in told["registry"]["last_error"]


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
        MlflowRegistry("file:///tmp/mlruns")


def test_the_settings_choose_the_source(tmp_path: Path) -> None:
    assert isinstance(model_source(Settings(models_dir=tmp_path)), FolderModel)
    assert isinstance(model_source(Settings(model_uri="models:/a@champion")), RegisteredModel)


def test_neither_mlflow_nor_what_opens_pickles_is_imported() -> None:
    code = (
        "import sys, runtime.model_source, core.scoring;"
        "sys.exit(bool({'mlflow', 'joblib', 'cloudpickle', 'skops', 'dill'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert mlflow.__version__  # it is there to be imported


def test_a_server_follows_an_alias_up_and_back_and_fails_no_request(
    address: str, versions: tuple[int, int], tmp_path: Path
) -> None:
    """Under an alias of its own: that of others moves meanwhile."""
    client = MlflowClient(address)
    client.set_registered_model_alias(name, "served", str(versions[0]))
    settings = {
        "MODEL_URI": f"models:/{name}@served",
        "MLFLOW_TRACKING_URI": address,
        "MODEL_CACHE_DIR": str(tmp_path / "cache"),
        "MODEL_REFRESH_SECONDS": "0.2",
        "DATA_DIR": str(tmp_path),
    }
    with running(tmp_path, **settings) as server, asked_meanwhile(server) as seen:
        until_all_answer_from(server, "1.0.0+first")
        for number, version in ((versions[1], "1.0.0+second"), (versions[0], "1.0.0+first")):
            client.set_registered_model_alias(name, "served", str(number))
            until_all_answer_from(server, version)
    assert seen == {(200, "1.0.0+first"), (200, "1.0.0+second")}
