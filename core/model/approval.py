"""The checks that a model has to pass before somebody may put it into use, each with its figures."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core import catalogue
from core.model.prediction.predictor import Predictor
from core.model.recalibration.recalibrating import auc_before
from core.model.training.missing_values import without_learnt_meaning

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from core.model.artefacts import Artefacts

# A mean distance between predicted and observed shares of one point; what chance adds in ten bins comes on top.
_max_calibration_error: Final = 0.01
_bins: Final = 10
# A recalibration is to mend probabilities, at next to no cost of ranking.
_max_auc_loss: Final = 0.005
# Of the sweep: rows, values of each feature, and what rounding may do, in log-odds.
_rows: Final = 100
_values: Final = 15
_tolerance: Final = 1e-9
_missing: Final = 0.2


@dataclass(frozen=True, slots=True)
class ApprovalCheck:
    """What was looked at, whether it is well, and the figures that say so."""

    name: str
    passed: bool
    figures: str


@dataclass(frozen=True, slots=True)
class Champion:
    """What a challenger is held against: where its figures are known, and can be compared.

    Attributes:
        auc_low: lower end of the 95 % interval of its AUC; None where it is not known.
        trained_on: `demo` or `real`; None where there is no champion, or this version cannot read it.
    """

    auc_low: float | None = None
    trained_on: str | None = None

    @classmethod
    def of(cls, model: Artefacts, report: Mapping[str, Any]) -> Champion:
        """A champion from its artefacts and its stored evaluation.

        That of a recalibrated model is of the rows of its recalibration, on which no training can be judged.
        """
        low = None if report.get("recalibration") else report.get("auc", {}).get("low")
        return cls(float(low) if isinstance(low, int | float) else None, model.info.trained_on)


def checks(model: Artefacts, champion: Champion, *, returning: bool = False) -> tuple[ApprovalCheck, ...]:
    """All checks of a model, in the order in which they are told.

    Args:
        model: the challenger.
        champion: the model in use.
        returning: whether the model was approved before: to go back to it is no progress, and may cost AUC.
    """
    ranking = _returning(model) if returning else _auc(model, champion)
    return _missing_type(model), _monotonicity(model), _calibration(model), ranking


def _missing_type(model: Artefacts) -> ApprovalCheck:
    unlearnt = without_learnt_meaning(model.booster)
    listed = f": {', '.join(unlearnt[:5])}" if unlearnt else ""
    return ApprovalCheck("missing_type", not unlearnt, f"{len(unlearnt)} features read a missing value as 0{listed}")


def _monotonicity(model: Artefacts) -> ApprovalCheck:
    """Sweeps each feature that has a direction over its values in training, all else as it is."""
    names = model.preprocessor.feature_names
    signs = [catalogue.entry(name).direction for name in names]
    rows, predictor = _any_rows(model), Predictor(model.booster)
    worst, broken = 0.0, []
    for place, sign in enumerate(signs):
        values = _values_of(model, place)
        if not sign or len(values) < 2:
            continue
        swept = np.repeat(rows, len(values), axis=0)
        swept[:, place] = np.tile(values, len(rows))
        log_odds = predictor.log_odds(swept).reshape(len(rows), len(values))
        contrary = float((-np.diff(log_odds, axis=1) * sign).max())
        worst = max(worst, contrary)
        if contrary > _tolerance:
            broken.append(names[place])
    listed = f": {', '.join(broken[:5])}" if broken else ""
    count = sum(map(bool, signs))
    return ApprovalCheck(
        "monotonicity",
        not broken,
        f"{len(broken)} of {count} features move against their direction{listed}"
        f" (by {max(worst, 0.0):.4f} log-odds at most)",
    )


def _calibration(model: Artefacts) -> ApprovalCheck:
    info = model.info
    error, rate = info.metrics.get("calibration_error"), info.metrics.get("default_rate", 0.08)
    rows = info.metrics.get("n_rows", info.n_training_rows)
    most = _max_calibration_error + sqrt(rate * (1 - rate) * _bins / rows)
    if error is None:
        return ApprovalCheck("calibration", passed=False, figures="its error is not known")
    return ApprovalCheck("calibration", error <= most, f"error {error:.4f}, at most {most:.4f}")


def _returning(model: Artefacts) -> ApprovalCheck:
    return ApprovalCheck("auc", passed=True, figures=f"{model.info.auc:.4f}; approved before, and not held against one")


def _auc(model: Artefacts, champion: Champion) -> ApprovalCheck:
    info = model.info
    if auc_before in info.metrics:
        before = info.metrics[auc_before]
        figures = f"{info.auc:.4f} on the rows of its recalibration; {before:.4f} before it"
        return ApprovalCheck("auc", info.auc >= before - _max_auc_loss, figures)
    if champion.auc_low is None:
        return ApprovalCheck("auc", passed=True, figures=f"{info.auc:.4f}; no champion that it can be compared with")
    if champion.trained_on != info.trained_on:
        figures = f"{info.auc:.4f} on {info.trained_on} rows; the champion's is of {champion.trained_on} rows"
        return ApprovalCheck("auc", passed=True, figures=f"{figures}, which cannot be compared")
    return ApprovalCheck(
        "auc", info.auc >= champion.auc_low, f"{info.auc:.4f}; the champion's interval begins at {champion.auc_low:.4f}"
    )


def _values_of(model: Artefacts, place: int) -> NDArray[np.float64]:
    """Some values of a feature in training, ascending; none of a category."""
    quantiles = np.asarray(model.preprocessor.quantiles[place], dtype=np.float64)
    known = np.unique(quantiles[~np.isnan(quantiles)])
    return known[np.linspace(0, len(known) - 1, min(len(known), _values)).astype(int)] if len(known) else known


def _any_rows(model: Artefacts) -> NDArray[np.float64]:
    """Rows with values of training, each drawn by itself, and some missing."""
    rng = np.random.default_rng(0)
    columns = []
    for place in range(len(model.preprocessor.feature_names)):
        values = _values_of(model, place)
        column = rng.choice(values, _rows) if len(values) else rng.integers(0, 5, _rows).astype(np.float64)
        column[rng.random(_rows) < _missing] = np.nan
        columns.append(column)
    return np.column_stack(columns)
