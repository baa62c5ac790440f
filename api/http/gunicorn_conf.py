"""The configuration of gunicorn: `HOST`, `PORT`, and as wide as `WEB_CONCURRENCY` and `THREADS` say."""

import ctypes
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from runtime import collector
from runtime.console import failed

with collector.loading():
    from api.http.server import threads_per_turn
    from api.operations import startup

# Read when the workers import LightGBM and Polars. One request is one row: more threads only fight each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("POLARS_MAX_THREADS", "1")

# Large blocks go back to the system once they are freed. By default glibc keeps those up to 32 MB, for each thread:
# a worker grew by 4 MB every ten thousand requests or so. Less than that at the end of what a thread holds stays: given
# back at once, as by default from 128 kB on, it is cleared by the system anew for each batch.
_largest_kept_block = 2 << 20
_largest_kept_end = 4 << 20
_trim_threshold, _mmap_threshold = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h
if hasattr(_libc := ctypes.CDLL(None), "mallopt"):
    _libc.mallopt(_mmap_threshold, _largest_kept_block)
    _libc.mallopt(_trim_threshold, _largest_kept_end)

_host = os.environ.get("HOST") or "127.0.0.1"
bind = f"[{_host}]:{os.environ.get('PORT') or 8000}" if ":" in _host else f"{_host}:{os.environ.get('PORT') or 8000}"

wsgi_app = "api.wsgi:app"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
# Threads, because sync workers close the connection after each answer.
worker_class = "api.http.server.ApiWorker"
logger_class = "api.http.server.GunicornLog"
# `THREADS` is how many requests a worker computes at once; others wait for clients meanwhile.
threads = int(os.environ.get("THREADS") or 4) * threads_per_turn
# Modules are imported once, before the fork (`on_starting`); each worker makes the application and loads the model by
# itself: LightGBM and Polars hang in a process forked from one in which they have run
# (docs/decisions/0021-imported-before-the-fork.md).
preload_app = False

# The longest that gunicorn takes.
limit_request_line = 8190
keepalive = 30
timeout = 60
graceful_timeout = 15
# The heartbeat of a worker is a file: on a disk that stalls, a healthy worker would be killed.
_memory = Path("/dev/shm")  # noqa: S108
worker_tmp_dir = str(_memory) if _memory.is_dir() else None

accesslog = None
errorlog = "-"
loglevel = (os.environ.get("LOG_LEVEL") or "info").lower()
control_socket_disable = True

try:
    _settings = startup.checked_settings()
except startup.CannotStart as _reason:
    sys.exit(failed(str(_reason)))


def on_starting(server: Any) -> None:
    """Called once, before anything listens."""
    try:
        startup.check_access(_settings, server.cfg.address)
    except startup.CannotStart as reason:
        sys.exit(failed(str(reason)))
    # What callers send, and what is recorded of it, is nobody else's to read.
    os.umask(0o077)
    server.shared_folder = startup.share_a_folder()
    # After the folder is there: metrics look for it when they are imported.
    with collector.loading():
        import api.factory
        import api.services

        api.services.check_model(_settings)


def child_exit(_server: Any, worker: Any) -> None:
    """Called when a worker has ended: what it alone counted as being there is not there any more."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """Called when the server has ended."""
    shutil.rmtree(server.shared_folder, ignore_errors=True)
