"""The resources of the API, one blueprint each."""

from api.routes import clients, comparison, data, home, model, predict

blueprints = (
    home.blueprint,
    model.blueprint,
    predict.blueprint,
    clients.blueprint,
    comparison.blueprint,
    data.blueprint,
)
