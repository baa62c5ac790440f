"""The drift report as one HTML page."""
