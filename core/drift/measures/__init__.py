"""Measures of how far two sets of applications differ, and from where on that counts."""
