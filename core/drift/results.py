"""Results of a comparison: frozen dataclasses, to and from JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
)

from core.drift.measures.measure import Kind, Level
from core.drift.measures.thresholds import Thresholds, measures
from core.model.evidence.calibration import ReliabilityBin

if TYPE_CHECKING:
    from core.access.person import Sender
    from core.drift.measures.measure import Test


def _known(name: str) -> str:
    if name not in measures:
        raise ValueError(f"expected one of {', '.join(measures)}")
    return name


# The name of a measure.
Statistic = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(measures)})]
Rule = Literal["score_psi", "drifted_share", "drifted_importance", "auc_drop", "calibration_rise", "major_columns"]
# How fine the distribution of the reference was known: its rows, or the bins and percentiles of a profile.
Detail = Literal["rows", "profile"]

# How sides that every installation has are called; `core.drift.report.labels` says them to a reader.
portfolio_name: Final = "portfolio"
test_name: Final = "test"
model_name: Final = "reference"
live_name: Final = "live"

_strict: Final = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

_Share = Annotated[float, Field(ge=0, le=1)]


class InvalidReport(ValueError):
    """A text is no drift report; the message names what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Significance:
    """A test.

    Attributes:
        p_value: of the statistic; where too few rows are expected for it to hold, of an exact test instead.
        corrected: the p-value corrected for the number of all tests of all columns (Benjamini-Hochberg).
        exact: whether the p-value is that of the exact test.
    """

    __pydantic_config__: ClassVar = _strict

    statistic: float
    p_value: _Share
    corrected: _Share
    exact: bool = False


@dataclass(frozen=True, slots=True)
class BinShift:
    """One bin on both sides; the bins of a column take every row once.

    Attributes:
        kind: as in `core.reference.profiles.Bin`.
        low, high: `low < value <= high`, None where open; of a special value, `high`.
        code: of a category.
        reference, current: share of all rows, 0 to 1.
        psi: what the bin adds to the PSI: which slice moved.
    """

    __pydantic_config__: ClassVar = _strict

    kind: Literal["interval", "special", "code", "unseen", "missing"]
    low: float | None
    high: float | None
    code: str | None
    reference: _Share
    current: _Share
    psi: Annotated[float, Field(ge=0)]


@dataclass(frozen=True, slots=True)
class QuantileShift:
    """The quantile of a share (0.5 is the median) on both sides, in the unit of the column."""

    __pydantic_config__: ClassVar = _strict

    share: _Share
    reference: float
    current: float


@dataclass(frozen=True, slots=True)
class PairedHistogram:
    """Both sides in bins with readable bounds, for a chart.

    Attributes:
        edges: ascending, one more than there are bins; the first bin also takes what lies below it and the last what
            lies above.
        reference, current: share of the numbers proper in each bin, 0 to 1.
    """

    __pydantic_config__: ClassVar = _strict

    edges: tuple[float, ...]
    reference: tuple[_Share, ...]
    current: tuple[_Share, ...]


@dataclass(frozen=True, slots=True)
class MissingShift:
    """Share of missing values on both sides; the statistic of the test is z, positive where the share has risen."""

    __pydantic_config__: ClassVar = _strict

    reference: _Share
    current: _Share
    test: Significance

    @property
    def difference(self) -> float:
        """Current less reference, -1 to 1."""
        return self.current - self.reference


@dataclass(frozen=True, slots=True)
class NumberShift:
    """What only numbers have; special values and missing ones are left out of it, and are bins of their own.

    Attributes:
        kolmogorov_smirnov: where only a profile of the reference is known, the largest gap at the edges of its bins:
            no more than the true one.
        wasserstein: in the unit of the column; where only a profile is known, from its percentiles, which is within a
            few hundredths of a standard deviation where values repeat.
        wasserstein_scaled: in standard deviations of the reference; None where that has none.
        quantiles: empty where too few rows are known.
    """

    __pydantic_config__: ClassVar = _strict

    kolmogorov_smirnov: Significance
    wasserstein: float | None
    wasserstein_scaled: float | None
    reference_mean: float | None
    current_mean: float | None
    quantiles: tuple[QuantileShift, ...]
    histogram: PairedHistogram | None


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """One column, compared.

    Attributes:
        kind: numbers, or codes (a flag has the codes `0` and `1`).
        importance: share of the model's gain, 0 to 1; 0 for a column that it does not see, None where no model is
            known.
        level: the worst of what `reasons` names; a statistic counts only where its test is significant.
        reasons: the statistics that reach their limit.
        psi: Population Stability Index over `bins`.
        jensen_shannon: distance in base 2 over `bins`.
        psi_by_chance: what the PSI is to be expected to be where nothing has changed: with few rows, not nothing.
        total_variation: over `bins`; counts against its limit for codes only.
        chi_squared: over `bins`, the test behind the three above.
        numbers: None for codes, and where a side has no number at all.
    """

    __pydantic_config__: ClassVar = _strict

    name: str
    kind: Kind
    importance: _Share | None
    level: Level
    reasons: tuple[Statistic, ...]
    psi: Annotated[float, Field(ge=0)]
    jensen_shannon: _Share
    total_variation: _Share
    chi_squared: Significance
    missing: MissingShift
    numbers: NumberShift | None
    bins: tuple[BinShift, ...]
    psi_by_chance: Annotated[float, Field(ge=0)] = 0.0

    @property
    def drifted(self) -> bool:
        """Whether anything reaches its limit."""
        return self.level != "stable"

    def test(self, name: Test) -> Significance | None:
        """The test of the bins, of the numbers or of the missing values; None where the column has no numbers."""
        if name == "missing":
            return self.missing.test
        if name == "bins":
            return self.chi_squared
        return self.numbers.kolmogorov_smirnov if self.numbers else None

    def moved(self, most: int = 3) -> tuple[BinShift, ...]:
        """The bins that moved most, by what they add to the PSI."""
        return tuple(sorted((bin_ for bin_ in self.bins if bin_.psi > 0), key=lambda bin_: -bin_.psi)[:most])


@dataclass(frozen=True, slots=True)
class SegmentDrift:
    """The score within one segment; a segment may grow without any of its clients being judged otherwise.

    Attributes:
        dimension: the column it is cut by; `age_band` in completed years.
        reference_share, current_share: of all rows.
        reference_mean, current_mean: mean probability of default in the segment.
        psi: of the probability of default in the segment, over the bins of the whole; None where too few rows.
    """

    __pydantic_config__: ClassVar = _strict

    dimension: str
    value: str
    reference_rows: NonNegativeInt
    current_rows: NonNegativeInt
    reference_share: _Share
    current_share: _Share
    reference_mean: _Share | None
    current_mean: _Share | None
    psi: float | None
    level: Level


@dataclass(frozen=True, slots=True)
class ScoreDrift:
    """The probability of default on both sides.

    Attributes:
        column: the probability as a column of numbers, without an importance; its level goes by `score_psi` alone, and
            counts where either of its tests is significant.
        threshold: from which an application is refused.
        reference_refused, current_refused: share refused.
        segments: within which the score was compared; empty where the rows of a side are not known.
    """

    __pydantic_config__: ClassVar = _strict

    column: ColumnDrift
    threshold: _Share
    reference_refused: _Share
    current_refused: _Share
    segments: tuple[SegmentDrift, ...]


@dataclass(frozen=True, slots=True)
class ScorePerformance:
    """How good the probabilities of one side are, on its rows whose outcome is known.

    Attributes:
        defaults: how many of the rows defaulted; None for a model's stored performance.
        auc, auc_error, auc_low, auc_high: with its standard error (DeLong) and its 95 % interval. This and all below is
            None where fewer than `core.drift.performance.fewest_outcomes` defaulted, or did not: too few to
            tell.
        calibration_error: expected, over tenths of the rows.
        calibration_error_by_chance: what it is to be expected to be of honest probabilities, on so many rows.
        calibration_p_value: of Hosmer and Lemeshow's test that the probabilities are honest; small where they are not.
            None where too few defaults are expected for it to hold.
        cost: mean cost per application at the threshold.
        reliability: empty for a model's stored performance.
        stored: whether the numbers are those of the model's cross-validation, not of rows compared here.
    """

    __pydantic_config__: ClassVar = _strict

    rows: PositiveInt
    default_rate: _Share
    mean_probability: _Share | None
    auc: _Share | None
    auc_error: float | None
    brier: float | None
    log_loss: float | None
    calibration_error: float | None
    calibration_p_value: _Share | None
    cost: float | None
    reliability: tuple[ReliabilityBin, ...]
    stored: bool
    defaults: NonNegativeInt | None = None
    auc_low: _Share | None = None
    auc_high: _Share | None = None
    calibration_error_by_chance: float | None = None


@dataclass(frozen=True, slots=True)
class PerformanceDrift:
    """Performance of both sides.

    Attributes:
        auc_change: current less reference; None where one is not known.
        auc_p_value: two-sided, of no change; None where a standard error is not known.
        calibration_change: of the calibration error beyond what chance gives, current less reference; None where one is
            not known.
        calibration_p_value: of no change of the calibration; where the rows of the reference are not known, that the
            current probabilities are honest. None where too few defaults are expected to tell.
        auc_level, calibration_level: a fall of the one, a rise of the error of the other, against its limit; stable
            where it is not significant.
    """

    __pydantic_config__: ClassVar = _strict

    reference: ScorePerformance
    current: ScorePerformance
    auc_change: float | None
    auc_p_value: _Share | None
    calibration_change: float | None
    auc_level: Level
    calibration_level: Level
    calibration_p_value: _Share | None = None


@dataclass(frozen=True, slots=True)
class NotComparable:
    """Why the score of two sides says nothing: one has columns that the model uses, and the other has not.

    Attributes:
        columns: those that one side lacks, by name.
        importance: share of the model's gain that rests on them, 0 to 1.
    """

    __pydantic_config__: ClassVar = _strict

    columns: tuple[str, ...]
    importance: _Share


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule that is broken.

    Attributes:
        value, limit: what was found, and the limit that it reaches.
        columns: those concerned, the most important first.
    """

    __pydantic_config__: ClassVar = _strict

    rule: Rule
    level: Level
    value: float
    limit: float
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two sets of rows.

    Attributes:
        name: what it is called in the report.
        detail: whether its rows or a profile of them were compared.
        synthetic: whether the rows were drawn rather than observed; None where that is not known.
        unreadable: by column, how many values were no number where one was expected, and counted as missing.
        broken: lines of a file that were no row, and were left out.
    """

    __pydantic_config__: ClassVar = _strict

    name: str
    rows: PositiveInt
    detail: Detail
    synthetic: bool | None = None
    unreadable: Mapping[str, int] = field(default_factory=dict)
    broken: NonNegativeInt = 0


@dataclass(frozen=True, slots=True)
class DriftReport:
    """How the current rows differ from the reference.

    Attributes:
        made_at: ISO 8601, UTC.
        model: name and version of the model that scored both; None without one.
        columns: those that drift first, in each part the most important for the model first.
        not_compared: columns that only one side has, or that hold nothing that can be compared.
        score: None without a model, and where `score_not_comparable` says why.
        performance: None where the outcome is not known on both sides, or without a score.
        alerts: the rules that are broken.
        owner, subject, person: whose it is, where it is somebody's own: the name of the key, and where one was
            asserted, the subject and the name of the person. None where it is for others as well, and in those of
            earlier versions.
    """

    __pydantic_config__: ClassVar = _strict

    made_at: str
    reference: Side
    current: Side
    model: str | None
    thresholds: Thresholds
    columns: tuple[ColumnDrift, ...]
    not_compared: tuple[str, ...]
    score: ScoreDrift | None
    performance: PerformanceDrift | None
    alerts: tuple[Alert, ...]
    score_not_comparable: NotComparable | None = None
    owner: str | None = None
    subject: str | None = None
    person: str | None = None

    def of(self, sender: Sender) -> DriftReport:
        """The same report, as that of who had it made."""
        person = sender.person
        return replace(
            self,
            owner=sender.key,
            subject=person.subject if person else None,
            person=person.name if person else None,
        )

    @property
    def drifted(self) -> tuple[ColumnDrift, ...]:
        """The columns that drift."""
        return tuple(column for column in self.columns if column.drifted)

    @property
    def drifted_share(self) -> float:
        """Share of the columns that drift, 0 to 1."""
        return len(self.drifted) / len(self.columns)

    @property
    def drifted_importance(self) -> float | None:
        """Share of the model's gain in the columns that drift, 0 to 1; None where no model is known."""
        if any(column.importance is None for column in self.columns):
            return None
        return min(sum(column.importance or 0.0 for column in self.drifted), 1.0)

    def column(self, name: str) -> ColumnDrift:
        """The column of that name. Raises `KeyError`."""
        return next((column for column in self.columns if column.name == name), None) or _unknown(name)

    def to_json(self) -> bytes:
        """The report as compact JSON in UTF-8."""
        return _adapter().dump_json(self) + b"\n"

    @classmethod
    def from_json(cls, text: bytes | str) -> DriftReport:
        """Reads what `to_json` wrote. Raises `InvalidReport` where a field is absent, unknown or unsound."""
        try:
            return _adapter().validate_json(text)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise InvalidReport(f"{place or 'report'}: {first['msg']}") from None


def _unknown(name: str) -> ColumnDrift:
    raise KeyError(name)


@cache
def _adapter() -> TypeAdapter[DriftReport]:
    return TypeAdapter(DriftReport)
