"""A worker of gunicorn that clients cannot hold up: what is slow to come or to go waits outside of its threads."""
