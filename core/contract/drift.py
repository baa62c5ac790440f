"""Drift reports, and the files that are sent to be compared."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from core.contract.answer import Answer
from core.drift.results.drift_report import Alert, DriftReport, Side
from core.drift.verdict import Verdict


class DriftAnswer(Answer):
    """A drift report that is kept."""

    # Built with the first report: its parts take as long to build as half of all other answers.
    model_config = ConfigDict(defer_build=True)

    id: str = Field(description="For `report=`.")
    verdict: Verdict = Field(
        description="`stable`; `watch`: something drifts, and no rule is broken; `alert`: a rule is broken."
    )
    alert: bool = Field(description="Whether a rule is broken.")
    drifted: list[str] = Field(description="Names of the columns that drift, the most important first.")
    drifted_share: float = Field(ge=0, le=1, description="Of the columns compared.")
    drifted_importance: float | None = Field(description="Share of what the model leans on that drifts.")
    report: DriftReport


class NewDrift(DriftAnswer):
    """A drift report that was just made."""

    warnings: list[str] = Field(description="What was not used of the request: names, never values.")


class DriftLine(Answer):
    """A report that is kept, in short."""

    id: str
    made_at: str
    owner: str | None = Field(description="The key whose own it is; null where it is for others as well.")
    subject: str | None = Field(description="Whose own it is, as their identity provider knows them.")
    person: str | None = Field(description="The same, by name. Null in reports of earlier versions, as the other two.")
    reference: Side
    current: Side
    columns: int
    drifted: list[str]
    drifted_share: float
    drifted_importance: float | None
    score_psi: float | None
    verdict: Verdict
    alerts: list[Alert]


class DriftReportList(Answer):
    """The reports that are kept, newest first."""

    reports: list[DriftLine]
    total: int
    limit: int
    offset: int
    webhook: bool = Field(
        description="Whether `DRIFT_WEBHOOK_URL` is set: who is told of the alerts of `run.py drift`."
    )


class DriftReportGone(Answer):
    """A report that was removed."""

    id: str


class DriftFile(Answer):
    """A file that can be compared, for a week."""

    id: str = Field(description="For `current` and `reference` of `POST /data/drift`.")
    name: str
    owner: str = Field(description="The key that sent it.")
    subject: str | None = Field(description="Who sent it, as their identity provider knows them; null where unknown.")
    person: str | None = Field(description="Who sent it, by name; null where unknown.")
    sent: str
    rows: int
    compared: int = Field(description="How many of its rows are compared, drawn evenly.")
    columns: list[str] = Field(description="Those that are compared.")
    unreadable: dict[str, int] = Field(
        description="By column, values that are no number where one was expected, or one beyond 1e12, as some "
        "programs mark what they do not know; they count as missing."
    )
    broken: int = Field(description="Lines that are no row; they are left out.")
