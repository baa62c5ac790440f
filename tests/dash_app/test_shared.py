"""What the workers of the dashboard share is loaded before they are forked, and nothing runs that a fork would stop."""

from __future__ import annotations

import json
import subprocess
import sys

from core.settings import root

# As `dash_app/gunicorn_conf.py` does, and then as a worker that makes the application and asks for its first page.
_program = """
import json, sys
import psutil
import dash_app
threads = psutil.Process().num_threads()
from dash_app import shared
shared.load()
more_threads = psutil.Process().num_threads() - threads
loaded = set(sys.modules)
from dash_app import create_app
from dash_app.views.documentation import markdown
missed = markdown._parsed.cache_info().misses
status = create_app().server.test_client().get("/").status_code
later = sorted(name for name in set(sys.modules) - loaded if name.startswith(("dash_app.views", "plotly", "flask")))
print(json.dumps([status, more_threads, markdown._parsed.cache_info().misses - missed, later]))
"""


def test_a_worker_finds_views_and_texts_loaded_and_no_thread_runs() -> None:
    done = subprocess.run([sys.executable, "-c", _program], cwd=root, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [200, 0, 0, []]
