"""The `data traffic` command: months of synthetic business in a record of its own, for trying every screen."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url

from core.audit.engine import Database
from core.audit.writing import AuditUnavailable
from core.model.errors import ArtefactError
from core.outcomes.synthetic.year import play
from core.settings import settings
from runtime.console import counted, failed, note, table
from runtime.model_source import challenger_source, model_source, note_stand_in

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path


def run(namespace: Namespace) -> int:
    """Plays `namespace.months` into the record `namespace.out`, which must not exist; returns the exit code."""
    out: Path = namespace.out or settings().data_dir / "traffic" / "audit.db"
    if out.exists():
        return failed(f"{out} exists already, and nothing of a record can be taken away: name another with --out")
    source = model_source(settings())
    try:
        scorer = source.load()
        beside = challenger_source(settings())
        challenger = None if beside is None else beside.load()
    except (ArtefactError, OSError) as error:
        return failed(str(error))
    note_stand_in(source)
    months, applicants = counted(namespace.months, "month"), counted(namespace.clients, "synthetic applicant")
    note(f"Playing {months} with {applicants} (seed {namespace.seed})")
    began = time.perf_counter()
    try:
        database = Database.open(make_url("sqlite://").set(database=str(out)))
        try:
            year = play(
                database,
                scorer,
                clients=namespace.clients,
                months=namespace.months,
                shift=namespace.shift,
                seed=namespace.seed,
                now=datetime.now(UTC),
                challenger=challenger,
            )
        finally:
            database.close()
    except AuditUnavailable as error:
        return failed(f"The audit database: {error}")
    table(
        [
            ("Decisions", f"{year.decisions:,} ({year.refused:,} refused by the model)"),
            ("Officers' decisions", f"{year.officer_decisions:,} ({year.overrides:,} against the model)"),
            ("Outcomes", f"{year.outcomes:,} ({counted(year.defaults, 'default')})"),
            ("Took", f"{time.perf_counter() - began:.1f} s"),
            ("Record", str(out)),
        ]
    )
    note(f"To look at it: AUDIT_FILE={out} python3 run.py performance, or AUDIT_FILE={out} python3 run.py")
    return 0
