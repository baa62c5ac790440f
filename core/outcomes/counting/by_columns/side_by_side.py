"""Reading a record in SQLite by two connections that see it as it was at one moment, each in a thread of its own."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final, TypeVar

from core.audit.chain.stored import head_of
from core.outcomes.counting.by_columns.columns import ColumnReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

    from core.audit.engine import Database
    from core.outcomes.counting.by_columns.columns import TableReading

_Result = TypeVar("_Result")

# Somebody who writes comes between two beginnings only by chance.
_most_tries: Final = 10


@dataclass(slots=True)
class Reader:
    """A connection, and what was learnt of the tables that it has read."""

    connection: Connection
    _columns: dict[str, ColumnReader] = field(default_factory=dict)

    @property
    def cursor(self) -> Any:
        """A cursor of `sqlite3`, within the transaction of the connection."""
        driver: Any = self.connection.connection
        return driver.cursor()

    def columns(self, reading: TableReading) -> ColumnReader:
        """What reads the columns of a table."""
        if reading.table not in self._columns:
            self._columns[reading.table] = ColumnReader(self.cursor, reading)
        return self._columns[reading.table]


@contextmanager
def of_one_moment(database: Database) -> Iterator[tuple[Connection, ...]]:
    """Two connections that see the record alike; one alone where others write without a pause."""
    with database.engine.connect() as first, database.engine.connect() as second:
        for _ in range(_most_tries):
            for connection in (first, second):
                connection.rollback()
                connection.begin()
            if head_of(first) == head_of(second):
                yield first, second
                return
        yield (first,)


def done_by(connections: Sequence[Connection], tasks: Sequence[Callable[[Reader], _Result]]) -> list[_Result]:
    """What tasks give, in their order: each connection takes the next one as soon as it is free.

    Args:
        connections: within a transaction each.
    """
    left, results = SimpleQueue[int](), dict[int, _Result]()
    for place in range(len(tasks)):
        left.put(place)
    failed = threading.Event()

    def work(connection: Connection) -> None:
        reader = Reader(connection)
        try:
            while not failed.is_set():
                place = left.get_nowait()
                results[place] = tasks[place](reader)
        except Empty:
            return
        except BaseException:
            # The others need not go on.
            failed.set()
            raise

    if len(tasks) <= 1:
        work(connections[0])
    else:
        with ThreadPoolExecutor(len(connections), thread_name_prefix="reading") as threads:
            for worker in [threads.submit(work, connection) for connection in connections]:
                worker.result()
    return [results[place] for place in range(len(tasks))]
