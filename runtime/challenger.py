"""The challenger in shadow: what another model says of the applications that are decided; it never fails a decision."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Final

import numpy as np

from core.batch.challenges import Challenges
from core.model.errors import ArtefactError
from runtime.model_source import challenger_source
from runtime.stored import Stored

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from core.batch.challenges import ChallengeState
    from core.contract.health import ChallengerState
    from core.model.artefacts import ModelInfo
    from core.scoring import Scorer
    from core.settings import Settings

    Probabilities = Sequence[float] | NDArray[np.float64]

_identity: Final = ("model_name", "version", "training_date", "data_fingerprint", "optimal_threshold")
# A file waits so long for it to be loaded, once: as long as a registry has to answer.
_patience_of_files: Final = 10.0
# Of which the features are held at once.
_rows_at_once: Final = 2_500
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of asking the challenger.

    Attributes:
        state: of all applications that it was asked of together.
        model: the challenger; None where it said nothing.
        probabilities: of default, one an application; none where it said nothing.
    """

    state: ChallengeState
    model: ModelInfo | None = None
    probabilities: Probabilities = ()


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
        self._has_waited = False
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

    def ask(self, score: Callable[[Scorer], Probabilities], model: ModelInfo) -> Asked | None:
        """What it says of applications; None where there is none.

        Args:
            score: gives its probabilities of default, one an application. Whatever it raises is a failure of the
                challenger.
            model: that decided on them.
        """
        if self._stored is None:
            return None
        self.begin()
        if not self._loaded.is_set():
            return Asked("loading")
        try:
            scorer = self._scorer(self._stored)
            if is_same(scorer.model, model):
                self._told("same", "it is the model in use")
                return Asked("same")
            probabilities = score(scorer)
            if not all(map(isfinite, probabilities)):
                raise ValueError("a probability that is no number")  # noqa: TRY301 (counted with the rest)
        except Exception as error:  # noqa: BLE001 (a model on trial may fail in any way)
            # The decision of the model in use stands.
            self._told("failed", type(error).__name__)
            return Asked("failed")
        self._told("asked", scorer.model.version)
        return Asked("scored", scorer.model, probabilities)

    def ask_of_rows(self, rows: pl.DataFrame, threshold: float, model: ModelInfo) -> Challenges | None:
        """What it says of rows of a file; None where there is none, or no row. The first file waits for its loading.

        Args:
            rows: typed applications, as `core.scoring.Scorer.probabilities` takes them.
            threshold: from which the model in use refused.
            model: that decided on them.
        """
        if self._stored is None or not rows.height:
            return None
        if not self._has_waited:
            self.begin(_patience_of_files)
            self._has_waited = True
        asked = self.ask(
            lambda scorer: np.concatenate([scorer.probabilities(piece) for piece in rows.iter_slices(_rows_at_once)]),
            model,
        )
        if asked is None or asked.model is None:
            return None if asked is None else Challenges.none(asked.state)
        return Challenges.scored(asked.model.version, asked.probabilities, threshold_of(asked.model, threshold, model))

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


def threshold_of(challenger: ModelInfo, threshold: float, model: ModelInfo) -> float:
    """From which probability the challenger would refuse: its own threshold, or the one that the caller chose.

    Args:
        threshold: at which the model in use decided.
    """
    return challenger.optimal_threshold if threshold == model.optimal_threshold else threshold
