"""The figures of the Comparison page."""
