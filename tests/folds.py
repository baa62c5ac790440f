"""Fold models whose answer is known: the model in a folder, each time a given distance higher or lower."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING

from core.model import artefacts, fold_models
from core.model.artefacts import config_file, folds_file, listed_files, model_file
from tests.traps import vouch_for

if TYPE_CHECKING:
    from pathlib import Path

distances = (-0.3, -0.1, 0.0, 0.1, 0.3)
"""Of the fold models from the model, in log-odds."""


def higher(text: str, distance: float) -> str:
    """The text of a model whose log-odds are so much higher, which its first tree adds."""

    def raised(line: re.Match[str]) -> str:
        return "leaf_value=" + " ".join(str(float(word) + distance) for word in line[1].split(" "))

    return re.sub(r"^leaf_value=(.*)$", raised, text, count=1, flags=re.MULTILINE)


@cache
def _folds_text(text: str) -> bytes:
    return fold_models.joined_text([higher(text, distance) for distance in distances]).encode()


def give_folds(folder: Path, reach: float | None = 0.5) -> Path:
    """Puts fold models at `distances` beside the model in a folder, in place of those that it has.

    Args:
        reach: how far from the model they are said to be; None: nothing is said of it.
    """
    (folder / folds_file).write_bytes(_folds_text((folder / model_file).read_text(encoding="ascii")))
    vouch_for(folder, folds_file)
    path = folder / config_file
    config = json.loads(path.read_text(encoding="utf-8"))
    config["metrics"].pop(fold_models.fold_reach, None)
    if reach is not None:
        config["metrics"][fold_models.fold_reach] = reach
    path.write_text(json.dumps(config), encoding="utf-8")
    return folder


def take_folds(folder: Path) -> Path:
    """Leaves the model in a folder as one of an earlier version is: without fold models."""
    (folder / folds_file).unlink(missing_ok=True)
    path = folder / config_file
    config = json.loads(path.read_text(encoding="utf-8"))
    config["sha256"].pop(folds_file, None)
    path.write_text(json.dumps(config), encoding="utf-8")
    return folder


def give_small_folds(folder: Path) -> None:
    """Puts a few trees as fold models where there are none, for tests of files alone."""
    if folds_file in listed_files(folder):
        return
    booster = artefacts.load(folder).booster
    few = booster.model_to_string(num_iteration=5)
    (folder / folds_file).write_text(fold_models.joined_text([few, few]), encoding="ascii")
    vouch_for(folder, folds_file)
