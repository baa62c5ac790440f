"""Thresholds and scenarios tried on many applications at once."""

from __future__ import annotations

from flask import Response

from api.http.json_body import read_object, threshold_of, unknown_keys
from api.http.language import language
from api.http.parameters import parameters
from api.http.responses import json_answer
from api.openapi.framework import Resource, answers, json_body
from api.requests.rule_scenarios import no_population, population_of, portfolio, scenarios_of
from api.schemas.base import LanguageQuery
from api.schemas.changes.scenarios import CurveQuery, ScenariosRequest
from api.services import services
from core.contract.field_warnings import texts
from core.contract.scenarios import CurveAnswer, ScenariosAnswer
from core.scenarios.populations import EmptyPopulation

blueprint = Resource(
    "scenarios",
    __name__,
    url_prefix="/scenarios",
    title="Scenarios",
    description="Thresholds and circumstances tried on many applications at once; nobody is decided upon.",
)


@blueprint.get(
    "/curve",
    summary="What every threshold comes to",
    responses=answers(CurveAnswer, 400, 404, 409, 503),
)
@parameters
def curve(query: CurveQuery) -> Response:
    """Acceptance, expected and observed defaults, cost, precision and recall; and the thresholds of least cost."""
    lang, scorer = language(), services().scorer.get()
    population = population_of(query.population, lang)
    try:
        base = services().trials.base(scorer, population)
    except EmptyPopulation:
        raise no_population(lang) from None
    return json_answer(CurveAnswer.of(population.name, base, scorer.model.optimal_threshold, scorer.model.version))


@blueprint.post(
    "",
    summary="What scenarios come to, side by side",
    request_body=json_body(ScenariosRequest),
    responses=answers(ScenariosAnswer, 400, 404, 408, 409, 413, 415, 503),
)
@parameters
def try_scenarios(query: LanguageQuery) -> Response:  # noqa: ARG001 (`language` reads it)
    """Each scenario is applied to all rows; who changes decision or risk band is counted."""
    lang = language()
    body = read_object(lang)
    scenarios, threshold = scenarios_of(body, lang), threshold_of(body.get("threshold"), lang)
    population = population_of(body.get("population", portfolio), lang)
    scorer = services().scorer.get()
    try:
        trial = services().trials.run(scorer, population, scenarios, threshold)
    except EmptyPopulation:
        raise no_population(lang) from None
    warnings = texts(unknown_keys(body, tuple(ScenariosRequest.model_fields), lang))
    return json_answer(ScenariosAnswer.of(population.name, trial, scenarios, scorer.model.version, warnings))
