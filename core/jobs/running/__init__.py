"""The background worker: whose turn it is, whether it lives, and the scoring of one file."""
