"""The application that gunicorn serves: `gunicorn -c api/gunicorn_conf.py api.wsgi:app`."""

from __future__ import annotations

import logging

from api import create_app
from api.services import load_now
from core.settings import settings

logging.basicConfig(level=settings().log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
app = create_app()
load_now(app)
