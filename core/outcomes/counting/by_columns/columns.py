"""Columns of a record in SQLite as arrays, some tens of thousands of rows by one statement.

A row that the driver hands over as a tuple takes two microseconds, most of which Python is busy with. Here SQLite
itself writes a column of many rows as one text of numbers, which NumPy reads: a third of the time, and none of it in
Python, so that two threads are twice as fast. Texts of few values, and months, are sent as a number each, their place
among those that the rows before had; rows with a value of which the statement knows no place are read once more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.outcomes.counting.by_columns.packing import TooLarge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

# Larger than any sum of places.
_unknown: Final = 1 << 50
_id_length: Final = 36
# Odd numbers that look like chance, always the same.
_multipliers: Final = np.random.default_rng(1).integers(1 << 63, size=_id_length // 4, dtype=np.uint64) * 2 + 1


@dataclass(frozen=True, slots=True)
class TableReading:
    """What is read of a table.

    Attributes:
        table: its name.
        condition: which rows, in SQL.
        numbers: expressions that are whole numbers and never null, by name.
        labels: columns of few values, by name; of a month (`months`), its first seven letters are the value.
        months: names of those labels that are moments.
        ids: a column of texts that are told apart, each by a number that is most likely its own; None: none.
        sparse: an expression that is a number or null, mostly null; None: none.
    """

    table: str
    condition: str
    numbers: Mapping[str, str]
    labels: Mapping[str, str]
    months: tuple[str, ...] = ()
    ids: str | None = None
    sparse: str | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """Some rows of a table, in the order of their row numbers.

    Attributes:
        rowids: int64.
        numbers: int64, by name.
        labels: the place of each row's value in `values`, by name.
        values: by the same names.
        digests: uint64: the same of the same ids, and hardly ever of others; empty where none were asked for.
        sparse: the numbers that are not null, in the order of their rows.
    """

    rowids: NDArray[np.int64]
    numbers: Mapping[str, NDArray[np.int64]]
    labels: Mapping[str, NDArray[np.int64]]
    values: Mapping[str, tuple[str | None, ...]]
    digests: NDArray[np.uint64]
    sparse: NDArray[np.float64]


@dataclass(slots=True)
class ColumnReader:
    """Reads a table by one connection.

    It raises `core.outcomes.counting.by_columns.packing.TooLarge` where the values of labels are too many to be told by
    a number.

    Attributes:
        cursor: of `sqlite3`, within a transaction.
    """

    cursor: Any
    reading: TableReading
    _values: dict[str, tuple[str | None, ...]] = field(default_factory=dict)

    def between(self, first: int, last: int) -> Columns:
        """The rows whose numbers are from `first` to `last`."""
        rows = f"rowid BETWEEN {first} AND {last} AND {self.reading.condition}"
        # Most rows lie in the months of these two, and a month goes by before long.
        self._values = {name: values for name, values in self._values.items() if name not in self.reading.months}
        self._learn(f"rowid IN ({first}, {last}) AND {self.reading.condition}")
        # Rows without a gap need not say their numbers: they are read in their order.
        found = self._read(rows, is_whole=True)
        if found[0] == last - first + 1:
            return self._columns(found, np.arange(first, last + 1))
        return self.where(rows) if found[0] else self._columns(found, np.empty(0, np.int64))

    def where(self, condition: str) -> Columns:
        """The rows that meet a condition, in SQL, which takes the place of the usual one."""
        found = self._read(condition, is_whole=False)
        return self._columns(found, _numbers(found[1]))

    def _read(self, condition: str, *, is_whole: bool) -> tuple[Any, ...]:
        while True:
            parameters: list[str | None] = []
            places = " + ".join(self._placed(name, column, parameters) for name, column in self.reading.labels.items())
            lists = [
                "NULL" if is_whole else _listed("row"),
                _listed("place"),
                *(_listed(name) for name in self.reading.numbers),
                "NULL" if self.reading.ids is None else "group_concat(id, char(10))",
                "NULL"
                if self.reading.sparse is None
                else "group_concat(format('%!.17g', sparse), ' ') FILTER (WHERE sparse IS NOT NULL)",
            ]
            columns = [
                "rowid AS row",
                f"{places} AS place",
                *(f"{expression} AS {name}" for name, expression in self.reading.numbers.items()),
                f"{self.reading.ids or 'NULL'} AS id",
                f"{self.reading.sparse or 'NULL'} AS sparse",
            ]
            query = (
                f"SELECT count(*), {', '.join(lists)} FROM "  # noqa: S608
                f"(SELECT {', '.join(columns)} FROM {self.reading.table} NOT INDEXED WHERE {condition})"
            )
            self.cursor.execute(query, parameters)
            count, rowids, places, *texts = self.cursor.fetchone()
            numbers = _numbers(places)
            if count == 0 or numbers.max() < _unknown:
                return (count, rowids, numbers, *texts)
            if not self._learn(condition):
                raise TooLarge(self.reading.table)

    def _placed(self, name: str, column: str, parameters: list[str | None]) -> str:
        """The place of a row's value as a digit of a number whose digits are the places of all labels."""
        names = list(self.reading.labels)
        weight = math.prod(len(self._values.get(other, ())) for other in names[: names.index(name)])
        cases = []
        for place, value in enumerate(self._values.get(name, ())):
            if name in self.reading.months and value is not None:
                # As the first letters are, without a text for each row that they are cut from.
                cases.append(f"WHEN {column} >= ? AND {column} < ? THEN {place * weight}")
                parameters += [value, value + "\U0010ffff"]
            else:
                cases.append(f"WHEN {column} IS ? THEN {place * weight}")
                parameters.append(value)
        return f"CASE {' '.join(cases)} ELSE {_unknown} END" if cases else f"{_unknown}"

    def _learn(self, condition: str) -> bool:
        """Adds the values that some rows have to those that are known; whether there was one to add."""
        before = dict(self._values)
        columns = [
            f"substr({column}, 1, 7)" if name in self.reading.months else column
            for name, column in self.reading.labels.items()
        ]
        query = f"SELECT DISTINCT {', '.join(columns)} FROM {self.reading.table} NOT INDEXED WHERE {condition}"  # noqa: S608
        for row in self.cursor.execute(query).fetchall():
            for name, value in zip(self.reading.labels, row, strict=True):
                known = self._values.get(name, ())
                if value not in known:
                    self._values[name] = (*known, value)
        return self._values != before

    def _columns(self, found: Sequence[Any], rowids: NDArray[np.int64]) -> Columns:
        count, _, places, *numbers, ids, sparse = found
        left, labels = places, {}
        for name in self.reading.labels:
            left, labels[name] = np.divmod(left, max(1, len(self._values.get(name, ()))))
        return Columns(
            rowids=rowids,
            numbers={name: _numbers(text) for name, text in zip(self.reading.numbers, numbers, strict=True)},
            labels=labels,
            values={name: self._values.get(name, ()) for name in self.reading.labels},
            digests=_digests(ids, count),
            sparse=np.array((sparse or "").split(), np.float64),
        )


def _listed(column: str) -> str:
    return f"group_concat({column}, ' ')"


def _numbers(text: str | None) -> NDArray[np.int64]:
    return np.fromstring(text, np.int64, sep=" ") if text else np.empty(0, np.int64)


def _digests(ids: str | None, count: int) -> NDArray[np.uint64]:
    """Of each id, a number that is the same for the same id: its letters, four by four, each four times a number."""
    if not ids:
        return np.empty(0, np.uint64)
    text = np.frombuffer(f"{ids}\n".encode(), np.uint8)
    ends = np.flatnonzero(text == ord("\n"))
    width = _id_length + 1
    if len(ends) == count and np.array_equal(ends, np.arange(_id_length, width * count, width)):
        letters = np.ascontiguousarray(text.reshape(count, width)[:, :_id_length])
    else:
        letters = np.array([key.encode() for key in ids.split("\n")], f"S{_id_length}").view(np.uint8)
    return letters.view(np.uint32).reshape(count, -1).astype(np.uint64) @ _multipliers
