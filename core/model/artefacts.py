"""The artefacts of a trained model: written together, and checked before anything is unpickled."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import joblib

from core import outputs
from core.model.booster import Booster

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.model.preprocessor import Preprocessor
    from core.reference import ReferenceProfile

model_file: Final = "lgbm_model.joblib"
preprocessor_file: Final = "preprocessor.joblib"
config_file: Final = "model_config.json"
# What the training rows looked like (`core.reference`); a model of an earlier version has none and scores all the same.
reference_file: Final = "reference.json"
# The evidence for the model (`core.model.report.Report`): read by the model card and the API, not needed to score.
report_file: Final = "evaluation.json"
_all_files: Final = (model_file, preprocessor_file, reference_file, report_file, config_file)

_no_reference: Final = "the model came without a reference profile: train it again"


class ArtefactError(RuntimeError):
    """An artefact is missing, altered, or made by code that numbers things differently."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What is known of the model in use.

    Attributes:
        optimal_threshold: probability of default from which an application is refused.
        cost_fn, cost_fp: cost of a default that was accepted, of a good client that was refused.
        training_date: ISO 8601, UTC.
        auc, accuracy, business_cost: on out-of-fold predictions; the cost is per application.
        feature_names, importances: the features in matrix order, with the share of the total gain of each.
        trained_on: whether the training rows were the synthetic demo or real ones.
    """

    model_name: str
    version: str
    optimal_threshold: float
    cost_fn: float
    cost_fp: float
    n_features: int
    training_date: str
    auc: float
    accuracy: float
    business_cost: float
    trained_on: Literal["demo", "real"]
    n_training_rows: int
    data_fingerprint: str
    feature_names: tuple[str, ...]
    importances: tuple[float, ...]
    metrics: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredReference:
    """A reference profile on disk that was not read yet, with the SHA-256 that it must have when it is."""

    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class Artefacts:
    """A model with all that is needed to use it.

    Attributes:
        reference_source: the reference profile, or where it lies; None where the model came without one.
    """

    booster: Booster
    preprocessor: Preprocessor
    info: ModelInfo
    reference_source: ReferenceProfile | StoredReference | None = None

    @property
    def reference(self) -> ReferenceProfile:
        """What the training rows looked like; read when it is first asked for.

        Raises:
            ArtefactError: where the model came without it, or the file was altered or removed since it was loaded.
        """
        if self.reference_source is None:
            raise ArtefactError(_no_reference)
        if isinstance(self.reference_source, StoredReference):
            return _read_reference(self.reference_source)
        return self.reference_source


@contextmanager
def replacing(artefacts: Artefacts, models_dir: Path, report: bytes | None = None) -> Iterator[Path]:
    """Writes the files of a model aside; they replace those in use once the block has ended well.

    The configuration comes last: it names the digests of the others, so that files of two models are never taken for
    one. Between the first and the last rename the folder holds none; a service that runs answers on from memory.

    Args:
        artefacts: the model.
        models_dir: made where it is missing.
        report: the content of `evaluation.json` (`core.model.report.Report.to_json`), where there is one.

    Yields:
        The folder that holds all of them meanwhile; it can be loaded, recorded and described as `models_dir` can.

    Raises:
        OSError: where the folder cannot be written or the disk is full; what was in use is then as it was.
    """
    contents = {reference_file: None if artefacts.reference_source is None else artefacts.reference.to_json()}
    contents[report_file] = report
    with outputs.replacing_folder(models_dir, last=config_file, owned=_all_files) as folder:
        joblib.dump(artefacts.booster, folder / model_file, compress=3)
        joblib.dump(artefacts.preprocessor, folder / preprocessor_file, compress=3)
        for name, content in contents.items():
            if content is not None:
                (folder / name).write_bytes(content)
        digests = {name: _sha256((folder / name).read_bytes()) for name in _all_files if (folder / name).exists()}
        text = json.dumps(asdict(artefacts.info) | {"sha256": digests}, indent=2, ensure_ascii=False) + "\n"
        (folder / config_file).write_text(text, encoding="utf-8")
        yield folder


def save(artefacts: Artefacts, models_dir: Path, report: bytes | None = None) -> None:
    """Replaces the model in a folder. Arguments and errors are those of `replacing`."""
    with replacing(artefacts, models_dir, report):
        pass


def load(models_dir: Path) -> Artefacts:
    """Reads the files back; the reference profile is checked, but not read before it is asked for.

    Raises:
        ArtefactError: where a file is missing, unreadable, does not match its recorded SHA-256 (it is then not
            unpickled), or belongs to another catalogue.
    """
    config = _read_config(models_dir)
    # The very bytes that were checked, and not what may have taken their place since.
    checked = {name: _checked(models_dir, name, config) for name in (model_file, preprocessor_file)}
    source = _reference_source(models_dir, config)
    info = _info(config)
    preprocessor: Preprocessor = joblib.load(io.BytesIO(checked[preprocessor_file]))
    if not preprocessor.fits_catalogue():
        raise ArtefactError("the model was trained with another catalogue of columns and features: train it again")
    booster: Booster = joblib.load(io.BytesIO(checked[model_file]))
    if tuple(booster.feature_name()) != preprocessor.feature_names:
        raise ArtefactError(f"{model_file} and {preprocessor_file} do not belong together")
    return Artefacts(booster=booster, preprocessor=preprocessor, info=info, reference_source=source)


def read_report(models_dir: Path) -> bytes:
    """The evaluation stored beside the model in a folder, as training wrote it.

    Raises:
        ArtefactError: where it is missing, or does not match its SHA-256; models of earlier versions recorded none.
    """
    try:
        content = (models_dir / report_file).read_bytes()
    except OSError:
        raise ArtefactError(f"{report_file} is missing") from None
    recorded = _listed(_read_config(models_dir)).get(report_file)
    if recorded is not None and _sha256(content) != recorded:
        raise ArtefactError(f"{report_file} does not match the SHA-256 in {config_file}")
    return content


def listed_files(models_dir: Path) -> tuple[str, ...]:
    """The files that the configuration in a folder lists beside itself. Raises `ArtefactError` where it lists none."""
    listed = _read_config(models_dir).get("sha256")
    if not isinstance(listed, dict):
        raise ArtefactError(f"{config_file} lists no files")
    return tuple(listed)


def fingerprint(models_dir: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, size and modification time of each artefact on disk: changes when one of them does."""
    found = []
    # Asked for each request, of text: four paths joined and looked at twice took 0.05 ms.
    folder = os.fspath(models_dir)
    for name in (config_file, model_file, preprocessor_file, reference_file):
        try:
            seen = os.stat(f"{folder}{os.sep}{name}")  # noqa: PTH116
        except OSError:
            continue
        if stat.S_ISREG(seen.st_mode):
            found.append((name, seen.st_size, seen.st_mtime_ns))
    return tuple(found)


def _checked(models_dir: Path, name: str, config: dict[str, Any]) -> bytes:
    """The content of a file, once it is known to be what was recorded."""
    try:
        content = (models_dir / name).read_bytes()
    except OSError:
        raise ArtefactError(f"{name} is missing") from None
    if _sha256(content) != _listed(config).get(name):
        raise ArtefactError(f"{name} does not match the SHA-256 in {config_file}")
    return content


def _listed(config: dict[str, Any]) -> dict[str, Any]:
    listed = config.get("sha256")
    return listed if isinstance(listed, dict) else {}


def _reference_source(models_dir: Path, config: dict[str, Any]) -> StoredReference | None:
    # Where the configuration lists it, a folder without it was copied in part: no better than one without its model.
    if reference_file not in _listed(config):
        return None
    return StoredReference(models_dir / reference_file, _sha256(_checked(models_dir, reference_file, config)))


# Of the model in use, and of the one before while requests still hold it.
@lru_cache(maxsize=2)
def _read_reference(source: StoredReference) -> ReferenceProfile:
    from core.reference import InvalidReference, ReferenceProfile  # only where it is asked for

    try:
        content = source.path.read_bytes()
    except OSError:
        raise ArtefactError(f"{reference_file} is missing") from None
    if _sha256(content) != source.sha256:
        raise ArtefactError(f"{reference_file} does not match the SHA-256 in {config_file}")
    try:
        return ReferenceProfile.from_json(content)
    except InvalidReference as error:
        raise ArtefactError(f"{reference_file} is no reference profile: {error}") from error


def _read_config(models_dir: Path) -> dict[str, Any]:
    path = models_dir / config_file
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ArtefactError(f"{config_file} is missing") from None
    except (OSError, ValueError):
        raise ArtefactError(f"{config_file} cannot be read") from None
    if not isinstance(config, dict):
        raise ArtefactError(f"{config_file} is not a JSON object")
    return config


def _info(config: dict[str, Any]) -> ModelInfo:
    names = [each.name for each in fields(ModelInfo)]
    absent = [name for name in names if name not in config]
    if absent:
        raise ArtefactError(f"{config_file} lacks {', '.join(absent)}")
    values = {name: config[name] for name in names}
    for name in ("feature_names", "importances"):
        values[name] = tuple(values[name])
    return ModelInfo(**values)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
