"""Schemas of problems: what the API says of a request that it does not serve."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, WithJsonSchema

from core.contract.answer import Answer
from core.contract.problems import types
from core.text.names import max_errors


class FieldProblem(Answer):
    """One field that cannot be used."""

    field: str
    message: str
    expected: str


class Problem(Answer):
    """Why a request was not served (RFC 9457)."""

    type: Annotated[str, WithJsonSchema({"enum": [each.uri for each in types.values()]})] = Field(
        description="What kind of problem it is, for programs; `/problems` describes all of them."
    )
    status: int = Field(description="Of HTTP.")
    detail: str = Field(description="The same for people, in their language.")
    errors: list[FieldProblem] = Field(
        default_factory=list, max_length=max_errors, description="Field by field; absent where it is not about fields."
    )
    errors_omitted: int = Field(default=0, description="How many more there are than `errors` names; absent for none.")


class InvalidRequestProblem(Problem):
    """Why a request cannot be served, field by field."""

    errors: list[FieldProblem] = Field(max_length=max_errors)


class ProblemKind(Answer):
    """A kind of problem."""

    type: str = Field(description="As answers have it.")
    status: int = Field(description="Of HTTP.")
    meaning: str = Field(description="What it says.")


class ProblemKinds(Answer):
    """All kinds of problems with which the API answers."""

    problems: list[ProblemKind]
