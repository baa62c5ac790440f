"""What the Documentation page asks of the model: its evaluation, its card, what it leans on, how columns are spread."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from core.catalogue import UnknownEntry
from core.catalogue.glossary import features_table, terms
from core.model.artefacts import ArtefactError, read_report
from core.model.evidence.card import model_card
from core.reference.profiles import NumberProfile
from core.reference.reference_profile import UnknownColumn
from dash_app.service.client import understood
from dash_app.service.protocol import ServiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.model.artefacts import ModelInfo
    from core.model.source import ModelSource
    from core.reference.reference_profile import ReferenceProfile
    from dash_app.service.client import ApiClient
    from dash_app.service.protocol import Source

_log = logging.getLogger(__name__)
_Row = TypeVar("_Row")
_Answer = TypeVar("_Answer")
_page_size: Final = 500


@dataclass(frozen=True, slots=True)
class Metrics:
    """Metrics on rows that the model had not seen; as in `core.model.evidence.evaluation.Evaluation`."""

    n_rows: int
    default_rate: float
    auc: float
    gini: float
    ks: float
    log_loss: float
    brier: float
    calibration_error: float
    threshold: float
    accuracy: float
    precision: float
    recall: float
    approval_rate: float
    business_cost: float
    cost_accept_all: float
    cost_refuse_all: float
    cost_at_half: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate with its 95 % interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """The model on one group of clients; as in `core.model.evidence.segments.Segment`."""

    dimension: str
    value: str
    n_rows: int
    default_rate: float
    mean_probability: float
    calibration_error: float
    auc: float | None
    approval_rate: float
    false_refusal_rate: float


@dataclass(frozen=True, slots=True)
class Rival:
    """Another model on the same rows and folds; as in `core.model.evidence.report.Comparison`."""

    name: str
    auc: float
    business_cost: float
    auc_less_ours: Estimate
    n_rows: int


@dataclass(frozen=True, slots=True)
class OmissionLine:
    """What leaving something out does to the decisions; as in `core.model.training.omissions.Omission`."""

    name: str
    accepted: int
    refused: int
    auc_change: float


@dataclass(frozen=True, slots=True)
class MissingValues:
    """The omissions that were tried on `n_rows` applications, of which `refusals` are refused as they are.

    Attributes:
        not_learnt: features of which the model reads a missing value as zero.
    """

    n_rows: int
    refusals: int
    omissions: tuple[OmissionLine, ...]
    not_learnt: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelReport:
    """Everything that was measured of the model when it was trained.

    Attributes:
        cost_curve: thresholds, ascending, with the mean cost per application at each.
        reliability: predicted and observed default rate of equally filled bins, ascending.
        missing_values: None for a model that was measured before omissions were.
        rounds: trees of the model.
    """

    metrics: Metrics
    auc: Estimate
    fold_aucs: tuple[float, ...]
    cost_curve: tuple[tuple[float, float], ...]
    reliability: tuple[tuple[float, float], ...]
    missing_values: MissingValues | None
    segments: tuple[SegmentLine, ...]
    rivals: tuple[Rival, ...]
    rounds: int


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What the model is, as `source` says; `training_date` is ISO 8601, `feature_names` in the order of the matrix."""

    name: str
    version: str
    training_date: str
    trained_on: str
    n_training_rows: int
    cost_fn: float
    cost_fp: float
    threshold: float
    feature_names: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Weight:
    """What the model makes of a feature: its share of the gain of all splits, 0 to 1, and its place among all."""

    share: float
    rank: int


@dataclass(frozen=True, slots=True)
class NumberShape:
    """How a number was spread among the training rows: `counts[i]` of them between `edges[i]` and `edges[i + 1]`.

    Attributes:
        missing_share: of all rows, 0 to 1.
        quantiles: the 0th to 100th percentile; empty where too few are known.
        default_rate: of each bin; None where nobody is in it, or no outcome is known.
    """

    missing_share: float
    mean: float | None
    quantiles: tuple[float, ...]
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    default_rate: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class CategoryShape:
    """How often each code was met among the training rows, and how often those with it defaulted."""

    missing_share: float
    codes: tuple[str, ...]
    shares: tuple[float, ...]
    default_rate: tuple[float | None, ...]


Shape = NumberShape | CategoryShape


class DocumentationService(Protocol):
    """Everything that the page can ask. Each call may raise `ServiceUnavailable`."""

    def facts(self) -> ModelFacts:
        """The model in use."""

    def report(self) -> ModelReport:
        """What was measured of it."""

    def card(self) -> str:
        """The model card, Markdown in English, made of both."""

    def weights(self) -> Mapping[tuple[str, str], Weight]:
        """What the model makes of the terms of the glossary that it sees, by table and name."""

    def shape(self, table: str, name: str) -> Shape | None:
        """How a term was spread among the training rows; None where that was not kept."""


class HttpDocumentation:
    """As the API says."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    def facts(self) -> ModelFacts:
        answer, names = self._api.get("/model/info"), self._api.get("/model/feature-names")
        with understood():
            return ModelFacts(
                name=answer["model_name"],
                version=answer["version"],
                training_date=answer["training_date"],
                trained_on=answer["trained_on"],
                n_training_rows=answer["n_training_rows"],
                cost_fn=answer["cost_fn"],
                cost_fp=answer["cost_fp"],
                threshold=answer["optimal_threshold"],
                feature_names=tuple(names["features"]),
                source="api",
            )

    def report(self) -> ModelReport:
        return _report(self._api.get("/model/evaluation"))

    def card(self) -> str:
        return self._api.fetch("/model/card").decode()

    def weights(self) -> Mapping[tuple[str, str], Weight]:
        found: dict[tuple[str, str], Weight] = {}
        offset = 0
        while True:
            answer = self._api.get("/data/glossary", limit=_page_size, offset=offset)
            with understood():
                seen = [each for each in answer["terms"] if each["rank"] is not None]
                found |= {(each["table"], each["name"]): Weight(each["importance"], each["rank"]) for each in seen}
                offset += len(answer["terms"])
                # By rank: after the first term without one there is no other with one.
                if len(seen) < len(answer["terms"]) or not seen or offset >= answer["total"]:
                    return found

    def shape(self, table: str, name: str) -> Shape | None:
        answer = self._api.get(f"/data/glossary/{table}/{name}")
        with understood():
            return _shape(answer["distribution"])


class LocalDocumentation:
    """From the model in the dashboard's own image, of which only what is said here is held."""

    def __init__(self, model: ModelSource) -> None:
        self._model = model
        self._lock = threading.Lock()
        self._held: tuple[object, ModelInfo, ReferenceProfile | None] | None = None

    def facts(self) -> ModelFacts:
        info, _reference = self._loaded()
        return ModelFacts(
            name=info.model_name,
            version=info.version,
            training_date=info.training_date,
            trained_on=info.trained_on,
            n_training_rows=info.n_training_rows,
            cost_fn=info.cost_fn,
            cost_fp=info.cost_fp,
            threshold=info.optimal_threshold,
            feature_names=info.feature_names,
            source="local",
        )

    def report(self) -> ModelReport:
        return _report(_stored(lambda: json.loads(read_report(self._model.folder()))))

    def card(self) -> str:
        return _stored(lambda: model_card(self._model.folder()))

    def weights(self) -> Mapping[tuple[str, str], Weight]:
        info, _reference = self._loaded()
        return {
            (each.table, each.entry.name): Weight(each.importance, each.rank)
            for each in terms(info)
            if each.importance is not None and each.rank is not None
        }

    def shape(self, table: str, name: str) -> Shape | None:
        _info, reference = self._loaded()
        if reference is None or table not in (features_table, "application"):
            return None
        try:
            profile = reference.column(name)
        except UnknownColumn:
            return None
        if isinstance(profile, NumberProfile):
            return NumberShape(
                missing_share=profile.missing_share,
                mean=profile.mean,
                quantiles=tuple(profile.quantiles),
                edges=profile.histogram.edges,
                counts=profile.histogram.counts,
                default_rate=profile.histogram.default_rates,
            )
        return CategoryShape(
            missing_share=profile.missing_share,
            codes=tuple(profile.shares),
            shares=tuple(profile.shares.values()),
            default_rate=tuple(profile.default_rates.values()),
        )

    def _loaded(self) -> tuple[ModelInfo, ReferenceProfile | None]:
        with self._lock:
            now = self._model.fingerprint()
            if self._held is None or self._held[0] != now:
                artefacts = _stored(lambda: self._model.load().artefacts)
                try:
                    reference = artefacts.reference
                except ArtefactError as error:
                    _log.warning("No distributions in the glossary: %s", error)
                    reference = None
                self._held = now, artefacts.info, reference
            return self._held[1], self._held[2]


def _stored(read: Callable[[], _Answer]) -> _Answer:
    """What stands beside the model. Raises `ServiceUnavailable` where it is missing or not what training writes."""
    try:
        return read()
    except (ArtefactError, OSError, ValueError, KeyError, RecursionError, UnknownEntry) as error:
        raise ServiceUnavailable("no_model") from error


def _report(stored: Any) -> ModelReport:
    with understood():
        return ModelReport(
            metrics=_known(Metrics, stored["evaluation"]),
            auc=_known(Estimate, stored["auc"]),
            fold_aucs=tuple(stored["fold_aucs"]),
            cost_curve=tuple((at, cost) for at, cost in stored["cost_curve"]),
            reliability=tuple((predicted, observed) for predicted, observed in stored["reliability"]),
            missing_values=_missing_values(stored),
            segments=tuple(_known(SegmentLine, each) for each in stored["segments"]),
            rivals=tuple(
                Rival(
                    name=each["name"],
                    auc=each["evaluation"]["auc"],
                    business_cost=each["evaluation"]["business_cost"],
                    auc_less_ours=_known(Estimate, each["auc_less_ours"]),
                    n_rows=each["n_rows"],
                )
                for each in stored["comparisons"]
            ),
            rounds=stored["rounds"],
        )


def _missing_values(stored: Any) -> MissingValues | None:
    omissions = stored.get("omissions")
    if omissions is None:
        return None
    return MissingValues(
        n_rows=omissions["n_rows"],
        refusals=omissions["refusals"],
        omissions=tuple(_known(OmissionLine, omission) for omission in omissions["tried"]),
        not_learnt=tuple(stored["missing_not_learnt"]),
    )


def _shape(item: Mapping[str, Any] | None) -> Shape | None:
    if item is None:
        return None
    if item["kind"] == "category":
        return CategoryShape(
            missing_share=item["missing_share"],
            codes=tuple(item["codes"]),
            shares=tuple(item["shares"]),
            default_rate=tuple(item["default_rate"]),
        )
    return NumberShape(
        missing_share=item["missing_share"],
        mean=item["mean"],
        quantiles=tuple(item["quantiles"]),
        edges=tuple(item["edges"]),
        counts=tuple(item["counts"]),
        default_rate=tuple(item["default_rate"]),
    )


def _known(kind: type[_Row], item: Mapping[str, Any]) -> _Row:
    return kind(**{each.name: item[each.name] for each in fields(kind)})  # type: ignore[arg-type]
