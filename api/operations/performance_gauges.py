"""The performance of decisions whose outcome is known, and their coverage: held for a minute, told to Prometheus."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, get_args

from flask import current_app

from api import audit
from api.access import persons
from api.operations.held import HeldCounts
from api.operations.metrics import gauges
from api.services import services
from core.contract.record.outcomes import total_coverage
from core.contract.record.overrides import AlarmKind
from core.model.stored_evaluation import evaluation_at_hand
from core.outcomes.backtesting import performance
from core.outcomes.month_coverage import coverage
from core.outcomes.watched import due_outcomes, settled_calibration

if TYPE_CHECKING:
    from flask import Flask

    from core.contract.record.outcomes import OutcomeCoverage
    from core.contract.record.performance import PerformanceAnswer

_extension: Final = "performance"
# It is a matter of months; to count millions of decisions takes seconds.
_held_seconds: Final = 60.0
# A request waits for a new answer so long, before it takes the last one; Prometheus not at all for a dear one.
_patience: Final = 20.0
# For the first one, before it is told to come back.
_patience_at_first: Final = 10.0
# A page is there in a second: what was counted a minute ago is better than a wait.
_patience_with_last: Final = 0.8
_patience_of_gauges: Final = 1.0
_figures: Final = (
    "default_rate",
    "mean_probability",
    "auc",
    "auc_low",
    "auc_high",
    "auc_promised",
    "cost",
    "best_cost",
)
_figures_in_use: Final = ("auc", "auc_low", "auc_high", "auc_promised")


class _RecordCounts:
    """What is counted of the whole record, by whose decisions it is of."""

    def __init__(self) -> None:
        self.performance: HeldCounts[PerformanceAnswer] = HeldCounts(
            _held_seconds, soon=_patience_with_last, at_first=_patience_at_first
        )
        self.coverage: HeldCounts[OutcomeCoverage] = HeldCounts(
            _held_seconds, soon=_patience_with_last, at_first=_patience_at_first
        )


def current_performance(patience: float = _patience) -> PerformanceAnswer:
    """The performance as the caller may read it, at most a minute old where it is counted within `patience` seconds.

    What took a second or longer is waited for 0.8 seconds, and is then up to ten minutes old.

    Raises:
        api.operations.held.StillCounting: it takes longer, and was not counted before.
        core.audit.writing.AuditUnavailable: it cannot be counted.
        core.model.errors.ArtefactError: there is no model.
    """
    whose, model, database = persons.reads_of(), services().scorer.get().model, audit.database()
    key, folder = (whose, model.version), services().model.folder()
    return _counts().performance.get(
        key, lambda: performance(database, model, whose, evaluation_at_hand(folder)), patience
    )


def current_coverage(patience: float = _patience) -> OutcomeCoverage:
    """The coverage of months as the caller may read it, as old as `current_performance`. Raises `AuditUnavailable`."""
    whose, database = persons.reads_of(), audit.database()
    if whose is not None:
        # What a visitor did is forgotten with the record, and not a minute later.
        return total_coverage(list(coverage(database, whose)))
    return _counts().coverage.get(whose, lambda: total_coverage(list(coverage(database, whose))), patience)


def outdate() -> None:
    """Makes the next answers of this process new ones, after outcomes were recorded; where they are dear, soon."""
    _counts().performance.outdate()
    _counts().coverage.outdate()


def _counts() -> _RecordCounts:
    counts: _RecordCounts = current_app.extensions[_extension]
    return counts


def register(app: Flask) -> None:
    """Gives an application its performance, and the gauges of it."""
    app.extensions[_extension] = _RecordCounts()

    def outcomes() -> dict[str, float]:
        if persons.visitor() is not None:
            # Whose decisions they are, a scrape cannot say there: it would count its own, which are none.
            return {}
        answer = current_performance(_patience_of_gauges)
        known = answer.whole.rows if answer.whole else 0
        refused = next((bounds.refused for bounds in answer.hidden if bounds.dimension == "all"), 0)
        return {"known": known, "waiting": answer.waiting, "refused": refused}

    def figures() -> dict[str, float]:
        answer = None if persons.visitor() is not None else current_performance(_patience_of_gauges)
        if answer is None or (whole := answer.whole) is None:
            return {}
        in_use = {f"in_use_{name}": getattr(answer.of_model, name, None) for name in _figures_in_use}
        every = {name: getattr(whole, name) for name in _figures} | in_use
        return {name: value for name, value in every.items() if value is not None} | settled_calibration(answer)

    def due() -> dict[str, float]:
        if persons.visitor() is not None:
            return {}
        return {**due_outcomes(current_coverage(_patience_of_gauges), datetime.now(UTC).date())}

    def overrides() -> dict[str, float]:
        answer = None if persons.visitor() is not None else current_performance(_patience_of_gauges)
        if answer is None or answer.override_checks is None:
            return {}
        whole = answer.overrides[0]
        names = ("decisions", "overrides", "rate", "accepted", "paid_known", "paid_rate")
        figures = {name: value for name in names if (value := getattr(whole, name)) is not None}
        return figures | {"break_even_paid": answer.override_checks.break_even_paid}

    def alarms() -> dict[str, float]:
        answer = None if persons.visitor() is not None else current_performance(_patience_of_gauges)
        if answer is None or answer.override_checks is None:
            return {}
        found = [alarm.kind for alarm in answer.override_checks.alarms]
        return {kind: found.count(kind) for kind in get_args(AlarmKind)}

    gauges(app).add("scoring_outcomes", "Decisions by what is known of their outcome.", "state", outcomes)
    gauges(app).add("scoring_outcomes_due", "Decisions of a year ago and earlier, by their outcome.", "state", due)
    gauges(app).add("scoring_performance", "Of the decisions whose outcome is known.", "figure", figures)
    gauges(app).add("scoring_overrides", "Officers' decisions against those of the model.", "figure", overrides)
    gauges(app).add("scoring_override_alarms", "What is too rare in them to be chance.", "kind", alarms)
