"""The resources of the API, one blueprint each."""

from api.routes import (
    clients,
    comparison,
    data,
    decisions,
    glossary,
    home,
    jobs,
    model,
    outcomes,
    predict,
    recourse,
    scenarios,
    simulate,
)

blueprints = (
    home.blueprint,
    model.blueprint,
    predict.blueprint,
    decisions.blueprint,
    outcomes.blueprint,
    clients.blueprint,
    comparison.blueprint,
    simulate.blueprint,
    recourse.blueprint,
    scenarios.blueprint,
    jobs.blueprint,
    data.blueprint,
    glossary.blueprint,
    home.operation,
)
