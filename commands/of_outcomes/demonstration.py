"""The `data demo-year` command: the year that `run.py demo` shows, made where there is none of this version."""

from __future__ import annotations

import fcntl
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from core.audit.writing import AuditUnavailable
from core.model.errors import ArtefactError
from core.outcomes.synthetic.demonstration import Made, make
from core.settings import settings
from runtime.console import counted, failed, note
from runtime.model_source import model_source, note_stand_in

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator
    from pathlib import Path

_clients: Final = 6000


def run(namespace: Namespace) -> int:
    """Makes the year in `namespace.out` where it is needed or asked for; returns the exit code."""
    folder: Path = namespace.out
    source = model_source(settings())
    try:
        there = Made.read(folder)
        clients = namespace.clients or (there.clients if there else _clients)
        seed = namespace.seed if namespace.seed is not None else (there.seed if there else 0)
        made = Made.now(source.folder(), clients, seed, datetime.now(UTC))
        if there is not None and there.is_as(made) and not namespace.again:
            note(f"The year of the demonstration was played on {there.moment[:10]}; --again plays it anew, up to now.")
            return 0
        with _alone(folder) as is_alone:
            if not is_alone:
                return failed("another `run.py demo` prepares or shows the demonstration: stop that one first")
            note_stand_in(source)
            _announce(there, made, again=namespace.again)
            began = time.perf_counter()
            year = make(folder, made, source.load())
    except (ArtefactError, AuditUnavailable, OSError) as error:
        return failed(f"The year of the demonstration: {error}")
    note(
        f"{counted(year.decisions, 'decision')}, {year.overrides:,} of them overruled by officers,"
        f" {counted(year.outcomes, 'outcome')};"
        f" it took {time.perf_counter() - began:.1f} s."
    )
    return 0


def _announce(there: Made | None, made: Made, *, again: bool) -> None:
    if there is not None and not again:
        note("The year of the demonstration is of another version, model or size: it is played anew.")
    note(f"Playing a year of {made.clients:,} synthetic applicants for the demonstration (seed {made.seed}) ...")


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether nobody else makes the year or shows it: `launcher.demonstration` holds the same lock, shared."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
