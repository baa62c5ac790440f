"""Several programs that write at once lose no row and make one chain, nor does one that is killed break it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from typing import TYPE_CHECKING

from sqlalchemy import text

from core.audit.chain.stored import links_of
from core.audit.chain.verification import verify
from core.audit.engine import Database
from core.audit.entries import PredictionFilter
from core.audit.log import AuditLog
from tests.core.audit.made import entry
from tests.core.audit.writing import write

if TYPE_CHECKING:
    from sqlalchemy import URL

everything = PredictionFilter()
programs, rows_each = 5, 25

# What each program imports takes longer than all that it writes: one process has it, and each program begins as a copy.
context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(["tests.core.audit.writing"])


class Writer:
    """A program that writes, and the lines that it says."""

    def __init__(self, url: URL, rounds: int | None = None) -> None:
        heard, said = context.Pipe(duplex=False)
        address = url.render_as_string(hide_password=False)
        self.process = context.Process(target=write, args=(address, rounds, said))
        self.process.start()
        # Held by the program alone, so that its end is the end of the lines.
        said.close()
        with heard:
            self.lines = os.fdopen(os.dup(heard.fileno()), encoding="ascii")

    def rest(self) -> list[str]:
        """What it says until its end."""
        with self.lines:
            said = self.lines.read().split()
        self.process.join(60)
        return said


def stored(database: Database) -> list[str]:
    return [each.id for each in AuditLog(database).each(everything)]


def ids(database: Database) -> list[str]:
    """By their place in the chain, of which nothing is wrong."""
    assert verify(database).fault_count == 0
    with database.engine.connect() as connection:
        return [link.entry_id for links in links_of(connection) for link in links]


def test_programs_that_write_at_once_lose_no_row_and_make_one_chain(url: URL) -> None:
    # The first to come makes the tables.
    writers = [Writer(url, rows_each) for _ in range(programs)]
    said = [line for each in writers for line in each.rest()]
    assert [each.process.exitcode for each in writers] == [0] * programs
    assert len(said) == len(set(said)) == programs * rows_each * 4
    database = Database.open(url)
    assert set(stored(database)) == set(said)
    assert set(ids(database)) == set(said)
    assert database.head().sequence == len(said)
    database.close()


def test_threads_that_write_at_once_lose_no_row(database: Database, log: AuditLog) -> None:
    # More than the pool has connections.
    said: list[str] = []

    def write() -> None:
        said.extend(log.record(entry()) for _ in range(20))

    threads = [threading.Thread(target=write) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 400
    assert set(stored(database)) == set(said)


def test_a_writer_that_is_killed_loses_nothing_that_it_said_and_leaves_a_whole_chain(url: URL) -> None:
    Database.open(url).close()
    before = 0
    for lines in (4, 9, 40):
        victim = Writer(url)
        said = [victim.lines.readline().strip() for _ in range(lines)]
        victim.process.kill()
        said += victim.rest()
        assert victim.process.exitcode == -signal.SIGKILL
        database = Database.open(url)
        found = stored(database)
        # The last line may be cut off.
        assert {line for line in said if len(line) == 36} <= set(found)
        assert set(ids(database)) == set(found)
        # Rows that were stored together are there together.
        assert (len(found) - before) % 4 in (0, 1)
        if database.is_sqlite:
            with database.engine.connect() as connection:
                assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        AuditLog(database).record(entry())
        before = len(stored(database))
        assert before == len(found) + 1
        database.close()
