"""Artefacts are checked before they are unpickled."""

import json
import pickle
import shutil
from pathlib import Path

import pytest

from core.model import artefacts
from core.model.artefacts import ArtefactError


@pytest.fixture
def copied(models_dir: Path, tmp_path: Path) -> Path:
    for name in (artefacts.config_file, artefacts.model_file, artefacts.preprocessor_file):
        shutil.copy(models_dir / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("name", [artefacts.config_file, artefacts.model_file, artefacts.preprocessor_file])
def test_a_missing_file_is_named(copied: Path, name: str) -> None:
    (copied / name).unlink()
    with pytest.raises(ArtefactError, match=f"{name} is missing"):
        artefacts.load(copied)


class Payload:
    """A pickle that leaves a trace when it is loaded."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.trace,)


@pytest.mark.parametrize("name", [artefacts.model_file, artefacts.preprocessor_file])
def test_an_altered_file_is_not_unpickled(copied: Path, name: str) -> None:
    trace = copied / "trace"
    (copied / name).write_bytes(pickle.dumps(Payload(trace)))
    with pytest.raises(ArtefactError, match=f"{name} does not match"):
        artefacts.load(copied)
    assert not trace.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"sha256": {}}'])
def test_a_configuration_that_is_none_is_an_error(copied: Path, text: str) -> None:
    (copied / artefacts.config_file).write_text(text, encoding="utf-8")
    with pytest.raises(ArtefactError):
        artefacts.load(copied)


def test_a_configuration_that_lacks_a_field_names_it(copied: Path) -> None:
    path = copied / artefacts.config_file
    config = json.loads(path.read_text(encoding="utf-8"))
    del config["optimal_threshold"]
    path.write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ArtefactError, match="optimal_threshold"):
        artefacts.load(copied)


def test_what_is_saved_is_what_is_loaded(models_dir: Path, tmp_path: Path) -> None:
    first = artefacts.load(models_dir)
    artefacts.save(first, tmp_path / "again")
    again = artefacts.load(tmp_path / "again")
    assert again.info == first.info
    assert again.booster.model_to_string() == first.booster.model_to_string()
    assert artefacts.fingerprint(tmp_path / "again") != artefacts.fingerprint(models_dir)


def test_a_model_of_another_catalogue_is_refused(models_dir: Path, tmp_path: Path) -> None:
    first = artefacts.load(models_dir)
    codes = dict(first.preprocessor.codes)
    codes["NAME_CONTRACT_TYPE"] = tuple(reversed(codes["NAME_CONTRACT_TYPE"]))
    object.__setattr__(first.preprocessor, "codes", codes)
    artefacts.save(first, tmp_path)
    with pytest.raises(ArtefactError, match="another catalogue"):
        artefacts.load(tmp_path)
