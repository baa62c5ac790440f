"""Transactions on the audit database: one writer at a time, and one exception for all that keeps it from answering."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Literal

from pydantic_core import to_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

Reason = Literal["unreachable", "locked", "full", "gone", "refused", "version", "unguarded"]

# How long a statement waits for others that write, and a connection for a server that does not answer.
busy_seconds: Final[float] = 3
# Any number, as long as every program that adds to the record takes the same.
record_lock: Final = 7_310_442_086_216


class AuditUnavailable(Exception):
    """The audit database cannot do what was asked. Its words name no address, no secret and nobody's data.

    Attributes:
        reason: "unreachable"; "locked" by others for too long; "full"; "gone": its file was moved or deleted under a
            running program; "refused": it answered with an error; "version": it was made by a newer program;
            "unguarded": triggers that keep the record from being changed are absent.
        cause: name of the error of the driver, or of what is absent.
    """

    def __init__(self, reason: Reason, cause: str = "") -> None:
        super().__init__(f"{reason} ({cause})" if cause else reason)
        self.reason = reason
        self.cause = cause


def stand_alone(connection: Connection) -> None:
    """Makes those who would add to the record, or purge it, wait for the transaction of a connection.

    In SQLite who writes is alone anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({record_lock})")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that reads and then writes. In SQLite it has the right to write from its beginning."""
    with engine.connect().execution_options(begin_immediate=True) as connection, connection.begin():
        yield connection


def json_text(content: object) -> str:
    """The JSON of `content` as the audit stores it; five times as fast as the standard library's.

    Numbers that JSON cannot say become null: PostgreSQL would refuse them.
    """
    return to_json(content, inf_nan_mode="null").decode()
