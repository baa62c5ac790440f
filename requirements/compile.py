"""Compiles the locks from pyproject.toml; with `--check` it only says whether they are current.

The locks hold for every platform and for Python 3.11 and later. Compiling needs uv and an index, checking neither.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Final

folder: Final = Path(__file__).resolve().parent
project_file: Final = folder.parent / "pyproject.toml"
shown_command: Final = "python3 requirements/compile.py"

# The extras that each lock holds, beside what every service carries. The first gives its pins to the others, so that
# a package has one version wherever it is installed.
locks: Final[dict[str, tuple[str, ...]]] = {
    "runtime": ("api", "dashboard", "mlflow", "train"),
    "api": ("api",),
    "dashboard": ("dashboard",),
    "mlflow": ("mlflow",),
    # Scheduler, workers and the commands that give them work, training among them.
    "cluster": ("cluster", "train"),
    # `run.py export`, wherever the model lies.
    "export": ("export", "train"),
    "dev": ("api", "cluster", "dashboard", "export", "mlflow", "train", "dev"),
}
_pin: Final = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*==\S+)", re.MULTILINE)
_marker: Final = "# Compiled from dependencies with SHA-256 "
# Whatever leads a resolver to an index or a folder of this machine alone.
_local: Final = ("PIP_", "UV_")


def main() -> int:
    """Compiles or checks, as the command line says; 0 where the locks are current, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 where a lock is out of date")
    parser.add_argument("--upgrade", action="store_true", help="take the newest releases rather than the pinned ones")
    namespace = parser.parse_args()
    if namespace.check:
        return _report(stale())
    uv = shutil.which("uv")
    if uv is None:
        sys.stderr.write("Error: uv compiles the locks; install it with: pip install uv\n")
        return 1
    for name in locks:
        _compile(uv, name, upgrade=namespace.upgrade)
    return _report(stale())


def stale() -> list[str]:
    """What is wrong with the locks, a sentence each: not compiled from pyproject.toml as it is, or naming an index."""
    dependencies = _dependencies()
    found = []
    for name in locks:
        path = folder / f"{name}.txt"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if f"{_marker}{_digest(dependencies, name)}\n" not in text:
            found.append(f"requirements/{name}.txt was not compiled from the dependencies in pyproject.toml")
        if re.search(r"^--|://|@ file|^/", text, re.MULTILINE):
            found.append(f"requirements/{name}.txt names an index, an address or a path")
    pins = {name: _pins(folder / f"{name}.txt") for name in locks}
    known = {_package(pin) for pin in pins["runtime"]}
    found += [
        f"{pin} in requirements/{name}.txt is another version in runtime.txt"
        for name in ("api", "cluster", "dashboard", "export", "mlflow")
        for pin in sorted(pins[name] - pins["runtime"])
        if _package(pin) in known
    ]
    return found


def _report(found: list[str]) -> int:
    for each in found:
        sys.stdout.write(f"{each}\n")
    sys.stdout.write(f"The locks are out of date; run: {shown_command}\n" if found else "The locks are current.\n")
    return 1 if found else 0


def _compile(uv: str, name: str, *, upgrade: bool) -> None:
    sys.stdout.write(f"Compiling requirements/{name}.txt ...\n")
    sys.stdout.flush()
    target = folder / f"{name}.txt"
    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch) / target.name
        # What stands in the output file is preferred: runtime's own pins, then runtime's for all others.
        seed = folder / "runtime.txt" if name != "runtime" else target
        preferred = [] if name == "runtime" and upgrade else [seed, *([] if upgrade else [target])]
        output.write_text("".join(each.read_text(encoding="utf-8") for each in _unique(preferred)), encoding="utf-8")
        command = [uv, "pip", "compile", "--no-config", "--quiet", "--universal", "--python-version", "3.11"]
        command += ["--generate-hashes", "--custom-compile-command", shown_command]
        command += [argument for extra in locks[name] for argument in ("--extra", extra)]
        command += [str(project_file), "--output-file", str(output)]
        environment = {key: value for key, value in os.environ.items() if not key.startswith(_local)}
        subprocess.run(command, check=True, cwd=scratch, env=environment)
        compiled = output.read_text(encoding="utf-8")
    # uv names the file it read, relative to where it ran.
    compiled = re.sub(r"\(\S*pyproject\.toml\)", "(pyproject.toml)", compiled)
    lines = compiled.split("\n", 2)
    header = "\n".join([*lines[:2], f"{_marker}{_digest(_dependencies(), name)}"])
    target.write_text(f"{header}\n{lines[2]}", encoding="utf-8")


def _unique(paths: list[Path]) -> list[Path]:
    return [each for each in dict.fromkeys(paths) if each.exists()]


def _dependencies() -> dict[str, list[str]]:
    """The dependencies of each extra by its name; those of the project itself under the empty name."""
    project = tomllib.loads(project_file.read_text(encoding="utf-8"))["project"]
    return {"": project["dependencies"], **project["optional-dependencies"]}


def _digest(dependencies: dict[str, list[str]], name: str) -> str:
    chosen = {extra: sorted(dependencies[extra]) for extra in ("", *locks[name])}
    return hashlib.sha256(json.dumps(chosen, sort_keys=True).encode()).hexdigest()


def _package(pin: str) -> str:
    return pin.partition("==")[0]


def _pins(path: Path) -> set[str]:
    return set(_pin.findall(path.read_text(encoding="utf-8"))) if path.exists() else set()


if __name__ == "__main__":
    sys.exit(main())
