"""The views of the Comparison page."""
