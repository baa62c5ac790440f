"""The source of the model in use: the folder of the settings, or the MLflow registry, and when it has changed."""

from __future__ import annotations

import logging
import threading
import time
import weakref
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

from core.contract.model import ModelDescription
from core.model import artefacts, registry
from core.model.errors import ArtefactError
from core.model.registry import Fetched, ModelUri, Registry, RegistryError
from core.scoring import Scorer
from core.text.messages import message

if TYPE_CHECKING:
    from pathlib import Path

    from core.catalogue import Language
    from core.contract.health import StandIn

# Longer, and requests would wait for a registry that may never say a word.
_patience: Final = 10.0
_longest_wait: Final = 3600.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Following:
    """How it goes to follow a registry, in this process.

    Attributes:
        version: of the registered model, in use now; None where none is.
        wanted: the version that the address meant when the registry last said so; None where it never did.
        stand_in: what decides in place of that version; None where it decides itself, or nothing does.
        last_success: when the registry last said what the address means, and that was in use; UTC.
        last_error: what went wrong last, in a sentence; also where a later time went well.
        last_error_time: when that was, UTC.
    """

    version: int | None = None
    wanted: int | None = None
    stand_in: StandIn | None = None
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


def stand_in(source: ModelSource) -> StandIn | None:
    """Which model decides in place of the registered one that was asked for; None where it decides itself."""
    following = source.following()
    return None if following is None else following.stand_in


def described(source: ModelSource, scorer: Scorer, lang: Language) -> ModelDescription:
    """What a model is, and what a reader should know before trusting it, in words of `lang`.

    Args:
        source: where it was loaded from.
        scorer: the model as it was loaded.
    """
    fields = {name: getattr(scorer.model, name) for name in ModelDescription.model_fields if name != "warnings"}
    unlearnt = scorer.missing_not_learnt
    names = ", ".join(unlearnt)
    warnings = [message("missing_not_learnt", lang, count=str(len(unlearnt)), fields=names)] if unlearnt else []
    deciding = stand_in(source)
    if deciding is not None:
        warnings.append(message(f"model_stand_in_{deciding}", lang))
    return ModelDescription(**fields, warnings=warnings)


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


@dataclass(frozen=True, slots=True)
class _InUse:
    """A model that decides. `version` is None for the one that was shipped."""

    version: int | None
    folder: Path
    scorer: Scorer

    @classmethod
    def of(cls, fetched: Fetched) -> _InUse:
        scorer = Scorer(fetched.artefacts)
        # Read when first asked for: better now than with somebody's application.
        _ = scorer.training_ranges
        return cls(fetched.version, fetched.folder, scorer)


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A version whose content cannot be used: the alias is looked at as before, and it is not fetched every time.

    Attributes:
        until: on the monotonic clock; it is then tried again.
    """

    version: int
    failure: ArtefactError
    count: int
    until: float

    @classmethod
    def of(cls, version: int, failure: ArtefactError, before: _Refusal | None, refresh_seconds: float) -> _Refusal:
        count = before.count + 1 if before is not None and before.version == version else 0
        wait = min(refresh_seconds * 2 ** min(count, 20), _longest_wait)
        return cls(version, failure, count, time.monotonic() + wait)


class RegisteredModel:
    """The model that an address of the registry means, followed in the background while it is in use.

    A version is fetched, checked and loaded before it takes the place of the one before; what goes wrong on the way
    leaves that one in use, whatever it is, and is tried again later. Where it goes wrong at the start, the version that
    was last in use stands in, else the shipped model, and `following` says so.
    """

    def __init__(
        self,
        uri: ModelUri,
        from_registry: Registry,
        cache_dir: Path,
        refresh_seconds: float,
        shipped: Path | None = None,
    ) -> None:
        """Asks nothing yet: the first use does, and starts to follow.

        Args:
            uri: which model.
            cache_dir: where versions are kept that were fetched.
            refresh_seconds: between two looks at an alias.
            shipped: folder with the model that stands in where there is no other; None: none does.
        """
        self._uri = uri
        self._registry = from_registry
        self._cache_dir = cache_dir
        self._refresh_seconds = refresh_seconds
        self._shipped = shipped
        self._beginning = threading.Lock()
        self._taking = threading.Lock()
        self._began = False
        self._tried = threading.Event()
        self._current: _InUse | None = None
        self._refusal: _Refusal | None = None
        self._failure: ArtefactError = RegistryError("the MLflow registry does not answer")
        self._following = Following()

    def folder(self) -> Path:
        """Where the artefacts of the model in use lie. Raises `ArtefactError`."""
        return self._used().folder

    def load(self) -> Scorer:
        """The model in use. Raises `ArtefactError` where there is none yet."""
        return self._used().scorer

    def fingerprint(self) -> object:
        """Something that differs when `load` would give another model."""
        self._begin()
        # A failure counts as a state of its own, so that the first version to come ends it.
        return None if self._current is None else self._current.version or "shipped"

    def refresh(self) -> None:
        """Asks the registry what the address means now, and takes that version into use.

        Raises:
            ArtefactError: where that is not possible; the model before stays in use.
        """
        try:
            version = self._registry.version(self._uri)
            self._following = replace(self._following, wanted=version)
            if self._current is None or self._current.version != version:
                self._take(version)
        except ArtefactError as failure:
            self._note(str(failure))
            raise
        except Exception as error:
            # Nobody has thought of it; to be without a model, or to follow no more, would be the worse for it.
            _log.exception("Unexpected error while the registry was followed")
            unusable = RegistryError(f"the answer of the MLflow registry cannot be used ({type(error).__name__})")
            self._note(str(unusable))
            raise unusable from error
        self._refusal = None
        self._following = replace(self._following, last_success=datetime.now(UTC))

    def following(self) -> Following:
        """How it goes to follow the registry."""
        current, following = self._current, self._following
        if current is None:
            return following
        if current.version is None:
            return replace(following, stand_in="shipped")
        asked_for = following.last_success is not None and current.version == following.wanted
        return replace(following, version=current.version, stand_in=None if asked_for else "kept")

    def look_again(self) -> bool:
        """Follows the address once; False when it has nothing more to follow."""
        try:
            self.refresh()
        except ArtefactError as failure:
            self._failure = failure
            _log.warning("The model stays as it is: %s", failure)
        self._tried.set()
        # A version by its number stays what it is; but one that could not be had is asked for again.
        return self._uri.alias is not None or self._current is None or self.following().stand_in is not None

    def _note(self, failure: str) -> None:
        self._following = replace(self._following, last_error=failure, last_error_time=datetime.now(UTC))

    def _used(self) -> _InUse:
        self._begin()
        if self._current is None:
            raise self._failure.with_traceback(None)
        return self._current

    def _begin(self) -> None:
        if self._began:
            return
        with self._beginning:
            if self._began:  # by another thread, while this one waited
                return  # type: ignore[unreachable]
            self._start_following()
            self._tried.wait(_patience)
            if self._current is None:
                self._fall_back()
            self._began = True

    def _take(self, version: int) -> None:
        refused = self._refusal
        if refused is not None and refused.version == version and time.monotonic() < refused.until:
            raise refused.failure.with_traceback(None)
        try:
            fetched = registry.fetch(self._registry, self._uri.name, version, self._cache_dir)
            in_use = _InUse.of(fetched)
        except RegistryError:
            raise
        except ArtefactError as failure:
            self._refusal = _Refusal.of(version, failure, refused, self._refresh_seconds)
            raise
        with self._taking:
            self._current = in_use
        _log.info("Model %s: version %d is in use", self._uri.name, version)
        try:
            registry.remember(self._uri.name, fetched, self._cache_dir)
        except OSError as error:
            _log.warning("Version %d could not be kept for a start without the registry: %s", version, error)

    def _fall_back(self) -> None:
        for find in (self._last_good, self._shipped_model):
            try:
                model = find()
            except ArtefactError as error:
                _log.warning("No stand-in for the registered model: %s", error)
                continue
            if model is not None:
                break
        else:
            _log.error("No model: %s", self._failure)
            return
        with self._taking:
            # The one that was asked for may have come meanwhile.
            self._current = self._current or model
        description = (
            "the shipped model" if model.version is None else f"version {model.version}, which was last in use,"
        )
        _log.warning("%s: %s stands in", self._failure, description)

    def _last_good(self) -> _InUse | None:
        fetched = registry.last_good(self._uri.name, self._cache_dir)
        return None if fetched is None else _InUse.of(fetched)

    def _shipped_model(self) -> _InUse | None:
        if self._shipped is None:
            return None
        return _InUse(None, self._shipped, Scorer.load(self._shipped))

    def _start_following(self) -> None:
        # The thread does not keep the source alive, and ends with it.
        unused = threading.Event()
        weakref.finalize(self, unused.set)
        arguments = weakref.ref(self), unused, self._refresh_seconds
        threading.Thread(target=_follow, args=arguments, name="model-registry", daemon=True).start()


def _follow(followed: weakref.ref[RegisteredModel], unused: threading.Event, refresh_seconds: float) -> None:
    wait = 0.0
    while not unused.wait(wait):
        source = followed()
        if source is None or not source.look_again():
            return
        del source  # or it would live as long as the thread waits
        wait = refresh_seconds
