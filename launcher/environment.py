"""Virtual environments made from a lock file, stamped so that a second start has nothing to do."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from launcher.installation import Installation
from launcher.terminal import Failure, say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_pin: Final = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==", re.MULTILINE)
_no_network: Final = re.compile(
    r"NewConnectionError|NameResolutionError|name resolution|Max retries exceeded|ConnectTimeout|ReadTimeout|ProxyError"
    r"|Network is unreachable|Connection (refused|reset|aborted|broken)|Read timed out|SSLError|RemoteDisconnected"
    # What pip says of an index that it could not list.
    r"|\(from versions: none\)",
    re.IGNORECASE,
)
# Present in every environment and in no lock.
_tools: Final = {"pip", "setuptools", "wheel"}


@dataclass(frozen=True)
class Environment:
    """A virtual environment and the lock that it holds.

    Attributes:
        folder: the environment.
        lock: requirements with hashes, complete, so that nothing is left to resolve.
        log: where pip's own words go.
        is_compiled: whether all modules are compiled while it is prepared, or each by whoever first imports it.
    """

    folder: Path
    lock: Path
    log: Path
    is_compiled: bool = True

    @property
    def python(self) -> Path:
        """The interpreter of the environment."""
        return self.folder / "bin" / "python"

    def is_current(self) -> bool:
        """Whether the lock was installed to its end by this version of Python."""
        try:
            return self._stamp.read_text(encoding="utf-8") == self._expected_stamp() and self.python.exists()
        except OSError:
            return False

    def prepare(self) -> None:
        """Makes the environment where it is missing, finishes it where it is half made, and updates it to its lock.

        Raises:
            Failure: no venv module, no network, no room, no permission, or what pip said.
        """
        if self.is_current():
            return
        try:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            with self._only_one():
                if not self.is_current():
                    self._make()
        except OSError as error:
            raise Failure(_reason(error)) from error

    def _make(self) -> None:
        # Without a stamp, an installation was interrupted: there may be half a package that looks whole.
        is_new = not self._stamp.exists() or not self._works()
        if is_new:
            self._create()
        self._stamp.unlink(missing_ok=True)
        pins = _canonical(_pin.findall(self.lock.read_text(encoding="utf-8")))
        say(f"Installing {len(pins)} packages into {self.folder.name} (once; about a minute) ...")
        installation = Installation(self.python, self.folder, self.log, explain)
        installation.install(self.lock, len(pins), is_new=is_new)
        self._remove_all_but(pins)
        if self.is_compiled:
            self._compile()
        self._stamp.write_text(self._expected_stamp(), encoding="utf-8")

    def _compile(self) -> None:
        # On all cores now, rather than one by one at the first start; but for the packages' own tests, a fifth of all,
        # which nobody runs.
        left_out = r"site-packages[/\\].*[/\\]tests[/\\]"
        self._run(["-m", "compileall", "-q", "-j", "0", "-x", left_out, str(self.folder / "lib")], check=False)

    def _create(self) -> None:
        if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
            version = f"{sys.version_info.major}.{sys.version_info.minor}"
            raise Failure(
                f"This Python has no venv module, which makes environments.\n"
                f"On Debian and Ubuntu: apt install python{version}-venv"
            )
        say(f"Making the environment {self.folder.name} with Python {sys.version.split()[0]} ...")
        shutil.rmtree(self.folder, ignore_errors=True)
        made = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "venv", str(self.folder)], capture_output=True, text=True, check=False
        )
        if made.returncode:
            raise Failure(explain(f"{made.stdout}\n{made.stderr}", "python -m venv"))

    def _remove_all_but(self, pins: set[str]) -> None:
        listed = self._run(["-m", "pip", "list", "--format", "json", "--disable-pip-version-check"], check=True)
        installed = {load["name"] for load in json.loads(listed)}
        extra = sorted(name for name in installed if _canonical([name]).isdisjoint(pins | _tools))
        if extra:
            say(f"Removing {len(extra)} packages that are no longer needed ...")
            self._run(["-m", "pip", "uninstall", "--yes", *extra], check=True)

    def _run(self, arguments: list[str], *, check: bool) -> str:
        done = subprocess.run(  # noqa: S603
            [str(self.python), *arguments], capture_output=True, text=True, check=False
        )
        if check and done.returncode:
            raise Failure(explain(f"{done.stdout}\n{done.stderr}", " ".join(arguments[:3]), self.log))
        return done.stdout

    def _works(self) -> bool:
        """Whether there is an environment of this Python with a pip that runs."""
        question = "import sys, pip; print(sys.version.split()[0])"
        try:
            return self._run(["-c", question], check=False).strip() == sys.version.split()[0]
        except OSError:
            return False

    @property
    def _stamp(self) -> Path:
        return self.folder / "installed.json"

    def _expected_stamp(self) -> str:
        lock = hashlib.sha256(self.lock.read_bytes()).hexdigest()
        # The folder too: an environment that was moved holds scripts that lead to the old place.
        return json.dumps({"lock": lock, "python": sys.version.split()[0], "folder": str(self.folder)}) + "\n"

    @contextmanager
    def _only_one(self) -> Iterator[None]:
        """Two commands started together do not install into the same folder at once."""
        with (self.log.parent / f"{self.folder.name.lstrip('.')}.lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(f"Another run.py is preparing {self.folder.name}; waiting for it ...")
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def explain(output: str, program: str, log: Path | None = None) -> str:
    """What a failed installation means for the person at the terminal, from what the program wrote."""
    if "No space left on device" in output:
        return "The disk is full: about 2 GB are needed here for the packages."
    if "Permission denied" in output or "Read-only file system" in output:
        return f"No permission to write here: {_last(output, 1)}"
    if "DO NOT MATCH THE HASHES" in output:
        return (
            f"A package is not the one that was locked (its hash differs), and was not installed.\n{_last(output, 6)}"
        )
    if _no_network.search(output):
        index = os.environ.get("PIP_INDEX_URL")
        place = "the package index set by PIP_INDEX_URL" if index else "a package index"
        return (
            f"No network: pip cannot reach {place}.\n"
            "Connect, or point pip at an index that can be reached (PIP_INDEX_URL, HTTPS_PROXY), and start again."
        )
    where = f"\nAll that it said: {log}" if log else ""
    return f"{program} failed:\n{_last(output, 12)}{where}"


def _reason(error: OSError) -> str:
    return explain(str(error), "The installation")


def _last(output: str, lines: int) -> str:
    return "\n".join([line.rstrip() for line in output.splitlines() if line.strip()][-lines:])


def _canonical(names: list[str]) -> set[str]:
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}
