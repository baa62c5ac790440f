"""The services of the workbench, started alone or together."""

from __future__ import annotations

import errno
import os
import socket
import sys
from typing import TYPE_CHECKING, Final, NoReturn
from urllib.parse import urlsplit

from launcher.environment import Environment
from launcher.processes import call
from launcher.program import Program, Turn
from launcher.supervisor import supervise
from launcher.terminal import Failure, say
from runtime import services

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

logs: Final = services.root / "var" / "log"
runtime: Final = Environment(
    services.root / ".venv", services.root / "requirements" / "runtime.txt", logs / "install.log"
)


def start_all(
    host: str,
    ports: Mapping[str, int],
    environment: Environment = runtime,
    prepare: Callable[[Environment], None] | None = None,
) -> int:
    """Starts the three services and the worker, says where they are, and stays until asked to stop.

    Args:
        host: the address that all three listen on.
        ports: the port of each service by its name.
        environment: what they run in.
        prepare: makes what they need, and raises `Failure` where it cannot; None: `prepare_portfolio`. MLflow, which
            needs nothing of it, starts meanwhile.

    Returns:
        0 when asked to stop.

    Raises:
        Failure: something could not be prepared, or nothing that was started stays.
    """
    repeated = {port for port in ports.values() if list(ports.values()).count(port) > 1}
    if repeated:
        raise Failure(f"Port {repeated.pop()} was given to two services: each needs its own.")
    for name, port in ports.items():
        check_port(host, port, name, f"--{name}-port")
    environment.prepare()
    addresses = {name: services.url(host, port) for name, port in ports.items()}

    def prepare_all() -> None:
        (prepare or prepare_portfolio)(environment)
        say("Starting the services ...")

    programs = [
        _program(service, host, ports[service.name], addresses, environment, logs / f"{service.name}.log")
        for service in services.services
    ]
    programs.append(_worker(environment))
    code = supervise(
        programs,
        lambda seconds, absent: _announce(addresses, seconds, absent),
        combined=logs / "workbench.log",
        prepare=prepare_all,
    )
    say("All stopped.")
    return code


def start_one(name: str, host: str, port: int, environment: Environment = runtime) -> int:
    """Starts one service with its log on the terminal; otherwise as `start_all`."""
    check_port(host, port, name, "--port")
    environment.prepare()
    if name != "mlflow":
        prepare_portfolio(environment)
    service, addresses = services.service(name), {name: services.url(host, port)}
    program = _program(service, host, port, addresses, environment, log=None)
    return supervise(
        [program], lambda seconds, _absent: say(f"{service.title} is ready after {seconds:.1f} s: {addresses[name]}")
    )


def run_core(arguments: Sequence[str], environment: Environment = runtime) -> NoReturn:
    """Becomes a command of the domain (`data`, `train`, `score`...), so that signals and exit code are its own."""
    environment.prepare()
    sys.stdout.flush()
    os.execve(environment.python, core_command(arguments, environment), core_environment())  # noqa: S606


def prepare_portfolio(environment: Environment) -> None:
    """Draws and scores the demo clients where there are none yet, or where they are out of date."""
    if call(core_command(["data", "portfolio", "--if-missing"], environment), core_environment()):
        raise Failure("The demo portfolio could not be prepared (see above).")


def check_port(host: str, port: int, name: str, option: str) -> None:
    """Raises `Failure` where a service could not listen, saying what to do about it."""
    phrase, variable = services.service(name).phrase, f"{name.upper()}_PORT"
    try:
        taken = _is_taken(host, port)
    except PermissionError as error:
        raise Failure(
            f"No permission to listen on port {port}, which {phrase} was to take.\n"
            f"Choose one above 1023 with {option} N or {variable}=N."
        ) from error
    except OSError as error:
        title = f"{phrase[0].upper()}{phrase[1:]}"
        raise Failure(f"{title} cannot listen on {host}: {error.strerror or error}") from error
    if taken:
        raise Failure(
            f"Port {port}, which {phrase} needs, is taken by another program.\n"
            f"Stop that program, or choose another port with {option} N or {variable}=N."
        )


def _is_taken(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do: else a port that was in use a moment ago would look taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
            raise
    # macOS lets one listen beside a program that has taken the port on all addresses; so knock as well.
    with socket.socket(family) as probe:
        return probe.connect_ex((urlsplit(services.url(host, port)).hostname, port)) == 0


def _program(
    service: services.Service,
    host: str,
    port: int,
    addresses: Mapping[str, str],
    environment: Environment,
    log: Path | None,
) -> Program:
    return Program(
        title=service.title,
        name=service.name,
        command=[str(environment.python), *services.service_command(service.name, host, port)],
        environment=services.service_environment(os.environ, addresses) | {"HOST": host},
        folder=services.root,
        health=f"{services.url(host, port)}/health",
        log=log,
        asks_others=service.name == "dashboard",
        # It takes longest to start, and serves none of what is prepared.
        turn=Turn.BEFORE_PREPARATION if service.name == "mlflow" else Turn.PREPARED,
    )


def _worker(environment: Environment) -> Program:
    return Program(
        title=_title("worker"),
        name="worker",
        command=core_command(["worker"], environment),
        environment=core_environment(),
        folder=services.root,
        health=None,
        log=logs / "worker.log",
        # Files wait for it; nobody who opens a page does.
        turn=Turn.LAST,
    )


def _title(name: str) -> str:
    return "Worker" if name == "worker" else services.service(name).title


def core_command(arguments: Sequence[str], environment: Environment) -> list[str]:
    """The command line of a command of the domain."""
    return [str(environment.python), "-m", "commands", *arguments]


def core_environment() -> dict[str, str]:
    """The environment in which it runs."""
    settings = services.service_environment(os.environ, {})
    # Training and scoring files use all cores; only a service that answers single rows does not.
    if "OMP_NUM_THREADS" not in os.environ:
        del settings["OMP_NUM_THREADS"]
    return settings


def _announce(addresses: Mapping[str, str], seconds: float, absent: Sequence[str]) -> None:
    """Says where the services are, and which of them do not run: `absent` names these, the worker among them."""
    width = max(len(service.title) for service in services.services)
    places = {service.title: addresses[service.name] for service in services.services if service.name not in absent}
    lines = [f"  {title:<{width}}   {place}" for title, place in places.items()]
    if absent:
        lines += ["", f"  Not running: {', '.join(_title(name) for name in absent)}. See above why."]
    lines += [
        "",
        f"  Ready after {seconds:.1f} s. Ctrl-C stops all.",
        f"  Logs: {logs.relative_to(services.root)}/*.log; workbench.log has the lines of all.",
    ]
    say("\n".join(["", *lines, ""]))
