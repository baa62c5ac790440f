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
    recourse,
    simulate,
)

blueprints = (
    home.blueprint,
    model.blueprint,
    predict.blueprint,
    decisions.blueprint,
    clients.blueprint,
    comparison.blueprint,
    simulate.blueprint,
    recourse.blueprint,
    jobs.blueprint,
    data.blueprint,
    glossary.blueprint,
    metrics.blueprint,
)
