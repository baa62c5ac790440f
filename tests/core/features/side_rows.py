"""Small side tables for tests: written by hand, or drawn by hypothesis; and plain-Python statistics to check with."""

from __future__ import annotations

from math import isclose
from statistics import fmean
from typing import TYPE_CHECKING, Any

import polars as pl
from hypothesis import settings
from hypothesis import strategies as st

from core import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.catalogue import Column

# A busy machine is no failure.
unhurried = settings(max_examples=60)

Row = dict[str, Any]
Found = dict[str, float | None]


def table(name: str, rows: Sequence[Row]) -> pl.LazyFrame:
    """The rows as a table of the catalogue; what they leave out is null."""
    columns = {column: [row.get(column) for row in rows] for column in catalogue.polars_schema(name)}
    return pl.LazyFrame(columns, schema=catalogue.polars_schema(name))


def by_client(built: pl.LazyFrame) -> dict[int, Found]:
    """The features of each client, all numbers."""
    frame = built.with_columns(pl.exclude("SK_ID_CURR").cast(pl.Float64)).collect()
    return {row.pop("SK_ID_CURR"): row for row in frame.iter_rows(named=True)}


def agree(found: dict[int, Found], expected: dict[int, Found]) -> None:
    """Holds that the same features are missing, and that the others have the same values."""
    assert {client: set(features) for client, features in found.items()} == {
        client: set(features) for client, features in expected.items()
    }
    differing = {
        (client, name): (found[client][name], value)
        for client, features in expected.items()
        for name, value in features.items()
        if not _same(found[client][name], value)
    }
    assert not differing, differing


def _same(found: float | None, expected: float | None) -> bool:
    if found is None or expected is None:
        return found is expected
    return isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)


def drawn(name: str) -> st.SearchStrategy[list[Row]]:
    """Up to a dozen rows of a few clients with a few loans, with every code, edge and missing value in reach."""
    columns = {column.name: _values(column) for column in catalogue.columns(name)}
    return st.lists(st.fixed_dictionaries(columns), max_size=12)


def _values(column: Column) -> st.SearchStrategy[object]:
    if column.type == "id":
        return st.integers(1, 4)
    if column.codes:
        found: st.SearchStrategy[object] = st.sampled_from([code.code for code in column.codes])
    elif column.unit in ("days", "months"):
        # About the edges of the windows, and the value that means "not known".
        found = st.sampled_from([-800, -366, -365, -200, -181, -180, -179, -13, -12, -4, -3, -2, -1, 0, 30, 365_243])
    elif column.type == "flag":
        found = st.integers(0, 1)
    elif column.type == "integer":
        found = st.integers(0, 5)
    else:
        found = st.sampled_from([0.0, 0.5, 1.0, 99.0, 100.0, 250.75, -40.0])
    # Any amount may be missing, whatever the catalogue says: a public table has one such row in a million.
    return st.none() | found if column.nullable or column.type == "real" else found


def grouped(rows: Sequence[Row], key: str = "SK_ID_CURR") -> dict[int, list[Row]]:
    """The rows of each client, or of each value of another key."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(row)
    return found


def known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def mean(values: Iterable[float | None]) -> float | None:
    return fmean(present) if (present := known(values)) else None


def largest(values: Iterable[float | None]) -> float | None:
    return max(known(values), default=None)


def total(values: Iterable[float | None]) -> float:
    return sum(known(values))


def share(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
