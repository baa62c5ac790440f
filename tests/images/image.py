"""An image as its Dockerfile makes it, without a builder: its files, its packages, its environment, its user."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.settings import root
from tests.api.running import Running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_user = 10001
# Where the image is mounted: a folder that every machine has, and that is empty.
_mounted = Path("/mnt")
_patience = 90

# Keeps packages that the lock of the image does not name from being found, as they would not be there.
_guard = """
import sys
from importlib.machinery import PathFinder

absent = frozenset({absent!r})


class Guard:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"No module named {{name!r}}: it is not in the lock of the image", name=name)
        return None


sys.meta_path.insert(0, Guard)
"""

# In a mount namespace of its own: the interpreter where a user may read it, the image and everything else read-only.
_enter = """
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs {mounted}
mkdir {mounted}/app {mounted}/guard {mounted}/python
mount --bind {python} {mounted}/python
mount --bind {image} {mounted}/app
mount --bind {guard} {mounted}/guard
if [ -n "{hidden}" ]; then
    mount -t tmpfs -o mode=755 tmpfs {hidden}
    mkdir -p {python}
    mount --bind {mounted}/python {python}
fi
mount -o remount,ro,bind {mounted}/app
# Before /tmp is covered, where the image may lie.
{writable}
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -o remount,ro {mounted}
mount -o remount,ro,bind /
cd {mounted}/app
exec setpriv --reuid {user} --regid {user} --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all "$@"
"""


@dataclass(frozen=True)
class Image:
    """What the last stage of a Dockerfile comes to.

    Attributes:
        copied: source and destination of each `COPY` from the repository, or from a stage that is named.
        environment: as `ENV` sets it, that of the stages below included.
        lock: the file that its packages are installed from.
        owned: folders that its user may write, as `install --directory --owner` makes them, and what is copied for it.
        command: of `CMD`.
    """

    copied: tuple[tuple[str | None, str, str], ...]
    environment: dict[str, str]
    lock: str
    owned: tuple[str, ...]
    command: tuple[str, ...]

    @classmethod
    def of(cls, name: str) -> Image:
        """Reads `docker/NAME.Dockerfile`."""
        text = (root / "docker" / f"{name}.Dockerfile").read_text(encoding="utf-8")
        plain = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
        lines = re.sub(r"\\\n\s*", " ", plain).splitlines()
        stages: dict[str, list[str]] = {}
        bases: dict[str, str] = {}
        current = ""
        for line in lines:
            found = re.fullmatch(r"FROM (\S+)(?: AS (\S+))?", line.strip())
            if found:
                current = found[2] or "last"
                stages[current], bases[current] = [], found[1]
            elif current:
                stages[current].append(line.strip())
        own = list(stages["last"])
        base = bases["last"]
        while base in stages:
            own = stages[base] + own
            base = bases[base]
        copied, environment, owned = [], dict[str, str](), []
        for line in own:
            if line.startswith("ENV "):
                environment |= dict(re.findall(r"(\w+)=(\S+)", line))
            if found := re.fullmatch(r"COPY((?: --\w+=\S+)*) (\S+) (\S+)", line):
                options = dict(re.findall(r"--(\w+)=(\S+)", found[1]))
                copied.append((options.get("from"), found[2], found[3]))
                owned += [found[3]] if "chown" in options else []
            owned += re.findall(r"install --directory --owner=\w+ (\S+)", line)
        lock = next(found[1] for line in stages["environment"] if (found := re.match(r"COPY (requirements/\S+)", line)))
        [command] = [json.loads(line.removeprefix("CMD ")) for line in own if line.startswith("CMD ")]
        return cls(tuple(copied), environment, lock, tuple(owned), tuple(command))

    def make(self, folder: Path, stages: dict[str, Path]) -> None:
        """Copies what the Dockerfile copies, and nothing else.

        Args:
            stages: in place of what other stages have made, by the path that is copied from them.
        """
        for stage, source, destination in self.copied:
            if stage is not None and source not in stages:
                # The packages, which `guard` stands for.
                assert source == "/opt/venv"
                continue
            origin, copy = stages[source] if stage else root / source, folder / destination
            copy.parent.mkdir(parents=True, exist_ok=True)
            if origin.is_dir():
                # With what is compiled, as in the image: each of its processes would compile everything once more. What
                # another process is just writing there has a name of its own, and goes away.
                shutil.copytree(origin, copy, ignore=shutil.ignore_patterns("*.pyc.*"))
            else:
                shutil.copy2(origin, copy)
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        for name in self.owned:
            own = folder / name
            own.mkdir(exist_ok=True)
            for path in [own, *own.rglob("*")]:
                os.chown(path, _user, _user)


@cache
def _modules() -> Mapping[str, list[str]]:
    """The distributions of each module that this environment has."""
    return packages_distributions()


def absent_modules(lock: str) -> list[str]:
    """The modules that this environment has, and that an image with that lock has not."""

    def plain(name: str) -> str:
        return re.sub(r"[-_.]+", "-", name).lower()

    locked = {plain(name) for name in re.findall(r"(?m)^([A-Za-z0-9._-]+)==", (root / lock).read_text("utf-8"))}
    assert len(locked) > 20
    return sorted(module for module, names in _modules().items() if not {plain(name) for name in names} & locked)


@contextmanager
def running(name: str, folder: Path, stages: dict[str, Path], **environment: str) -> Iterator[Running]:
    """The service of an image, as its user, on a root that nobody can write but where it says."""
    _leave_where_impossible()
    image = Image.of(name)
    made, guard = folder / "image", folder / "guard"
    image.make(made, stages)
    guard.mkdir(mode=0o755)
    (guard / "sitecustomize.py").write_text(_guard.format(absent=absent_modules(image.lock)), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    # Not by a link in the checkout, which may lie where the image has an empty folder.
    python = Path(sys.prefix).resolve() / "bin" / "python"
    own = python.resolve().parent.parent
    writable = "\n".join(f"mount --bind {made / each} {_mounted}/app/{each}" for each in image.owned)
    script = _enter.format(
        mounted=_mounted,
        python=own,
        image=made,
        guard=guard,
        hidden=_hidden(own),
        writable=writable,
        user=_user,
    )
    command = [str(python) if part == "python" else part for part in image.command]
    given = {name: value for name, value in image.environment.items() if name != "PATH"} | {
        "PATH": f"{python.parent}:/usr/bin:/bin",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PYTHONPATH": f"{_mounted}/guard",
        "HOME": "/nonexistent",
    }
    # The image is `/app` there, and the folder of the mount here.
    given = {name: value.replace("/app/", f"{_mounted}/app/") for name, value in given.items()} | environment
    log_path = folder / "log"
    with (
        log_path.open("wb") as log,
        subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", script, "sh", *command],
            env=given,
            stdout=log,
            stderr=log,
            cwd="/",
        ) as process,
    ):
        server = Running(process, port, log_path)
        try:
            _wait(server)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(server: Running) -> None:
    deadline = time.monotonic() + _patience
    while time.monotonic() < deadline:
        assert server.process.poll() is None, server.log()
        try:
            answer = server.ask("GET", "/health")
        except OSError:
            time.sleep(0.2)
        else:
            assert answer.status == 200, server.log()
            return
    pytest.fail(server.log())


def _hidden(path: Path) -> str:
    """The folder above the interpreter that only its owner may enter, as root's home; empty where there is none."""
    for parent in reversed(path.parents):
        if not parent.stat().st_mode & 0o001:
            return str(parent)
    return ""


def _leave_where_impossible() -> None:
    """Skips where a machine has not what this needs, and fails where `IMAGE_TESTS` says that it is to have it."""
    missing = _missing()
    if missing and os.environ.get("IMAGE_TESTS") == "required":
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)


def _missing() -> str:
    if os.geteuid() != 0:
        return "an image's user and its read-only root need root here"
    if not shutil.which("unshare") or not shutil.which("setpriv"):
        return "unshare and setpriv are not on this machine"
    if Path(sys.prefix).is_relative_to("/tmp"):  # noqa: S108
        return "the environment lies in /tmp, which an image has as a folder of its own"
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        return "mounts of one's own are not allowed on this machine"
    return ""
