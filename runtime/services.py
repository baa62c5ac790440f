"""The three services: their launch lines and environments, written once.

Standard library only, and in the syntax of Python 3.11: `run.py` reads this before anything is installed.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

root: Final = Path(__file__).resolve().parent.parent
loopback: Final = "127.0.0.1"
# Under which the trainings are recorded in MLflow.
experiment_name: Final = "home-credit-default-risk"


@dataclass(frozen=True)
class Service:
    """One of the three services.

    Attributes:
        name: as typed on the command line.
        title: as shown to a person.
        phrase: the same within a sentence.
        port: where it listens unless told otherwise.
        variable: the environment variable in which the other services find its address.
    """

    name: str
    title: str
    phrase: str
    port: int
    variable: str


services: Final[tuple[Service, ...]] = (
    Service("dashboard", "Dashboard", "the dashboard", 8501, "DASHBOARD_URL"),
    Service("api", "Scoring API", "the scoring API", 8000, "API_URL"),
    Service("mlflow", "MLflow", "the MLflow server", 5002, "MLFLOW_URL"),
)


def service(name: str) -> Service:
    """The service of that name; raises `KeyError` where there is none."""
    return {entry.name: entry for entry in services}[name]


def url(host: str, port: int) -> str:
    """The address at which a service that listens on `host` and `port` is reached from this machine."""
    reachable = {"0.0.0.0": loopback, "": loopback, "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def service_command(name: str, host: str, port: int) -> list[str]:
    """What to give the Python interpreter of the environment to start a service in the foreground.

    Args:
        name: "api", "dashboard" or "mlflow".
        host: the address to listen on.
        port: the port to listen on.

    Returns:
        The arguments after the interpreter. They hold with `root` as working directory and `service_environment` as
        environment.
    """
    listen = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if name == "api":
        return ["-m", "gunicorn", "--config", "api/http/gunicorn_conf.py", "--bind", listen, "api.wsgi:app"]
    if name == "dashboard":
        # Threads, so that a long upload holds up nobody and is not taken for a worker that hangs; what fails of Dash in
        # the first requests on threads is over before (dash_app/wsgi.py). Nothing is loaded before the fork: LightGBM
        # and Polars do not survive one once they have run.
        options = ["--worker-class", "runtime.gunicorn_worker.threaded_worker.ThreadedWorker"]
        options += ["--threads", "8", "--keep-alive", "15"]
        options += ["--timeout", "60", "--graceful-timeout", "10", "--no-control-socket"]
        return [
            "-m",
            "gunicorn",
            "--config",
            "dash_app/gunicorn_conf.py",
            "--bind",
            listen,
            *options,
            "dash_app.wsgi:server",
        ]
    if name == "mlflow":
        return ["-m", "runtime.mlflow.server", host, str(port)]
    raise KeyError(name)


def service_environment(
    environment: Mapping[str, str], addresses: Mapping[str, str], mlruns_dir: Path | None = None
) -> dict[str, str]:
    """The environment in which a service runs.

    Args:
        environment: what to start from; what the user set there stays.
        addresses: the address of each service by its name; those given become `API_URL`, `MLFLOW_URL`...
        mlruns_dir: the tracking store that MLflow serves, where it is not the one of the settings.

    Returns:
        A complete environment.
    """
    ours = {service(name).variable: address for name, address in addresses.items()}
    ours |= {
        # One request is one row: more threads only fight with the other workers.
        "OMP_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
        # We have none, and each process would look for them in all packages that are installed.
        "PYDANTIC_DISABLE_PLUGINS": "true",
    }
    path = os.pathsep.join(filter(None, [str(root), environment.get("PYTHONPATH", "")]))
    chosen = {"MLRUNS_DIR": str(mlruns_dir)} if mlruns_dir else {}
    return ours | dict(environment) | {"PYTHONPATH": path} | chosen


def port(text: str) -> int:
    """A port number from a command line or an environment variable."""
    number = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"expected a port number from 1 to 65535, got {text!r}")
    return number
