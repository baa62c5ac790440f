"""Scenarios on many applications: another threshold, or other circumstances."""
