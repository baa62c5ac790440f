"""A record in SQLite read by columns, and counted in one pass."""
