"""The reference profile that travels with the model: how the training rows were distributed, without any of them."""
