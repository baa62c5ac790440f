"""The views of the Drift page."""
