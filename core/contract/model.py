"""The model in use: what it is, and the evaluation that was stored with it at training."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from core.contract.answer import Answer


class ModelDescription(Answer):
    """The model in use."""

    model_name: str
    version: str
    optimal_threshold: float
    cost_fn: float = Field(description="What it costs to grant a credit that defaults.")
    cost_fp: float = Field(description="What it costs to refuse a credit that would have met no payment difficulties.")
    n_features: int
    training_date: str = Field(description="ISO 8601, UTC.")
    auc: float
    accuracy: float
    business_cost: float = Field(description="Mean cost per application, on predictions of rows not seen in training.")
    trained_on: Literal["demo", "real"]
    n_training_rows: int
    warnings: list[str] = Field(description="What a reader should know before trusting it; empty for a sound model.")


class EvaluationAnswer(Answer):
    """Metrics of predictions on rows that the model had not seen."""

    n_rows: int
    default_rate: float
    auc: float = Field(description="Area under the ROC curve.")
    gini: float
    ks: float = Field(description="Largest gap between the score distributions of good clients and defaulters.")
    log_loss: float
    brier: float
    calibration_error: float = Field(description="Expected calibration error.")
    threshold: float
    accuracy: float
    precision: float = Field(description="Share of the refusals that were right.")
    recall: float = Field(description="Share of those who would default that were refused.")
    approval_rate: float
    business_cost: float = Field(description="Mean cost per application at the threshold.")
    cost_accept_all: float
    cost_refuse_all: float
    cost_at_half: float = Field(description="At a threshold of 0.5.")


class IntervalAnswer(Answer):
    """An estimate with its 95 % interval."""

    estimate: float
    low: float
    high: float


class SegmentAnswer(Answer):
    """The same model on one group of clients: calibration and fairness."""

    dimension: str = Field(description="A column, or `age_band`.")
    value: str
    n_rows: int
    default_rate: float
    mean_probability: float
    calibration_error: float
    auc: float | None = Field(description="Null where nobody, or everybody, defaulted.")
    approval_rate: float
    false_refusal_rate: float = Field(description="Share of the good clients who were refused.")


class ModelComparisonAnswer(Answer):
    """Another model on the same rows and folds."""

    name: str
    evaluation: EvaluationAnswer
    auc_less_ours: IntervalAnswer = Field(description="Its AUC less that of our model fitted on the same rows.")
    n_rows: int


class OmissionAnswer(Answer):
    """What emptying some columns in every application does to the decisions."""

    name: str = Field(description="A column, two of them, or `[group]`, `[table]`, `[history]`.")
    columns: list[str] = Field(description="What is emptied.")
    accepted: int = Field(description="Refusals that become acceptances.")
    refused: int = Field(description="Acceptances that become refusals.")
    auc_change: float


class OmissionsAnswer(Answer):
    """The omissions that were tried, each application judged by a model that had not seen it."""

    n_rows: int
    refusals: int = Field(description="Of the applications as they are.")
    tried: list[OmissionAnswer]


class SteadinessAnswer(Answer):
    """What a little less credit does, and whether curves keep to the directions that are imposed."""

    change: float = Field(description="By how much less credit was asked for.")
    n_rows: int
    flipped: float = Field(description="Share of the decisions that turned.")
    moved: float = Field(description="Share whose log-odds moved by more than 0.05.")
    curves: int = Field(description="One a client and a feature with a direction.")
    contradicting: float = Field(description="Share of the curves that somewhere go against it.")


class GroupComparisonAnswer(Answer):
    """The decisions on one group against those on others: ratios, 1 where both fare alike."""

    dimension: str = Field(description="A column, or `age_band`.")
    group: str
    against: str
    n_rows: tuple[int, int] = Field(description="Of the group, and of the others.")
    adverse_impact: IntervalAnswer = Field(description="Accepted.")
    equal_opportunity: IntervalAnswer = Field(description="Accepted among those who repaid.")
    conditional: IntervalAnswer = Field(description="Accepted, in the same fifths of income and credit.")
    calibration: IntervalAnswer = Field(description="Observed over predicted defaults of the group.")
    calibration_of_others: IntervalAnswer


class AlternativeAnswer(Answer):
    """One model of the search for a less discriminatory one, at its own threshold."""

    name: str
    auc: float
    cost: float
    cost_more: IntervalAnswer = Field(description="Than the model as it is, per application.")
    men_to_women: float | None = Field(description="Ratio of acceptance rates.")
    young_to_others: float | None = Field(description="Ratio of acceptance rates, under 30 years to others.")


class AlternativeSearchAnswer(Answer):
    """What was tried, on the same rows and folds."""

    n_rows: int
    rounds: int
    tried: list[AlternativeAnswer]
    less_discriminatory: list[str] = Field(description="Those that cost no more and are fairer.")


class StabilityAnswer(Answer):
    """Decisions of trainings that differ in one thing, on rows that none of them saw."""

    n_rows: int = Field(description="Of each training.")
    n_decided: int
    by_seed: float = Field(description="Share of the decisions that turn with another seed.")
    by_rows: float = Field(description="Share that turns on a bootstrap of the rows.")


class CalibrationAnswer(Answer):
    """How predictions hold on rows with outcomes."""

    slope: IntervalAnswer = Field(description="Of the outcomes on the log-odds: above 1 where predictions are timid.")
    mean_predicted: float
    calibration_error: float
    log_loss: float
    auc: float


class SegmentCalibrationAnswer(Answer):
    """Observed defaults over predicted ones in one segment; 1 where predictions hold."""

    feature: str
    label: str
    n_rows: int
    n_defaults: int
    offset: float = Field(description="Added to the log-odds of this segment.")
    before: IntervalAnswer | None = Field(description="Null where nobody is in the segment.")
    after: IntervalAnswer | None


class RecalibrationAnswer(Answer):
    """What a recalibration on outcomes did; all that is said of it afterwards is cross-fitted."""

    origin: Literal["demo", "real"] = Field(description="Whose outcomes they are.")
    n_rows: int
    n_defaults: int
    intercept: float = Field(description="The log-odds became this, and `slope` times what they were.")
    slope: float
    p_value: float = Field(description="Share of samples that would ask for as much of a model without fault.")
    log_loss_gain: IntervalAnswer = Field(description="How much lower the mean log loss is.")
    taken: bool
    before: CalibrationAnswer
    after: CalibrationAnswer
    segments: list[SegmentCalibrationAnswer]


class ModelEvaluation(Answer):
    """Everything measured of the model, out of fold."""

    evaluation: EvaluationAnswer
    auc: IntervalAnswer
    fold_aucs: list[float]
    cost_curve: list[tuple[float, float]] = Field(description="Threshold and mean cost per application, ascending.")
    reliability: list[tuple[float, float]] = Field(description="Predicted and observed default rate by bin, ascending.")
    omissions: OmissionsAnswer | None = Field(
        default=None, description="Null for a model that was measured before omissions were."
    )
    missing_not_learnt: list[str] = Field(
        default=[], description="Features of which the model reads a missing value as 0; empty for a sound model."
    )
    steadiness: SteadinessAnswer | None = Field(
        default=None, description="Null, as what follows is empty, for a model that was measured before this was."
    )
    segments: list[SegmentAnswer]
    groups: list[GroupComparisonAnswer] = Field(default=[])
    alternatives: AlternativeSearchAnswer | None = None
    stability: list[StabilityAnswer] = Field(default=[])
    recalibration: RecalibrationAnswer | None = Field(
        default=None,
        description="Null where there was none. Else all that is measured on outcomes is of its rows.",
    )
    comparisons: list[ModelComparisonAnswer]
    parameters: dict[str, Any] = Field(description="What LightGBM was told.")
    rounds: int = Field(description="Trees of the model.")
