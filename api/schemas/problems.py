"""What the API says of a request that it does not serve."""

from __future__ import annotations

from api.schemas.base import Answer


class FieldProblem(Answer):
    """One field that cannot be used."""

    field: str
    message: str
    expected: str


class Problem(Answer):
    """Why a request was not served."""

    detail: str


class InvalidRequestProblem(Problem):
    """Why a request cannot be served, field by field."""

    errors: list[FieldProblem]
