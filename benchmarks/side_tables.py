"""Draws side tables of any size: real row counts and keys, every column of the catalogue, rows in no order."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.catalogue import Column

    Integers = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Size:
    """How large one table is in the public data.

    Attributes:
        rows: how many rows it has.
        loans: how many different loans they are about.
        clients: how many different clients have a row.
    """

    rows: int
    loans: int
    clients: int


full_clients: Final = 356_255
sizes: Final = {
    "bureau": Size(1_716_428, 1_716_428, 305_811),
    "bureau_balance": Size(27_299_925, 817_395, 0),
    "previous_application": Size(1_670_214, 1_670_214, 338_857),
    "pos_cash_balance": Size(10_001_358, 936_325, 337_252),
    "installments_payments": Size(13_605_401, 997_752, 339_587),
    "credit_card_balance": Size(3_840_312, 104_307, 103_558),
}
_part_rows: Final = 1_000_000
_row_group: Final = 200_000
_first_client: Final = 100_002
_sentinel: Final = 365_243
_missing_share: Final = 0.1


def write(folder: Path, clients: int, seed: int) -> None:
    """Writes the six side tables, each a folder of Parquet files named as in the catalogue, and `clients.parquet`.

    Args:
        folder: where the tables go; it exists.
        clients: how many clients there are; the row counts are in proportion.
        seed: the same seed gives the same rows.
    """
    numbers = pl.int_range(_first_client, _first_client + clients, dtype=pl.Int32, eager=True)
    pl.DataFrame({"SK_ID_CURR": numbers}).write_parquet(folder / "clients.parquet")
    for place, table in enumerate(sizes):
        rng = np.random.default_rng([seed, place])
        (folder / table).mkdir()
        for part, frame in enumerate(_parts(table, clients, rng)):
            frame.write_parquet(folder / table / f"{part:04}.parquet", row_group_size=_row_group)


def _parts(table: str, clients: int, rng: np.random.Generator) -> Iterator[pl.DataFrame]:
    size, share = sizes[table], clients / full_clients
    rows, loans, holders = (max(1, round(each * share)) for each in (size.rows, size.loans, size.clients))
    owner = _first_client + rng.choice(clients, holders, replace=False)[rng.integers(0, holders, loans)]
    for start in range(0, rows, _part_rows):
        place = np.arange(start, min(start + _part_rows, rows))
        # bureau_balance comes loan by loan, the others in no order.
        loan = place * loans // rows if table == "bureau_balance" else rng.permutation(loans)[place % loans]
        if rows == loans:
            loan = place
        yield _frame(table, loan, owner[loan], rng)


def _frame(table: str, loan: Integers, owner: Integers, rng: np.random.Generator) -> pl.DataFrame:
    keys = {"SK_ID_CURR": owner, "SK_ID_PREV": loan + 1, "SK_ID_BUREAU": loan + 1}
    return pl.DataFrame(
        [
            pl.Series(column.name, keys[column.name])
            if column.name in keys
            else _column(column, loan.size, rng).alias(column.name)
            for column in catalogue.columns(table)
        ]
    ).cast(catalogue.polars_schema(table))  # type: ignore[arg-type]


def _column(column: Column, rows: int, rng: np.random.Generator) -> pl.Series:
    """Values of the right type, within the catalogue's bounds, with about the right shape: small amounts are common."""
    low = 0.0 if column.minimum is None else column.minimum
    high = 1.0 if column.maximum is None else column.maximum
    if column.codes:
        # The first codes are the common ones.
        place = (rng.random(rows) ** 2 * len(column.codes)).astype(np.int64)
        found = pl.Series([code.code for code in column.codes]).gather(place)
    elif column.type == "real":
        found = pl.Series((low + (high - low) * rng.random(rows) ** 6).round(2))
    elif column.unit in ("days", "months") and high != _sentinel:
        found = pl.Series(rng.integers(int(max(low, -2922)), int(min(high, 3000)) + 1, rows))
    elif high == _sentinel:
        found = pl.Series(np.where(rng.random(rows) < _missing_share, _sentinel, rng.integers(int(low), 0, rows)))
    else:
        found = pl.Series((low + (high - low + 1) * rng.random(rows) ** 12).astype(np.int64))
    if not column.nullable:
        return found
    return pl.select(pl.when(pl.lit(pl.Series(rng.random(rows) >= _missing_share))).then(pl.lit(found))).to_series()


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
