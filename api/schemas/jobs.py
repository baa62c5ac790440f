"""Schemas of requests on files that are scored in the background, and on their results."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from api.schemas.base import HistoryQuery, LanguageQuery
from core.exports.csv_text import Convention
from core.jobs.answers.results import Columns, column_types

_largest_row = 2**31 - 1

# As the results name them; a type checker cannot follow.
ShownColumn: Any = Literal[tuple(column_types())]


_convention: Any = Field(
    default="plain",
    description="Of CSV: `plain` has commas and decimal points, `fr` semicolons, decimal commas and a byte order mark, "
    "as Excel opens it where Windows is French.",
)


class NewJobQuery(HistoryQuery):
    """Parameters of a new job."""

    filename: str = Field(default="", max_length=255, description="How to call the file; shown, and nothing else.")
    threshold: float | None = Field(
        default=None, ge=0, le=1, allow_inf_nan=False, description="Replaces the model's own threshold."
    )


class NewHeldJobQuery(NewJobQuery):
    """Parameters of a new job that may wait."""

    hold: Literal["true", "false"] = Field(
        default="false", description="Keep it until `/jobs/{id}/start`; `/jobs/{id}/preview` says what it is."
    )


class StartQuery(HistoryQuery):
    """Parameters of the start of a job that waits."""

    confirm: Literal["true", "false"] = Field(
        default="false", description="Score it although it lacks much of what the model rests on (`absent`)."
    )


class JobsQuery(LanguageQuery):
    """Which part of the jobs."""

    limit: int = Field(default=50, ge=1, le=200, description="How many jobs to give at most.")
    offset: int = Field(default=0, ge=0, le=_largest_row, description="How many jobs to pass over.")


class JobPath(BaseModel):
    """The job that an address names."""

    job_id: str = Field(max_length=64, description="The `id` of the job.")


class RowPath(JobPath):
    """The row that an address names."""

    row: int = Field(ge=0, le=_largest_row, description="The `row` of the result: its number in the file.")


class ResultQuery(LanguageQuery):
    """How to get a result."""

    format: Literal["csv", "parquet", "xlsx"] = Field(default="csv", description="The columns are the same in each.")
    columns: Columns = Field(
        default="main",
        description="`main`: the decision and the main columns of the application; `all`: all others of the file too.",
    )
    convention: Convention = _convention


class RejectedQuery(LanguageQuery):
    """How to get the rows that were set aside."""

    content: Literal["reasons", "rows"] = Field(
        default="reasons",
        description="`reasons`: a line for each problem, without values; `rows`: the rows as they were sent, each with "
        "its number and its problems, to be mended and sent again.",
    )
    convention: Convention = _convention


class RowsQuery(LanguageQuery):
    """Which rows of a result, in which order."""

    offset: int = Field(default=0, ge=0, le=_largest_row, description="How many rows to pass over.")
    limit: int = Field(default=100, ge=1, le=1000, description="How many rows to give at most.")
    sort: ShownColumn | None = Field(default=None, description="What to sort by; missing values are last.")
    order: Literal["asc", "desc"] = Field(default="asc", description="Ascending or descending.")
    filter: str = Field(
        default="",
        max_length=4000,
        description="JSON: what columns have to be, such as "
        '`{"probability": {"min": 0.1, "max": 0.2}, "decision": {"in": ["REFUSÉ"]}, "SK_ID_CURR": {"prefix": "10"}, '
        '"EXT_SOURCE_1": {"missing": true}}`; all of it has to be met.',
    )
