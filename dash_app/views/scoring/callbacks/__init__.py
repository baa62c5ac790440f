"""Callbacks of the Scoring page about what stands beside its decision; the page registers them."""
