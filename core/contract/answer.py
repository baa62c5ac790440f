"""The base of answers: what those to all requests share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from core.contract.field_warnings import WarningCode, texts

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.contract.field_warnings import FieldWarning


class Answer(BaseModel):
    """What all answers share: the API writes no key that is not documented.

    Readers ignore what a later API adds. A field that is added here gets a default where an earlier API lacks it.
    """

    model_config = ConfigDict(extra="forbid", protected_namespaces=())


class WarningDetail(Answer):
    """One warning: its kind, and the field beside which it is to be shown."""

    code: WarningCode
    field: str | None = Field(description="Column, feature or key; null where it is about the answer as a whole.")
    message: str = Field(description="Without the name of the field; never a value.")


Warnings = Annotated[
    list[str],
    Field(
        description="What was not used, is unlike what the model knows, or is essential and missing: names, no values."
    ),
]
WarningDetails = Annotated[
    list[WarningDetail], Field(description="The `warnings` taken apart, for a program, in the same order.")
]


def warned(warnings: Collection[FieldWarning]) -> dict[str, Any]:
    """The `warnings` and `warning_details` of an answer."""
    if not warnings:
        return {"warnings": [], "warning_details": []}
    details = [{"code": warning.code, "field": warning.field, "message": warning.message} for warning in warnings]
    return {"warnings": texts(warnings), "warning_details": details}
