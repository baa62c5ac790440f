"""The entry point of the images, which becomes a service: `python -m runtime.serve api`, `dashboard` or `mlflow`.

`HOST` and `PORT` say where it listens. Standard library only: the process is replaced, so that signals and memory are
those of the service alone.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import NoReturn

from runtime import services


def main(arguments: list[str] | None = None) -> NoReturn:
    """Replaces this process by the service that is named."""
    parser = argparse.ArgumentParser(prog="python -m runtime.serve", description=__doc__.splitlines()[0])
    parser.add_argument("service", choices=[service.name for service in services.services])
    name = parser.parse_args(arguments).service
    host = os.environ.get("HOST") or services.loopback
    try:
        port = services.port(os.environ.get("PORT") or str(services.service(name).port))
    except argparse.ArgumentTypeError as error:
        parser.error(f"PORT: {error}")
    # Other services are where the environment says, not where this one listens.
    environment = services.service_environment(os.environ, {})
    os.chdir(services.root)
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, *services.service_command(name, host, port)], environment)  # noqa: S606


if __name__ == "__main__":
    main()
