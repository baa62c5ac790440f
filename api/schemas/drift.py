"""Schemas of drift."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from api.schemas.base import LanguageQuery
from api.schemas.decisions import Moment
from core.contract.answer import Answer
from core.drift.measures.thresholds import Thresholds, chances
from core.drift.results import Alert, DriftReport, Side
from core.drift.verdict import Verdict

_job: Final = "(?:file-)?[0-9a-f]{32}"
_current: Final = f"^(portfolio|test|live|{_job})$"
_reference: Final = f"^(reference|portfolio|test|live|{_job})$"
largest_limit: Final = 1e9


def _named(pattern: str) -> Any:
    def known(value: object) -> object:
        if isinstance(value, str) and re.fullmatch(pattern[1:-1], value):
            return value
        raise PydanticCustomError("not_a_choice", "not a choice")

    return Annotated[
        str,
        BeforeValidator(known),
        WithJsonSchema({"type": "string", "format": "drift-side", "maxLength": 37, "pattern": pattern}),
    ]


def _limits_schema(name: str) -> dict[str, Any]:
    number = {"type": "number", "minimum": 0, "maximum": largest_limit}
    if name in chances:
        return number | {"maximum": 1}
    return {
        "type": "object",
        "properties": {"moderate": number, "major": number},
        "required": ["moderate"],
        "additionalProperties": False,
    }


# Read by `api.drift`, which names what is wrong with each of them.
_thresholds_schema: Final = {
    "type": "object",
    "properties": {each.name: _limits_schema(each.name) for each in fields(Thresholds)},
    "additionalProperties": False,
}


class DriftRequest(BaseModel):
    """Which applications to compare with which."""

    current: _named(_current) = Field(  # type: ignore[valid-type]
        default="test",
        description="`test`: the test set of the portfolio. `portfolio`. `live`: the applications decided from `since` "
        "until `until`, each once; who is looked at, explanations and what-ifs are none. Else the id of a file of the "
        "caller: one that was "
        "sent here (`file-…`), or a job that is done.",
    )
    reference: _named(_reference) = Field(  # type: ignore[valid-type]
        default="portfolio", description="As `current`, or `reference`: the profile that was frozen with the model."
    )
    since: Annotated[Moment | None, Field(description="Start of live traffic; by default a day before its end.")] = None
    until: Annotated[Moment | None, Field(description="End of live traffic; by default now.")] = None
    reference_since: Annotated[
        Moment | None, Field(description="Start of live traffic that is the reference; a day before its end.")
    ] = None
    reference_until: Annotated[
        Moment | None, Field(description="End of live traffic that is the reference; by default `since`.")
    ] = None
    thresholds: Annotated[Any, WithJsonSchema(_thresholds_schema)] = Field(
        default_factory=dict, description="What counts as drift, where not the usual; the lesser of two is `moderate`."
    )


class DriftQuery(LanguageQuery):
    """Parameters of a report."""

    format: Literal["html", "json"] = Field(default="html", description="A page for people, or the same as JSON.")
    report: str | None = Field(default=None, max_length=64, description="Its `id`; by default the newest.")


class DriftAnswer(Answer):
    """A drift report that is kept."""

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


class DriftReportsQuery(LanguageQuery):
    """Parameters of the list of reports."""

    limit: int = Field(default=20, ge=1, le=100, description="How many to give at most.")
    offset: int = Field(default=0, ge=0, le=10_000, description="How many to pass over.")


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


class DriftReportPath(BaseModel):
    """The report that an address names."""

    report_id: str = Field(max_length=64, description="Its `id`.")


class DriftReportGone(Answer):
    """A report that was removed."""

    id: str


class DriftFilePath(BaseModel):
    """The file that an address names."""

    file_id: str = Field(max_length=64, description="Its `id`.")


class DriftFileQuery(LanguageQuery):
    """Parameters of a file that is sent to be compared."""

    filename: str = Field(default="", max_length=255, description="How to call the file; shown, and nothing else.")


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
