"""The model in use: what it is, and which features it weighs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from flask import Response

from api import audit
from api.access import persons
from api.http.language import language
from api.http.parameters import parameters
from api.http.responses import attached, json_answer
from api.openapi.framework import Resource, answers, listed
from api.schemas.base import LanguageQuery
from api.schemas.model import CardQuery, ExportPath, FeatureImportance, FeatureNames, FeaturesQuery
from api.services import services
from api.stored_evaluation import card_as_markdown, card_as_page
from core import catalogue
from core.audit.approvals import approvals, model_approvals
from core.contract.model import ModelDescription, ModelEvaluation
from core.contract.record.approvals import ModelApprovals
from core.model import artefacts
from core.model.export import stored
from core.model.export.schema import application_schema
from core.model.source import described
from core.model.stored_evaluation import read_evaluation

# The card is a page without scripts, its style sheet within it.
_page_policy: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_card: Final[dict[str, Any]] = {
    "description": "OK",
    "content": {kind: {"schema": {"type": "string"}} for kind in ("text/markdown", "text/html")},
}
_archive: Final[dict[str, Any]] = {
    "description": "OK",
    "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
}
_schema: Final[dict[str, Any]] = {
    "description": "OK",
    "content": {"application/schema+json": {"schema": {"type": "object"}}},
}

blueprint = Resource(
    "model",
    __name__,
    url_prefix="/model",
    title="Model",
    description="The model in use.",
)


@blueprint.get("/info", summary="What the model is", responses=answers(ModelDescription, 400, 503))
@parameters
def model_info(query: LanguageQuery) -> Response:  # noqa: ARG001 (read by `language`)
    """Its version, threshold, costs, how well it does on rows that it had not seen, and what is amiss with it."""
    return json_answer(described(services().model, services().scorer.get(), language()))


@blueprint.get(
    "/features", summary="The most important features", responses=answers(listed(FeatureImportance), 400, 503)
)
@parameters
def model_features(query: FeaturesQuery) -> Response:
    """By their share of the gain of all splits, most important first."""
    model, lang = services().scorer.get().model, language()
    ranked = sorted(zip(model.feature_names, model.importances, strict=True), key=lambda item: -item[1])
    return json_answer(
        [
            FeatureImportance(feature=name, importance=share, rank=rank, label=catalogue.entry(name).label(lang))
            for rank, (name, share) in enumerate(ranked[: query.top_n], start=1)
        ]
    )


@blueprint.get("/feature-names", summary="All features", responses=answers(FeatureNames, 503))
def model_feature_names() -> Response:
    """In the order in which the model reads them."""
    return json_answer(FeatureNames(features=list(services().scorer.get().model.feature_names)))


@blueprint.get("/evaluation", summary="How good the model is", responses=answers(ModelEvaluation, 503))
def model_evaluation() -> Response:
    """Metrics with intervals, cost curve, calibration, fairness by segment, and simpler and freer models beside it."""
    return json_answer(read_evaluation(services().model.folder()))


@blueprint.get("/card", summary="The model card", responses=answers(_card, 400, 503))
@parameters
def model_card(query: CardQuery) -> Response:
    """Data, intended use, quality, fairness and limits, in English, made of the stored evaluation."""
    folder = services().model.folder()
    if query.format == "markdown":
        return Response(card_as_markdown(folder), content_type="text/markdown; charset=utf-8")
    answer = Response(card_as_page(folder), content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = _page_policy
    return answer


@blueprint.get(
    "/approvals",
    summary="Who approved which version, and when the model is to be reviewed",
    responses=answers(ModelApprovals, 400, 503),
)
@parameters
def approvals_on_record(query: LanguageQuery) -> Response:  # noqa: ARG001 (`language` reads it)
    """Newest first, as `run.py model approve` recorded them. The next review is counted from the last approval of the
    model in use, or from its training.
    """
    model, digest = services().scorer.get().model, artefacts.config_sha256(services().model.folder())
    months, today = services().settings.model_review_months, datetime.now(UTC).date()
    # A demonstration for everybody names nobody.
    named = persons.visitor() is None
    return json_answer(model_approvals(approvals(audit.database()), model, digest, months, today, named=named))


@blueprint.get("/schema", summary="The JSON Schema of an application", responses=answers(_schema, 503))
def model_schema() -> Response:
    """Draft 2020-12: every raw column and history feature, none required. The API reads more spellings than it says."""
    answer = json_answer(application_schema())
    answer.content_type = "application/schema+json"
    return answer


@blueprint.get("/export/<format>", summary="The model for another system", responses=answers(_archive, 400, 404, 503))
@parameters
def model_export(path: ExportPath) -> Response:
    """A zip of what `run.py export` wrote for the model in use: the model, its formulas, its schema, its certificate.

    None is made here: the proof takes seconds, and some formats need a compiler or packages that no service carries.
    """
    chosen, info = path.format, services().scorer.get().model
    packed = stored.archive(services().settings.exports_dir / chosen, chosen, info)
    return attached(Response(packed, content_type="application/zip"), f"{info.model_name}-{info.version}-{chosen}.zip")
