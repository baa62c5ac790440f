"""The training of the model: cross-validation for honest numbers, then one model on every row."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from core import __version__, catalogue
from core.model import fold_models
from core.model.artefacts import Artefacts, ModelInfo
from core.model.evidence.evaluation import Evaluation, evaluate
from core.model.evidence.threshold import CostCurve, cost_curve, steady_threshold
from core.model.preprocessor import Preprocessor
from core.model.recalibration.adjustment import TooFewOutcomes, segmentations
from core.model.recalibration.evidence import fit_and_measure
from core.model.recalibration.trees import recalibrated
from core.model.training.averaging import boosters, seed_of
from core.model.training.backend import Fold, TrainingBackend, TrainingRows, local_backend
from core.model.training.omission_correction import omission_rows
from core.model.training.round_values import rounded
from core.model.training.withholding import withhold
from core.reference.profiling import profile

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from numpy.typing import NDArray

    from core.model.recalibration.evidence import Fitted, Recalibration
    from core.model.training.backend import CrossValidated

# By which it is measured how far from the threshold fold models disagree: five times as many take five times as long.
_rows_of_reach: Final = 20_000

model_name: Final = "home_credit_model"

# No class weights and no resampling: the output has to be a probability that can be read as one.
parameters: Final[dict[str, object]] = {
    "objective": "binary",
    "metric": "binary_logloss",
    # Many small steps: twice as many trees of half the leaves, at half the rate, turn a third fewer decisions where the
    # model is trained again (120,000 demo rows: 3.3 % with another seed in place of 5.0 %, 4.1 % with rows drawn again
    # in place of 6.2 %), at no lower AUC. All columns and rows in each tree changed nothing.
    "learning_rate": 0.04,
    "num_leaves": 8,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
    "cat_smooth": 50.0,
    "cat_l2": 50.0,
    "max_cat_threshold": 16,
    "min_data_per_group": 200,
    "monotone_constraints_method": "intermediate",
    # The bounds of the bins from all rows: of a sample they would depend on the order of the rows
    # (findings/lightgbm_row_order.sh).
    "bin_construct_sample_cnt": 1_000_000_000,
    "deterministic": True,
    # Histograms column by column: the same trees, to the last bit, in six tenths of the processor time, since a tree
    # is shown three columns in ten. No sum hangs on how many threads there are.
    "force_col_wise": True,
    # Nor are columns of which most values are the same packed: what is packed is read in an eighth more of the time.
    "is_enable_sparse": False,
    "verbosity": -1,
}


@dataclass(frozen=True)
class Training:
    """A trained model with the evidence for it.

    Attributes:
        artefacts: the model fitted on every row, with the reference profile of these rows and of `out_of_fold`.
        out_of_fold: float64 (n_rows,): the probability of each row by the model that had not seen it.
        evaluation: metrics of `out_of_fold` at the chosen threshold.
        curve: cost at every threshold, on `out_of_fold`.
        folds: of the cross-validation, each with its model.
        rounds: trees of the final model, those of all its boosters, before its correction for omissions.
        grown_with: what the final model says of how these trees were grown; on a cluster that is another way than in
            the folds.
        recalibration: what the outcomes of real rows asked for, and was done; None where nothing was.
    """

    artefacts: Artefacts
    out_of_fold: NDArray[np.float64]
    evaluation: Evaluation
    curve: CostCurve
    folds: tuple[Fold, ...]
    rounds: int
    parameters: dict[str, object]
    grown_with: dict[str, str]
    recalibration: Recalibration | None = None

    @property
    def fold_aucs(self) -> tuple[float, ...]:
        """One AUC a fold."""
        return tuple(fold.auc for fold in self.folds)


def train(
    applications: pl.DataFrame,
    *,
    trained_on: Literal["demo", "real"],
    cost_fn: float,
    cost_fp: float,
    folds: int = 5,
    seed: int = 0,
    tuned: Mapping[str, object] | None = None,
    backend: TrainingBackend = local_backend,
) -> Training:
    """Trains on typed applications with a `TARGET`.

    Args:
        applications: columns as in `core.features.build`, plus `TARGET` (0/1, no missing value, both present).
        trained_on: what the rows are, for the label that every reader sees.
        cost_fn, cost_fp: cost of an accepted default, of a refused good client.
        tuned: parameters that replace the usual ones, as `core.model.training.tuning.search` finds them.
        backend: who grows the trees.

    Raises:
        ValueError: where `TARGET` is absent, incomplete or constant.
    """
    target = target_of(applications)
    preprocessor = Preprocessor.fit(applications)
    chosen = constrained_parameters(preprocessor.feature_names, seed) | dict(tuned or {})
    rows = replace(
        training_rows(applications, preprocessor, seed), omissions=omission_rows(applications, preprocessor, seed)
    )
    validated = backend.cross_validate(rows, chosen, folds, seed)
    out_of_fold = validated.out_of_fold
    grown = backend.grow(rows, chosen, validated.rounds)
    final = rows.corrected(grown, chosen)
    recalibration = None
    if trained_on == "real" and (fitted := _recalibration(rows, out_of_fold)) is not None:
        recalibration, out_of_fold = fitted.evidence, fitted.probability
        final = recalibrated(final, fitted.adjustment)
        validated = _recalibrated_folds(validated, fitted)
    curve = cost_curve(target, out_of_fold, cost_fn, cost_fp)
    threshold = steady_threshold(target, out_of_fold, cost_fn, cost_fp)
    evaluation = evaluate(target, out_of_fold, threshold, cost_fn, cost_fp)
    joined = fold_models.joined([fold.model for fold in validated.folds])
    some = np.random.default_rng(seed).permutation(len(target))[:_rows_of_reach]
    at = float(fold_models.logit(threshold))
    reach = fold_models.reach(joined, final, [rows.matrix[some], rows.withheld[0][some]], at)
    gains = final.feature_importance(importance_type="gain")
    now = datetime.now(UTC)
    info = ModelInfo(
        model_name=model_name,
        version=f"{__version__}+{now:%Y%m%d%H%M}",
        optimal_threshold=threshold,
        cost_fn=cost_fn,
        cost_fp=cost_fp,
        n_features=len(preprocessor.feature_names),
        training_date=now.isoformat(timespec="seconds"),
        auc=evaluation.auc,
        accuracy=evaluation.accuracy,
        business_cost=evaluation.business_cost,
        trained_on=trained_on,
        n_training_rows=len(target),
        data_fingerprint=fingerprint(rows.matrix, target),
        feature_names=preprocessor.feature_names,
        importances=tuple(float(gain) for gain in gains / max(gains.sum(), 1e-12)),
        metrics={name: float(value) for name, value in asdict(evaluation).items()} | {fold_models.fold_reach: reach},
    )
    reference = profile(applications, out_of_fold, threshold, origin=trained_on, cost_fn=cost_fn, cost_fp=cost_fp)
    return Training(
        artefacts=Artefacts(
            booster=final,
            preprocessor=preprocessor,
            info=info,
            reference_source=reference,
            folds=joined,
        ),
        out_of_fold=out_of_fold,
        evaluation=evaluation,
        curve=curve,
        folds=validated.folds,
        rounds=validated.rounds * len(rows.withheld),
        parameters=chosen,
        grown_with=_grown_with(grown.model_to_string()),
        recalibration=recalibration,
    )


def _recalibration(rows: TrainingRows, out_of_fold: NDArray[np.float64]) -> Fitted | None:
    """What the outcomes ask for beyond what was learnt of them; None where it is nothing, or they are too few."""
    segments = segmentations(rows.matrix, rows.feature_names)
    try:
        fitted = fit_and_measure(fold_models.logit(out_of_fold), rows.target, segments, "real")
    except TooFewOutcomes:
        return None
    return fitted if fitted.evidence.taken else None


def _recalibrated_folds(validated: CrossValidated, fitted: Fitted) -> CrossValidated:
    folds = (
        replace(
            fold,
            probabilities=fitted.probability[fold.rows],
            model=recalibrated(fold.model, fitted.adjustment),
        )
        for fold in validated.folds
    )
    return replace(validated, folds=tuple(folds), out_of_fold=fitted.probability)


def _grown_with(text: str) -> dict[str, str]:
    names = ("tree_learner", "monotone_constraints_method")
    stated = dict(re.findall(r"^\[(\w+): (.*)\]$", text, re.MULTILINE))
    return {name: stated[name] for name in names}


def by_client(applications: pl.DataFrame) -> pl.DataFrame:
    """The applications by ascending `SK_ID_CURR`, as they are without it: the same rows then give the same model."""
    return applications.sort("SK_ID_CURR") if "SK_ID_CURR" in applications.columns else applications


def training_rows(applications: pl.DataFrame, preprocessor: Preprocessor, seed: int) -> TrainingRows:
    """The rows that trees grow from: as they are, and with amounts rounded and values withheld, anew for each booster.

    Args:
        applications: typed applications with `TARGET`, as for `train`.
    """
    return TrainingRows(
        matrix=preprocessor.transform(applications),
        withheld=tuple(
            rounded(preprocessor.transform(withhold(applications, seed_of(seed, number))), preprocessor.feature_names)
            for number in range(boosters)
        ),
        target=target_of(applications),
        feature_names=preprocessor.feature_names,
        categorical_features=preprocessor.categorical_features,
    )


def constrained_parameters(feature_names: tuple[str, ...], seed: int) -> dict[str, object]:
    """The usual LightGBM parameters, with the seed and the monotone constraint of each feature."""
    return parameters | {"seed": seed, "monotone_constraints": list(directions(feature_names))}


def directions(feature_names: tuple[str, ...]) -> tuple[int, ...]:
    """The monotone constraint of each feature, from the catalogue: +1, -1 or 0."""
    return tuple(catalogue.entry(name).direction for name in feature_names)


def fingerprint(matrix: NDArray[np.float64], target: NDArray[np.int8]) -> str:
    """SHA-256 of the training data as the model saw it, first 16 digits."""
    digest = hashlib.sha256(np.ascontiguousarray(matrix).tobytes())
    digest.update(target.tobytes())
    return digest.hexdigest()[:16]


def target_of(applications: pl.DataFrame) -> NDArray[np.int8]:
    """The `TARGET` column, int8 (n_rows,). Raises `ValueError` where it is absent, incomplete or constant."""
    if "TARGET" not in applications.columns:
        raise ValueError("TARGET: the column is missing; training needs it")
    column = applications["TARGET"]
    if column.null_count() or set(column.unique().to_list()) != {0, 1}:
        raise ValueError("TARGET: expected 0 and 1, both present, none missing")
    return column.to_numpy().astype(np.int8)
