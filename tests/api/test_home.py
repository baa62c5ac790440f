"""`/` and `/health`: the words of the contract, with the model and without it."""

import shutil
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from api import create_app
from core import __version__
from core.model.artefacts import config_file, model_file, pickled_files, preprocessor_file
from core.portfolio.clients import Portfolio
from core.scoring import Scorer
from core.settings import Settings
from tests.traps import Trap, vouch_for

scoring = [
    ("POST", "/predict", {"features": {"EXT_SOURCE_2": 0.5}}),
    ("POST", "/predict/batch", {"clients": [{"EXT_SOURCE_2": 0.5}]}),
    ("POST", "/predict/explain", {"features": {"EXT_SOURCE_2": 0.5}}),
    ("GET", "/model/info", None),
    ("GET", "/model/features", None),
    ("GET", "/model/feature-names", None),
]


@pytest.fixture
def reloading(copied_models: Path, tmp_path: Path) -> FlaskClient:
    settings = Settings(models_dir=copied_models, data_dir=tmp_path, replacement_seconds=0)
    return create_app(settings).test_client()


def alter(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def test_welcome_says_where_to_go(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.get_json() == {
        "message": "Home Credit Scoring API",
        "version": __version__,
        "docs": "/docs",
        "health": "/health",
    }
    for path in (answer.get_json()["docs"], answer.get_json()["health"]):
        assert client.get(path).status_code == 200


def test_health_is_healthy_with_a_model(client: FlaskClient, scorer: Scorer, portfolio: Portfolio) -> None:
    answer = client.get("/health")
    assert answer.status_code == 200
    health = answer.get_json()
    # Whether one is there depends on what else runs; see the tests of jobs.
    assert health.pop("worker").keys() == {"alive", "seen"}
    assert health == {
        "status": "healthy",
        "model_loaded": True,
        "version": __version__,
        "model_version": scorer.model.version,
        "portfolio_loaded": True,
        "portfolio": str(portfolio.provenance),
        "model_stand_in": None,
        "detail": None,
        "role": "admin",
    }


def test_without_a_portfolio_scoring_is_still_healthy(reloading: FlaskClient) -> None:
    health = reloading.get("/health").get_json()
    assert (health["status"], health["model_loaded"], health["portfolio_loaded"]) == ("healthy", True, False)
    assert health["portfolio"] is None
    assert reloading.post("/predict", json={"features": {"EXT_SOURCE_2": 0.5}}).status_code == 200


@pytest.mark.parametrize("name", [config_file, model_file, preprocessor_file])
@pytest.mark.parametrize("damage", [alter, Path.unlink], ids=["altered", "missing"])
def test_a_damaged_artefact_degrades_and_a_whole_one_recovers(
    reloading: FlaskClient, copied_models: Path, models_dir: Path, name: str, damage: object
) -> None:
    def predicted() -> dict[str, object]:
        answer = reloading.post("/predict", json={"features": {"EXT_SOURCE_2": 0.5}}).get_json()
        # Each answer is recorded under an id of its own.
        return {name: value for name, value in answer.items() if name != "prediction_id"}

    before = predicted()
    damage(copied_models / name)  # type: ignore[operator]

    health = reloading.get("/health")
    assert health.status_code == 200
    assert health.get_json()["status"] == "degraded"
    assert health.get_json()["model_loaded"] is False
    assert health.get_json()["model_version"] is None
    # Also said: which file it is. Not said: where it is.
    assert health.get_json()["detail"]
    assert str(copied_models) not in health.text
    for method, path, body in scoring:
        answer = reloading.open(path, method=method, json=body)
        assert (answer.status_code, list(answer.get_json())) == (503, ["type", "status", "detail"]), path

    shutil.copy(models_dir / name, copied_models / name)
    assert reloading.get("/health").get_json()["status"] == "healthy"
    assert predicted() == before


def test_a_service_that_starts_without_a_model_serves_it_once_it_is_there(models_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    client = create_app(Settings(models_dir=folder, data_dir=tmp_path)).test_client()
    assert client.get("/health").get_json()["status"] == "degraded"
    shutil.copytree(models_dir, folder)
    assert client.get("/health").get_json()["status"] == "healthy"
    assert client.post("/predict", json={"features": {"AMT_CREDIT": 500_000}}).status_code == 200


def test_nothing_is_unpickled_whatever_lies_in_the_folder(
    reloading: FlaskClient, copied_models: Path, tmp_path: Path
) -> None:
    before = reloading.post("/predict", json={"features": {"EXT_SOURCE_2": 0.5}}).get_json()["probability"]
    trap = Trap(tmp_path / "unpickled")
    for name in pickled_files:
        (copied_models / name).write_bytes(trap.pickled())
        vouch_for(copied_models, name)
    assert reloading.get("/health").get_json()["status"] == "healthy"
    assert reloading.post("/predict", json={"features": {"EXT_SOURCE_2": 0.5}}).get_json()["probability"] == before
    for name in (model_file, preprocessor_file):
        (copied_models / name).write_bytes(trap.pickled())
        vouch_for(copied_models, name)
        assert reloading.get("/health").get_json()["status"] == "degraded"
    assert not trap.sprung
    trap.spring()
    assert trap.sprung, "the trap itself does not work"


def test_the_same_broken_files_are_not_read_again_and_again(
    reloading: FlaskClient, copied_models: Path, caplog: pytest.LogCaptureFixture
) -> None:
    alter(copied_models / model_file)
    for _ in range(5):
        reloading.get("/health")
    assert len([message for message in caplog.messages if model_file in message]) == 1
