"""The command line of `run.py`."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from commands import command_line
from launcher import demonstration, quality, services
from launcher.environment import explain
from launcher.processes import Terminated, listen_for_termination
from launcher.terminal import Failure, complain
from runtime.services import Service, loopback, port
from runtime.services import services as all_services

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def main(arguments: Sequence[str]) -> int:
    """Runs one command of the front door.

    Args:
        arguments: the command line without the program.

    Returns:
        The exit code: 0 done, 1 failed with a reason, 2 wrong usage, or that of the command that was run.
    """
    listen_for_termination()
    try:
        return _dispatch(list(arguments))
    except Failure as failure:
        complain(f"Error: {failure}")
        return 1
    except OSError as error:
        complain(f"Error: {explain(str(error), 'The command')}")
        return 1
    except Terminated:
        complain("Stopped.")
        return 143
    except KeyboardInterrupt:
        complain("Stopped.")
        return 130


def _dispatch(arguments: list[str]) -> int:
    # Options alone belong to `all`, so that `run.py --api-port 9000` needs no more words.
    is_help = arguments[:1] in (["-h"], ["--help"])
    verb = arguments.pop(0) if arguments and not arguments[0].startswith("-") else "all"
    if is_help:
        _top_parser().print_help()
        return 0
    verbs: dict[str, Callable[[list[str]], int]] = {
        "all": _all,
        "demo": _demo,
        "test": _test,
        **{service.name: _one(service) for service in all_services},
        **{name: _core(name) for name in command_line.names()},
    }
    if verb not in verbs:
        _top_parser().error(f"there is no command {verb!r}; choose from {', '.join(sorted(verbs))}")
    return verbs[verb](arguments)


def _top_parser() -> argparse.ArgumentParser:
    parser = _all_parser("run.py")
    parser.usage = "python3 run.py [COMMAND] [OPTIONS]"
    parser.epilog = _all_verbs()
    return parser


def _all_verbs() -> str:
    summaries = {
        "all": "Start the scoring API, the dashboard, MLflow and the worker (what happens without a command).",
        "demo": "Start all of them with a year of synthetic decisions to look at, apart from your own record.",
        **{service.name: f"Start {service.phrase} alone." for service in all_services},
        **{name: command_line.summary(name) for name in command_line.names()},
        "test": "Check everything: lint, types, imports, unit, API and browser tests.",
    }
    lines = "\n".join(f"  {verb:<12} {summary}" for verb, summary in summaries.items())
    return f"commands:\n{lines}\n\n`python3 run.py COMMAND --help` says more about each."


def _all_parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Start the credit-decision workbench: scoring API, dashboard, MLflow and the worker for files.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_host(parser)
    for service in all_services:
        _add_port(parser, f"--{service.name}-port", f"{service.name.upper()}_PORT", service)
    return parser


def _all(arguments: list[str]) -> int:
    namespace = _all_parser("run.py all").parse_args(arguments)
    ports = {service.name: getattr(namespace, f"{service.name}_port") for service in all_services}
    return services.start_all(namespace.host, ports)


def _demo(arguments: list[str]) -> int:
    parser = _all_parser("run.py demo")
    parser.description = (
        "Start the workbench with a year of synthetic applicants, officers and outcomes, and a challenger in shadow.\n"
        "The year is played once (seconds) and kept in var/demo, apart from your own record and data."
    )
    command_line.add_demo_year(parser)
    namespace = parser.parse_args(arguments)
    ports = {service.name: getattr(namespace, f"{service.name}_port") for service in all_services}
    options = ["--again"] if namespace.again else []
    for name in ("clients", "seed"):
        value = getattr(namespace, name)
        options += [] if value is None else [f"--{name}={value}"]
    return demonstration.start(namespace.host, ports, options)


def _one(service: Service) -> Callable[[list[str]], int]:
    def start(arguments: list[str]) -> int:
        parser = argparse.ArgumentParser(
            prog=f"run.py {service.name}", description=f"Start {service.phrase} alone, its log on the terminal."
        )
        _add_host(parser)
        # PORT is what hosting platforms set; it means one service, so it counts only here.
        _add_port(parser, "--port", "PORT" if "PORT" in os.environ else f"{service.name.upper()}_PORT", service)
        namespace = parser.parse_args(arguments)
        return services.start_one(service.name, namespace.host, namespace.port)

    return start


def _core(name: str) -> Callable[[list[str]], int]:
    def run(arguments: list[str]) -> int:
        # Parsed here first: wrong usage and --help need nothing installed.
        command_line.command_parser(name, prog=f"run.py {name}").parse_args(arguments)
        return services.run_core([name, *arguments])

    return run


def _test(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="run.py test",
        description="Check everything: lint, format, types, import rules, locks, unit, API and browser tests.",
        epilog="Other arguments go to pytest: run.py test tests/core -k threshold",
        allow_abbrev=False,
    )
    parser.add_argument("--fast", action="store_true", help="leave the browser tests out")
    parser.add_argument(
        "--shuffle",
        type=_seed,
        metavar="SEED",
        help="run the tests in the order of a seed: a whole number, or `new`, which draws one",
    )
    namespace, for_pytest = parser.parse_known_args(arguments)
    choose = quality.without_browser if namespace.fast else quality.everything
    return quality.check(for_pytest, choose, [f"--shuffle={namespace.shuffle}"] if namespace.shuffle else [])


def _seed(text: str) -> str:
    if text != "new" and not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number or new, got {text!r}")
    return text


def _add_host(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host",
        default=os.environ.get("HOST") or loopback,
        help=f"address to listen on (default: HOST, else {loopback}: this machine only)",
    )


def _add_port(parser: argparse.ArgumentParser, option: str, variable: str, service: Service) -> None:
    parser.add_argument(
        option,
        type=port,
        # A string, so that a wrong value in the environment is reported as a wrong option would be.
        default=os.environ.get(variable) or str(service.port),
        metavar="N",
        help=f"port of {service.phrase} (default: {variable}, else {service.port})",
    )
