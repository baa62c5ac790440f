"""The features of many variations of one application: what does not vary is computed once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from core.features import rows
from core.features.assembly import expressions, feature_names, input_schema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from core.decision import Value

    Varied = Sequence[Value] | NDArray[np.float64]


def matrix(
    values: Mapping[str, Value], varied: Mapping[str, Varied], row: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """The features of one application with some of its columns replaced, row by row.

    Args:
        values: validated raw columns and history features by name; those that are absent or None are missing.
        varied: by name, what stands in place of a column or history feature in each row; None, and NaN in an array,
            is missing. Names that no feature reads change nothing.
        row: float64 (1, n_features), what `rows.matrix` gives for `values`, where it is at hand.

    Returns:
        float64 (n_rows, n_features), columns as `feature_names()`; each row is what `rows.matrix` gives for it.

    Raises:
        ValueError: where `varied` is empty, or its sequences differ in length.
    """
    lengths = {len(column) for column in varied.values()}
    if len(lengths) != 1:
        raise ValueError("varied: expected at least one column, all of one length")
    (length,) = lengths
    features = np.repeat(rows.matrix([values]) if row is None else row, length, axis=0)
    schema = input_schema()
    moved = places_read(frozenset(varied).intersection(schema))
    if not moved or not length:
        return features
    chosen = [expressions()[place] for place in moved]
    read = {name for expression in chosen for name in expression.meta.root_names()}
    frame = pl.DataFrame([_series(name, schema[name], values, varied, length) for name in sorted(read)])
    features[:, moved] = frame.select(chosen).to_numpy()
    return features


def _series(
    name: str, dtype: pl.DataType, values: Mapping[str, Value], varied: Mapping[str, Varied], length: int
) -> pl.Series:
    replacement = varied.get(name)
    if replacement is None:
        return pl.Series(name, [values.get(name)], dtype).new_from_index(0, length)
    if isinstance(replacement, np.ndarray):
        return pl.Series(name, replacement, nan_to_null=True).cast(dtype)
    return pl.Series(name, replacement, dtype)


@cache
def places_read(names: frozenset[str]) -> tuple[int, ...]:
    """The places of the features that read one of the columns."""
    return tuple(place for place in range(len(feature_names())) if _read()[place] & names)


@cache
def _read() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(expression.meta.root_names()) for expression in expressions())
