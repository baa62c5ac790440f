"""The front door behind `run.py`: environments, services and quality gates, with the standard library alone."""
