"""The `train` command: the model in use is the one before, until the run that explains the new one is recorded."""

import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import mlflow
import polars as pl
import pytest
from mlflow import MlflowClient

from commands import model
from commands.__main__ import main
from core.data import demo
from core.model import artefacts
from core.model.evidence.report import make_report
from core.model.registry import fetch
from core.model.training.fitting import model_name, train
from core.settings import settings
from runtime.mlflow.registry import MlflowRegistry
from runtime.mlflow.runs import champion, register, tracking_server

_no_server = "http://127.0.0.1:9"  # the port of "discard", where nobody listens


@pytest.fixture(scope="module")
def applications() -> pl.DataFrame:
    return demo.draw_applications(600, 5, "train")


@pytest.fixture(scope="module")
def made(applications: pl.DataFrame):
    training = train(applications, trained_on="demo", cost_fn=10, cost_fp=1, folds=2, seed=1)
    return training, make_report(training, applications, folds=2, seed=1)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, models_dir: Path) -> Iterator[Path]:
    """A folder with the model in use, a card of it and no address of MLflow."""
    shutil.copytree(models_dir, tmp_path / "models")
    (tmp_path / "card.md").write_text("the card before", encoding="utf-8")
    monkeypatch.setenv("MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("MLRUNS_DIR", str(tmp_path / "mlruns"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


@pytest.fixture
def trained(own: Path, monkeypatch: pytest.MonkeyPatch, applications: pl.DataFrame, made) -> Path:
    """Training itself is done."""
    monkeypatch.setattr(model, "_clients", lambda *_: (applications, "demo"))
    monkeypatch.setattr(model, "train", lambda *_, **__: made[0])
    monkeypatch.setattr(model, "make_report", lambda *_, **__: made[1])
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
def test_what_is_recorded_is_what_is_in_use(trained: Path, made) -> None:
    assert main(["train", "--card", str(trained / "card.md")]) == 0
    models = trained / "models"
    assert artefacts.load(models).info == made[0].artefacts.info
    assert json.loads(artefacts.read_report(models))["rounds"] == made[0].rounds
    assert made[0].artefacts.info.version in (trained / "card.md").read_text(encoding="utf-8")
    assert {path.name for path in models.iterdir()} == {*artefacts.listed_files(models), artefacts.config_file}
    with tracking_server(trained / "mlruns") as address:
        client = MlflowClient(address)
        run_id = client.get_model_version_by_alias(model_name, champion).run_id
        assert run_id is not None
        recorded = client.download_artifacts(run_id, "evaluation.json", str(trained))
    assert Path(recorded).read_bytes() == artefacts.read_report(models)


@pytest.mark.filterwarnings("ignore")  # MLflow's own, of which there are many
def test_a_model_is_registered_as_data_under_the_run_that_trained_it(
    trained: Path, made, capsys: pytest.CaptureFixture[str]
) -> None:
    with tracking_server(trained / "mlruns") as address:
        client = MlflowClient(address)
        artefacts.save(made[0].artefacts, trained / "models", made[1].to_json())
        version = register(made[0].artefacts, trained / "models", "challenger", address)
        again = register(made[0].artefacts, trained / "models", champion, address)
        assert (version, again) == (1, 2)
        found = {alias: client.get_model_version_by_alias(model_name, alias) for alias in ("challenger", champion)}
        assert found["challenger"].run_id == found[champion].run_id
        run = client.get_run(str(found[champion].run_id))
        assert run.data.metrics["auc"] == made[0].artefacts.info.metrics["auc"]
        fetched = fetch(MlflowRegistry(address), model_name, again, trained / "cache")
        assert fetched.artefacts.info == made[0].artefacts.info
        assert {path.name for path in fetched.folder.iterdir()} == set(artefacts.data_files)
        read = mlflow.lightgbm.load_model(f"models:/{model_name}@{champion}")
        assert read.model_to_string() == made[0].artefacts.booster.model_to_string(num_iteration=-1)


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
