"""The runtime of a service: launch lines, and the worker under gunicorn."""
