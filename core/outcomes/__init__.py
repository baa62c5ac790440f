"""Outcomes of decisions: whether a client defaulted, as it becomes known, and what it says of the decisions."""
