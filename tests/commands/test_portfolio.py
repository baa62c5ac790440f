"""`data portfolio --if-missing`, asked at each start: at once where nothing has changed, never wrong where it has."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from commands.__main__ import main
from core.model.artefacts import config_file
from core.model.source import FolderModel
from core.portfolio.clients import Portfolio, clients_file, summary_file
from core.scoring import Scorer
from core.settings import root, settings


class Place:
    """A folder with a model and a portfolio that the command made, and how often the model was loaded since."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.loaded = 0

    def start(self) -> int:
        """Runs the command as a start does; returns how often the model was loaded for it."""
        settings.cache_clear()
        self.loaded = 0
        assert main(["data", "portfolio", "--if-missing"]) == 0
        return self.loaded

    def stored(self) -> tuple[int, int]:
        """When the clients were stored, and how many."""
        portfolio = self.folder / "data" / "portfolio"
        return (portfolio / summary_file).stat().st_mtime_ns, Portfolio.open(portfolio).summary.n_clients


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> tuple[Path, Path]:
    """A folder as a first start leaves it, and a copy of all that is in it, to be put back there.

    The note of what was looked at names the files and their times: a portfolio elsewhere would have none.
    """
    folder, kept = tmp_path_factory.mktemp("place"), tmp_path_factory.mktemp("kept") / "place"
    shutil.copytree(models_dir, folder / "models")
    with pytest.MonkeyPatch.context() as patch:
        assert _placed(folder, patch).start() == 1
    shutil.copytree(folder, kept)
    return folder, kept


@pytest.fixture
def place(prepared: tuple[Path, Path], own: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    folder, kept = prepared
    shutil.rmtree(folder)
    shutil.copytree(kept, folder)
    return _placed(folder, monkeypatch)


def _placed(folder: Path, patch: pytest.MonkeyPatch) -> Place:
    there, load = Place(folder), Scorer.load

    def counted(models_dir: Path) -> Scorer:
        there.loaded += 1
        return load(models_dir)

    patch.setattr(Scorer, "load", counted)
    patch.setenv("MODELS_DIR", str(folder / "models"))
    patch.setenv("DATA_DIR", str(folder / "data"))
    patch.setenv("PORTFOLIO_CLIENTS", "60")
    patch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return there


def test_a_start_on_what_is_up_to_date_does_nothing(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    before = place.stored()
    capsys.readouterr()
    assert place.start() == 0
    assert place.stored() == before
    assert capsys.readouterr() == ("", "")


def test_it_does_not_even_import_what_loads_a_model(place: Place) -> None:
    program = (
        "import sys; from commands.__main__ import main; code = main(['data', 'portfolio', '--if-missing']);"
        " sys.exit(code or sorted({'lightgbm', 'polars', 'scipy'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=root, env=os.environ, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_files_that_changed_and_mean_the_same_are_looked_at_once(place: Place) -> None:
    before = place.stored()
    (place.folder / "models" / "model.txt").touch()
    assert [place.start(), place.start()] == [1, 0]
    assert place.stored() == before


@pytest.mark.parametrize("name", [clients_file, summary_file])
def test_clients_that_are_gone_are_made_anew(place: Place, name: str) -> None:
    (place.folder / "data" / "portfolio" / name).unlink()
    assert place.start() == 1
    assert place.stored()[1] == 60


def test_another_number_of_clients_is_made(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTFOLIO_CLIENTS", "70")
    assert place.start() == 1
    assert place.stored()[1] == 70


def test_a_model_that_was_altered_is_told(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    model = place.folder / "models" / "model.txt"
    model.write_bytes(model.read_bytes() + b"\n")
    assert main(["data", "portfolio", "--if-missing"]) == 1
    assert "model.txt does not match the SHA-256" in capsys.readouterr().err


def test_a_note_about_a_model_of_the_registry_says_nothing_of_the_one_in_the_folder(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = place.folder / "other"
    shutil.copytree(place.folder / "models", other)
    config = other / config_file
    config.write_text(json.dumps(json.loads(config.read_text()) | {"data_fingerprint": "f" * 64}))
    with monkeypatch.context() as registry:
        registry.setenv("MODEL_URI", "models:/credit-scoring@champion")
        registry.setattr("runtime.model_source.model_source", lambda _settings: FolderModel(other))
        assert [place.start(), place.start()] == [1, 1]
    assert [place.start(), place.start()] == [1, 0]


@pytest.mark.parametrize("note", ["", "[]", '{"made_for": 1, "files": {}}', '{"files": []}'])
def test_a_note_that_says_nothing_is_not_believed(place: Place, note: str) -> None:
    (place.folder / "data" / "portfolio" / "checked.json").write_text(note)
    assert [place.start(), place.start()] == [1, 0]
