"""The drift report: what was compared, what drifts, and the rules that are broken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from pydantic import NonNegativeInt, PositiveInt, TypeAdapter, ValidationError

from core.drift.measures.measure import Level
from core.drift.measures.thresholds import Thresholds
from core.drift.results.columns import ColumnDrift, strict
from core.drift.results.scores import NotComparable, PerformanceDrift, ScoreDrift

if TYPE_CHECKING:
    from core.access.person import Sender

Rule = Literal["score_psi", "drifted_share", "drifted_importance", "auc_drop", "calibration_rise", "major_columns"]
# How fine the distribution of the reference was known: its rows, or the bins and percentiles of a profile.
Detail = Literal["rows", "profile"]

# How sides that every installation has are called; `core.drift.report.labels` says them to a reader.
portfolio_name: Final = "portfolio"
test_name: Final = "test"
model_name: Final = "reference"
live_name: Final = "live"


class InvalidReport(ValueError):
    """A text is no drift report; the message names what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule that is broken.

    Attributes:
        value, limit: what was found, and the limit that it reaches.
        columns: those concerned, the most important first.
    """

    __pydantic_config__: ClassVar = strict

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

    __pydantic_config__: ClassVar = strict

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

    __pydantic_config__: ClassVar = strict

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
