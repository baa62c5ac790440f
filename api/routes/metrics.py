"""The metrics route, for Prometheus."""

from __future__ import annotations

from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.openapi.framework import Resource, answers
from api.operations.metrics import exposition

blueprint = Resource("metrics", __name__, title="Operation", description="For those who run the service.")


@blueprint.get(
    "/metrics",
    summary="Requests, latency, decisions and scores, for Prometheus",
    responses=answers({"description": "OK", "content": {"text/plain": {"schema": {"type": "string"}}}}),
)
def metrics() -> Response:
    """Of all workers together, in the text format of Prometheus."""
    return Response(exposition(), content_type=CONTENT_TYPE_LATEST)
