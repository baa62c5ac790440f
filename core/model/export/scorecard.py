"""The scorecard made ready for export: fitted on clients whose outcome is known, with its own threshold and AUC."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.model.evidence.auc import auc
from core.model.evidence.threshold import business_cost, steady_threshold
from core.model.export import points
from core.model.export.exporting import Exported
from core.model.export.forest import NotExportable
from core.model.training.baselines import out_of_fold, points_scorecard

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from core.model.artefacts import Artefacts
    from core.model.export.proof.certificate import Scoring

file: Final = "scorecard.json"
_folds: Final = 5
_seed: Final = 0
# Of each outcome: with fewer, a bin of a variable holds nobody who defaulted.
_min_outcomes: Final = 100


def scorecard(artefacts: Artefacts, matrix: NDArray[np.float64], target: NDArray[np.int8]) -> Exported:
    """Fits a scorecard on the features of the model, at its costs.

    Args:
        artefacts: the model beside which it stands.
        matrix: float64 (n_rows, n_features), of clients whose outcome is known.
        target: (n_rows,), 1 where the client defaulted.

    Raises:
        NotExportable: where there are too few of an outcome.
    """
    if min(int(target.sum()), int((1 - target).sum())) < _min_outcomes:
        raise NotExportable(f"a scorecard needs {_min_outcomes} clients of each outcome (TARGET)")
    info, names = artefacts.info, artefacts.preprocessor.feature_names
    made = points_scorecard(artefacts.preprocessor)
    unseen = out_of_fold(made, matrix, target, _folds, _seed)
    threshold = steady_threshold(target, unseen, info.cost_fn, info.cost_fp)
    card = points.PointsTable(made.fit(matrix, target)[-1], names, threshold)
    table = card.table()
    whole = points.scoring_of(table, names, whole=True)(matrix)
    described = _described(card, target, unseen) | {
        # Of rounding the points, which is what a clerk adds up; the certificate is of the exact ones.
        "auc_by_whole_points_on_its_own_rows": auc(target, whole),
        "decisions_changed_by_whole_points": int(
            ((whole >= threshold) != (card.probabilities(matrix) >= threshold)).sum()
        ),
        "cost_per_client": business_cost(target, unseen, threshold, info.cost_fn, info.cost_fp),
    }

    def opened(staged: Path) -> tuple[Scoring, str]:
        written = (staged / points.file).read_text(encoding="utf-8")
        return points.scoring_of(written, names), f"{points.file}, added up line by line"

    return Exported(
        format="scorecard",
        files={points.file: table.encode(), file: json.dumps(described, indent=2).encode() + b"\n"},
        edged=card,
        ours=card.probabilities,
        threshold=threshold,
        opened=opened,
        precision="double",
    )


def _described(card: points.PointsTable, target: NDArray[np.int8], unseen: NDArray[np.float64]) -> dict[str, Any]:
    return {
        "variables": len(card.fitted.binned_),
        "rows": len(target),
        "defaults": int(target.sum()),
        "auc_out_of_fold": auc(target, unseen),
        "folds": _folds,
        "base_points": points.base_points,
        "base_odds": points.base_odds,
        "points_to_double_the_odds": points.doubling_points,
        "threshold": card.threshold,
        "refused_at_or_below": card.cutoff,
        "probability": "1 / (1 + exp((score - offset) / factor))",
        "offset": points.offset,
        "factor": points.factor,
    }
