"""The evaluation that is stored beside a model, as answers have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from core.contract.model import ModelEvaluation
from core.model.artefacts import read_report, report_file
from core.model.errors import ArtefactError

if TYPE_CHECKING:
    from pathlib import Path


def read_evaluation(models_dir: Path) -> ModelEvaluation:
    """The evaluation stored beside the model. Raises `ArtefactError` where it is missing, of another model or shape."""
    try:
        return ModelEvaluation.model_validate_json(read_report(models_dir))
    except ValidationError as error:
        raise ArtefactError(f"{report_file} is not what training writes") from error


def evaluation_at_hand(models_dir: Path) -> ModelEvaluation | None:
    """The same; None of a model that came without one: what is said of it else does not fail with it."""
    try:
        return read_evaluation(models_dir)
    except ArtefactError:
        return None
