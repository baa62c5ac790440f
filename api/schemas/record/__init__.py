"""Schemas of the record: decisions, final decisions, predictions handed in."""
