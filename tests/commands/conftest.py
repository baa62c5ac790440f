"""What tests of several commands stand on."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import settings


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
