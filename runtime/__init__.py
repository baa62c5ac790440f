"""How a service is started and listens: launch lines, and the worker under gunicorn."""
