"""Where the model in use comes from: the folder of the settings, or the MLflow registry, and when it has changed."""

from __future__ import annotations

import logging
import threading
import weakref
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from core.model import artefacts, registry
from core.model.artefacts import ArtefactError
from core.model.registry import ModelUri, Registry, RegistryError
from core.scoring import Scorer

if TYPE_CHECKING:
    from pathlib import Path

    from core.settings import Settings

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Following:
    """How it goes to follow a registry, in this process.

    Attributes:
        version: of the registered model, in use now; None where there is none yet.
        last_success: when the registry last said what the address means, and that was in use; UTC.
        last_error: what went wrong last, in a sentence; also where a later time went well.
        last_error_time: when that was, UTC.
    """

    version: int | None = None
    last_success: datetime | None = None
    last_error: str | None = None
    last_error_time: datetime | None = None


class ModelSource(Protocol):
    """Gives the model in use."""

    def folder(self) -> Path:
        """Where its artefacts lie. Raises `ArtefactError` where there are none."""

    def load(self) -> Scorer:
        """The model, ready to score. Raises `ArtefactError`."""

    def fingerprint(self) -> object:
        """Something cheap that differs when `load` would give another model."""

    def following(self) -> Following | None:
        """How it goes to follow the registry; None where none is followed."""


def model_source(settings: Settings) -> ModelSource:
    """The source that the settings name: `MODEL_URI` where it is set, else `MODELS_DIR`."""
    if settings.model_uri is None:
        return FolderModel(settings.models_dir)
    return RegisteredModel(
        ModelUri.parse(settings.model_uri),
        Registry(settings.mlflow_tracking_uri or settings.mlflow_url),
        settings.model_cache_dir,
        settings.model_refresh_seconds,
    )


class FolderModel:
    """The model in a folder, as its files are now."""

    def __init__(self, models_dir: Path) -> None:
        self._models_dir = models_dir

    def folder(self) -> Path:
        """Where the artefacts lie."""
        return self._models_dir

    def load(self) -> Scorer:
        """The model, ready to score."""
        return Scorer.load(self._models_dir)

    def fingerprint(self) -> object:
        """Something that differs when `load` would give another model."""
        return artefacts.fingerprint(self._models_dir)

    def following(self) -> None:
        """A folder follows nothing."""


class RegisteredModel:
    """The model that an address of the registry means, followed in the background while it is in use.

    A version is fetched, checked and loaded before it takes the place of the one before; what goes wrong on the way
    leaves that one in use, whatever it is, and is tried again later. A registry that is away at the start is done
    without where a version was fetched before.
    """

    def __init__(self, uri: ModelUri, from_registry: Registry, cache_dir: Path, refresh_seconds: float) -> None:
        """Asks nothing yet: the first use does, and starts to follow."""
        self._uri = uri
        self._registry = from_registry
        self._cache_dir = cache_dir
        self._refresh_seconds = refresh_seconds
        self._lock = threading.Lock()
        self._began = False
        self._current: tuple[int, Path, Scorer] | None = None
        self._failure: ArtefactError = RegistryError("the MLflow registry was not asked yet")
        self._following = Following()

    def folder(self) -> Path:
        """Where the artefacts lie."""
        return self._used()[1]

    def load(self) -> Scorer:
        """The model, ready to score."""
        return self._used()[2]

    def fingerprint(self) -> object:
        """Something that differs when `load` would give another model."""
        self._begin()
        # A failure counts as a state of its own, so that the first version to come ends it.
        return self._current[0] if self._current else None

    def refresh(self) -> None:
        """Asks the registry what the address means now, and takes that version into use.

        Raises:
            ArtefactError: where that is not possible; the version before stays in use.
        """
        try:
            version = self._registry.version(self._uri)
            if self._current is None or self._current[0] != version:
                self._take(version)
        except ArtefactError as failure:
            self._note(str(failure))
            raise
        except Exception as error:
            # Nobody has thought of it; to be without a model, or to follow no more, would be the worse for it.
            _log.exception("Unexpected error while the registry was followed")
            unusable = RegistryError(f"what the MLflow registry gave cannot be used ({type(error).__name__})")
            self._note(str(unusable))
            raise unusable from error
        self._following = replace(self._following, last_success=datetime.now(UTC))

    def following(self) -> Following:
        """How it goes to follow the registry."""
        return replace(self._following, version=self._current[0] if self._current else None)

    def _note(self, failure: str) -> None:
        self._following = replace(self._following, last_error=failure, last_error_time=datetime.now(UTC))

    def _used(self) -> tuple[int, Path, Scorer]:
        self._begin()
        if self._current is None:
            raise self._failure.with_traceback(None)
        return self._current

    def _begin(self) -> None:
        if self._began:
            return
        with self._lock:
            if self._began:  # by another thread, while this one waited
                return  # type: ignore[unreachable]
            try:
                self.refresh()
            except ArtefactError as failure:
                self._failure = failure
                self._fall_back(failure)
            self._began = True
            # A version by its number stays what it is; but one that could not be had is asked for again.
            if self._uri.alias is not None or self._current is None:
                self._start_following()

    def _fall_back(self, failure: ArtefactError) -> None:
        kept = self._uri.version or registry.latest_kept(self._uri.name, self._cache_dir)
        if kept is None or not isinstance(failure, RegistryError):
            _log.error("No model: %s", failure)
            return
        try:
            self._take(kept)
        except ArtefactError as error:
            _log.error("No model: %s; and version %d, fetched before: %s", failure, kept, error)
            return
        _log.warning("%s: going on with version %d, fetched before", failure, kept)

    def _take(self, version: int) -> None:
        folder = registry.fetch(self._registry, self._uri.name, version, self._cache_dir)
        self._current = version, folder, Scorer.load(folder)
        _log.info("Model %s: version %d is in use", self._uri.name, version)

    def _start_following(self) -> None:
        # The thread does not keep the source alive, and ends with it.
        unused = threading.Event()
        weakref.finalize(self, unused.set)
        arguments = weakref.ref(self), unused, self._refresh_seconds
        threading.Thread(target=_follow, args=arguments, name="model-registry", daemon=True).start()

    def look_again(self) -> bool:
        """Follows the address once; False when it has nothing more to follow."""
        try:
            self.refresh()
        except ArtefactError as failure:
            _log.warning("The model stays as it is: %s", failure)
        return self._current is None or self._uri.alias is not None


def _follow(followed: weakref.ref[RegisteredModel], unused: threading.Event, refresh_seconds: float) -> None:
    while not unused.wait(refresh_seconds):
        source = followed()
        if source is None or not source.look_again():
            return
        del source  # or it would live as long as the thread waits
