"""The `train` command: the model in use is the one before, until the run that explains the new one is recorded."""

import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient

from commands import approval, model
from commands.__main__ import main
from core.audit.approvals import Approval, approvals
from core.audit.chain.verification import verify
from core.audit.engine import Database, database_url
from core.model import artefacts
from core.model.approval import ApprovalCheck
from core.model.registry import fetch
from core.model.training.fitting import model_name
from core.settings import settings
from runtime.mlflow.errors import TrackingError
from runtime.mlflow.registry import MlflowRegistry
from runtime.mlflow.runs import register, tracking_server
from runtime.mlflow.versions import challenger, champion
from tests.trained import Trained, trained_once

_no_server = "http://127.0.0.1:9"  # the port of "discard", where nobody listens


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return trained_once(tmp_path_factory)


@pytest.fixture(scope="module")
def mlruns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mlruns")


@pytest.fixture(scope="module")
def server(mlruns: Path) -> Iterator[str]:
    """One server for all tests: it takes as long to start as most of them."""
    with tracking_server(mlruns) as found:
        yield found


@pytest.fixture
def address(server: str) -> str:
    """A server without a model and a run."""
    client = MlflowClient(server)
    for registered in client.search_registered_models():
        client.delete_registered_model(registered.name)
    for run in client.search_runs([experiment.experiment_id for experiment in client.search_experiments()]):
        client.delete_run(run.info.run_id)
    return server


@pytest.fixture
def trained(own: Path, monkeypatch: pytest.MonkeyPatch, made: Trained) -> Path:
    """Training itself is done."""
    monkeypatch.setattr(model, "_clients", lambda *_: (made.applications, "demo"))
    monkeypatch.setattr(model, "train", lambda *_, **__: made.training)
    monkeypatch.setattr(model, "make_report", lambda *_, **__: made.report)
    return own


@pytest.fixture
def failing_mlflow(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server that is there when it is asked, and fails when it is given something."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, body = (200, b"{}") if self.path.endswith("experiments/search") else (500, b"{}")
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            pass

    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def never(*_: object, **__: object) -> None:
    pytest.fail("trained, though it was known that nothing would come of it")


@pytest.mark.parametrize(
    ("card", "named"),
    [
        ("absent/card.md", "No such file or directory"),
        ("models", "is a folder"),
        ("models/model_config.json", "is the input"),
    ],
)
def test_a_card_that_cannot_be_written_is_told_before_training(
    own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], card: str, named: str
) -> None:
    monkeypatch.setattr(model, "_clients", never)
    before = contents(own)
    assert main(["train", "--clients", "1000", "--card", str(own / card)]) == 1
    assert named in capsys.readouterr().err
    assert contents(own) == before


def test_an_absent_mlflow_is_told_before_training(
    own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", _no_server)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setattr(model, "_clients", never)
    settings.cache_clear()
    before = contents(own)
    assert main(["train", "--clients", "1000", "--card", str(own / "card.md")]) == 1
    assert "MLflow did not record the training (it cannot be reached)" in capsys.readouterr().err
    assert contents(own) == before


def test_a_run_that_is_not_recorded_leaves_the_model_in_use(
    trained: Path, failing_mlflow: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", failing_mlflow)
    settings.cache_clear()
    before = contents(trained)
    assert main(["train", "--card", str(trained / "card.md")]) == 1
    assert "MLflow did not record the training" in capsys.readouterr().err
    assert contents(trained) == before


def test_a_disk_that_fills_up_leaves_the_model_in_use(
    trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(model, "model_card", full)
    before = contents(trained)
    assert main(["train", "--card", str(trained / "card.md")]) == 1
    assert "No space left on device" in capsys.readouterr().err
    assert contents(trained) == before


@pytest.mark.filterwarnings("ignore")  # MLflow's own, of which there are many
def test_no_training_promotes_itself_and_an_approval_does(
    trained: Path, made: Trained, address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A challenger is registered, refused by a check that fails, and approved where all pass; on record."""
    models, card = trained / "models", trained / "card.md"
    before, version = contents(models), made.training.artefacts.info.version
    monkeypatch.setenv("AUDIT_FILE", str(trained / "audit.db"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    settings.cache_clear()
    client = MlflowClient(address)
    register(artefacts.load(models), models, None, address)
    assert client.get_model_version_by_alias(model_name, champion).version == "1"
    assert main(["train"]) == 0
    assert contents(models) == before
    found = {alias: client.get_model_version_by_alias(model_name, alias) for alias in (challenger, champion)}
    assert [found[alias].version for alias in (challenger, champion)] == ["2", "1"]
    recorded = client.download_artifacts(str(found[challenger].run_id), "evaluation.json", str(trained))
    assert main(["model", "register", "--alias", champion]) == 1
    assert "`python3 run.py model approve` alone" in capsys.readouterr().err

    asked = ["model", "approve", "2", "--by", "V. Ali", "--because", "validated", "--card", str(card)]
    # Of 1,800 rows: below the interval of the champion.
    assert main(asked) == 1
    said = capsys.readouterr().err
    assert "is not approved" in said
    assert "auc (" in said
    assert contents(models) == before
    assert card.read_text(encoding="utf-8") == "the card before"
    assert client.get_model_version_by_alias(model_name, champion).version == "1"

    lenient = tuple(ApprovalCheck(name, passed=True, figures=f"{name} 0.5") for name in ("calibration", "auc"))
    held: list[bool] = []

    def passing(*_: object, returning: bool) -> tuple[ApprovalCheck, ...]:
        held.append(returning)
        return lenient

    monkeypatch.setattr(approval, "checks", passing)
    with monkeypatch.context() as patch:
        patch.setattr(approval, "promote", refusing)
        assert main(asked) == 1
    assert "is on record, nothing else was changed" in capsys.readouterr().err
    assert contents(models) == before
    assert main(asked) == 0
    assert client.get_model_version_by_alias(model_name, champion).version == "2"
    # What is on record was approved before: it is not held against the AUC of the one in use once more.
    assert held == [False, True]
    assert main(["model", "list"]) == 0
    assert f"lightgbm-{version}" in capsys.readouterr().out
    assert artefacts.load(models).info == made.training.artefacts.info
    assert artefacts.read_report(models) == Path(recorded).read_bytes()
    assert version in card.read_text(encoding="utf-8")
    assert {path.name for path in models.iterdir()} == {*artefacts.listed_files(models), artefacts.config_file}
    # The first was recorded before MLflow refused.
    _, last = recorded_approvals()
    assert (last.officer, last.reason, last.model_version) == ("V. Ali", "validated", f"{version} (version 2)")
    assert last.config_sha256 == artefacts.sha256((models / artefacts.config_file).read_bytes())
    assert last.checks == "calibration: calibration 0.5; auc: auc 0.5"


def recorded_approvals() -> tuple[Approval, ...]:
    """Those in the audit database of the settings, whose chain is whole."""
    database = Database.open(database_url(settings()))
    try:
        assert verify(database).fault_count == 0
        return approvals(database)
    finally:
        database.close()


def refusing(*_: object) -> None:
    raise TrackingError("MLflow did not move the alias")


@pytest.mark.filterwarnings("ignore")  # MLflow's own, of which there are many
def test_a_first_training_is_in_use_and_champion(
    trained: Path, made: Trained, address: str, mlruns: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the server that the command starts for itself, on the same store."""
    monkeypatch.setenv("MLRUNS_DIR", str(mlruns))
    settings.cache_clear()
    shutil.rmtree(trained / "models")
    assert main(["train", "--card", str(trained / "card.md")]) == 0
    assert artefacts.load(trained / "models").info == made.training.artefacts.info
    assert made.training.artefacts.info.version in (trained / "card.md").read_text(encoding="utf-8")
    assert MlflowClient(address).get_model_version_by_alias(model_name, champion).version == "1"


@pytest.mark.filterwarnings("ignore")  # MLflow's own, of which there are many
def test_a_first_training_here_leaves_the_champion_of_a_shared_mlflow(
    trained: Path, made: Trained, models_dir: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(trained / "models")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    settings.cache_clear()
    client = MlflowClient(address)
    register(artefacts.load(models_dir), models_dir, None, address)
    assert main(["train", "--card", str(trained / "card.md")]) == 0
    found = [client.get_model_version_by_alias(model_name, alias).version for alias in (champion, challenger)]
    assert found == ["1", "2"]
    assert artefacts.load(trained / "models").info == made.training.artefacts.info


@pytest.mark.filterwarnings("ignore")  # MLflow's own, of which there are many
def test_a_model_is_registered_as_data_under_the_run_that_trained_it(
    trained: Path, made: Trained, address: str
) -> None:
    client = MlflowClient(address)
    artefacts.save(made.training.artefacts, trained / "models", made.report.to_json())
    first = register(made.training.artefacts, trained / "models", challenger, address)
    assert first == (1, challenger)
    again, alias = register(made.training.artefacts, trained / "models", None, address)
    assert (again, alias) == (2, champion)
    found = {alias: client.get_model_version_by_alias(model_name, alias) for alias in (challenger, champion)}
    assert found[challenger].run_id == found[champion].run_id
    run = client.get_run(str(found[champion].run_id))
    assert run.data.metrics["auc"] == made.training.artefacts.info.metrics["auc"]
    fetched = fetch(MlflowRegistry(address), model_name, again, trained / "cache")
    assert fetched.artefacts.info == made.training.artefacts.info
    assert {path.name for path in fetched.folder.iterdir()} == set(artefacts.data_files)
    read = mlflow.lightgbm.load_model(f"models:/{model_name}@{champion}")
    assert read.model_to_string() == made.training.artefacts.booster.model_to_string(num_iteration=-1)


def test_what_cannot_be_registered_or_converted_is_said(
    own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", _no_server)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    settings.cache_clear()
    assert main(["model", "register"]) == 1
    assert "it cannot be reached" in capsys.readouterr().err
    assert main(["model", "convert"]) == 0
    assert "is data already" in capsys.readouterr().err
    (own / "models" / artefacts.model_file).write_bytes(b"tree")
    assert main(["model", "convert"]) == 1
    assert f"{artefacts.model_file} does not match" in capsys.readouterr().err
