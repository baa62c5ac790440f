"""The artefacts of a trained model: data, written together and checked before they are used. Nothing is unpickled."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

import numpy as np
from pydantic import ConfigDict, Field, NonNegativeFloat, PositiveFloat, PositiveInt, TypeAdapter, ValidationError

from core import outputs
from core.model import fold_models, model_text
from core.model.booster import Booster, LightGBMError
from core.model.errors import ArtefactError
from core.model.preprocessor import InvalidPreprocessor, Preprocessor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.reference.reference_profile import ReferenceProfile

# LightGBM's own text, and what is remembered of the training rows.
model_file: Final = "model.txt"
preprocessor_file: Final = "preprocessor.json"
# The same two as pickles, under the names that they have always had: for notebooks and for the earlier system. They
# are written, and opened by nothing of ours but `core.model.conversion`.
pickled_model_file: Final = "lgbm_model.joblib"
pickled_preprocessor_file: Final = "preprocessor.joblib"
config_file: Final = "model_config.json"
# What the training rows looked like (`core.reference.reference_profile`); a model of an earlier version has none and
# scores all the same.
reference_file: Final = "reference.json"
# The evidence for the model (`core.model.evidence.report.Report`): read by the model card and the API, not needed to
# score.
report_file: Final = "evaluation.json"
# The models of the cross-validation, by which it is told how sure a decision is (`core.model.fold_models`); a model of
# an earlier version has none, and nothing is then said of it.
folds_file: Final = "folds.txt"
data_files: Final = (config_file, model_file, preprocessor_file, reference_file, folds_file, report_file)
"""All that a model is, as data; the configuration, which vouches for the others, comes first."""
pickled_files: Final = (pickled_model_file, pickled_preprocessor_file)

_text_checks: Final = {model_file: model_text.check, folds_file: model_text.check_folds}

# What is larger is not read: twenty times what the shipped model has, as JSON of little worth takes ten times its size
# in memory.
max_bytes: Final = {
    config_file: 1_000_000,
    model_file: 32_000_000,
    preprocessor_file: 4_000_000,
    reference_file: 12_000_000,
    folds_file: 32_000_000,
    report_file: 2_000_000,
}

_no_reference: Final = "the model came without a reference profile: train it again"


class PickledModel(ArtefactError):
    """A model is there as pickles alone, which could run code, and are not opened."""

    def __init__(self, of: str = "the model", way_out: str = "`python3 run.py model convert` saves it as data") -> None:
        super().__init__(
            f"{of} was saved by an earlier version as pickles alone ({pickled_model_file}), which are not opened:"
            f" {way_out}"
        )


# A line that a page can show.
_Words = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What is known of the model in use.

    As it may come from elsewhere, it is checked when it is read: each part has its type and its bounds.

    Attributes:
        optimal_threshold: probability of default from which an application is refused.
        cost_fn, cost_fp: cost of a default that was accepted, of a good client that was refused.
        training_date: ISO 8601, UTC.
        auc, accuracy, business_cost: on out-of-fold predictions; the cost is per application.
        feature_names, importances: the features in matrix order, with the share of the total gain of each.
        trained_on: whether the training rows were the synthetic demo or real ones.
    """

    __pydantic_config__: ClassVar = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False)

    model_name: _Words
    version: _Words
    optimal_threshold: _Share
    cost_fn: PositiveFloat
    cost_fp: PositiveFloat
    n_features: PositiveInt
    training_date: _Words
    auc: _Share
    accuracy: _Share
    business_cost: NonNegativeFloat
    trained_on: Literal["demo", "real"]
    n_training_rows: PositiveInt
    data_fingerprint: _Words
    feature_names: tuple[str, ...]
    importances: tuple[_Share, ...]
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
        folds: the fold models as `core.model.fold_models.joined` makes one of them; None where it came without.
    """

    booster: Booster
    preprocessor: Preprocessor
    info: ModelInfo
    reference_source: ReferenceProfile | StoredReference | None = None
    folds: Booster | None = None

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
        report: the content of `evaluation.json` (`core.model.evidence.report.Report.to_json`), where there is one.

    Yields:
        The folder that holds all of them meanwhile; it can be loaded, recorded and described as `models_dir` can.

    Raises:
        ArtefactError: where the model is none that could be loaded again.
        OSError: where the folder cannot be written or the disk is full. What was in use is then as it was.
    """
    import joblib  # where a model is made; a service that loads one has no use for it

    text = artefacts.booster.model_to_string(num_iteration=-1).encode()
    _sound_text(model_file, text, artefacts.preprocessor.feature_names)
    contents = {model_file: text, preprocessor_file: artefacts.preprocessor.to_json()}
    if artefacts.reference_source is not None:
        contents[reference_file] = artefacts.reference.to_json()
    if artefacts.folds is not None:
        # Anew from what LightGBM read: its own text of them has twice as much in it.
        contents[folds_file] = fold_models.text_of(artefacts.folds).encode()
    if report is not None:
        contents[report_file] = report
    with outputs.replacing_folder(models_dir, last=config_file, owned=(*data_files, *pickled_files)) as folder:
        for name, content in contents.items():
            (folder / name).write_bytes(content)
        joblib.dump(artefacts.booster, folder / pickled_model_file, compress=3)
        joblib.dump(artefacts.preprocessor, folder / pickled_preprocessor_file, compress=3)
        write_config(artefacts.info, folder)
        yield folder


def save(artefacts: Artefacts, models_dir: Path, report: bytes | None = None) -> None:
    """Replaces the model in a folder. Arguments and errors are those of `replacing`."""
    with replacing(artefacts, models_dir, report):
        pass


def write_config(info: ModelInfo, folder: Path) -> None:
    """Writes the configuration of the files in a folder, with the digest of each."""
    names = [name for name in (*data_files, *pickled_files) if name != config_file and (folder / name).exists()]
    digests = {name: sha256((folder / name).read_bytes()) for name in names}
    text = json.dumps(asdict(info) | {"sha256": digests}, indent=2, ensure_ascii=False) + "\n"
    (folder / config_file).write_text(text, encoding="utf-8")


def load(models_dir: Path) -> Artefacts:
    """Reads the files back; the reference profile is checked, but not read before it is asked for.

    Raises:
        ArtefactError: where a file is missing, unreadable, too large, does not match its recorded SHA-256, is not what
            training writes, or belongs to another catalogue.
    """
    config = read_config(models_dir)
    if is_pickled(config):
        raise PickledModel
    # The very bytes that were checked, and not what may have taken their place since.
    checked = {name: read_checked(models_dir, name, config) for name in (model_file, preprocessor_file)}
    source = _reference_source(models_dir, config)
    info = read_info(config)
    preprocessor = _preprocessor(checked[preprocessor_file])
    if info.feature_names != preprocessor.feature_names:
        raise ArtefactError(f"{config_file} and {preprocessor_file} name different features")
    booster = _booster(model_file, checked[model_file], preprocessor)
    folds = _folds(models_dir, config, preprocessor)
    return Artefacts(booster=booster, preprocessor=preprocessor, info=info, reference_source=source, folds=folds)


def check_texts(models_dir: Path) -> None:
    """Looks a model's texts over for this process and those forked from it, whose `load` does not do so again.

    It takes longer than all else that `load` does, and LightGBM, which does not survive a fork, is not run.

    Raises:
        ArtefactError: as `load`, of the configuration and the texts.
    """
    config = read_config(models_dir)
    names = read_info(config).feature_names
    for name in _text_checks:
        if name in _listed(config):
            _sound_text(name, read_checked(models_dir, name, config), names)


def moved(artefacts: Artefacts, folder: Path) -> Artefacts:
    """Artefacts whose files were moved to another folder."""
    source = artefacts.reference_source
    if not isinstance(source, StoredReference):
        return artefacts
    return replace(artefacts, reference_source=replace(source, path=folder / source.path.name))


def check_whole(artefacts: Artefacts) -> None:
    """Makes sure that a model that comes from elsewhere answers, before anybody asks it.

    Raises:
        ArtefactError: where its reference profile cannot be read, or what it says of an application that states nothing
            is no number.
    """
    if artefacts.reference_source is not None:
        _ = artefacts.reference
    nothing = np.full((1, len(artefacts.preprocessor.feature_names)), np.nan)
    shares = np.asarray(artefacts.booster.predict(nothing, pred_contrib=True, num_threads=1))
    probability = np.asarray(artefacts.booster.predict(nothing, num_threads=1))
    if not (np.isfinite(shares).all() and np.isfinite(probability).all()):
        raise ArtefactError(f"{model_file} predicts no finite numbers")
    if artefacts.folds is not None:
        of_folds = np.asarray(artefacts.folds.predict(nothing, raw_score=True, num_threads=1))
        if not np.isfinite(of_folds).all():
            raise ArtefactError(f"{folds_file} predicts no finite numbers")


def read_report(models_dir: Path) -> bytes:
    """The evaluation stored beside the model in a folder, as training wrote it.

    Raises:
        ArtefactError: where it is missing, or does not match its SHA-256; models of earlier versions recorded none.
    """
    content = _read(models_dir / report_file)
    recorded = _listed(read_config(models_dir)).get(report_file)
    if recorded is not None and sha256(content) != recorded:
        raise ArtefactError(f"{report_file} does not match the SHA-256 in {config_file}")
    return content


def config_sha256(models_dir: Path) -> str:
    """The digest of the configuration in a folder, which names those of the other files. Raises `ArtefactError`."""
    return sha256(_read(models_dir / config_file))


def listed_files(models_dir: Path) -> tuple[str, ...]:
    """The files that the configuration in a folder lists beside itself. Raises `ArtefactError` where it lists none."""
    listed = read_config(models_dir).get("sha256")
    if not isinstance(listed, dict):
        raise ArtefactError(f"{config_file} lists no files")
    return tuple(listed)


def fingerprint(models_dir: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, size and modification time of each artefact on disk: changes when one of them does."""
    artefacts = []
    # Asked for each request, of text: five paths joined and looked at twice took 0.05 ms.
    folder = os.fspath(models_dir)
    for name in (config_file, model_file, preprocessor_file, reference_file, folds_file):
        try:
            seen = os.stat(f"{folder}{os.sep}{name}")  # noqa: PTH116
        except OSError:
            continue
        if stat.S_ISREG(seen.st_mode):
            artefacts.append((name, seen.st_size, seen.st_mtime_ns))
    return tuple(artefacts)


def read_checked(models_dir: Path, name: str, config: dict[str, Any]) -> bytes:
    """The content of a file, once it is known to be what was recorded. Raises `ArtefactError` where it is not."""
    content = _read(models_dir / name)
    if sha256(content) != _listed(config).get(name):
        raise ArtefactError(f"{name} does not match the SHA-256 in {config_file}")
    return content


def read_config(models_dir: Path) -> dict[str, Any]:
    """The configuration in a folder, of which nothing is checked but that it is one. Raises `ArtefactError`."""
    try:
        config = json.loads(_read(models_dir / config_file))
    except (ValueError, RecursionError):
        raise ArtefactError(f"{config_file} cannot be read") from None
    if not isinstance(config, dict):
        raise ArtefactError(f"{config_file} is not a JSON object")
    return config


def read_info(config: dict[str, Any]) -> ModelInfo:
    """What a configuration says of its model. Raises `ArtefactError` naming what is absent or unsound."""
    names = [part.name for part in fields(ModelInfo)]
    absent = [name for name in names if name not in config]
    if absent:
        raise ArtefactError(f"{config_file} lacks {', '.join(absent)}")
    try:
        # By way of text: lists are the tuples of JSON.
        info = _info_adapter().validate_json(json.dumps({name: config[name] for name in names}))
    except RecursionError:
        raise ArtefactError(f"{config_file} cannot be read") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ArtefactError(f"{config_file}: {place}: {first['msg']}") from None
    if not info.n_features == len(info.feature_names) == len(info.importances):
        raise ArtefactError(f"{config_file}: n_features: expected the number of feature_names and of importances")
    return info


def is_pickled(config: dict[str, Any]) -> bool:
    """Whether a configuration lists a model as pickles alone, as earlier versions saved it."""
    listed = _listed(config)
    return pickled_model_file in listed and model_file not in listed


def _read(path: Path) -> bytes:
    """The content of a file of the model. Raises `ArtefactError` where there is none, or too much of it."""
    most = max_bytes.get(path.name, max_bytes[model_file])
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except FileNotFoundError:
        raise ArtefactError(f"{path.name} is missing") from None
    except OSError as error:
        raise ArtefactError(f"{path.name} cannot be read ({error.strerror})") from None
    if len(content) > most:
        raise ArtefactError(f"{path.name} is larger than {most:,} bytes")
    return content


def _preprocessor(content: bytes) -> Preprocessor:
    try:
        preprocessor = Preprocessor.from_json(content)
    except InvalidPreprocessor as error:
        raise ArtefactError(f"{preprocessor_file} is not a preprocessor: {error}") from None
    if not preprocessor.fits_catalogue():
        raise ArtefactError("the model was trained with another catalogue of columns and features: train it again")
    return preprocessor


def _folds(models_dir: Path, config: dict[str, Any], preprocessor: Preprocessor) -> Booster | None:
    if folds_file not in _listed(config):
        return None
    return _booster(folds_file, read_checked(models_dir, folds_file, config), preprocessor)


def _booster(name: str, content: bytes, preprocessor: Preprocessor) -> Booster:
    text = _sound_text(name, content, preprocessor.feature_names)
    try:
        return Booster(model_str=text)
    except (LightGBMError, ValueError) as error:
        raise ArtefactError(f"{name} is not a LightGBM model: LightGBM cannot read it") from error


def _sound_text(name: str, content: bytes, feature_names: Sequence[str]) -> str:
    try:
        text = content.decode("ascii")
    except UnicodeDecodeError:
        raise ArtefactError(f"{name} is not a LightGBM model: expected plain text") from None
    try:
        _text_checks[name](text, feature_names)
    except model_text.UnsoundModel as error:
        raise ArtefactError(f"{name} is not a LightGBM model: {error}") from None
    return text


def _listed(config: dict[str, Any]) -> dict[str, Any]:
    listed = config.get("sha256")
    return listed if isinstance(listed, dict) else {}


def _reference_source(models_dir: Path, config: dict[str, Any]) -> StoredReference | None:
    # Where the configuration lists it, a folder without it was copied in part: no better than one without its model.
    if reference_file not in _listed(config):
        return None
    return StoredReference(models_dir / reference_file, sha256(read_checked(models_dir, reference_file, config)))


# Of the model in use, and of the one before while requests still hold it.
@lru_cache(maxsize=2)
def _read_reference(source: StoredReference) -> ReferenceProfile:
    from core.reference.reference_profile import InvalidReference, ReferenceProfile  # only where it is asked for

    content = _read(source.path)
    if sha256(content) != source.sha256:
        raise ArtefactError(f"{reference_file} does not match the SHA-256 in {config_file}")
    try:
        return ReferenceProfile.from_json(content)
    except InvalidReference as error:
        raise ArtefactError(f"{reference_file} is not a reference profile: {error}") from error


@cache
def _info_adapter() -> TypeAdapter[ModelInfo]:
    return TypeAdapter(ModelInfo)


def sha256(content: bytes) -> str:
    """The SHA-256 of a content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
