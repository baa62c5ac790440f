"""Drift: how a set of applications differs from that which the model, or the portfolio, was made of."""
