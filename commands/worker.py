"""The `worker` command: files that callers of the API sent are scored, until it is told to stop."""

from __future__ import annotations

from argparse import Namespace

from core.audit.engine import InvalidDatabaseUrl
from core.audit.files import FileRecorder
from core.jobs.queue import QueueUnavailable
from core.jobs.running import worker
from core.logs import configure
from core.settings import settings
from runtime.challenger import Challenger
from runtime.console import failed
from runtime.model_source import model_source


def run(_: Namespace) -> int:
    """Works until a signal asks to stop; returns the exit code."""
    # It runs beside the API for as long: its lines are read by the same programs.
    configure(settings().log_level, settings().log_format)
    try:
        challenger = Challenger(settings())
        challenger.begin()
        worker.run(settings(), model_source(settings()), FileRecorder(settings()), challenger.ask_of_rows)
    except InvalidDatabaseUrl as error:
        return failed(str(error))
    except QueueUnavailable as error:
        return failed(f"The queue of the jobs cannot be opened: {error}")
    except OSError as error:
        return failed(f"The folder of the jobs, JOBS_DIR, cannot be used: {error.strerror}")
    return 0
