"""A whole record in SQLite counted in one pass over its columns: the cells that `cells` counts by a query each.

A query joins every prediction to its outcomes by their ids, and sorts them by client. Neither is needed: an outcome
repeats what it is about, so that an application with an outcome is found among the outcomes, and a prediction counts
where none of its client and month is. What is read is counted as it comes, as if no client came twice in a month and no
outcome was corrected; what should not have counted is found at the end, read again and taken off.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
import polars as pl

from core.outcomes.counting.by_columns.readings import (
    OfficerFinals,
    coded,
    decided,
    known_of_nobody,
    new_codes,
    officer_decisions,
    outcomes,
    predictions,
    shown_and_decided,
)
from core.outcomes.counting.by_columns.side_by_side import done_by
from core.outcomes.counting.by_columns.tallies import CellTally
from core.outcomes.counting.cells import segments

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from core.outcomes.counting.by_columns.columns import Columns, TableReading
    from core.outcomes.counting.by_columns.readings import Decided
    from core.outcomes.counting.by_columns.side_by_side import Reader

_Result = TypeVar("_Result")

# Of one statement: its texts are a few MB each.
_rows_at_once: Final = 50_000
# Of the rows that are read again: a statement names them, and has at most a million letters.
_named_at_once: Final = 40_000


@dataclass(frozen=True, slots=True)
class _Marked:
    """Rows of a table, each with a mark: the client within the month, or a digest of the prediction's id."""

    rowids: NDArray[np.int64]
    marks: NDArray[np.int64]

    def among(self, rows: NDArray[np.bool_]) -> _Marked:
        """Those rows alone."""
        return _Marked(self.rowids[rows], self.marks[rows])

    def several(self) -> _Marked:
        """Those that share their mark with others."""
        marks = np.sort(self.marks)
        return self.among(_is_in(self.marks, marks[1:][marks[1:] == marks[:-1]]))


def counted_at_once(connections: Sequence[Connection]) -> dict[str, pl.DataFrame]:
    """The frames of `known_cells`, and that of `application_cells` under the name `applications`.

    Args:
        connections: to a record in SQLite, of one moment, in a transaction each; each has a thread of its own.

    Raises:
        core.outcomes.counting.by_columns.packing.TooLarge: numbers of clients, or how many months, versions or
            portfolios there are, are beyond what is counted so; `cells` counts any.
    """
    count = _Count(connections)
    count.add_outcomes()
    count.add_predictions()
    return count.tally.frames(count.codes)


class _Count:
    """A count of a record, of which the outcomes come first."""

    def __init__(self, connections: Sequence[Connection]) -> None:
        """Reads the decisions of officers."""
        self.codes, self.tally = new_codes(), CellTally()
        self._connections = connections
        self._on_predictions, self._on_outcomes = self._final_decisions()
        # The applications with an outcome, ascending.
        self._known: NDArray[np.int64] = np.empty(0, np.int64)

    def add_outcomes(self) -> None:
        """Counts the last outcome of each decision, as `core.outcomes.log.is_current` has it."""
        found = self._each(outcomes, partial(self._add_outcomes, sign=1))
        corrected = self._earlier(outcomes, _together([decision for decision, _ in found]), ("time", "id"))
        self._again(outcomes, corrected, partial(self._add_outcomes, sign=-1))
        persons = _together([person for _, person in found])
        persons = persons.among(~_is_in(persons.rowids, corrected))
        self._again(outcomes, self._earlier_of_person(outcomes, persons, "prediction_id"), self._take_off_known)
        self._known = np.sort(persons.marks)

    def add_predictions(self) -> None:
        """Counts applications without an outcome."""
        known = self._connections[0].exec_driver_sql(known_of_nobody).scalars().all()
        add = partial(self._add_predictions, known_of_nobody=np.sort(np.array(known, np.int64)))
        persons = _together(self._each(predictions, add, also=shown_and_decided))
        self._again(predictions, self._earlier_of_person(predictions, persons, "id"), self._take_off_prediction)

    def _add_outcomes(self, piece: Columns, sign: int) -> tuple[_Marked, _Marked]:
        """Counts outcomes, or takes them off; gives them by their decision, and by the client within the month."""
        rows = decided(piece, self._on_outcomes, self.codes, flags=4)
        flags = piece.numbers["score"] & 3
        amounts, lost = flags >> 1, np.zeros(len(flags))
        lost[amounts == 1] = piece.sparse
        in_segments = {name: coded(piece, name, self.codes[name]) for name in segments}
        self.tally.add_known(rows, in_segments, {"defaults": flags & 1, "amount_lost": lost, "amounts": amounts}, sign)
        self.tally.add_applications(rows, 1, sign)
        return _Marked(rows.rowids, piece.digests.view(np.int64)), _by_person(rows)

    def _take_off_known(self, piece: Columns) -> None:
        self.tally.add_applications(decided(piece, self._on_outcomes, self.codes, flags=4), 1, -1)

    def _add_predictions(self, piece: Columns, known_of_nobody: NDArray[np.int64]) -> _Marked:
        """Counts predictions on whose client and month no outcome is; gives them by these."""
        every = decided(piece, self._on_predictions, self.codes)
        is_known = _is_in(every.person, self._known) | _is_in(every.rowids, known_of_nobody)
        rows = every.among(~is_known)
        self.tally.add_applications(rows, 0, 1)
        return _by_person(rows)

    def _take_off_prediction(self, piece: Columns) -> None:
        self.tally.add_applications(decided(piece, self._on_predictions, self.codes), 0, -1)

    def _final_decisions(self) -> tuple[OfficerFinals, OfficerFinals]:
        """The last decision of an officer on each prediction, of those before its first outcome.

        As `core.outcomes.coverage.final_decisions`; by the rows of the predictions, and of their outcomes.
        """
        found = self._each(officer_decisions, self._before_outcome)
        marked = _together([decision for decision, _, _ in found])
        is_last = ~_is_in(marked.rowids, self._earlier(officer_decisions, marked, ("time", "id")))
        decisions = np.concatenate([codes for _, _, codes in found] or [np.empty(0, np.int64)])[is_last]
        on = [
            np.concatenate([about[name] for _, about, _ in found] or [np.empty(0, np.int64)])[is_last]
            for name in ("prediction", "outcome")
        ]
        return OfficerFinals.by_row(on[0], decisions), OfficerFinals.by_row(on[1], decisions)

    def _before_outcome(self, piece: Columns) -> tuple[_Marked, dict[str, NDArray[np.int64]], NDArray[np.int64]]:
        """Decisions by the prediction, the rows that they are about, and what they are."""
        counts = piece.numbers["is_late"] == 0
        about = {name: piece.numbers[name][counts] for name in ("prediction", "outcome")}
        marked = _Marked(piece.rowids, piece.digests.view(np.int64)).among(counts)
        return marked, about, coded(piece, "decision", self.codes["decision"])[counts]

    def _earlier(self, reading: TableReading, decisions: _Marked, order: tuple[str, ...]) -> NDArray[np.int64]:
        """The rows after which others on the same prediction come; ascending."""
        several = decisions.several().rowids
        return _all_but_last(self._texts(reading, several, ("prediction_id", *order)), "prediction_id", order)

    def _earlier_of_person(self, reading: TableReading, persons: _Marked, key: str) -> NDArray[np.int64]:
        """The rows on whose client and month a later prediction counts, by its id, which is in a column; ascending."""
        several = persons.several()
        ids = self._texts(reading, several.rowids, (key,))
        return _all_but_last(ids.with_columns(mark=several.marks), "mark", (key,))

    def _texts(self, reading: TableReading, rowids: NDArray[np.int64], columns: tuple[str, ...]) -> pl.DataFrame:
        """Columns of some rows, which have no line breaks in them, beside `rowid`."""
        found = {}
        if len(rowids):
            lists = ", ".join(f"group_concat({name}, char(10))" for name in columns)
            query = (
                f"SELECT {lists} FROM (SELECT {', '.join(f'entry.{name}' for name in columns)} "  # noqa: S608
                f"FROM json_each(?) AS named CROSS JOIN {reading.table} AS entry ON entry.rowid = named.value)"
            )
            texts = self._connections[0].exec_driver_sql(query, (json.dumps(rowids.tolist()),)).one()
            found = {name: text.split("\n") for name, text in zip(columns, texts, strict=True)}
        return pl.DataFrame(
            {"rowid": rowids} | {name: pl.Series(found.get(name, []), dtype=pl.String) for name in columns}
        )

    def _each(
        self, reading: TableReading, work: Callable[[Columns], _Result], also: str | None = None
    ) -> list[_Result]:
        """What a function makes of the rows of a table, piece by piece; and of others, which meet a condition."""
        tasks = [partial(_between, reading, work, start) for start in _starts(self._connections[0], reading.table)]
        others = [] if also is None else [partial(_where, reading, work, also)]
        return done_by(self._connections, [*others, *tasks])

    def _again(self, reading: TableReading, rowids: NDArray[np.int64], work: Callable[[Columns], object]) -> None:
        """Reads some rows once more."""
        tasks = []
        for start in range(0, len(rowids), _named_at_once):
            named = json.dumps(rowids[start : start + _named_at_once].tolist())
            condition = f"rowid IN (SELECT value FROM json_each('{named}'))"  # noqa: S608
            tasks.append(partial(_where, reading, work, condition))
        done_by(self._connections, tasks)


def _between(reading: TableReading, work: Callable[[Columns], _Result], first: int, reader: Reader) -> _Result:
    return work(reader.columns(reading).between(first, first + _rows_at_once - 1))


def _where(reading: TableReading, work: Callable[[Columns], _Result], condition: str, reader: Reader) -> _Result:
    return work(reader.columns(reading).where(condition))


def _starts(connection: Connection, table: str) -> list[int]:
    """The row numbers at which the pieces of a table begin; each has a row."""
    starts, query = [], f"SELECT min(rowid) FROM {table} WHERE rowid >= "  # noqa: S608
    first = connection.exec_driver_sql(f"{query} 0").scalar()
    while first is not None:
        starts.append(first)
        first = connection.exec_driver_sql(f"{query} {first + _rows_at_once}").scalar()
    return starts


def _by_person(rows: Decided) -> _Marked:
    """The rows on a client; without one, a decision is an application by itself."""
    return _Marked(rows.rowids, rows.person).among(rows.person >= 0)


def _together(parts: Sequence[_Marked]) -> _Marked:
    nothing = np.empty(0, np.int64)
    return _Marked(
        np.concatenate([nothing, *(part.rowids for part in parts)]),
        np.concatenate([nothing, *(part.marks for part in parts)]),
    )


def _all_but_last(rows: pl.DataFrame, group: str, order: tuple[str, ...]) -> NDArray[np.int64]:
    """The rows of each group but its last, by `rowid`, ascending."""
    last = rows.sort(order).unique(group, keep="last")
    return np.setdiff1d(rows["rowid"].to_numpy(), last["rowid"].to_numpy())


def _is_in(numbers: NDArray[np.int64], ascending: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each number is among some, which are in order."""
    if not len(ascending):
        return np.zeros(len(numbers), np.bool_)
    places = np.minimum(np.searchsorted(ascending, numbers), len(ascending) - 1)
    found: NDArray[np.bool_] = ascending[places] == numbers
    return found
