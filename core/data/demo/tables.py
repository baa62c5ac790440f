"""The eight demo tables, written as Parquet, block of clients by block of clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core import outputs
from core.data.demo import bureau, cards, installments, pos_cash, previous
from core.data.demo.applications import Clients, Split, draw_blocks, test_clients, train_clients
from core.data.demo.fitted import profile as profiles
from core.data.demo.installments import Dues

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.data.demo.fitted.profile import Profile

# File names of the real tables, by the name that the catalogue gives each history table.
history_files: Final = {
    "bureau": "bureau",
    "bureau_balance": "bureau_balance",
    "previous_application": "previous_application",
    "pos_cash_balance": "POS_CASH_balance",
    "installments_payments": "installments_payments",
    "credit_card_balance": "credit_card_balance",
}
_row_group: Final = 200_000
_history_seed: Final = 1


@dataclass(frozen=True, slots=True)
class DemoTables:
    """What was written.

    Attributes:
        paths: the Parquet file of each table, by file stem.
        rows: how many rows each has.
    """

    paths: dict[str, Path]
    rows: dict[str, int]


def write_tables(folder: Path, clients: int, seed: int) -> DemoTables:
    """Draws all eight tables and writes them as Parquet files named as the real ones.

    Args:
        folder: where the files go; made where it is missing. Files of the same names are replaced, all or none.
        clients: rows of `application_train`; `application_test` has about 16 % as many.
        seed: the same seed gives the same bytes.
    """
    return _write(folder, {"train": clients, "test": round(clients * test_clients / train_clients)}, seed)


def write_test_tables(folder: Path, clients: int, seed: int) -> DemoTables:
    """Draws a test set alone, with its history: the clients of `application_test` that `write_tables` would draw.

    Args:
        folder, seed: as for `write_tables`.
        clients: rows of `application_test`.
    """
    return _write(folder, {"test": clients}, seed)


def _write(folder: Path, counts: dict[Split, int], seed: int) -> DemoTables:
    rows: dict[str, int] = {}
    written: dict[str, list[Path]] = {}
    # All at once: tables of two draws do not join.
    with outputs.replacing_folder(folder) as staged:
        for place, tables in enumerate(_blocks(counts, seed)):
            for stem, frame in tables.items():
                path = staged / f"{stem}-{place:04}.parquet"
                frame.write_parquet(path, compression="lz4", statistics=False)
                rows[stem] = rows.get(stem, 0) + frame.height
                written.setdefault(stem, []).append(path)
        for stem, parts in written.items():
            _join(parts, staged / f"{stem}.parquet")
    return DemoTables({stem: folder / f"{stem}.parquet" for stem in written}, rows)


def _join(parts: list[Path], path: Path) -> None:
    rows = pl.scan_parquet(parts)
    rows.sink_parquet(path, compression="zstd", row_group_size=_row_group, maintain_order=True)
    for part in parts:
        part.unlink()


def _blocks(counts: dict[Split, int], seed: int) -> Iterator[dict[str, pl.DataFrame]]:
    """The tables of one block of clients after the other, split by split."""
    profile = profiles.load()
    known, loans = 0, 0
    for split, count in counts.items():
        for place, block in enumerate(draw_blocks(count, seed, split)):
            rng = np.random.default_rng([seed, ("train", "test").index(split), place, _history_seed])
            tables = _history(profile, block, known, loans, rng)
            known += tables["bureau"].height
            loans += tables["previous_application"].height
            yield {f"application_{split}": block.applications} | {
                history_files[name]: frame for name, frame in tables.items()
            }


def _history(
    profile: Profile, block: Clients, reported: int, loans: int, rng: np.random.Generator
) -> dict[str, pl.DataFrame]:
    """The six history tables of a block of clients.

    Args:
        profile: what was measured on the real tables.
        block: the clients.
        reported, loans: how many credits and previous applications the blocks before this one have.
        rng: where chance comes from.
    """
    clients, risk, chains = block.applications, block.risk, profile.chains
    known = bureau.draw(chains["bureau"], clients, risk, reported, rng)
    holder = np.searchsorted(clients["SK_ID_CURR"].to_numpy(), known["SK_ID_CURR"].to_numpy())
    applied, lent = previous.draw(clients, risk, loans, rng)
    balance, card_dues = cards.draw(chains["credit_card_balance"], clients, lent, risk, rng)
    dues = _together(installments.loan_dues(lent, rng), card_dues)
    return {
        "bureau": known,
        "bureau_balance": bureau.draw_balance(known, risk[holder], rng),
        "previous_application": applied,
        "pos_cash_balance": pos_cash.draw(chains["pos_cash_balance"], clients, lent, risk, rng),
        "installments_payments": installments.draw(chains["installments_payments"], clients, dues, risk, rng),
        "credit_card_balance": balance,
    }


def _together(first: Dues, second: Dues) -> Dues:
    return Dues(
        owner=np.concatenate([first.owner, second.owner]),
        loan=np.concatenate([first.loan, second.loan]),
        version=np.concatenate([first.version, second.version]),
        number=np.concatenate([first.number, second.number]),
        day=np.concatenate([first.day, second.day]),
        amount=np.concatenate([first.amount, second.amount]),
    )
