"""Odd applications: clients of whom one column is missing, a code that nobody knows, or a number beyond its bounds."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

import polars as pl

from core.features.encoding import not_employed

if TYPE_CHECKING:
    from collections.abc import Mapping

_unknown_codes: Final = ("", "no such code")
# Below, on and above all bounds; the last is what the tables write for somebody who is not employed.
_numbers: Final = (0.0, -1.0, -450_000.0, 1e8, float(not_employed))


def odd_applications(table: str, clients: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The applications, and what is odd about each, such as `AMT_CREDIT: -1`.

    Args:
        table: as `formulas.table` writes it: which columns are read.
        clients: the columns of one client at least, who lend theirs in turn.
    """
    read = _columns_read(table)
    text = {name for name in read if clients.schema[name] == pl.String}
    changes: list[tuple[str, Mapping[str, object]]] = [("all columns missing", dict.fromkeys(read))]
    for name in read:
        changes.append((f"{name}: missing", {name: None}))
        changes.append((f"all columns but {name} missing", dict.fromkeys(other for other in read if other != name)))
        values = _unknown_codes if name in text else _numbers
        changes += [(f"{name}: {value!r}" if name in text else f"{name}: {value:g}", {name: value}) for value in values]
    # Whole numbers of any size, and none of the narrow types that a client's value fits.
    wide = clients.select(pl.col(read).exclude(pl.String).cast(pl.Float64))
    lent = clients.with_columns(wide).to_dicts()
    rows = [{**lent[place % len(lent)], **change} for place, (_, change) in enumerate(changes)]
    schema = {name: pl.Float64 if name in wide.columns else kind for name, kind in clients.schema.items()}
    return pl.DataFrame(rows, schema=schema), tuple(told for told, _ in changes)


def _columns_read(table: str) -> list[str]:
    lines = csv.DictReader(io.StringIO(table))
    return sorted({name for line in lines if line["kind"] != "history" for name in line["reads"].split()})
