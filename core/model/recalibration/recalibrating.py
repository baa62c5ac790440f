"""A model made anew by its recalibration: trees, fold models, threshold, reference profile and stored evaluation."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from core import __version__
from core.model import fold_models
from core.model.evidence.evaluation import evaluate
from core.model.evidence.fairness import compare_groups
from core.model.evidence.intervals import auc_interval
from core.model.evidence.report import shown_curve, shown_reliability
from core.model.evidence.segments import by_segment
from core.model.evidence.threshold import cost_curve, steady_threshold
from core.model.recalibration.adjustment import segmentations
from core.model.recalibration.evidence import fit_and_measure
from core.model.recalibration.trees import recalibrated, recalibrated_folds
from core.model.training.fitting import target_of
from core.reference.profiling import profile

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from core.model.artefacts import Artefacts
    from core.model.evidence.evaluation import Evaluation
    from core.model.evidence.threshold import CostCurve
    from core.model.recalibration.evidence import Fitted, Recalibration
    from core.reference.reference_profile import ReferenceProfile

auc_before: Final = "auc_before_recalibration"
"""Under this name `ModelInfo.metrics` has the AUC of the model before, on the rows of the recalibration."""


@dataclass(frozen=True, slots=True)
class RecalibratedModel:
    """What a recalibration comes to.

    Attributes:
        artefacts: the model with its adjustment; as it was where none was taken.
        report: the content of its `evaluation.json`.
        evidence: what the adjustment does.
    """

    artefacts: Artefacts
    report: bytes
    evidence: Recalibration


def recalibrate(
    model: Artefacts, report: bytes, applications: pl.DataFrame, origin: Literal["demo", "real"]
) -> RecalibratedModel:
    """Recalibrates a model on applications whose outcomes are known, and which it was not trained on.

    All that is measured on outcomes (ranking, threshold, cost, segments, groups) is measured anew, on these rows and
    cross-fitted; what was measured of its trees (omissions, alternatives, stability) stays as it was stored.

    Args:
        model: with its fold models where it has them.
        report: its `evaluation.json`.
        applications: typed columns with `TARGET`, and whatever history features there are.
        origin: whether the rows were drawn or observed.

    Raises:
        TooFewOutcomes: where there are too few outcomes.
        ValueError: where `TARGET` is absent, incomplete or constant.
    """
    target = target_of(applications)
    matrix = model.preprocessor.transform(applications)
    log_odds = np.asarray(model.booster.predict(matrix, raw_score=True), dtype=np.float64)
    segments = segmentations(matrix, model.preprocessor.feature_names)
    fitted = fit_and_measure(log_odds, target, segments, origin)
    if not fitted.evidence.taken:
        return RecalibratedModel(model, report, fitted.evidence)
    costs = model.info.cost_fn, model.info.cost_fp
    curve = cost_curve(target, fitted.probability, *costs)
    threshold = steady_threshold(target, fitted.probability, *costs)
    evaluation = evaluate(target, fitted.probability, threshold, *costs)
    made = _artefacts(model, fitted, evaluation, matrix, _reference(applications, fitted, evaluation, costs, origin))
    stored = json.loads(report) | _measured(fitted, evaluation, curve, applications, target)
    return RecalibratedModel(made, (json.dumps(stored, indent=1, ensure_ascii=False) + "\n").encode(), fitted.evidence)


def _artefacts(
    model: Artefacts,
    fitted: Fitted,
    evaluation: Evaluation,
    matrix: NDArray[np.float64],
    reference: ReferenceProfile,
) -> Artefacts:
    booster = recalibrated(model.booster, fitted.adjustment)
    folds = None if model.folds is None else recalibrated_folds(model.folds, fitted.adjustment)
    metrics = {name: float(value) for name, value in asdict(evaluation).items()}
    metrics[auc_before] = fitted.evidence.before.auc
    if folds is not None:
        at = float(fold_models.logit(evaluation.threshold))
        metrics[fold_models.fold_reach] = fold_models.reach(folds, booster, [matrix], at)
    now = datetime.now(UTC)
    info = replace(
        model.info,
        version=f"{__version__}+{now:%Y%m%d%H%M}",
        training_date=now.isoformat(timespec="seconds"),
        optimal_threshold=evaluation.threshold,
        auc=evaluation.auc,
        accuracy=evaluation.accuracy,
        business_cost=evaluation.business_cost,
        metrics=metrics,
    )
    return replace(model, booster=booster, folds=folds, info=info, reference_source=reference)


def _reference(
    applications: pl.DataFrame,
    fitted: Fitted,
    evaluation: Evaluation,
    costs: tuple[float, float],
    origin: Literal["demo", "real"],
) -> ReferenceProfile:
    cost_fn, cost_fp = costs
    return profile(
        applications, fitted.probability, evaluation.threshold, origin=origin, cost_fn=cost_fn, cost_fp=cost_fp
    )


def _measured(
    fitted: Fitted, evaluation: Evaluation, curve: CostCurve, applications: pl.DataFrame, target: NDArray[np.int8]
) -> dict[str, object]:
    """The parts of the report that are measured on outcomes."""
    probability, threshold = fitted.probability, evaluation.threshold
    return {
        "evaluation": asdict(evaluation),
        "auc": asdict(auc_interval(target, probability)),
        "cost_curve": shown_curve(curve),
        "reliability": shown_reliability(target, probability),
        "segments": [asdict(segment) for segment in by_segment(applications, target, probability, threshold)],
        "groups": [asdict(group) for group in compare_groups(applications, target, probability, threshold)],
        "recalibration": asdict(fitted.evidence),
    }
