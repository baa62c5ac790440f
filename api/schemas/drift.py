"""Schemas of drift."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from api.schemas.base import LanguageQuery
from api.schemas.record.decisions import Moment
from core.drift.measures.thresholds import Thresholds, chances

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
    "properties": {field.name: _limits_schema(field.name) for field in fields(Thresholds)},
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


class DriftReportsQuery(LanguageQuery):
    """Parameters of the list of reports."""

    limit: int = Field(default=20, ge=1, le=100, description="How many to give at most.")
    offset: int = Field(default=0, ge=0, le=10_000, description="How many to pass over.")


class DriftReportPath(BaseModel):
    """The report that an address names."""

    report_id: str = Field(max_length=64, description="Its `id`.")


class DriftFilePath(BaseModel):
    """The file that an address names."""

    file_id: str = Field(max_length=64, description="Its `id`.")


class DriftFileQuery(LanguageQuery):
    """Parameters of a file that is sent to be compared."""

    filename: str = Field(default="", max_length=255, description="How to call the file; shown, and nothing else.")
