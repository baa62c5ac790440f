"""The background worker: its turns, its heartbeat, and the scoring of one file."""
