"""The resources of the API, one blueprint each."""

from api.routes import (
    clients,
    comparison,
    data,
    decisions,
    glossary,
    home,
    jobs,
    metrics,
    model,
    predict,
    problems,
    recourse,
    scenarios,
    simulate,
)

blueprints = (
    home.blueprint,
    problems.blueprint,
    model.blueprint,
    predict.blueprint,
    decisions.blueprint,
    clients.blueprint,
    comparison.blueprint,
    simulate.blueprint,
    recourse.blueprint,
    scenarios.blueprint,
    jobs.blueprint,
    data.blueprint,
    glossary.blueprint,
    metrics.blueprint,
)
