"""The WSGI application that gunicorn serves: `dash_app.wsgi:server`."""

from __future__ import annotations

from dash_app import create_app

server = create_app().server
# Dash registers its callbacks with the first request: it is made here, before any reader's (plotly/dash#3971).
server.test_client().get("/")
