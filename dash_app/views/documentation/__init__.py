"""The views of the Documentation page."""
