"""Group commit: what several callers add to the record at the same time is stored in one transaction.

One writer at a time adds to the record, and what a transaction costs hardly hangs on how many rows it has. Who comes
while another one writes waits; whoever writes next takes all that has come by then.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.audit.chain.appending import appending
from core.audit.writing import AuditUnavailable, busy_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.audit.chain.links import EntryTable
    from core.audit.engine import Database


@dataclass(eq=False, slots=True)
class _Addition:
    """What one caller adds, and what became of it: stored, failed, or neither yet."""

    rows: Sequence[Sequence[Any]]
    contents: Sequence[bytes]
    is_stored: bool = False
    failure: Exception | None = None


class GroupCommit:
    """Adds rows of one table to a record, for all threads of this program."""

    def __init__(self, database: Database, table: EntryTable) -> None:
        """Writes nothing yet."""
        self._database = database
        self._table = table
        self._waiting: list[_Addition] = []
        self._of_waiting = threading.Lock()
        # Held by the thread that writes.
        self._writer = threading.Lock()

    def add(self, rows: Sequence[Sequence[Any]], contents: Sequence[bytes]) -> None:
        """Stores rows that are not there yet, all or none; they are committed when it returns.

        Args:
            rows: as the driver takes them.
            contents: the digest of each, by `EntryTable.content`.

        Raises:
            AuditUnavailable: none of these rows is stored; nor is any with what else is raised, which is theirs alone,
                such as a number that the driver does not take.
        """
        mine = _Addition(rows, contents)
        with self._of_waiting:
            self._waiting.append(mine)
        if not self._writer.acquire(timeout=busy_seconds):
            self._give_up(mine)
        try:
            if not (mine.is_stored or mine.failure):
                self._store_waiting()
        finally:
            self._writer.release()
        if isinstance(mine.failure, AuditUnavailable):
            # Of its own: several threads cannot raise the same one.
            raise AuditUnavailable(mine.failure.reason, mine.failure.cause)
        if mine.failure is not None:
            raise mine.failure

    def _give_up(self, mine: _Addition) -> None:
        """Withdraws what nobody has taken, and raises; what is being written is waited for: it may yet be stored."""
        with self._of_waiting:
            if mine in self._waiting:
                self._waiting.remove(mine)
                raise AuditUnavailable("locked")
        self._writer.acquire()

    def _taken(self) -> list[_Addition]:
        with self._of_waiting:
            taken, self._waiting = self._waiting, []
        return taken

    def _store_waiting(self) -> None:
        """Stores what all have added that wait; when it returns or raises, each has learnt what became of it."""
        group = self._taken()
        try:
            self._store(group)
        except BaseException as error:
            # The thread is to end. Whoever was not told yet must not take silence for success.
            for caller in group:
                if not caller.is_stored and caller.failure is None:
                    caller.failure = AuditUnavailable("refused", type(error).__name__)
            raise

    def _store(self, group: Sequence[_Addition]) -> None:
        """Stores what several callers add in one transaction; says of each what became of it."""
        try:
            with appending(self._database) as record:
                rows = [row for caller in group for row in caller.rows]
                record.add(self._table, rows, [content for caller in group for content in caller.contents])
        except Exception as failure:  # noqa: BLE001 (whoever added what failed raises it)
            if len(group) > 1 and _is_of_rows(failure):
                # One of them may be what is refused: the others do not fail with it.
                for caller in group:
                    self._store([caller])
                return
            for caller in group:
                caller.failure = failure
        else:
            for caller in group:
                caller.is_stored = True


def _is_of_rows(failure: Exception) -> bool:
    """Whether other rows may be stored nevertheless: the database is there, and takes what is sound."""
    return not isinstance(failure, AuditUnavailable) or failure.reason == "refused"
