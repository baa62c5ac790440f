"""The resources of the API, one blueprint each."""

from api.routes import clients, data, home, model, predict

blueprints = (home.blueprint, model.blueprint, predict.blueprint, clients.blueprint, data.blueprint)
