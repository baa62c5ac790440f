"""Packages of a lock, installed by pip: where there are cores, by two processes that have half of them each."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import deque
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Final

from launcher.terminal import Failure, Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

# A requirement with its hashes: up to the next line that begins at the margin.
_requirement: Final = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==.*\n(?:[ \t].*\n?)*", re.MULTILINE)
# What installs is brought up to date before it is used, and not while.
_installs: Final = {"pip", "setuptools", "wheel"}
_options: Final = (
    *("--require-hashes", "--no-deps", "--no-compile", "--no-input", "--disable-pip-version-check"),
    *("--progress-bar", "off", "--retries", "3"),
)
_cores: Final = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass
class Installation:
    """How a lock gets into an environment.

    Attributes:
        python: the interpreter of the environment.
        folder: the environment.
        log: where pip's own words go.
        explain: what pip's words mean for the person at the terminal.
    """

    python: Path
    folder: Path
    log: Path
    explain: Callable[[str, str, Path], str]
    _progress: Progress = field(default_factory=Progress)
    _lock: Lock = field(default_factory=Lock)
    _expected: int = 0
    _collected: int = 0

    def install(self, lock: Path, expected: int, *, is_new: bool) -> None:
        """Installs what the lock names and the environment lacks.

        Args:
            lock: requirements with hashes.
            expected: how many there are.
            is_new: whether the environment holds nothing yet, so that its halves cannot meet.

        Raises:
            Failure: what pip said.
        """
        self._expected, self._collected = expected, 0
        if not is_new or _cores == 1:
            self._run([["-r", str(lock)]])
            return
        # Within the environment, so that moving is renaming.
        aside = self.folder / "second-half"
        tools, *halves = parts(lock.read_text(encoding="utf-8"))
        files = [self.folder / f"{name}.lock.txt" for name in ("tools", "first-half", "second-half")]
        try:
            for file, part in zip(files, (tools, *halves), strict=True):
                file.write_text(part, encoding="utf-8")
            if tools:
                self._run([["-r", str(files[0])]])
            self._run([["-r", str(files[1])], ["-r", str(files[2]), "--prefix", str(aside)]])
            if aside.exists():
                bring_together(aside, self.folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
            for file in files:
                file.unlink(missing_ok=True)

    def _run(self, several: Sequence[Sequence[str]]) -> None:
        """Runs pip once for each list of arguments, beside each other."""
        processes: list[subprocess.Popen[str]] = []
        with ThreadPoolExecutor(len(several)) as readers:
            try:
                for arguments in several:
                    command = [str(self.python), "-m", "pip", "install", *_options, *arguments]
                    processes.append(
                        subprocess.Popen(  # noqa: S603
                            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
                        )
                    )
                for ended in as_completed([readers.submit(self._listen, process) for process in processes]):
                    code, output = ended.result()
                    if code:
                        raise Failure(self.explain(output, "pip", self.log))
            finally:
                # Ctrl-C, most of all, and one that failed: no other is left to write on behind our back.
                for process in processes:
                    process.terminate()
                self._progress.clear()

    def _listen(self, process: subprocess.Popen[str]) -> tuple[int, str]:
        """The exit code of pip, and the end of what it said."""
        output = deque[str](maxlen=400)
        with process, self.log.open("a", encoding="utf-8") as log:
            for line in process.stdout or ():
                log.write(line)
                output.append(line)
                with self._lock:
                    self._show(line)
        return process.returncode, "".join(output)

    def _show(self, line: str) -> None:
        if line.startswith(("Collecting ", "Requirement already satisfied: ")):
            self._collected += 1
            name = line.split(" ", 1)[1].split("==", maxsplit=1)[0].strip()
            self._progress.show(f"  {self._collected} of {self._expected}: {name}")
        elif line.startswith("Installing collected"):
            self._progress.show("  unpacking ...")


def parts(lock: str) -> tuple[str, str, str]:
    """A lock as three: what installs packages, and two halves of about the same weight.

    Every other package, as nothing says how large each is; what is there twice, for several versions of Python, stays
    together.
    """
    found: dict[str, str] = {}
    for requirement in _requirement.finditer(lock):
        found[requirement[1]] = found.get(requirement[1], "") + requirement[0]
    tools = [found.pop(name) for name in sorted(_installs & found.keys())]
    texts = list(found.values())
    return "".join(tools), "".join(texts[::2]), "".join(texts[1::2])


def bring_together(source: Path, target: Path) -> None:
    """Moves everything that is in one folder into another, folder by folder; what is in both is the moved one's."""
    for entry in source.iterdir():
        place = target / entry.name
        if entry.is_dir() and not entry.is_symlink() and place.is_dir():
            bring_together(entry, place)
        else:
            entry.replace(place)
