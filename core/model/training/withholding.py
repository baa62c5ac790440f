"""Values withheld at random from training rows, so that "not known" has a learnt meaning in every feature.

LightGBM gives a feature that was never missing in training no direction for missing values and later reads them as 0:
an application without the amount of its credit would be judged as one of 0. What is withheld here is missing for no
reason of its own, so that what the trees learn of it is the risk of those who are alike otherwise.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core import catalogue
from core.features.assembly import input_schema, with_all_columns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

# Families of columns that are known together or not at all: an answer of the bureau, a survey of the building.
_joint_groups: Final = frozenset({"housing", "social", "documents", "enquiries"})
# Most rows stay as they are, or lose a value here and there; some keep little more than a form of ten fields.
_whole_share: Final = 0.4
_sparse_share: Final = 0.1
_usual_rate: Final = 0.12
_sparse_rates: Final = (0.2, 0.95)
# Nothing is known of the history of an applicant who comes from elsewhere.
_without_history_share: Final = 0.1


@cache
def blocks() -> Mapping[str, tuple[str, ...]]:
    """What is withheld together: columns of an application, alone or by family, and the features of each history table.

    Returns:
        Columns and history features by the name of their block: the column's own, `[group]` of a family, or `[table]`.
    """
    names_by_block: dict[str, list[str]] = {}
    for column in catalogue.columns():
        if column.type not in ("id", "target"):
            block = f"[{column.group}]" if column.group in _joint_groups else column.name
            names_by_block.setdefault(block, []).append(column.name)
    for feature in catalogue.features():
        if feature.table != "application":
            names_by_block.setdefault(f"[{feature.table}]", []).append(feature.name)
    return {block: tuple(names) for block, names in names_by_block.items()}


def withhold(applications: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Training rows with values withheld at random: the same seed, the same values.

    Args:
        applications: typed application columns and history features, as for `core.features.build`.

    Returns:
        The rows in their order, with all columns that features read; what was withheld is null.
    """
    rng = np.random.default_rng(seed)
    rates = _rates(applications.height, rng)
    history = rng.random(applications.height) < _without_history_share
    tables = {f"[{table}]" for table in catalogue.tables()}
    whole, schema = with_all_columns(applications), input_schema()
    kept = []
    for block, names in blocks().items():
        gone = rng.random(applications.height) < rates
        known = pl.Series(~(gone | history) if block in tables else ~gone)
        kept += [pl.when(known).then(pl.col(name)).alias(name) for name in names if name in schema]
    return whole.with_columns(kept)


def _rates(rows: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """The share of its blocks that each row is to lose."""
    drawn = rng.random(rows)
    usual = np.where(drawn < _whole_share, 0.0, _usual_rate)
    return np.where(drawn >= 1 - _sparse_share, rng.uniform(*_sparse_rates, rows), usual)
