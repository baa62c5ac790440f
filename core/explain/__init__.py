"""Explanations of a decision: reason codes, what-if attribution, and how much is known of the application."""
