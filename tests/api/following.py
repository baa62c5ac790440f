"""Callers of a server while the model under it changes, and the wait until the change has come to all its workers."""

from __future__ import annotations

import threading
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from api.openapi.examples import features
from tests.api.running import Running, ask, patience

if TYPE_CHECKING:
    from collections.abc import Iterator

application = {"features": features}
Seen = set[tuple[int, str]]


@contextmanager
def asked_meanwhile(server: Running) -> Iterator[Seen]:
    """Four callers that ask again and again, each on a connection of its own: what they were answered."""
    seen: Seen = set()
    stop = threading.Event()

    def keep_asking(link_number: int) -> None:
        with closing(server.connection()) as link:
            # Often enough to meet every moment of a change, and with processor time left for it.
            while not stop.wait(0.02):
                path = "/predict/explain" if link_number % 2 else "/predict"
                answer = ask(link, "POST", path, application)
                said = answer.json()
                seen.add((answer.status, said.get("model_version", said.get("detail", ""))))

    threads = [threading.Thread(target=keep_asking, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def until_all_answer_from(server: Running, version: str) -> None:
    """Comes back once both workers have taken a version into use."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        with server.spread(6) as links:
            if {ask(link, "GET", "/health").json()["model_version"] for link in links} == {version}:
                return
        time.sleep(0.1)
    pytest.fail(f"{version} is not in use everywhere")
