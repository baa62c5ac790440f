"""The API under load, while faults happen."""
