"""The kinds of problems with which the API answers, for who writes a client."""

from __future__ import annotations

from flask import Response

from api.http.responses import json_answer
from api.openapi.framework import Resource, answers
from api.schemas.problems import ProblemKind, ProblemKinds
from core.contract.problems import types

blueprint = Resource(
    "problems",
    __name__,
    title="Service",
    description="What the service is, and whether it is well.",
)


@blueprint.get("/problems", summary="The kinds of problems", responses=answers(ProblemKinds))
def problems() -> Response:
    """What `type` can be in an answer that is no success; it stays, where `detail` may be worded anew."""
    kinds = [ProblemKind(type=each.uri, status=each.status, meaning=each.meaning) for each in types.values()]
    return json_answer(ProblemKinds(problems=kinds))
