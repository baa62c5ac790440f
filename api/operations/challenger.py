"""The challenger in shadow: what another model says of the applications that are decided; it never fails a decision."""

from __future__ import annotations

import logging
import threading
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from flask import current_app

from api.operations.metrics import count_challenged
from api.services import Stored
from core.audit.entries import Challenge, Kind
from core.audit.traffic import deciding
from core.contract.health import ChallengerState
from core.model.artefacts import ArtefactError
from runtime.model_source import challenger_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.application import Application
    from core.decision import Decision
    from core.model.artefacts import ModelInfo
    from core.scoring import Scorer
    from core.settings import Settings

_extension: Final = "challenger"
_asked_of: Final[tuple[Kind, ...]] = (*deciding, "explain")
_identity: Final = ("model_name", "version", "training_date", "data_fingerprint", "optimal_threshold")
_log = logging.getLogger(__name__)


class Challenger:
    """The challenger of one process, loaded in the background: no decision waits for a registry."""

    def __init__(self, settings: Settings) -> None:
        """Loads nothing yet; without `CHALLENGER_URI` there is none."""
        source = challenger_source(settings)
        self._stored: Stored[Scorer] | None = None
        if source is not None:
            self._stored = Stored(source.load, source.fingerprint, (ArtefactError,), settings.replacement_seconds)
        self._loaded = threading.Event()
        self._beginning = threading.Lock()
        self._began = False
        self._reloading = threading.Lock()
        self._state: ChallengerState = "loading"

    def begin(self, patience: float = 0.0) -> None:
        """Starts to load it, once; waits for it so many seconds."""
        if self._stored is None:
            return
        if not self._began:
            with self._beginning:
                if not self._began:
                    threading.Thread(target=self._load, name="challenger", daemon=True).start()
                    self._began = True
        if patience:
            self._loaded.wait(patience)

    def state(self) -> ChallengerState | None:
        """What becomes of applications that it is to be asked of; None where there is none."""
        if self._stored is None:
            return None
        self.begin()
        if not self._loaded.is_set():
            return "loading"
        return "failed" if self._fails() else self._state

    def challenges(
        self, asked: Sequence[tuple[Application, Decision]], model: ModelInfo
    ) -> Sequence[Challenge | None] | None:
        """What it says of applications; None where it says nothing.

        Args:
            asked: each application with the decision on it.
            model: that made them.
        """
        if self._stored is None or not asked:
            return None
        self.begin()
        if not self._loaded.is_set():
            count_challenged("loading", len(asked))
            return None
        try:
            scorer = self._scorer(self._stored)
            if is_same(scorer.model, model):
                self._told("same", "it is the model in use")
                count_challenged("same", len(asked))
                return None
            probabilities = scorer.probabilities_of([application for application, _ in asked])
            if not all(map(isfinite, probabilities)):
                raise ValueError("a probability that is no number")  # noqa: TRY301 (counted with the rest)
        except Exception as error:  # noqa: BLE001 (a model on trial may fail in any way)
            # The decision of the model in use stands.
            self._told("failed", type(error).__name__)
            count_challenged("failed", len(asked))
            return None
        self._told("asked", scorer.model.version)
        count_challenged("scored", len(asked))
        return [
            Challenge(scorer.model.version, probability, threshold_of(scorer.model, decision, model))
            for (_, decision), probability in zip(asked, probabilities, strict=True)
        ]

    def _told(self, state: ChallengerState, detail: str) -> None:
        """Logs what has changed, and not each application."""
        if self._state != state:
            self._state = state
            level = logging.ERROR if state == "failed" else logging.INFO
            _log.log(level, "challenger", extra={"state": state, "detail": detail})

    def _load(self) -> None:
        assert self._stored is not None  # noqa: S101 (there is one to load)
        try:
            if self._stored.failure() is None:
                # Until an application says otherwise.
                self._state = "asked"
        except Exception as error:  # noqa: BLE001 (it may fail in any way)
            self._told("failed", type(error).__name__)
        finally:
            self._loaded.set()

    def _fails(self) -> bool:
        """Whether it cannot be had; what a model on trial raises is no reason for the API to be unwell."""
        assert self._stored is not None  # noqa: S101 (asked of one that is named)
        try:
            self._scorer(self._stored)
        except ArtefactError:
            return True
        except Exception as error:  # noqa: BLE001 (it may fail in any way)
            self._told("failed", type(error).__name__)
            return True
        return False

    def _scorer(self, stored: Stored[Scorer]) -> Scorer:
        """The one that was loaded last; where its files have changed, they are loaded aside, and no decision waits."""
        if stored.is_outdated() and self._reloading.acquire(blocking=False):
            threading.Thread(target=self._reload, args=(stored,), name="challenger", daemon=True).start()
        return stored.held()

    def _reload(self, stored: Stored[Scorer]) -> None:
        try:
            stored.failure()
        except Exception as error:  # noqa: BLE001 (as any failure of it)
            self._told("failed", type(error).__name__)
        finally:
            self._reloading.release()


def is_same(challenger: ModelInfo, model: ModelInfo) -> bool:
    """Whether two models are one: the same version of the same training."""
    return all(getattr(challenger, name) == getattr(model, name) for name in _identity)


def threshold_of(challenger: ModelInfo, decision: Decision, model: ModelInfo) -> float:
    """From which probability the challenger would refuse: its own threshold, or the one that the caller chose."""
    return challenger.optimal_threshold if decision.threshold == model.optimal_threshold else decision.threshold


def register(app: Any, settings: Settings) -> None:
    """Gives an application its challenger, where the settings name one."""
    app.extensions[_extension] = Challenger(settings)


def begin(app: Any, patience: float = 0.0) -> None:
    """Starts to load the challenger of an application; waits for it so many seconds."""
    app.extensions[_extension].begin(patience)


def current() -> Challenger:
    """The challenger of the current application."""
    challenger: Challenger = current_app.extensions[_extension]
    return challenger


def challenges(
    kind: Kind, asked: Sequence[tuple[Application, Decision]], model: ModelInfo
) -> Sequence[Challenge | None] | None:
    """As `Challenger.challenges`, of what decides on an application; None of what shows one, or asks what if.

    An explanation is asked for too: an officer may decide on it, and only then it counts.
    """
    return current().challenges(asked, model) if kind in _asked_of else None
