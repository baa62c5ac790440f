"""The conversion of a pickled model of an earlier version in `MODELS_DIR` to data, on request; nothing else unpickles.

What is opened lies in the installation's own folder, as the code does, and matches the SHA-256 that its configuration
lists. Nothing that comes from a registry gets here (docs/decisions/0007-models-are-data.md).
"""

from __future__ import annotations

import io
import shutil
from typing import TYPE_CHECKING, Any

from core import outputs
from core.model import artefacts
from core.model.errors import ArtefactError

if TYPE_CHECKING:
    from pathlib import Path

    from core.model.booster import Booster
    from core.model.preprocessor import Preprocessor


def convert(models_dir: Path) -> bool:
    """Writes the model of a folder as data beside its pickles, which stay as they are, as do version and figures.

    Returns:
        Whether there was anything to do: False where it is data already.

    Raises:
        ArtefactError: where a file is missing or does not match its SHA-256 (it is then not opened), or the model does
            not fit this version.
        OSError: where the folder cannot be written; it is then as it was.
    """
    config = artefacts.read_config(models_dir)
    if not artefacts.is_pickled(config):
        artefacts.load(models_dir)
        return False
    info = artefacts.read_info(config)
    preprocessor: Preprocessor = _opened(models_dir, artefacts.pickled_preprocessor_file, config)
    booster: Booster = _opened(models_dir, artefacts.pickled_model_file, config)
    with outputs.replacing_folder(models_dir, last=artefacts.config_file) as folder:
        for name in artefacts.listed_files(models_dir):
            if name in (*artefacts.data_files, *artefacts.pickled_files):
                shutil.copyfile(models_dir / name, folder / name)
        (folder / artefacts.model_file).write_text(booster.model_to_string(num_iteration=-1), encoding="ascii")
        (folder / artefacts.preprocessor_file).write_bytes(preprocessor.to_json())
        artefacts.write_config(info, folder)
        artefacts.load(folder)
    return True


def _opened(models_dir: Path, name: str, config: dict[str, Any]) -> Any:
    content = artefacts.read_checked(models_dir, name, config)
    import joblib

    try:
        return joblib.load(io.BytesIO(content))
    except Exception as error:
        # It is what an earlier version wrote: what it names may be gone.
        raise ArtefactError(f"{name} cannot be opened by this version: train the model again") from error
