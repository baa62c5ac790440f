"""A phase of load on the API: callers in a process of their own, faults meanwhile, and the memory of its workers."""

from __future__ import annotations

import multiprocessing
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import psutil

from benchmarks.load.callers import Asked, call, read
from benchmarks.load.faults import schedule
from benchmarks.services import megabytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.load.faults import Fault, Target
    from benchmarks.services import Api

callers: Final = 8
_no_limit: Final = 10**9
# Memory is looked at once a worker has come to rest.
_warm_up_share: Final = 0.25
_quiet_share: Final = 0.67


@dataclass
class Watch:
    """The memory of each worker, second by second: (time by `time.monotonic`, process id, MB of 10^6 bytes)."""

    api: Api
    samples: list[tuple[float, int, float]] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    def by_minute(self, began: float, seconds: float) -> list[float]:
        """The memory of all workers together in each minute from a time on, on average."""
        totals: dict[int, float] = {}
        for moment, _, size in self.samples:
            if 0 <= moment - began < seconds:
                totals[int(moment - began)] = totals.get(int(moment - began), 0.0) + size
        minutes: dict[int, list[float]] = {}
        for second, size in totals.items():
            minutes.setdefault(second // 60, []).append(size)
        return [float(np.mean(sizes)) for _, sizes in sorted(minutes.items())]

    def since(self, moment: float) -> list[Trend]:
        """The trend of each worker that is there, from a time on."""
        found = []
        for worker in self.api.workers():
            lines = [(when, size) for when, pid, size in self.samples if pid == worker.pid and when >= moment]
            if len(lines) > 1:
                times, sizes = np.array(lines).T
                slope, _ = np.polyfit(times - times[0], sizes, 1)
                found.append(Trend(float(slope) * 60, float(slope * (times[-1] - times[0])), float(sizes[-1])))
        return found

    def look(self) -> None:
        """Looks until `end`."""
        while not self._ended.wait(1.0):
            with suppress(psutil.Error):
                moment = time.monotonic()
                for worker in self.api.workers():
                    with suppress(psutil.Error):
                        self.samples.append((moment, worker.pid, megabytes(worker)))

    def end(self) -> None:
        """Ends `look`."""
        self._ended.set()


@dataclass(frozen=True, slots=True)
class Trend:
    """The line through the memory of a worker: MB a minute, MB from its beginning to its end; and where it is now."""

    slope: float
    growth: float
    now: float


@dataclass(frozen=True, slots=True)
class Phase:
    """What was asked, from when (`time.monotonic`) and for how many seconds, and each worker's memory in its end."""

    asked: tuple[Asked, ...]
    faults: tuple[Fault, ...]
    began: float
    seconds: float
    trends: tuple[Trend, ...]

    def milliseconds(self, name: str) -> np.ndarray:
        """How long the requests of that name took that were answered 200."""
        return np.array([each.seconds * 1000 for each in self.asked if each.name == name and each.status == 200])


@contextmanager
def watching(api: Api) -> Iterator[Watch]:
    """Looks at the memory of the workers meanwhile."""
    watch = Watch(api)
    looking = threading.Thread(target=watch.look)
    looking.start()
    try:
        yield watch
    finally:
        watch.end()
        looking.join()


def steady(api: Api, watch: Watch, folder: Path, requests: int) -> Phase:
    """Predictions of one application, that many, as fast as they are answered; nothing else happens."""
    record = folder / "steady.jsonl"
    with _calling(api.port, float(_no_limit), requests // callers, "/predict", record):
        began = time.monotonic()
    return _phase(watch, record, (), began, _warm_up_share)


def soak(target: Target, watch: Watch, folder: Path, seconds: float) -> Phase:
    """All kinds of requests for that long, with faults on schedule."""
    record = folder / "soak.jsonl"
    faults = []
    with _calling(target.api.port, seconds, _no_limit, "", record):
        began = time.monotonic()
        for moment, fault in schedule(seconds):
            time.sleep(max(0.0, began + moment - time.monotonic()))
            faults.append(fault(target))
    return _phase(watch, record, tuple(faults), began, _quiet_share)


@contextmanager
def _calling(port: int, seconds: float, most: int, only: str, record: Path) -> Iterator[None]:
    """Callers at work; they are waited for in the end. Raises `RuntimeError`."""
    process = multiprocessing.get_context("spawn").Process(
        target=call, args=(port, seconds, callers, most, only, record)
    )
    process.start()
    try:
        yield
        process.join()
    finally:
        process.kill()
        process.join()
    if not record.exists():
        raise RuntimeError("the callers ended without a record")


def _phase(watch: Watch, record: Path, faults: tuple[Fault, ...], began: float, share: float) -> Phase:
    asked = tuple(read(record))
    seconds = max(each.began + each.seconds for each in asked) - (first := min(each.began for each in asked))
    return Phase(asked, faults, first, seconds, tuple(watch.since(began + share * seconds)))
