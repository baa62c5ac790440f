"""The source of the model in use, put together as the settings say: a folder, or the MLflow registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.model.registry import ModelUri
from core.model.source import FolderModel, ModelSource, RegisteredModel, stand_in
from core.text.messages import message
from runtime.console import note
from runtime.mlflow.registry import MlflowRegistry

if TYPE_CHECKING:
    from core.settings import Settings


def note_stand_in(source: ModelSource) -> None:
    """Tells the person at the terminal where another model does the work than the one that was asked for."""
    if (model := stand_in(source)) is not None:
        note(f"Warning: {message(f'model_stand_in_{model}', 'en')}")


def model_source(settings: Settings) -> ModelSource:
    """The source that the settings name: `MODEL_URI` where it is set, else `MODELS_DIR`."""
    if settings.model_uri is None:
        return FolderModel(settings.models_dir)
    return RegisteredModel(
        ModelUri.parse(settings.model_uri),
        MlflowRegistry(settings.mlflow_tracking_uri or settings.mlflow_url),
        settings.model_cache_dir,
        settings.model_refresh_seconds,
        settings.models_dir,
    )


def challenger_source(settings: Settings) -> ModelSource | None:
    """The source of the challenger, `CHALLENGER_URI`; None where there is none.

    Nothing stands in for it: another model would be compared under its name. What was fetched is kept apart, so that a
    start without the registry does not take the challenger for the last model in use.
    """
    uri = settings.challenger_uri
    if uri is None:
        return None
    if not uri.startswith("models:"):
        return FolderModel(Path(uri))
    return RegisteredModel(
        ModelUri.parse(uri),
        MlflowRegistry(settings.mlflow_tracking_uri or settings.mlflow_url),
        settings.model_cache_dir / "challenger",
        settings.model_refresh_seconds,
    )
