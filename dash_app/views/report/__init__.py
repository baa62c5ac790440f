"""The report that a client takes home."""
