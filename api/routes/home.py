"""Home, health, kinds of problems and metrics: what the service is, whether it is well, and what it counted."""

from __future__ import annotations

from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.access import roles
from api.http.responses import json_answer
from api.openapi.framework import Resource, answers
from api.operations import challenger, readiness
from api.operations.metrics import exposition
from api.schemas.home import Live, NotReadyProblem, Welcome
from api.schemas.problems import ProblemKind, ProblemKinds
from api.services import services
from core import __version__
from core.contract.health import Health, Ready
from core.contract.jobs import WorkerState
from core.contract.problems import types
from core.model.source import stand_in

blueprint = Resource(
    "home",
    __name__,
    title="Service",
    description="What the service is, and whether it is well.",
)

operation = Resource("metrics", __name__, title="Operation", description="For those who run the service.")


@blueprint.get("/", summary="What the service is", responses=answers(Welcome))
def welcome() -> Response:
    """Where to go from here."""
    return json_answer(Welcome(message="Home Credit Scoring API", version=__version__, docs="/docs", health="/health"))


@blueprint.get("/health", summary="Whether the service can score", responses=answers(Health))
def health() -> Response:
    """Answers 200 either way: `degraded` where the model is missing or altered."""
    scorer, failure = services().scorer, services().scorer.failure()
    provenance = services().provenance()
    return json_answer(
        Health(
            status="degraded" if failure else "healthy",
            model_loaded=failure is None,
            version=__version__,
            model_version=None if failure else scorer.get().model.version,
            portfolio_loaded=provenance is not None,
            portfolio=str(provenance) if provenance else None,
            model_stand_in=stand_in(services().model),
            detail=str(failure) if failure else None,
            role=roles.role(),
            worker=WorkerState.of(services().settings.jobs_dir),
        )
    )


@blueprint.get("/health/live", summary="Whether the process answers", responses=answers(Live))
def live() -> Response:
    """What is to be restarted where this does not come."""
    return json_answer(Live(status="live"))


@blueprint.get(
    "/health/ready", summary="Whether requests can be served", responses=answers(Ready) | {503: NotReadyProblem}
)
def ready() -> Response:
    """What is to get no requests until this comes. 503 says what is missing; the portfolio may be."""
    return json_answer(
        Ready(
            status="ready",
            checks=readiness.ready(),
            registry=readiness.registry_state(),
            challenger=challenger.current().state(),
        )
    )


@blueprint.get("/problems", summary="The kinds of problems", responses=answers(ProblemKinds))
def problems() -> Response:
    """What `type` can be in an answer that is no success; it stays, where `detail` may be worded anew."""
    kinds = [
        ProblemKind(type=problem.uri, status=problem.status, meaning=problem.meaning) for problem in types.values()
    ]
    return json_answer(ProblemKinds(problems=kinds))


@operation.get(
    "/metrics",
    summary="Requests, latency, decisions and scores, for Prometheus",
    responses=answers({"description": "OK", "content": {"text/plain": {"schema": {"type": "string"}}}}),
)
def metrics() -> Response:
    """Of all workers together, in the text format of Prometheus."""
    return Response(exposition(), content_type=CONTENT_TYPE_LATEST)
