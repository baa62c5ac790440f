"""The WSGI application that gunicorn serves: `gunicorn -c api/http/gunicorn_conf.py api.wsgi:app`."""

from __future__ import annotations

from api import create_app
from api.audit import open_now
from api.http.logs import configure
from api.operations import challenger
from api.operations.retention import begin
from api.services import load_now
from core.settings import settings

configure(settings().log_level, settings().log_format)
app = create_app()
load_now(app)
challenger.begin(app)
open_now(app)
begin(app, settings())
