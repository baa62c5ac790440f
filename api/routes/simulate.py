"""Changes tried on an application: the old decision, the new ones, and what each change contributes."""

from __future__ import annotations

from flask import Response

from api import audit
from api.http.json_body import read_sent
from api.http.language import language
from api.http.parameters import parameters
from api.http.problems import nothing_usable_in
from api.http.responses import json_answer
from api.openapi.framework import Resource, answers, json_body
from api.requests.applications import applicant
from api.requests.scenarios import scenarios_of
from api.schemas.changes.simulation import SimulationAnswer, SimulationRequest
from api.schemas.predict import ApplicationQuery
from api.services import services
from core.explain.information import NothingUsable
from core.explain.what_if import changed
from core.explain.what_if import simulate as simulated

blueprint = Resource(
    "simulate", __name__, title="What if", description="Changes tried on an application, and ways to an acceptance."
)


@blueprint.post(
    "/simulate",
    summary="The old decision and the new, and what each change contributes",
    request_body=json_body(SimulationRequest),
    responses=answers(SimulationAnswer, 400, 404, 408, 409, 413, 415, 503),
)
@parameters
def simulate(query: ApplicationQuery) -> Response:
    """Contributions are exact Shapley values over the changed columns: they sum to the difference of the log-odds."""
    scorer, lang = services().scorer.get(), language()
    sent = read_sent(("features", "changes", "scenarios"), query.client_id)
    scenarios = scenarios_of(sent.body, lang)
    application = applicant(scorer, sent, query.client_id, query.history)
    try:
        simulations = simulated(scorer, application, [scenario.changes for scenario in scenarios], query.threshold)
    except NothingUsable as error:
        # The application as it is comes first; a scenario may take away the last of it.
        taken_away = (scenarios[position - 1].place for position in error.positions)
        return nothing_usable_in(("features",) if 0 in error.positions else taken_away)
    after = (
        (changed(application, asked.changes), simulation.after)
        for asked, simulation in zip(scenarios, simulations, strict=True)
    )
    recorded = audit.record("simulate", ((application, simulations[0].before), *after), scorer.model)
    warnings = application.warnings + recorded.warnings
    return json_answer(SimulationAnswer.of(simulations, scenarios, application, warnings, scorer, lang))
