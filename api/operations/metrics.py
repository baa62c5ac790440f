"""Prometheus metrics: requests, latency, decisions and scores, counted by all workers together."""

from __future__ import annotations

import logging
import os
import platform
from bisect import bisect_left
from collections import Counter as Tally
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, get_args

from flask import current_app
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from api.operations.startup import metrics_variable
from api.services import services
from core import __version__
from core.batch.challenges import ChallengeState
from core.columnar.sequences import column_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from flask import Flask

    from core.decision import Decision

_extension: Final = "gauges"
# Of this process alone; with several workers, what they wrote into the folder that they share is read instead.
_own: Final = CollectorRegistry()
_methods: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_seconds: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_probabilities: Final = (0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 0.9, 1.0)


class ManyAtOnce(Histogram):
    """A histogram that takes the thousand scores of a batch together: 1 ms one by one, 0.05 ms so."""

    def observe_all(self, values: Sequence[float]) -> None:
        """As `observe` for each."""
        for place, count in Tally(bisect_left(self._upper_bounds, value) for value in values).items():
            self._buckets[place].inc(count)
        self._sum.inc(sum(values))


_requests: Final = Counter(
    "scoring_requests", "Requests by route, method and status.", ("route", "method", "status"), registry=_own
)
_latency: Final = Histogram(
    "scoring_request_seconds", "Time to answer once the request is there.", ("route",), buckets=_seconds, registry=_own
)
_predictions: Final = Counter("scoring_predictions", "Decisions that were answered.", ("decision",), registry=_own)
_wrong_keys: Final = Counter(
    "scoring_wrong_keys", "Keys that nobody has: refused, or limited where they were many.", ("outcome",), registry=_own
)
for _outcome in ("refused", "limited"):
    # There from the start, so that the first one is a rise.
    _wrong_keys.labels(_outcome)
_challenged: Final = Counter(
    "scoring_challenger",
    "Applications by what became of asking the challenger: scored, failed, loading, or same: it is the model in use.",
    ("outcome",),
    registry=_own,
)
for _became in get_args(ChallengeState):
    _challenged.labels(_became)
_scores: Final = ManyAtOnce(
    "scoring_probability", "Probabilities of default that were answered.", buckets=_probabilities, registry=_own
)

_log = logging.getLogger(__name__)


class Gauges(Collector):
    """What is looked up when Prometheus asks, such as how many jobs wait."""

    def __init__(self) -> None:
        self._looked_up: list[tuple[str, str, str, Callable[[], Mapping[str, float]]]] = []

    def add(self, name: str, documentation: str, label: str, look: Callable[[], Mapping[str, float]]) -> None:
        """Adds a gauge.

        Args:
            name: such as `scoring_jobs`.
            documentation: what it is, in a sentence.
            label: what its values differ by, such as `state`.
            look: says the number for each value of the label as it is now; where it raises, the gauge is left out.
        """
        self._looked_up.append((name, documentation, label, look))

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges as they are now."""
        for name, documentation, label, look in self._looked_up:
            try:
                counts = look()
            except Exception as error:  # noqa: BLE001 (what cannot be looked up does not hide the rest)
                _log.error("gauge not available", extra={"gauge": name, "error": type(error).__name__})
                continue
            family = GaugeMetricFamily(name, documentation, labels=[label])
            for value, number in counts.items():
                family.add_metric([value], number)
            yield family


def gauges(app: Flask) -> Gauges:
    """The gauges of an application, to add to."""
    registered: Gauges = app.extensions.setdefault(_extension, Gauges())
    return registered


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """Counts a request that was answered. `route` is the rule of the address, so that no client's number is in it."""
    # Of methods there are a few, and as many as a caller likes to make up.
    _request(route, method if method in _methods else "other", str(status)).inc()
    _duration(route).observe(seconds)


def count_wrong_key(outcome: Literal["refused", "limited"]) -> None:
    """Counts a key that nobody has."""
    _wrong_keys.labels(outcome).inc()


def count_decisions(decisions: Sequence[Decision]) -> None:
    """Counts decisions that are answered, and what they stand on."""
    refusals = sum(column_of(decisions, "prediction"))
    for decision, count in (("accepted", len(decisions) - refusals), ("refused", refusals)):
        # Asked for either way: what was not seen yet stands at 0.
        counter = _decided(decision)
        if count:
            counter.inc(count)
    if len(decisions) == 1:
        _scores.observe(decisions[0].probability)
    else:
        _scores.observe_all(column_of(decisions, "probability"))


def count_challenged(outcome: ChallengeState, applications: int) -> None:
    """Counts applications of which the challenger was to be asked."""
    _challenged.labels(outcome).inc(applications)


def exposition() -> bytes:
    """Everything that is counted, as Prometheus reads it: of all workers together."""
    registry = CollectorRegistry()
    folder = os.environ.get(metrics_variable)
    if folder:
        MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    else:
        registry.register(_Own())
    registry.register(gauges(current_app))
    registry.register(_Build())
    return generate_latest(registry)


class _Own(Collector):
    """What this process alone has counted."""

    def collect(self) -> Iterable[Metric]:
        return _own.collect()


class _Build(Collector):
    """What is running."""

    def collect(self) -> Iterable[Metric]:
        scorer = services().scorer
        model = "" if scorer.failure() else scorer.get().model.version
        family = GaugeMetricFamily(
            "scoring_build_info", "What is running.", labels=["version", "model_version", "python_version"]
        )
        family.add_metric([__version__, model, platform.python_version()], 1)
        return [family]


# To find the child of labels takes longer than to count.
@cache
def _request(route: str, method: str, status: str) -> Counter:
    return _requests.labels(route, method, status)


@cache
def _duration(route: str) -> Histogram:
    return _latency.labels(route)


@cache
def _decided(decision: str) -> Counter:
    return _predictions.labels(decision)
