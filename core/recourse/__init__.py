"""Recourse: what an applicant could change, and which changes are enough."""
