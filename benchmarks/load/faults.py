"""What is done to an API under load: its processes, its database, its model, and clients that behave badly."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import sqlite3
import time
from collections import Counter
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.audit.writing import busy_seconds
from core.model.artefacts import config_file, listed_files, model_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from benchmarks.load.callers import Asked
    from benchmarks.services import Api

_patience: Final = 60.0
# Connections that a killed worker held are cut at once; callers see it at their next word.
_seconds_after_kill: Final = 2.0
_slow_clients: Final = 20
_rounds_of_malformed: Final = 20
_malformed: Final = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'{"features": null}',
    b'{"features": {"AMT_CREDIT": "Zebulon"}}',
    b'{"features": {"AMT_CREDIT": -1}}',
    b'{"features": {"AMT_CREDIT": NaN}}',
    b'{"features": {"NAME_INCOME_TYPE": "\xff"}}',
    b'{"features": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    b"\x1f\x8b\x08\x00",
    b'{"features": {"AMT_CREDIT": 1, "AMT_CREDIT": 2}}',
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault as it went.

    Attributes:
        name: what was done.
        began: by `time.monotonic`.
        ended: until when its marks on other requests are expected.
        statuses: of the answers that it explains; 0 for a connection that ends without one.
        said: what was seen.
        missed: what should have been seen and was not, else empty.
    """

    name: str
    began: float
    ended: float
    statuses: frozenset[int]
    said: str
    missed: str = ""

    def explains(self, asked: Asked) -> bool:
        """Whether a request that was not answered 200 ended as it did because of this."""
        overlaps = asked.began <= self.ended and self.began <= asked.began + asked.seconds
        return overlaps and asked.status in self.statuses


@dataclass(frozen=True, slots=True)
class Target:
    """What faults are done to."""

    api: Api
    workers: int
    models: Path
    database: Path
    lock_seconds: float


def schedule(seconds: float) -> tuple[tuple[float, Callable[[Target], Fault]], ...]:
    """When each fault begins, in seconds from the start of a run of that length; its last third is quiet."""
    shares = (
        (0.05, malformed_bodies),
        (0.10, touched_model),
        (0.15, slow_clients),
        (0.20, killed_worker),
        (0.30, locked_database),
        (0.42, reload),
        (0.50, replaced_model),
        (0.55, killed_worker),
        (0.61, malformed_bodies),
    )
    return tuple((share * seconds, fault) for share, fault in shares)


def killed_worker(target: Target) -> Fault:
    """One worker gets SIGKILL, with requests under way; another takes its place."""
    began = time.monotonic()
    before = {worker.pid for worker in target.api.workers()}
    os.kill(min(before), signal.SIGKILL)
    taken = _until(lambda: len({worker.pid for worker in target.api.workers()} - {min(before)}) == target.workers)
    missed = "" if taken is not None else "it was not replaced"
    ended = began + _seconds_after_kill
    return Fault(
        "a worker killed (SIGKILL)", began, ended, frozenset({0}), f"another started after {taken or 0:.1f} s", missed
    )


def reload(target: Target) -> Fault:
    """SIGHUP: gunicorn starts new workers, and has the old ones finish. Nobody is to notice."""
    began = time.monotonic()
    before = {worker.pid for worker in target.api.workers()}
    target.api.process.send_signal(signal.SIGHUP)
    taken = _until(lambda: _are_other(target, before))
    missed = "" if taken is not None else "the old workers did not go"
    return Fault("a reload (SIGHUP)", began, time.monotonic(), frozenset(), f"{taken or 0:.1f} s", missed)


def locked_database(target: Target) -> Fault:
    """Another program holds the right to write to the audit database: predictions are refused, not unrecorded."""
    with closing(sqlite3.connect(target.database, isolation_level=None, timeout=_patience)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        time.sleep(target.lock_seconds)
        other.execute("ROLLBACK")
    ended = time.monotonic() + busy_seconds
    said = f"{target.lock_seconds:.0f} s"
    return Fault("the audit database locked", began, ended, frozenset({503}), said)


def touched_model(target: Target) -> Fault:
    """All files of the model get a new time, and nothing else."""
    began = time.monotonic()
    for name in (config_file, *listed_files(target.models)):
        (target.models / name).touch()
    return Fault("the model's files touched", began, time.monotonic(), frozenset(), "done")


def replaced_model(target: Target) -> Fault:
    """The model's file and its configuration give way to copies of them, each in one step."""
    began = time.monotonic()
    for name in (model_file, config_file):
        copy = target.models / f"{name}.copy"
        shutil.copyfile(target.models / name, copy)
        copy.replace(target.models / name)
    return Fault("the model replaced by a copy of it", began, time.monotonic(), frozenset(), "done")


def slow_clients(target: Target) -> Fault:
    """More clients than compute at once send half a body, and wait."""
    began = time.monotonic()
    head = b"POST /predict HTTP/1.1\r\nHost: [::1]\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"
    with ExitStack() as stack:
        links = [
            stack.enter_context(socket.create_connection(("127.0.0.1", target.api.port), timeout=_patience))
            for _ in range(_slow_clients)
        ]
        for link in links:
            link.sendall(head + b'{"features": {')
        statuses = Counter(_status(link) for link in links)
    seconds = time.monotonic() - began
    missed = "" if set(statuses) == {408} else "not all got 408"
    said = f"{_statuses(statuses)} after {seconds:.0f} s"
    return Fault(f"{_slow_clients} clients with half a body", began, time.monotonic(), frozenset(), said, missed)


def malformed_bodies(target: Target) -> Fault:
    """Bodies that are no application, one after the other on a connection of their own."""
    began = time.monotonic()
    statuses: Counter[int] = Counter()
    with closing(http.client.HTTPConnection("127.0.0.1", target.api.port, timeout=_patience)) as connection:
        for body in _malformed * _rounds_of_malformed:
            connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            statuses[answer.status] += 1
    missed = "" if set(statuses) == {400} else "not all got 400"
    said = _statuses(statuses)
    name = f"{len(_malformed) * _rounds_of_malformed} malformed bodies"
    return Fault(name, began, time.monotonic(), frozenset(), said, missed)


def unexplained(asked: Iterable[Asked], faults: Iterable[Fault]) -> list[Asked]:
    """Requests that no fault explains and that were not answered 200, in the order of their beginning."""
    known = tuple(faults)
    found = [each for each in asked if each.status != 200 and not any(fault.explains(each) for fault in known)]
    return sorted(found, key=lambda each: each.began)


def _are_other(target: Target, before: set[int]) -> bool:
    now = {worker.pid for worker in target.api.workers()}
    return len(now) == target.workers and not now & before


def _until(met: Callable[[], bool]) -> float | None:
    """The seconds until something is so; None where it does not come to be."""
    began = time.monotonic()
    while not met():
        if time.monotonic() - began > _patience:
            return None
        time.sleep(0.05)
    return time.monotonic() - began


def _status(link: socket.socket) -> int:
    with http.client.HTTPResponse(link) as answer:
        answer.begin()
        return answer.status


def _statuses(counts: Counter[int]) -> str:
    return ", ".join(f"{count} × {status}" for status, count in sorted(counts.items()))
