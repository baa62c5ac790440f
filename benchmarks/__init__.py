"""Measures of speed, memory and likeness that are no tests."""
