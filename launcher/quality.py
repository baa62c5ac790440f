"""The quality gates: every check that a change has to pass, in one command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from launcher import scratch
from launcher.environment import Environment
from launcher.processes import Programs, call
from launcher.services import logs
from launcher.terminal import Failure, say
from runtime import services

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    Choice: TypeAlias = Callable[[Sequence[str], Sequence[str]], list["Gate"]]

# The checks import two fifths of what is installed: to compile the rest, too, takes 20 s of a core.
development: Final = Environment(
    services.root / ".venv-dev", services.root / "requirements" / "dev.txt", logs / "install-dev.log", is_compiled=False
)
_typed: Final = ("core", "runtime", "api", "commands", "dash_app", "launcher", "tests")


@dataclass(frozen=True)
class Gate:
    """A check.

    Attributes:
        name: as the summary says it.
        arguments: for a program of the development environment.
        program: which; Python where none is named.
        quiet: whether what it says matters only where it fails.
        behind: whether it takes long, and no core for itself: it has what the tests leave, and is told after them.
    """

    name: str
    arguments: tuple[str, ...]
    program: str = ""
    quiet: bool = False
    behind: bool = False


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

# Beside each other; those that take longest begin.
_static: Final = (
    # Without workers of its own: at the lowest priority they answer too late for it.
    Gate("mypy", ("-m", "mypy", *_typed), behind=True),
    # Every test module is compiled once, and not by each of the processes of pytest: 8 s less of processor time each.
    Gate("collection", ("-m", "pytest", "--collect-only", "-qqq"), quiet=True),
    Gate("bandit", (*_bandit, "api", "commands", "core", "dash_app", "launcher", "runtime"), behind=True),
    Gate("ruff check", ("-m", "ruff", "check", ".")),
    Gate("ruff format", ("-m", "ruff", "format", "--check", ".")),
    Gate("imports", ("-c", "import sys; from importlinter.cli import lint_imports_command as lint; sys.exit(lint())")),
    Gate("locks", ("requirements/compile.py", "--check")),
    Gate("images", tuple(f"docker/{service.name}.Dockerfile" for service in services.services), "hadolint"),
    Gate("compose", _schema("compose-spec", "docker/compose.yaml")),
    Gate("compose, prod", _schema("compose-spec", "docker/compose.prod.yaml")),
    Gate("workflow", _schema("github-workflows", ".github/workflows/ci-cd.yml")),
    Gate("dependabot", _schema("dependabot", ".github/dependabot.yml")),
    Gate("workflow security", ("--offline", "--quiet", ".github"), "zizmor"),
    # No check needs it, but `run.py` does: that it can be made is one.
    Gate("portfolio", ("-m", "commands", "data", "portfolio", "--if-missing")),
)
# Last, so that its closing line is near the end of the output. A file stays on one core: its tests share what is dear.
# In the order of tests/conftest.py: by the number of tests, which xdist prefers, the few long ones would end alone.
# More processes than there are cores: browser and service tests wait about a third of their time.
_cores: Final = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
_on_all_cores: Final = (f"--numprocesses={min(2 * _cores, 4)}", "--dist=loadfile", "--no-loadscope-reorder")
_tests: Final = Gate("pytest", ("-m", "pytest"))
_without_browser: Final = ("-m", "not e2e")
# The most that there is: of two cores, the tests leave a tenth or so while they wait for browsers and services.
_behind_all: Final = 19


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
    outcomes: list[Outcome] = []
    with ThreadPoolExecutor(1) as beside:
        # One waits for packages of the system, the other for those of Python.
        browser = None if choose is without_browser else beside.submit(_prepare_browser)
        development.prepare()
        try:
            if browser is not None:
                browser.result()
        except Failure as failure:
            say(f"browser: {failure}")
            outcomes.append(Outcome("browser", passed=False, seconds=0))
    *static, tests = choose(for_pytest, order)
    behind = [gate for gate in static if gate.behind]
    with _programs(behind, at_once=1, niceness=_behind_all) as programs:
        outcomes += _run_together([gate for gate in static if not gate.behind])
        if behind:
            say(f"\n{' and '.join(gate.name for gate in behind)} go on behind the tests, and are told after them.")
        tested = _run(tests)
        outcomes += [*_told(behind, programs), tested]
    _sum_up(outcomes, time.monotonic() - begun)
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def _run_together(gates: Sequence[Gate]) -> Iterator[Outcome]:
    """Runs gates beside each other, and says what each said, one after the other."""
    if gates:
        say(f"\n{len(gates)} checks beside each other ...")
    with _programs(gates, at_once=_cores) as programs:
        yield from _told(gates, programs)


def _programs(gates: Sequence[Gate], *, at_once: int, niceness: int = 0) -> Programs:
    commands = [_command(gate) for gate in gates]
    return Programs(commands, _environment(), services.root, at_once=at_once, niceness=niceness)


def _told(gates: Sequence[Gate], programs: Programs) -> Iterator[Outcome]:
    """Says what each gate said, as soon as it has ended."""
    for gate, ended in zip(gates, programs.ended(), strict=True):
        say(f"\n--- {gate.name}")
        if ended.said.strip() and not (gate.quiet and ended.code == 0):
            say(ended.said.rstrip())
        yield Outcome(gate.name, ended.code == 0, ended.seconds)


def _run(gate: Gate) -> Outcome:
    say(f"\n--- {gate.name}")
    begun = time.monotonic()
    with scratch.folder() as variables:
        code = call(_command(gate), _environment() | variables, services.root)
    return Outcome(gate.name, code == 0, time.monotonic() - begun)


def _command(gate: Gate) -> list[str]:
    program = development.python.with_name(gate.program) if gate.program else development.python
    return [str(program), *gate.arguments]


def _environment() -> dict[str, str]:
    # Compiled modules are kept, whatever the caller's habit: dozens of processes load the same ones.
    return os.environ | {"PYTHONPATH": str(services.root), "DO_NOT_TRACK": "true", "PYTHONDONTWRITEBYTECODE": ""}


def _sum_up(outcomes: Sequence[Outcome], seconds: float) -> None:
    width = max(len(outcome.name) for outcome in outcomes)
    say()
    for outcome in outcomes:
        say(f"{outcome.name:<{width}}  {'passed' if outcome.passed else 'FAILED'}  {outcome.seconds:6.1f} s")
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
    return shutil.which("chromedriver") is not None and any(shutil.which(browser) for browser in browsers)


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
