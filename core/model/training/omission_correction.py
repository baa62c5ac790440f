"""Trees added to a model so that leaving out one value moves decisions as often one way as the other.

A split has two sides, and what is missing joins one of them: most often the larger, whose risk is not quite that of
everybody. The difference is small, but it is the same for all, and turns many refusals into acceptances and few the
other way. It is too small to be seen in outcomes. It is seen where the model's own probability, with everything known,
is the outcome to be met with one value left out (distillation; Hinton, Vinyals and Dean, "Distilling the knowledge in a
neural network", 2015): then only what the omission changed is left to be corrected.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core import catalogue
from core.features.assembly import expressions, input_schema, with_all_columns
from core.model import booster as lightgbm
from core.model.prediction.predictor import Predictor
from core.model.training.averaging import followed_by
from core.model.training.round_values import round_in_place
from core.model.training.withholding import blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lightgbm.callback import CallbackEnv
    from numpy.typing import NDArray

    from core.model.preprocessor import Preprocessor

# No outcome is drawn, so that few rows suffice: more changed nothing (measured at 60,000).
max_rows: Final = 30_000
_copies: Final = 10
# Each tree costs every prediction. 700 trees of three leaves correct as well and take more than four times as long; 140
# of fifteen leaves take as long, and their contributions longer.
max_rounds: Final = 150
_rows_per_round: Final = 50
# Of a row with much withheld: what cannot be known of it would otherwise hide what one omission changes.
_sparse_weight: Final = 0.1
# Left empty by one in six of the employed as well: what that means would outweigh the rest.
_more_often: Final[dict[tuple[str, ...], float]] = {("OCCUPATION_TYPE",): 6.0}
_parameters: Final[dict[str, object]] = {
    "num_leaves": 8,
    "learning_rate": 0.25,
    "feature_fraction": 1.0,
    # All columns are shown: of the rows at once takes no longer, and rounds as before.
    "force_col_wise": False,
    "force_row_wise": True,
    "is_enable_sparse": True,
    "bagging_fraction": 1.0,
    "bagging_freq": 0,
    "min_data_in_leaf": 50,
    "lambda_l2": 0.1,
    "min_data_per_group": 50,
    "cat_smooth": 5.0,
    "cat_l2": 0.1,
    # Each category against all others, of which "not known" is one.
    "max_cat_to_onehot": 100,
}


@dataclass(frozen=True, slots=True)
class OmissionRows:
    """Training rows with one column, or one family of columns, left out of each.

    Attributes:
        places: int64 (n,), where the rows are among the training rows; the same row may be there several times.
        matrix: float64 (n, n_features).
    """

    places: NDArray[np.int64]
    matrix: NDArray[np.float64]


def omission_rows(applications: pl.DataFrame, preprocessor: Preprocessor, seed: int) -> OmissionRows:
    """Draws rows, and leaves something out of each: the same seed, the same rows.

    Args:
        applications: typed application columns and history features, as for `core.features.build`.
    """
    rng = np.random.default_rng(seed)
    drawn = np.sort(rng.permutation(applications.height)[:max_rows])
    rows = with_all_columns(applications[drawn])
    families = list(candidates().values())
    weights = _weights(rows, families)
    matrices = []
    for _ in range(_copies):
        left_out = rng.choice(len(families), rows.height, p=weights)
        matrices.append(preprocessor.transform(_without(rows, families, left_out)))
    return OmissionRows(np.tile(drawn, _copies), np.concatenate(matrices))


def corrected(
    model: lightgbm.Booster,
    matrix: NDArray[np.float64],
    withheld: NDArray[np.float64],
    omissions: OmissionRows,
    chosen: Mapping[str, object],
    callbacks: Sequence[Callable[[CallbackEnv], None]] = (),
) -> lightgbm.Booster:
    """The model with trees added that meet its own probabilities where something is left out.

    Args:
        model: of the features of `matrix`; its objective is "binary".
        matrix, withheld: float64 (n_rows, n_features): all training rows as they are, and with values withheld.
        omissions: of rows that the model was grown from.
        chosen: the parameters that the model was grown with: its monotone constraints hold for these trees too.
        callbacks: called at each of these trees.
    """
    drawn = np.unique(omissions.places)
    predictor = Predictor(model)
    known = predictor.probabilities(matrix[drawn])
    # The rows as they are keep what is known where it was, and those with much withheld what was learnt of them.
    features = np.concatenate([matrix[drawn], withheld[drawn], omissions.matrix])
    round_in_place(features, model.feature_name())
    probability = np.concatenate([known, known, known[np.searchsorted(drawn, omissions.places)]])
    weight = np.repeat([1.0, _sparse_weight, 1.0], [len(drawn), len(drawn), len(omissions.places)])
    # LightGBM would ask the model itself, given as `init_model`: seven times as slowly, and of each row twice.
    log_odds = predictor.log_odds(features)[:, 0]
    # A probability as the outcome: each row once as a default and once as none, weighted by how likely they are.
    dataset = lightgbm.Dataset(
        # One behind the other, without a copy of them.
        [features, features],
        label=np.repeat([1, 0], len(features)),
        weight=np.concatenate([weight * probability, weight * (1 - probability)]),
        feature_name=model.feature_name(),
        init_score=np.concatenate([log_odds, log_odds]),
        categorical_feature=list(_categorical(model.feature_name())),
    )
    rounds = min(max_rounds, len(drawn) // _rows_per_round)
    others = lightgbm.train(dict(chosen) | _parameters, dataset, num_boost_round=rounds, callbacks=list(callbacks))
    return followed_by(model, others)


@cache
def candidates() -> Mapping[str, tuple[str, ...]]:
    """What is left out, by name: each column that a feature reads, each family, each table of the history."""
    columns_by_name = dict(blocks())
    for columns in blocks().values():
        if len(columns) > 1 and set(columns) <= {column.name for column in catalogue.columns()}:
            columns_by_name |= {column: (column,) for column in columns}
    read = {name for feature in expressions() for name in feature.meta.root_names()}
    return {name: columns for name, columns in columns_by_name.items() if not read.isdisjoint(columns)}


def _weights(rows: pl.DataFrame, families: Sequence[tuple[str, ...]]) -> NDArray[np.float64]:
    """How often each family is left out: more often where it is often missing anyway, and has a meaning from there."""
    shares = [rows[columns[0]].null_count() / max(rows.height, 1) for columns in families]
    more = [_more_often.get(columns, 0.0) for columns in families]
    weights: NDArray[np.float64] = 1 + 2 * np.array(shares) + np.array(more)
    return weights / float(weights.sum())


def _without(rows: pl.DataFrame, families: Sequence[tuple[str, ...]], left_out: NDArray[np.int64]) -> pl.DataFrame:
    """The rows, each without the columns of the family whose number is given for it."""
    schema = input_schema()
    gone: dict[str, NDArray[np.bool_]] = {}
    for number, columns in enumerate(families):
        for name in columns:
            if name in schema:
                gone[name] = gone.get(name, False) | (left_out == number)
    return rows.with_columns(
        pl.when(pl.Series(~rows_gone)).then(pl.col(name)).alias(name) for name, rows_gone in gone.items()
    )


def _categorical(names: Sequence[str]) -> tuple[str, ...]:
    categories = {column.name for column in catalogue.columns() if column.type == "category"}
    return tuple(name for name in names if name in categories)
