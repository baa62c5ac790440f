"""Schemas of changes that are tried: simulation, recourse, scenarios."""
