"""Drift: how a set of applications differs from the one that the model, or the portfolio, was made of."""
