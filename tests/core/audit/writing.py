"""A program that records, one row and three together in turn, and says the id of each row once it is stored."""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from core.audit.engine import Database
from core.audit.log import AuditLog
from tests.core.audit.made import entry

if TYPE_CHECKING:
    from multiprocessing.connection import Connection


def write(address: str, rounds: int | None, said: Connection) -> None:
    """Records into a database, so many rounds of four rows; without end where no number is given."""
    log = AuditLog(Database.open(make_url(address)))
    for _ in count() if rounds is None else range(rounds):
        _say(said, log.record(entry()))
        for key in log.record_many([entry()] * 3):
            _say(said, key)


def _say(said: Connection, key: object) -> None:
    os.write(said.fileno(), f"{key}\n".encode())
