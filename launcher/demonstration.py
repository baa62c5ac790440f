"""The demonstration: the workbench with a year of synthetic business, apart from all that is the user's own."""

from __future__ import annotations

import fcntl
import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from launcher import services
from launcher.processes import call
from launcher.terminal import Failure, say
from runtime.services import root

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence
    from pathlib import Path

    from launcher.environment import Environment

default_folder: Final = root / "var" / "demo"
# Would lead to the user's record, queue or colleagues, or take away what was played.
_left_out: Final = ("DATABASE_URL", "REDIS_URL", "DRIFT_WEBHOOK_URL", "AUDIT_RETENTION_DAYS")


def start(
    host: str,
    ports: Mapping[str, int],
    options: Sequence[str],
    environment: Environment = services.runtime,
    folder: Path = default_folder,
) -> int:
    """Starts all services on the demonstration, which is prepared where it is not there; else as `start_all`.

    Args:
        options: of `data demo-year`.
        folder: where everything of it is kept.
    """
    if os.environ.get("PUBLIC_DEMO", "").lower() not in ("", "0", "false", "no", "off"):
        raise Failure("PUBLIC_DEMO keeps nothing for longer than an hour, and this shows a year: unset it.")
    variables(os.environ, folder)
    with ExitStack() as held:

        def prepare(prepared: Environment) -> None:
            say(f"Demonstration: everything of it is in {_shown(folder)}, and your own record is left alone.")
            services.prepare_portfolio(prepared)
            command = services.core_command(["data", "demo-year", "--out", str(_year(folder)), *options], prepared)
            if call(command, services.core_environment()):
                raise Failure("The year of the demonstration could not be prepared (see above).")
            # Held while it is shown: nobody plays it anew meanwhile.
            lock = held.enter_context(_year(folder).with_name("year.lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_SH)

        return services.start_all(host, ports, environment, prepare)


def variables(environment: MutableMapping[str, str], folder: Path) -> None:
    """Has all that else is the user's own lie in a folder, and the dashboard say that it is a demonstration."""
    year = _year(folder)
    for name in _left_out:
        environment.pop(name, None)
    ours = {
        "DEMONSTRATION": "true",
        # Clients of its own, too: those that the user has imported may be real.
        "DATA_DIR": str(folder / "data"),
        "AUDIT_FILE": str(year / "audit.db"),
        "CHALLENGER_URI": str(year / "challenger"),
        "DRIFT_DIR": str(year / "drift"),
        "EXPORTS_DIR": str(year / "exports"),
        "JOBS_DIR": str(year / "jobs"),
        "SPOOL_DIR": str(year / "spool"),
    }
    environment.update(ours)


def _year(folder: Path) -> Path:
    return folder / "year"


def _shown(folder: Path) -> str:
    return str(folder.relative_to(root)) if folder.is_relative_to(root) else str(folder)
