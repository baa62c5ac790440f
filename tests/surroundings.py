"""What is around the tests and must not reach them: the caller's settings, files in use, services that run."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.settings import Settings
from runtime import services

if TYPE_CHECKING:
    from collections.abc import MutableMapping

# Nothing listens on the port for what is thrown away, whereas a workbench may run on those that it has by default.
nowhere: Final = "http://127.0.0.1:9"


def leave(environment: MutableMapping[str, str]) -> None:
    """Takes the settings of the caller out of the environment, and what is stored out of the checkout.

    What tests record, send and keep lies in a folder of this process, which goes at its end.
    """
    for name in Settings.model_fields:
        environment.pop(name.upper(), None)
    for name in ("HOST", "PORT", "THREADS", "WEB_CONCURRENCY"):
        environment.pop(name, None)
    for service in services.services:
        for name in (service.variable, f"{service.name.upper()}_PORT"):
            environment.pop(name, None)
    folder = Path(tempfile.mkdtemp(prefix="workbench-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    environment.update(
        {
            "API_URL": nowhere,
            "MLFLOW_URL": nowhere,
            "AUDIT_FILE": str(folder / "audit.db"),
            "DATA_DIR": str(folder / "data"),
            "JOBS_DIR": str(folder / "jobs"),
            "MODEL_CACHE_DIR": str(folder / "models"),
            "SPOOL_DIR": str(folder / "spool"),
        }
    )
