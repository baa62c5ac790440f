"""Callers that ask the API for all kinds of things without a pause, in a process of their own."""

from __future__ import annotations

import http.client
import json
import threading
import time
from contextlib import closing
from dataclasses import astuple, dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

from api.openapi.examples import features as example_features

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

batch_size: Final = 100
# An answer that has not come by then counts as none.
_patience: Final = 30.0
_pause_without_server: Final = 0.02


@dataclass(frozen=True, slots=True)
class Asked:
    """One request and what became of it.

    Attributes:
        name: what was asked for.
        request_id: as sent in `X-Request-ID`.
        predictions: how many an answer of 200 holds: so many rows the audit owes.
        status: of the answer; 0 where the connection ended without one.
        began: by `time.monotonic`, which is the same in all processes of a machine.
        seconds: until the answer was read, or was not to come any more.
        error: the kind of the connection's end, else empty.
    """

    name: str
    request_id: str
    predictions: int
    status: int
    began: float
    seconds: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class _Call:
    name: str
    method: str
    path: str
    body: bytes | None = None
    predictions: int = 0


def call(port: int, seconds: float, callers: int, most: int, only: str, record: Path) -> None:
    """Asks on as many connections at once as there are callers, and writes one JSON array a request to a file.

    Args:
        port: of the API on 127.0.0.1.
        seconds: how long to go on.
        callers: each sends its next request once it has the answer to the last.
        most: each caller ends after that many requests, if the time is not over before.
        only: the name of the one kind to ask for; all kinds where empty.
        record: the file to write: one array a line, in the order of the fields of `Asked`.
    """
    calls = [each for each in _mix(port) if only in ("", each.name)]
    deadline = time.monotonic() + seconds
    done: list[list[Asked]] = [[] for _ in range(callers)]
    threads = [
        threading.Thread(target=_work, args=(port, f"{record.stem}-{number:03}", calls, deadline, most, done[number]))
        for number in range(callers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with record.open("w", encoding="utf-8") as file:
        for asked in chain.from_iterable(done):
            file.write(json.dumps(astuple(asked)) + "\n")


def read(record: Path) -> Iterator[Asked]:
    """What `call` wrote."""
    with record.open(encoding="utf-8") as file:
        for line in file:
            yield Asked(*json.loads(line))


def _mix(port: int) -> Sequence[_Call]:
    """Twenty requests as they come in turn: fourteen predictions, three explanations, one batch, two about clients."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=_patience)) as connection:
        connection.request("GET", "/clients?limit=2")
        clients = [client["client_id"] for client in json.loads(connection.getresponse().read())["clients"]]
    one = json.dumps({"features": example_features}).encode()
    many = [example_features | {"SK_ID_CURR": 900_000 + number} for number in range(batch_size)]
    predict = _Call("/predict", "POST", "/predict", one, 1)
    known = _Call("/predict?client_id=", "POST", f"/predict?client_id={clients[0]}", b"{}", 1)
    explain = _Call("/predict/explain", "POST", "/predict/explain?lang=fr", one, 1)
    batch = _Call("/predict/batch", "POST", "/predict/batch", json.dumps({"clients": many}).encode(), batch_size)
    listed = _Call("/clients", "GET", "/clients?limit=20&sort=probability")
    single = _Call("/clients/{id}", "GET", f"/clients/{clients[1]}")
    some = (predict, predict, predict, explain, predict, known, listed)
    return (*some, predict, predict, batch, predict, explain, predict, single, *some[:6])


def _work(port: int, caller: str, calls: Sequence[_Call], deadline: float, most: int, done: list[Asked]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_patience)
    # Not all the same at the same time.
    turn = int(caller.rpartition("-")[2])
    try:
        while len(done) < most and (began := time.monotonic()) < deadline:
            each = calls[turn % len(calls)]
            request_id = f"{caller}-{len(done):07}"
            turn += 1
            headers = {"X-Request-ID": request_id} | ({"Content-Type": "application/json"} if each.body else {})
            status, error = 0, ""
            try:
                connection.request(each.method, each.path, each.body, headers)
                answer = connection.getresponse()
                answer.read()
                status = answer.status
            except (OSError, http.client.HTTPException) as failure:
                # Whether it was done is not known: it is not sent again, the next request opens a new connection.
                error = type(failure).__name__
                connection.close()
                time.sleep(_pause_without_server)
            seconds = time.monotonic() - began
            done.append(Asked(each.name, request_id, each.predictions, status, began, seconds, error))
    finally:
        connection.close()
