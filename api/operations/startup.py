"""Startup checks, before the API serves anybody: settings, keys, and a folder that its workers share."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from api.access.cors import InvalidOrigins, origins_of
from api.access.limits import InvalidLimit, limits_of
from api.access.persons import UnknownSigner, check_settings
from api.access.roles import InvalidKeys, known_keys
from api.access.shared_counter import folder_variable
from core.access.listening import is_local
from core.audit.engine import InvalidDatabaseUrl, database_url
from core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

metrics_variable: Final = "PROMETHEUS_MULTIPROC_DIR"

_prefix: Final = "home-credit-api-"
_locks: Final[list[TextIO]] = []


class CannotStart(Exception):
    """Why the API does not start, as a sentence for whoever starts it; it repeats no setting's value."""


def checked_settings() -> Settings:
    """The settings of the environment. Raises `CannotStart` that names each variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False, include_context=False)
        faults = (f"{'_'.join(map(str, detail['loc'])).upper()}: {detail['msg']}" for detail in wrong)
        raise CannotStart("; ".join(faults)) from None


def check_access(settings: Settings, addresses: Iterable[object]) -> None:
    """Makes sure that the API does not serve strangers by mistake.

    Args:
        settings: with the keys.
        addresses: what gunicorn listens on: `(host, port)`, the path of a socket, or a number of an open file.

    Raises:
        CannotStart: keys, limits, origins or a database that cannot be used; no keys, and an address that other
            machines reach.
    """
    try:
        keys = known_keys(settings)
        limits_of(settings, keys)
        origins_of(settings)
        check_settings(settings)
        database_url(settings)
    except (InvalidKeys, InvalidLimit, InvalidOrigins, UnknownSigner, InvalidDatabaseUrl) as error:
        raise CannotStart(str(error)) from None
    if keys or settings.allow_anonymous:
        return
    for address in addresses:
        if not is_local(address):
            place = f"on {address[0]}" if isinstance(address, tuple) else "there"
            raise CannotStart(
                "without keys anybody who reaches this machine could read and score its clients: "
                f"the API does not listen {place}.\n"
                "Set API_KEYS (`python3 run.py key NAME` makes a key), "
                "or ALLOW_ANONYMOUS=true where only those who may reach it can."
            )


def share_a_folder() -> Path:
    """Makes the folder that the workers of this server share, and removes those of servers that are gone.

    It is in memory where the machine has that: counters are written at each request. A folder for the metrics that
    the operator names in `PROMETHEUS_MULTIPROC_DIR` is used, and emptied of what an earlier server left.
    """
    memory = Path("/dev/shm")  # noqa: S108
    parent = memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
    for old in parent.glob(f"{_prefix}*"):
        if _is_abandoned(old):
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_prefix, dir=parent))
    # Held while this process, or a worker of it, lives; there for others to try once it is held.
    lock = (folder / "new").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    (folder / "new").rename(folder / "lock")
    _locks.append(lock)
    os.environ[folder_variable] = str(folder)
    configured = os.environ.get(metrics_variable)
    metrics = Path(configured) if configured else folder / "metrics"
    metrics.mkdir(parents=True, exist_ok=True)
    for left in metrics.glob("*.db"):
        left.unlink()
    os.environ[metrics_variable] = str(metrics)
    return folder


def _is_abandoned(folder: Path) -> bool:
    try:
        with (folder / "lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        # Held; or of another user; or just being made.
        return False
    return True
