"""Artefacts are checked before they are unpickled."""

import dataclasses
import hashlib
import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

from core.data import demo
from core.data.profiling import profile
from core.model import artefacts
from core.model.artefacts import ArtefactError
from core.reference import ReferenceProfile


@pytest.fixture
def copied(models_dir: Path, tmp_path: Path) -> Path:
    for name in (artefacts.config_file, *artefacts.listed_files(models_dir)):
        shutil.copy(models_dir / name, tmp_path / name)
    return tmp_path


@pytest.fixture(scope="module")
def reference() -> ReferenceProfile:
    rows = demo.draw_applications(300, 2, "train")
    chances = np.random.default_rng(2).beta(1, 12, rows.height)
    return profile(rows, chances, 0.1, origin="demo", cost_fn=10, cost_fp=1)


@pytest.fixture
def referenced(models_dir: Path, tmp_path: Path, reference: ReferenceProfile) -> Path:
    """A model that was saved with its reference profile."""
    folder = tmp_path / "referenced"
    artefacts.save(dataclasses.replace(artefacts.load(models_dir), reference_source=reference), folder)
    return folder


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


def test_the_reference_travels_with_its_model(referenced: Path, reference: ReferenceProfile, tmp_path: Path) -> None:
    loaded = artefacts.load(referenced)
    assert loaded.reference == reference
    assert artefacts.reference_file in artefacts.listed_files(referenced)
    # What was loaded is saved with it, even over itself.
    for folder in (tmp_path / "again", referenced):
        artefacts.save(loaded, folder)
        assert artefacts.load(folder).reference == reference


def test_the_reference_is_read_when_it_is_asked_for(referenced: Path) -> None:
    loaded = artefacts.load(referenced)
    (referenced / artefacts.reference_file).unlink()
    artefacts._read_reference.cache_clear()
    with pytest.raises(ArtefactError, match=r"reference.json is missing"):
        loaded.reference  # noqa: B018


@pytest.mark.parametrize(
    ("alter", "named"),
    [
        (lambda path: path.unlink(), "reference.json is missing"),
        (lambda path: path.write_bytes(path.read_bytes().replace(b"0", b"1", 1)), "reference.json does not match"),
    ],
    ids=["missing", "altered"],
)
def test_a_reference_that_is_not_the_one_recorded_is_refused(referenced: Path, alter, named: str) -> None:
    alter(referenced / artefacts.reference_file)
    with pytest.raises(ArtefactError, match=named):
        artefacts.load(referenced)


def test_a_reference_altered_after_loading_is_not_read(referenced: Path) -> None:
    loaded = artefacts.load(referenced)
    before = artefacts.fingerprint(referenced)
    path = referenced / artefacts.reference_file
    path.write_bytes(path.read_bytes() + b" ")
    assert artefacts.fingerprint(referenced) != before
    artefacts._read_reference.cache_clear()
    with pytest.raises(ArtefactError, match=r"reference.json does not match"):
        loaded.reference  # noqa: B018


def test_a_recorded_reference_that_is_none_is_an_error(referenced: Path) -> None:
    path, config_path = referenced / artefacts.reference_file, referenced / artefacts.config_file
    path.write_text("{}", encoding="utf-8")
    config = json.loads(config_path.read_text(encoding="utf-8"))
    config["sha256"][artefacts.reference_file] = hashlib.sha256(path.read_bytes()).hexdigest()
    config_path.write_text(json.dumps(config), encoding="utf-8")
    assert artefacts.load(referenced).info.model_name == config["model_name"]
    with pytest.raises(ArtefactError, match=r"reference.json is no reference profile: n_rows"):
        artefacts.load(referenced).reference  # noqa: B018


def test_a_model_of_an_earlier_version_has_no_reference_and_loads(models_dir: Path, referenced: Path) -> None:
    plain = dataclasses.replace(artefacts.load(models_dir), reference_source=None)
    artefacts.save(plain, referenced)
    assert not (referenced / artefacts.reference_file).exists()
    loaded = artefacts.load(referenced)
    with pytest.raises(ArtefactError, match="without a reference profile"):
        loaded.reference  # noqa: B018


def test_the_evaluation_is_switched_with_its_model(models_dir: Path, tmp_path: Path) -> None:
    model = artefacts.load(models_dir)
    artefacts.save(model, tmp_path, b'{"rounds": 1}')
    assert artefacts.report_file in artefacts.listed_files(tmp_path)
    assert artefacts.read_report(tmp_path) == b'{"rounds": 1}'
    (tmp_path / artefacts.report_file).write_bytes(b'{"rounds": 2}')
    with pytest.raises(ArtefactError, match=r"evaluation.json does not match"):
        artefacts.read_report(tmp_path)
    # It is evidence, and not needed to score.
    assert artefacts.load(tmp_path).info == model.info
    artefacts.save(model, tmp_path)
    with pytest.raises(ArtefactError, match=r"evaluation.json is missing"):
        artefacts.read_report(tmp_path)


def test_an_evaluation_of_an_earlier_version_has_no_digest_and_is_read(copied: Path) -> None:
    path = copied / artefacts.config_file
    config = json.loads(path.read_text(encoding="utf-8"))
    config["sha256"].pop(artefacts.report_file, None)
    path.write_text(json.dumps(config), encoding="utf-8")
    (copied / artefacts.report_file).write_bytes(b"{}")
    artefacts.load(copied)
    assert artefacts.read_report(copied) == b"{}"


def test_a_model_that_cannot_take_its_place_leaves_the_one_before(copied: Path, monkeypatch) -> None:
    before = {path.name: path.read_bytes() for path in copied.iterdir()}
    first = artefacts.load(copied)
    second = dataclasses.replace(first, info=dataclasses.replace(first.info, version="2.0.0"))
    rename = Path.replace

    def fails(path: Path, target: Path) -> Path:
        if path.name == artefacts.config_file and path.parent.name == "after":
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(OSError, match="No space"):
        artefacts.save(second, copied, b"{}")
    assert {path.name: path.read_bytes() for path in copied.iterdir()} == before
    assert artefacts.load(copied).info == first.info
