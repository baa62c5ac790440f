"""The evaluation report, stored beside the model: what the model card, the API and the documentation read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.model.evidence.calibration import reliability, shown_bins
from core.model.evidence.evaluation import Evaluation, evaluate
from core.model.evidence.fairness import GroupComparison, compare_groups
from core.model.evidence.intervals import Interval, auc_difference, auc_interval
from core.model.evidence.segments import Segment, by_segment
from core.model.evidence.stability import Stability, measure_stability
from core.model.evidence.steadiness import Steadiness, measure_steadiness
from core.model.evidence.threshold import CostCurve, steady_threshold
from core.model.training.alternatives import AlternativeSearch, search_alternatives, search_rows
from core.model.training.averaging import boosters
from core.model.training.backend import TrainingBackend, local_backend
from core.model.training.baselines import dummy, logistic_regression, out_of_fold, points_scorecard
from core.model.training.fitting import Training, directions, training_rows
from core.model.training.missing_values import without_learnt_meaning
from core.model.training.omissions import Omissions, measure_omissions
from core.model.training.round_values import rounded

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl
    from numpy.typing import NDArray

    from core.model.recalibration.evidence import Recalibration
    from core.model.training.backend import TrainingRows

# Comparisons answer "how much", not "exactly how much": this many rows are enough, and keep a training short.
comparison_rows: Final = 20_000
_curve_points: Final = 200
# Trainings on few rows turn more decisions than those on all: both are shown.
_max_stability_rows: Final = 400_000


@dataclass(frozen=True, slots=True)
class ComparedModel:
    """Another model on the same rows and folds.

    Attributes:
        name: `dummy`, `logistic_regression`, `scorecard`, `without_monotone_constraints`, `nothing_withheld`,
            `with_gender`.
        evaluation: its out-of-fold metrics at its own best threshold.
        auc_less_ours: its AUC less that of our model on the same rows, with a 95 % interval.
        n_rows: rows it was compared on.
    """

    name: str
    evaluation: Evaluation
    auc_less_ours: Interval
    n_rows: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything measured of a model, out of fold.

    Attributes:
        auc: with its 95 % interval.
        cost_curve: thresholds with the mean cost per application at each.
        reliability: predicted against observed default rate in equally filled bins.
        omissions: what leaving out a column does to the decisions.
        missing_not_learnt: numeric features of which the model reads a missing value as 0; none in a sound model.
        steadiness: what a little less credit does, and whether any curve contradicts its sign.
        groups: the decisions on men and women, on the young and the others, against each other.
        alternatives: the search for a less discriminatory model.
        stability: the decisions that turn with another training, on some of the rows and on more.
        recalibration: what the outcomes of real rows asked for beyond what was learnt of them; None where nothing.
    """

    evaluation: Evaluation
    auc: Interval
    fold_aucs: tuple[float, ...]
    cost_curve: tuple[tuple[float, float], ...]
    reliability: tuple[tuple[float, float], ...]
    omissions: Omissions
    missing_not_learnt: tuple[str, ...]
    steadiness: Steadiness
    segments: tuple[Segment, ...]
    groups: tuple[GroupComparison, ...]
    alternatives: AlternativeSearch
    stability: tuple[Stability, ...]
    comparisons: tuple[ComparedModel, ...]
    parameters: dict[str, Any]
    rounds: int
    recalibration: Recalibration | None

    def to_json(self) -> bytes:
        """The content of `evaluation.json`."""
        return (json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n").encode()


def make_report(
    training: Training, applications: pl.DataFrame, folds: int, seed: int, backend: TrainingBackend = local_backend
) -> Report:
    """Measures a training from all sides.

    Args:
        training: what `core.model.training.fitting.train` returned for `applications`.
        applications: the training rows, with `TARGET`.
        folds, seed: those of the training, so that comparisons run on alike folds.
        backend: who grows the trees of the comparisons.
    """
    target = applications["TARGET"].to_numpy().astype(np.int8)
    info = training.artefacts.info
    alternatives = search_alternatives(
        applications,
        training.artefacts.preprocessor,
        training.parameters,
        (info.cost_fn, info.cost_fp),
        seed,
        backend,
    )
    return Report(
        evaluation=training.evaluation,
        auc=auc_interval(target, training.out_of_fold),
        fold_aucs=training.fold_aucs,
        cost_curve=shown_curve(training.curve),
        reliability=shown_reliability(target, training.out_of_fold),
        omissions=measure_omissions(training.folds, applications, target, training.evaluation.threshold),
        missing_not_learnt=without_learnt_meaning(training.artefacts.booster),
        steadiness=measure_steadiness(training.folds, applications, training.evaluation.threshold),
        segments=by_segment(applications, target, training.out_of_fold, training.evaluation.threshold),
        groups=compare_groups(applications, target, training.out_of_fold, training.evaluation.threshold),
        alternatives=alternatives,
        stability=_stability(training, applications, alternatives.rounds, seed, backend),
        comparisons=_comparisons(training, applications, target, folds, seed, backend),
        parameters={key: value for key, value in training.parameters.items() if key != "monotone_constraints"},
        rounds=training.rounds,
        recalibration=training.recalibration,
    )


def shown_curve(curve: CostCurve) -> tuple[tuple[float, float], ...]:
    """Thresholds, evenly spaced up to five times the best one, with the mean cost at each."""
    shown = np.linspace(0, min(5 * curve.best_threshold, float(curve.thresholds[-1])), _curve_points)
    nearest = np.searchsorted(curve.thresholds, shown).clip(max=len(curve.thresholds) - 1)
    return tuple((float(at), float(curve.costs[index])) for at, index in zip(shown, nearest, strict=True))


def shown_reliability(target: NDArray[np.int8], probability: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    """Predicted against observed default rates in the bins that the card shows."""
    return tuple((part.predicted, part.observed) for part in reliability(target, probability, shown_bins))


def _stability(
    training: Training, applications: pl.DataFrame, rounds_of_few: int, seed: int, backend: TrainingBackend
) -> tuple[Stability, ...]:
    sizes = {search_rows: rounds_of_few, _max_stability_rows: training.rounds // boosters}
    preprocessor, threshold = training.artefacts.preprocessor, training.evaluation.threshold
    return tuple(
        measure_stability(applications, preprocessor, threshold, rounds, seed, backend, rows)
        for rows, rounds in sizes.items()
        # Few rows may be all.
        if rows > search_rows or applications.height > search_rows
    )


def _comparisons(
    training: Training,
    applications: pl.DataFrame,
    target: NDArray[np.int8],
    folds: int,
    seed: int,
    backend: TrainingBackend,
) -> tuple[ComparedModel, ...]:
    """Every other model on the same part of the rows; ours is fitted on that part too, so that like meets like."""
    places = np.sort(np.random.default_rng(seed).permutation(len(target))[:comparison_rows])
    part = target[places]
    preprocessor = training.artefacts.preprocessor
    rows = training_rows(applications[places], preprocessor, seed)
    info = training.artefacts.info

    def boosted(grown_from: TrainingRows, constraints: list[int]) -> NDArray[np.float64]:
        chosen = training.parameters | {"monotone_constraints": constraints}
        return backend.cross_validate(grown_from, chosen, folds, seed).out_of_fold

    constraints = list(directions(preprocessor.feature_names))
    gender = applications[places]["CODE_GENDER"].replace_strict({"F": 0, "M": 1}, default=None).to_numpy()
    with_gender = rows.with_category("CODE_GENDER", gender.astype(np.float64))
    as_they_are = replace(rows, withheld=(rounded(rows.matrix, rows.feature_names),) * len(rows.withheld))
    baseline = logistic_regression(preprocessor, seed)
    points = points_scorecard(preprocessor)
    ours = boosted(rows, constraints)
    others: dict[str, Callable[[], NDArray[np.float64]]] = {
        "dummy": lambda: out_of_fold(dummy(), rows.matrix, part, folds, seed),
        "logistic_regression": lambda: out_of_fold(baseline, rows.matrix, part, folds, seed),
        "scorecard": lambda: out_of_fold(points, rows.matrix, part, folds, seed),
        "without_monotone_constraints": lambda: boosted(rows, [0] * len(constraints)),
        "nothing_withheld": lambda: boosted(as_they_are, constraints),
        "with_gender": lambda: boosted(with_gender, [*constraints, 0]),
    }
    models = []
    for name, predict in others.items():
        probability = predict()
        threshold = steady_threshold(part, probability, info.cost_fn, info.cost_fp)
        models.append(
            ComparedModel(
                name=name,
                evaluation=evaluate(part, probability, threshold, info.cost_fn, info.cost_fp),
                auc_less_ours=auc_difference(part, probability, ours),
                n_rows=len(part),
            )
        )
    return tuple(models)
