"""A model is data that is checked before it is used; nothing is unpickled, whatever lies beside it."""

import dataclasses
import hashlib
import json
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from core.data import demo
from core.model import artefacts, conversion
from core.model.errors import ArtefactError
from core.model.evidence.card import model_card
from core.reference.profiling import profile
from core.reference.reference_profile import ReferenceProfile
from tests.folds import give_small_folds
from tests.traps import Trap, vouch_for


@pytest.fixture
def copied(models_dir: Path, tmp_path: Path) -> Path:
    for name in (artefacts.config_file, *artefacts.listed_files(models_dir)):
        shutil.copy(models_dir / name, tmp_path / name)
    give_small_folds(tmp_path)
    return tmp_path


@pytest.fixture
def pickled(copied: Path) -> Path:
    """The shipped model as earlier versions saved it."""
    path = copied / artefacts.config_file
    config = json.loads(path.read_text(encoding="utf-8"))
    for name in (artefacts.model_file, artefacts.preprocessor_file):
        (copied / name).unlink()
        del config["sha256"][name]
    path.write_text(json.dumps(config), encoding="utf-8")
    return copied


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


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


@pytest.mark.parametrize("name", [artefacts.model_file, artefacts.preprocessor_file])
def test_an_altered_file_is_not_used(copied: Path, name: str) -> None:
    (copied / name).write_bytes((copied / name).read_bytes().replace(b"1", b"2", 1))
    with pytest.raises(ArtefactError, match=f"{name} does not match"):
        artefacts.load(copied)


@pytest.mark.parametrize("name", [*artefacts.data_files[1:], *artefacts.pickled_files])
def test_a_pickle_is_opened_in_no_place(copied: Path, tmp_path: Path, name: str) -> None:
    trap = Trap(tmp_path / "trace")
    (copied / name).write_bytes(trap.pickled())
    vouch_for(copied, name)
    with suppress(ArtefactError):
        artefacts.check_whole(artefacts.load(copied))
    with suppress(ArtefactError):
        artefacts.read_report(copied)
    assert not trap.sprung
    trap.spring()
    assert trap.sprung, "the trap itself does not work"


def test_a_model_that_was_saved_as_pickles_is_refused_with_the_way_out(pickled: Path) -> None:
    with pytest.raises(artefacts.PickledModel, match=r"lgbm_model\.joblib.*model convert"):
        artefacts.load(pickled)


def test_a_model_of_pickles_becomes_the_same_model_as_data(models_dir: Path, pickled: Path) -> None:
    shipped, before = artefacts.load(models_dir), contents(pickled)
    assert conversion.convert(pickled)
    converted = artefacts.load(pickled)
    assert converted.info == shipped.info
    matrix = shipped.preprocessor.transform(demo.draw_applications(200, 6, "train"))
    np.testing.assert_array_equal(converted.booster.predict(matrix), shipped.booster.predict(matrix))
    for name in artefacts.pickled_files:
        assert (pickled / name).read_bytes() == before[name]
    assert not conversion.convert(pickled)


@pytest.mark.parametrize("name", artefacts.pickled_files)
def test_a_pickle_that_does_not_match_its_digest_is_not_converted(pickled: Path, tmp_path: Path, name: str) -> None:
    trap = Trap(tmp_path / "trace")
    (pickled / name).write_bytes(trap.pickled())
    before = contents(pickled)
    with pytest.raises(ArtefactError, match=f"{name} does not match"):
        conversion.convert(pickled)
    assert not trap.sprung
    assert contents(pickled) == before


def test_the_pickles_hold_the_model_that_decides(models_dir: Path) -> None:
    loaded = artefacts.load(models_dir)
    booster, preprocessor = (joblib.load(models_dir / name) for name in artefacts.pickled_files)
    matrix = loaded.preprocessor.transform(demo.draw_applications(300, 7, "train"))
    ours = np.asarray(loaded.booster.predict(matrix))
    np.testing.assert_allclose(booster.predict(matrix), ours, rtol=0, atol=1e-12)
    assert (preprocessor.feature_names, preprocessor.codes) == (
        loaded.preprocessor.feature_names,
        loaded.preprocessor.codes,
    )
    np.testing.assert_array_equal(preprocessor.quantiles, loaded.preprocessor.quantiles)


@pytest.mark.parametrize("name", artefacts.data_files)
def test_a_file_that_is_too_large_is_not_read(copied: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(artefacts.max_bytes, name, 1000)
    with pytest.raises(ArtefactError, match=f"{name} is larger than 1,000 bytes"):
        (artefacts.read_report if name == artefacts.report_file else artefacts.load)(copied)


@pytest.mark.parametrize("read", [artefacts.load, artefacts.check_texts])
@pytest.mark.parametrize("name", [artefacts.model_file, artefacts.folds_file])
def test_a_text_that_leads_out_of_its_trees_is_refused(copied: Path, name: str, read: Callable[[Path], object]) -> None:
    artefacts.check_texts(copied)
    text = (copied / name).read_text(encoding="ascii")
    # To a leaf that is not there; as long as before, so that all else is where it was.
    spoilt = re.sub(r"(?<=^left_child=)(.*)-[0-9]", r"\1-9", text, count=1, flags=re.MULTILINE)
    assert spoilt != text
    (copied / name).write_text(spoilt, encoding="ascii")
    vouch_for(copied, name)
    with pytest.raises(ArtefactError, match=f"{name} is not a LightGBM model: tree "):
        read(copied)


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda stored: stored.pop("codes"), "codes: "),
        (lambda stored: stored.update(code="print"), "code: "),
        (lambda stored: stored.update(layout=2), "layout: "),
        (lambda stored: stored["feature_names"].append("AMT_CREDIT"), "feature_names: "),
        (lambda stored: stored["quantiles"].pop(), "quantiles: "),
        (lambda stored: stored["quantiles"][4].reverse(), "quantiles.4: "),
        (lambda stored: stored["quantiles"][4].pop(), "quantiles.4: "),
        (lambda stored: stored["quantiles"][4].__setitem__(0, "x"), "quantiles.4.0: "),
    ],
)
def test_a_preprocessor_that_is_none_says_where(
    copied: Path, spoil: Callable[[dict[str, Any]], object], named: str
) -> None:
    path = copied / artefacts.preprocessor_file
    stored = json.loads(path.read_text(encoding="utf-8"))
    spoil(stored)
    path.write_text(json.dumps(stored), encoding="utf-8")
    vouch_for(copied, path.name)
    with pytest.raises(ArtefactError, match=f"is not a preprocessor: {named}"):
        artefacts.load(copied)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"optimal_threshold": "0.1"}, "optimal_threshold"),
        ({"optimal_threshold": 1.5}, "optimal_threshold"),
        ({"version": "1\n2"}, "version"),
        ({"version": "1" * 300}, "version"),
        ({"trained_on": "moon"}, "trained_on"),
        ({"importances": [0.1]}, "n_features"),
        ({"metrics": {"auc": float("nan")}}, "metrics"),
        ({"feature_names": "AMT_CREDIT"}, "feature_names"),
    ],
)
def test_a_configuration_has_its_types_and_bounds(copied: Path, changed: dict[str, Any], named: str) -> None:
    path = copied / artefacts.config_file
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changed), encoding="utf-8")
    with pytest.raises(ArtefactError, match=named):
        artefacts.load(copied)


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
    with pytest.raises(ArtefactError, match=r"reference.json is not a reference profile: n_rows"):
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


@pytest.mark.parametrize("content", [b"{}", b"[]", b"null", b"{", b"[" * 100_000, b'{"evaluation": 1, "auc": []}'])
def test_a_card_of_an_evaluation_that_is_none_says_so(copied: Path, content: bytes) -> None:
    (copied / artefacts.report_file).write_bytes(content)
    vouch_for(copied, artefacts.report_file)
    with pytest.raises(ArtefactError, match=r"evaluation\.json is not what training writes"):
        model_card(copied)


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
