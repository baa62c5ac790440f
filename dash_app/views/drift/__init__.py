"""The Drift page, in parts."""
