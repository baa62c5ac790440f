"""Omissions: what leaving out a column does to the decisions, which way they flip, and what it costs in ranking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core import catalogue
from core.features import history_names
from core.features.assembly import expressions, input_schema, with_all_columns
from core.model.evidence.auc import auc
from core.model.prediction.predictor import Predictor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from core.model.training.backend import Fold

# Enough to count flips of a hundredth of the refusals, few enough that a hundred and fifty omissions take a minute.
max_rows: Final = 10_000
_pairs: Final = (("AMT_CREDIT", "AMT_ANNUITY"),)


@dataclass(frozen=True, slots=True)
class Omission:
    """What emptying some columns in every application does to the decisions.

    Attributes:
        name: the column, or what the columns have in common: `[group]`, `[table]`, `[history]`, or both names.
        columns: what is emptied.
        accepted: refusals that become acceptances; `refused` acceptances that become refusals.
        auc_change: AUC with the columns emptied less AUC with them.
    """

    name: str
    columns: tuple[str, ...]
    accepted: int
    refused: int
    auc_change: float


@dataclass(frozen=True, slots=True)
class Omissions:
    """The omissions that were tried, on `n_rows` applications of which `refusals` are refused as they are."""

    n_rows: int
    refusals: int
    tried: tuple[Omission, ...]


def measure_omissions(
    folds: Sequence[Fold],
    applications: pl.DataFrame,
    target: NDArray[np.int8],
    threshold: float,
    rows: int = max_rows,
) -> Omissions:
    """Empties one column after the other, and families of columns, and decides again.

    Every application is judged by the model of the fold that held it out.

    Args:
        folds: of the cross-validation, with their models.
        applications: the training rows, typed; a column that is not there is not emptied.
        target: (n_rows,), 0 or 1.
        threshold: probability from which an application is refused.
        rows: how many applications at most, the same share of each fold, from its beginning.
    """
    share = min(1.0, rows / len(target))
    parts = [fold.rows[: max(1, int(len(fold.rows) * share))] for fold in folds]
    held_out = with_all_columns(applications[np.concatenate(parts)])
    outcomes = target[np.concatenate(parts)]
    matrix = held_out.select(expressions()).to_numpy()
    bounds = np.cumsum([len(part) for part in parts])[:-1]

    predictors = [Predictor(fold.model) for fold in folds]

    def predict(features: NDArray[np.float64]) -> NDArray[np.float64]:
        pieces = zip(predictors, np.split(features, bounds), strict=True)
        return np.concatenate([predictor.probabilities(piece) for predictor, piece in pieces])

    probability = predict(matrix)
    refused = probability >= threshold
    as_they_are = _auc(outcomes, probability)
    tried = []
    for name, columns in _candidates(held_out).items():
        emptied = _emptied(held_out, matrix, columns)
        if emptied is None:
            continue
        without = predict(emptied)
        now_refused = without >= threshold
        tried.append(
            Omission(
                name=name,
                columns=columns,
                accepted=int((refused & ~now_refused).sum()),
                refused=int((~refused & now_refused).sum()),
                auc_change=_auc(outcomes, without) - as_they_are,
            )
        )
    return Omissions(n_rows=len(outcomes), refusals=int(refused.sum()), tried=tuple(tried))


def _candidates(applications: pl.DataFrame) -> Mapping[str, tuple[str, ...]]:
    """The columns that are emptied, by name: alone, by group, by table of the history."""
    columns = [column for column in catalogue.columns() if column.type not in ("id", "target")]
    candidates: dict[str, tuple[str, ...]] = {column.name: (column.name,) for column in columns}
    groups: dict[str, list[str]] = {}
    for column in columns:
        groups.setdefault(f"[{column.group}]", []).append(column.name)
    for feature in catalogue.features():
        if feature.table != "application":
            groups.setdefault(f"[{feature.table}]", []).append(feature.name)
    candidates |= {" + ".join(pair): pair for pair in _pairs}
    candidates |= {name: tuple(names) for name, names in groups.items() if len(names) > 1}
    candidates["[history]"] = history_names()
    # What nobody in the rows has cannot be left out.
    empty = {name for name in applications.columns if applications[name].null_count() == applications.height}
    return {name: names for name, names in candidates.items() if not empty.issuperset(names)}


def _emptied(
    applications: pl.DataFrame, matrix: NDArray[np.float64], columns: tuple[str, ...]
) -> NDArray[np.float64] | None:
    """The features of the applications without some columns; None where no feature reads any of them."""
    read = set(columns)
    moved = [place for place, feature in enumerate(expressions()) if not read.isdisjoint(feature.meta.root_names())]
    if not moved:
        return None
    schema = input_schema()
    nothing = [pl.lit(None, schema[name]).alias(name) for name in columns if name in schema]
    features = matrix.copy()
    chosen = [expressions()[place] for place in moved]
    features[:, moved] = applications.with_columns(nothing).select(chosen).to_numpy()
    return features


def _auc(outcomes: NDArray[np.int8], probability: NDArray[np.float64]) -> float:
    # A part of few rows may hold one outcome only: there is then no ranking to lose.
    return auc(outcomes, probability) if len(np.unique(outcomes)) > 1 else 0.5
