"""The performance of decisions whose outcome is known: held for a minute, and told to Prometheus."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

from flask import current_app

from api import audit
from api.access import persons
from api.operations.metrics import gauges
from api.services import services
from core.outcomes.backtesting import performance

if TYPE_CHECKING:
    from flask import Flask

    from core.contract.record.performance import PerformanceAnswer

_extension: Final = "performance"
# It is a matter of months; to count millions of decisions takes seconds.
_held_seconds: Final = 60.0
_most_held: Final = 64


class _LastPerformance:
    """The last answers of one process, by whose decisions they are of."""

    def __init__(self) -> None:
        self._answers: dict[str | None, tuple[float, str, PerformanceAnswer]] = {}
        self._lock = threading.Lock()

    def get(self) -> PerformanceAnswer:
        """As the caller may read it. Raises `AuditUnavailable`, and `ArtefactError` where there is no model."""
        whose, model, now = persons.reads_of(), services().scorer.get().model, time.monotonic()
        held = self._answers.get(whose)
        if held is not None and now - held[0] < _held_seconds and held[1] == model.version:
            return held[2]
        # One at a time: those who wait find what the first one has counted.
        with self._lock:
            held = self._answers.get(whose)
            if held is None or now - held[0] >= _held_seconds or held[1] != model.version:
                if len(self._answers) >= _most_held:
                    self._answers.clear()
                held = (time.monotonic(), model.version, performance(audit.database(), model, whose))
                self._answers[whose] = held
        return held[2]

    def forget(self) -> None:
        """Outcomes were handed in."""
        self._answers.clear()


def current_performance() -> PerformanceAnswer:
    """The performance as the caller may read it, at most a minute old. Raises `AuditUnavailable`, `ArtefactError`."""
    held: _LastPerformance = current_app.extensions[_extension]
    return held.get()


def forget() -> None:
    """Makes the next answer of this process a new one, after outcomes were handed in."""
    held: _LastPerformance = current_app.extensions[_extension]
    held.forget()


def register(app: Flask) -> None:
    """Gives an application its performance, and the gauges of it."""
    app.extensions[_extension] = _LastPerformance()

    def outcomes() -> dict[str, float]:
        answer = current_performance()
        known = answer.whole.rows if answer.whole else 0
        refused = next((bounds.refused for bounds in answer.hidden if bounds.dimension == "all"), 0)
        return {"known": known, "waiting": answer.waiting, "refused": refused}

    def figures() -> dict[str, float]:
        whole = current_performance().whole
        if whole is None:
            return {}
        names = ("default_rate", "mean_probability", "auc", "auc_low", "auc_high", "cost", "best_cost")
        return {name: value for name in names if (value := getattr(whole, name)) is not None}

    gauges(app).add("scoring_outcomes", "Decisions by what is known of their outcome.", "state", outcomes)
    gauges(app).add("scoring_performance", "Of the decisions whose outcome is known.", "figure", figures)
