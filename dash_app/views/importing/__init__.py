"""The views of the Import page."""
