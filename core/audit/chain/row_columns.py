"""Rows of a table column by column: SQLite takes several in a statement, and what all rows say alike once.

To hand over twenty values of a row, of which three are its own, takes SQLite's driver as long as the row takes SQLite.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from core.audit.chain.links import EntryTable

# More take no less time, and the statement is longer to prepare.
rows_at_once: Final = 25


@dataclass(frozen=True, slots=True)
class RowColumns:
    """Rows of a table.

    Attributes:
        count: how many.
        alike: by column, the value that all of them have.
        own: by column, the values of the others in the order of the rows.
    """

    count: int
    alike: Mapping[str, Any]
    own: Mapping[str, Sequence[Any]]

    def rows(self, columns: Sequence[str], start: int = 0) -> list[tuple[Any, ...]]:
        """The rows from `start` on, as the driver takes them.

        Args:
            columns: in the order of the table.

        >>> RowColumns(2, {"kind": "job"}, {"id": ["a", "b"]}).rows(["id", "kind"])
        [('a', 'job'), ('b', 'job')]
        """
        left = self.count - start
        each = (self.own[name][start:] if name in self.own else repeat(self.alike[name], left) for name in columns)
        return list(zip(*each, strict=True))

    def statements(self, table: EntryTable) -> Iterator[tuple[str, list[Any]]]:
        """Statements that add as many rows as there are in whole statements, each with its values, for SQLite.

        What is left over, less than `rows_at_once`, are the `rows` from `whole` on.
        """
        # A column that is left out is null.
        said = [name for name in table.columns if self.alike.get(name) is not None]
        text = _insert(table.name, tuple(said), tuple(self.own))
        alike = [self.alike[name] for name in said]
        for start in range(0, self.whole, rows_at_once):
            own = zip(*(values[start : start + rows_at_once] for values in self.own.values()), strict=True)
            yield text, [*alike, *chain.from_iterable(own)]

    @property
    def whole(self) -> int:
        """How many rows `statements` adds."""
        return self.count - self.count % rows_at_once if self.own else 0


@cache
def _insert(table: str, alike: tuple[str, ...], own: tuple[str, ...]) -> str:
    """A statement that adds several rows: first come the values that are alike, then those of each row."""
    rows = []
    for row in range(rows_at_once):
        first = 1 + len(alike) + row * len(own)
        places = [*range(1, 1 + len(alike)), *range(first, first + len(own))]
        rows.append(f"({', '.join(f'?{place}' for place in places)})")
    return f"INSERT INTO {table} ({', '.join((*alike, *own))}) VALUES {', '.join(rows)}"  # noqa: S608
