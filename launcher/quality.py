"""The quality gates: every check that a change has to pass, in one command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from launcher.environment import Environment
from launcher.processes import call
from launcher.services import logs, prepare_portfolio
from launcher.terminal import Failure, say
from runtime import services

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    Choice: TypeAlias = Callable[[Sequence[str], Sequence[str]], list["Gate"]]

development: Final = Environment(
    services.root / ".venv-dev", services.root / "requirements" / "dev.txt", logs / "install-dev.log"
)
_typed: Final = ("core", "runtime", "api", "commands", "dash_app", "launcher", "tests")


@dataclass(frozen=True)
class Gate:
    """A check: its name, and arguments for a program of the development environment (Python where none is named)."""

    name: str
    arguments: tuple[str, ...]
    program: str = ""


@dataclass(frozen=True)
class Outcome:
    """How a gate ended: passed or not, and after how many seconds."""

    name: str
    passed: bool
    seconds: float


def _schema(name: str, file: str) -> tuple[str, ...]:
    return ("-m", "check_jsonschema", "--builtin-schema", f"vendor.{name}", file)


# Medium and above; binding, paths, addresses and SQL made of names are judged where ruff finds them, line by line.
_bandit: Final = ("-m", "bandit", "-q", "-ll", "-r", "-s", "B104,B108,B310,B608")

_static: Final = (
    Gate("ruff check", ("-m", "ruff", "check", ".")),
    Gate("ruff format", ("-m", "ruff", "format", "--check", ".")),
    Gate("mypy", ("-m", "mypy", "--num-workers=2", *_typed)),
    Gate("imports", ("-c", "import sys; from importlinter.cli import lint_imports_command as lint; sys.exit(lint())")),
    Gate("locks", ("requirements/compile.py", "--check")),
    Gate("bandit", (*_bandit, "api", "commands", "core", "dash_app", "launcher", "runtime")),
    Gate("images", tuple(f"docker/{each.name}.Dockerfile" for each in services.services), "hadolint"),
    Gate("compose", _schema("compose-spec", "docker/compose.yaml")),
    Gate("compose, prod", _schema("compose-spec", "docker/compose.prod.yaml")),
    Gate("workflow", _schema("github-workflows", ".github/workflows/ci-cd.yml")),
    Gate("dependabot", _schema("dependabot", ".github/dependabot.yml")),
    Gate("workflow security", ("--offline", "--quiet", ".github"), "zizmor"),
)
# Last, so that its closing line is near the end of the output. A file stays on one core: its tests share what is dear.
# In the order of tests/conftest.py: by the number of tests, which xdist prefers, the few long ones would end alone.
# One process more than there are cores: browser and service tests wait about a third of their time.
_cores: Final = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
_on_all_cores: Final = (f"--numprocesses={min(_cores + 1, 4)}", "--dist=loadfile", "--no-loadscope-reorder")
_tests: Final = Gate("pytest", ("-m", "pytest"))
_without_browser: Final = ("-m", "not e2e")


def everything(for_pytest: Sequence[str], order: Sequence[str]) -> list[Gate]:
    """All gates; with arguments for pytest, pytest alone."""
    return _gates(order, for_pytest)


def without_browser(for_pytest: Sequence[str], order: Sequence[str]) -> list[Gate]:
    """All gates but the browser tests; with arguments for pytest, pytest alone."""
    return _gates((*_without_browser, *order), for_pytest)


def _gates(chosen: Sequence[str], for_pytest: Sequence[str]) -> list[Gate]:
    # Who names tests wants to see them one after the other.
    if for_pytest:
        return [Gate(_tests.name, (*_tests.arguments, *chosen, *for_pytest))]
    return [*_static, Gate(_tests.name, (*_tests.arguments, *_on_all_cores, *chosen))]


def check(for_pytest: Sequence[str], choose: Choice, order: Sequence[str]) -> int:
    """Prepares what the checks need, runs them all, and sums up.

    Args:
        for_pytest: arguments that go to pytest as they are.
        choose: `everything` or `without_browser`.
        order: the argument of pytest that gives the tests an order of their own, or nothing.

    Returns:
        0 where every gate passed, else 1.
    """
    begun = time.monotonic()
    development.prepare()
    outcomes: list[Outcome] = []
    for name, prepare in _preparations(choose):
        try:
            prepare()
        except Failure as failure:
            say(f"{name}: {failure}")
            outcomes.append(Outcome(name, passed=False, seconds=0))
    outcomes += [_run(gate) for gate in choose(for_pytest, order)]
    _sum_up(outcomes, time.monotonic() - begun)
    return 0 if all(each.passed for each in outcomes) else 1


def _preparations(choose: Choice) -> list[tuple[str, Callable[[], None]]]:
    portfolio = ("portfolio", lambda: prepare_portfolio(development))
    return [portfolio] if choose is without_browser else [("browser", _prepare_browser), portfolio]


def _run(gate: Gate) -> Outcome:
    say(f"\n--- {gate.name}")
    begun = time.monotonic()
    environment = os.environ | {"PYTHONPATH": str(services.root), "DO_NOT_TRACK": "true"}
    program = development.python.with_name(gate.program) if gate.program else development.python
    code = call([str(program), *gate.arguments], environment, services.root)
    return Outcome(gate.name, code == 0, time.monotonic() - begun)


def _sum_up(outcomes: Sequence[Outcome], seconds: float) -> None:
    width = max(len(each.name) for each in outcomes)
    say()
    for each in outcomes:
        say(f"{each.name:<{width}}  {'passed' if each.passed else 'FAILED'}  {each.seconds:6.1f} s")
    say(f"{'in all':<{width}}  {'':6}  {seconds:6.1f} s")


def _prepare_browser() -> None:
    """Makes sure of Chromium and its driver, which the browser tests drive."""
    if _has_browser():
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        say("Installing Chromium and its driver with apt-get ...")
        _apt("update")
        _apt("install", "--yes", "--no-install-recommends", "chromium", "chromium-driver")
        if _has_browser():
            return
    way = (
        "brew install --cask chromium chromedriver"
        if sys.platform == "darwin"
        else "apt install chromium chromium-driver"
    )
    raise Failure(
        "The browser tests need Chromium (or Chrome) and chromedriver on the PATH.\n"
        f"Install them ({way}), or leave these tests out: python3 run.py test --fast"
    )


def _has_browser() -> bool:
    mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    browsers = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", mac)
    return shutil.which("chromedriver") is not None and any(shutil.which(each) for each in browsers)


def _apt(*arguments: str) -> None:
    done = subprocess.run(  # noqa: S603
        ["apt-get", "--quiet", *arguments],  # noqa: S607
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failure(f"apt-get {arguments[0]} failed:\n{done.stdout[-1500:]}")
