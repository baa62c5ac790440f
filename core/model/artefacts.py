"""The three artefacts of a trained model: written together, and checked before anything is unpickled."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final, Literal

import joblib

from core.model.booster import Booster

if TYPE_CHECKING:
    from pathlib import Path

    from core.model.preprocessor import Preprocessor

model_file: Final = "lgbm_model.joblib"
preprocessor_file: Final = "preprocessor.joblib"
config_file: Final = "model_config.json"
# The evidence for the model (`core.model.report.Report`): read by the model card and the API, not needed to score.
report_file: Final = "evaluation.json"


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
class Artefacts:
    """A model with all that is needed to use it."""

    booster: Booster
    preprocessor: Preprocessor
    info: ModelInfo


def save(artefacts: Artefacts, models_dir: Path) -> None:
    """Writes the three files; the configuration last, so that a half-written model is never taken for a whole one."""
    models_dir.mkdir(parents=True, exist_ok=True)
    (models_dir / config_file).unlink(missing_ok=True)
    joblib.dump(artefacts.booster, models_dir / model_file, compress=3)
    joblib.dump(artefacts.preprocessor, models_dir / preprocessor_file, compress=3)
    config = asdict(artefacts.info) | {
        "sha256": {name: _sha256(models_dir / name) for name in (model_file, preprocessor_file)}
    }
    (models_dir / config_file).write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def load(models_dir: Path) -> Artefacts:
    """Reads the three files back.

    Raises:
        ArtefactError: where a file is missing, unreadable, does not match its recorded SHA-256 (it is then not
            unpickled), or belongs to another catalogue.
    """
    config = _read_config(models_dir)
    for name in (model_file, preprocessor_file):
        path = models_dir / name
        if not path.is_file():
            raise ArtefactError(f"{name} is missing")
        if _sha256(path) != config.get("sha256", {}).get(name):
            raise ArtefactError(f"{name} does not match the SHA-256 in {config_file}")
    info = _info(config)
    preprocessor: Preprocessor = joblib.load(models_dir / preprocessor_file)
    if not preprocessor.fits_catalogue():
        raise ArtefactError("the model was trained with another catalogue of columns and features: train it again")
    booster: Booster = joblib.load(models_dir / model_file)
    if tuple(booster.feature_name()) != preprocessor.feature_names:
        raise ArtefactError(f"{model_file} and {preprocessor_file} do not belong together")
    return Artefacts(booster=booster, preprocessor=preprocessor, info=info)


def listed_files(models_dir: Path) -> tuple[str, ...]:
    """The files that the configuration in a folder lists beside itself. Raises `ArtefactError` where it lists none."""
    listed = _read_config(models_dir).get("sha256")
    if not isinstance(listed, dict):
        raise ArtefactError(f"{config_file} lists no files")
    return tuple(listed)


def fingerprint(models_dir: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, size and modification time of each artefact on disk: changes when one of them does."""
    found = []
    for name in (config_file, model_file, preprocessor_file):
        path = models_dir / name
        if path.is_file():
            stat = path.stat()
            found.append((name, stat.st_size, stat.st_mtime_ns))
    return tuple(found)


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


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
