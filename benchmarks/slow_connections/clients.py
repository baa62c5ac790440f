"""Clients that send as slowly as they may, to a server on this machine: a byte a second on each connection.

Run as a process of its own, so that it takes no turn of the one that measures.
"""

from __future__ import annotations

import json
import socket
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_loopback: Final = "127.0.0.1"
_max_kept: Final = 4096


@dataclass(slots=True)
class _Client:
    opening: bytes
    link: socket.socket | None = None
    heard: bytes = field(default=b"")


def drip(port: int, openings: Sequence[bytes], seconds: float, record: Path) -> None:
    """Keeps as many connections as there are openings, and opens each anew when the server ends it.

    Args:
        port: of a server on 127.0.0.1.
        openings: what each sends at first; a byte a second follows.
        seconds: how long to go on.
        record: JSON file to write at the end: how often each status was answered; "open" for those never answered.
    """
    clients = [_Client(opening) for opening in openings]
    answered: Counter[str] = Counter()
    deadline = time.monotonic() + seconds
    while (began := time.monotonic()) < deadline:
        for client in clients:
            if client.link is None:
                client.link = _connected(port, client.opening)
            elif _has_ended(client):
                answered[_status(client.heard)] += 1
                client.link.close()
                client.link, client.heard = None, b""
        time.sleep(max(0.0, began + 1.0 - time.monotonic()))
    answered["open"] += sum(client.link is not None for client in clients)
    for client in clients:
        if client.link is not None:
            client.link.close()
    record.write_text(json.dumps(answered), encoding="utf-8")


def _connected(port: int, opening: bytes) -> socket.socket | None:
    try:
        link = socket.create_connection((_loopback, port), timeout=1)
        link.sendall(opening)
    except OSError:
        return None
    link.settimeout(0)
    return link


def _has_ended(client: _Client) -> bool:
    if client.link is None:
        return True
    try:
        client.link.send(b" ")
        while part := client.link.recv(65536):
            client.heard = (client.heard + part)[:_max_kept]
    except BlockingIOError:
        # An answer that says that the connection ends is one, even before it does.
        return client.heard.startswith(b"HTTP/1.1 ")
    except OSError:
        return True
    return True


def _status(heard: bytes) -> str:
    return heard.split(b" ", 2)[1].decode("ascii") if heard.startswith(b"HTTP/1.1 ") else "cut off"
