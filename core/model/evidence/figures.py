"""The pictures that are stored with a training run: ROC, calibration, cost, importance."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import roc_curve

from core import catalogue
from core.model.evidence.calibration import reliability, shown_bins

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from core.model.artefacts import ModelInfo
    from core.model.booster import Booster
    from core.model.evidence.evaluation import Evaluation
    from core.model.evidence.threshold import CostCurve

mpl.use("Agg")

_blue, _orange, _grey = "#2f5fd0", "#c2570c", "#8a8f98"


def roc_figure(target: NDArray[np.int8], probability: NDArray[np.float64], auc: float) -> Figure:
    """The ROC curve of out-of-fold predictions."""
    false_positives, true_positives, _ = roc_curve(target, probability)
    figure, axes = _figure("False positive rate", "True positive rate", f"ROC curve, out of fold (AUC {auc:.3f})")
    axes.plot(false_positives, true_positives, color=_blue)
    axes.plot([0, 1], [0, 1], color=_grey, linestyle="--", linewidth=1)
    return figure


def reliability_figure(target: NDArray[np.int8], probability: NDArray[np.float64]) -> Figure:
    """Observed against predicted default rate, over equally filled bins."""
    bins = reliability(target, probability, shown_bins)
    predicted, observed = [part.predicted for part in bins], [part.observed for part in bins]
    figure, axes = _figure("Predicted probability of default", "Observed default rate", "Reliability, out of fold")
    most = max(*predicted, *observed)
    axes.plot([0, most], [0, most], color=_grey, linestyle="--", linewidth=1)
    axes.plot(predicted, observed, color=_blue, marker="o", markersize=4)
    return figure


def cost_figure(curve: CostCurve, evaluation: Evaluation) -> Figure:
    """The mean cost per application against the threshold, with that of the model marked."""
    figure, axes = _figure("Threshold", "Cost per application", "Business cost, out of fold")
    shown = curve.thresholds <= min(5 * curve.best_threshold, 1.0)
    axes.plot(curve.thresholds[shown], curve.costs[shown], color=_blue)
    axes.axvline(evaluation.threshold, color=_orange, linewidth=1)
    axes.annotate(
        f"{evaluation.threshold:.3f}",
        (evaluation.threshold, evaluation.business_cost),
        xytext=(6, -2),
        textcoords="offset points",
        color=_orange,
    )
    return figure


def importance_figure(info: ModelInfo, count: int = 25) -> Figure:
    """The features that the trees gain most from."""
    ranked = sorted(zip(info.feature_names, info.importances, strict=True), key=lambda pair: pair[1])[-count:]
    figure, axes = _figure("Share of the total gain", "", "Feature importance")
    axes.barh([name for name, _ in ranked], [share for _, share in ranked], color=_blue)
    axes.tick_params(axis="y", labelsize=8)
    return figure


def _figure(x_title: str, y_title: str, title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7, 5), layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel(x_title)
    axes.set_ylabel(y_title)
    axes.set_title(title, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def shap_figures(booster: Booster, info: ModelInfo, matrix: NDArray[np.float64], top: int = 4) -> dict[str, Figure]:
    """SHAP's own pictures of the model as a whole: a beeswarm, and the dependence of the strongest features.

    Args:
        matrix: float64 (n_rows, n_features), a sample of the training rows; some thousand are enough.
        top: how many features get a dependence plot.
    """
    import shap
    from matplotlib import pyplot as plt

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="LightGBM binary classifier")
        values = np.asarray(shap.TreeExplainer(booster).shap_values(matrix))
    labels = [catalogue.entry(name).label_en for name in info.feature_names]
    figures = {}
    shap.summary_plot(values, matrix, feature_names=labels, show=False, max_display=20)
    figures["shap_beeswarm"] = plt.gcf()
    for index in np.argsort(-np.abs(values).mean(axis=0))[:top]:
        plt.figure()
        shap.dependence_plot(int(index), values, matrix, feature_names=labels, show=False, interaction_index=None)
        figures[f"shap_{info.feature_names[index]}"] = plt.gcf()
    return figures
