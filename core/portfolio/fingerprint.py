"""A fingerprint of stored clients, so that two services can tell whether they have the same ones on hand."""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
import polars as pl

from core import catalogue

_digits: Final = 16
# Sums of whole numbers are exact in whatever order they are added up. Those of amounts differ in their last bits from
# one computation of the same tables to the next: the streaming engine adds in the order in which its threads come.
_exact_units: Final = ("count", "days", "months", "index")
_separator: Final = "\x1f"
_absent: Final = "\x00"


def fingerprint(clients: pl.DataFrame) -> str:
    """16 hexadecimal digits that say which clients these are, however and wherever they were stored.

    Covers every value of the applications; of the history features, who has one, every value that is counted in whole
    numbers, and of the others the mean to eight digits.

    Args:
        clients: typed application columns and history features; the order of rows and columns does not matter, a
            column that is absent counts as one without a value.
    """
    ordered = clients.sort("SK_ID_CURR")
    digest = hashlib.sha256()
    for column in sorted(catalogue.columns(), key=lambda column: column.name):
        if column.name in ordered.columns and not _is_empty(ordered[column.name]):
            digest.update(column.name.encode() + _content(ordered[column.name]))
    for feature in sorted(catalogue.features(), key=lambda feature: feature.name):
        if feature.table == "application" or feature.name not in ordered.columns or _is_empty(ordered[feature.name]):
            continue
        values = ordered[feature.name]
        digest.update(feature.name.encode())
        if feature.unit in _exact_units:
            digest.update(_content(values))
        else:
            mean = float(np.nanmean(values.to_numpy()))
            digest.update(values.is_not_null().to_numpy().tobytes() + f"{mean:.8g}".encode())
    return digest.hexdigest()[:_digits]


def _is_empty(values: pl.Series) -> bool:
    return values.null_count() == len(values)


def _content(values: pl.Series) -> bytes:
    if values.dtype.is_numeric():
        numbers = values.cast(pl.Float64).to_numpy()
        # One NaN and one zero, of the several that there are.
        return (np.where(np.isnan(numbers), np.nan, numbers) + 0.0).astype("<f8").tobytes()
    return _separator.join(_absent if text is None else text for text in values.cast(pl.String).to_list()).encode()
