"""The views of the report that a client takes home."""
