"""Loads two workers of the API while faults happen: `python -m benchmarks.load [--minutes 5] [--json FILE]`.

First 20,000 predictions without a fault: how many a second, and whether memory grows. Then the soak: all kinds of
requests for minutes, with faults on a schedule (`benchmarks.load.faults`), and a quiet last third. In the end, every
prediction that was answered has to be in the audit database, and every answer but 200 has to have its fault.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import sys
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.load.faults import Target, unexplained
from benchmarks.load.phases import callers, soak, steady, watching
from benchmarks.measured import Figure, report
from benchmarks.services import running_api
from core.audit.writing import busy_seconds
from core.model.artefacts import config_file, listed_files
from core.settings import settings
from runtime.console import failed, note

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.load.callers import Asked
    from benchmarks.load.phases import Phase, Watch

# The earlier system's one worker made 42 a second.
_goal_rate: Final = 420.0
# Of one worker. A leak of one kilobyte a request would be 7.5 MB over the requests that count.
_max_growth: Final = 3.0
_max_slope: Final = 3.0
# In less, the quiet third says more of workers that have just begun than of what they keep.
_min_seconds: Final = 180.0
_max_lock_seconds: Final = 10.0
_lock_share: Final = 0.05
_max_shown: Final = 10
# What is said of a worker that we killed, and of the database that we locked.
_our_own_doing: Final = ("SIGKILL", "audit unavailable")


def main(arguments: list[str] | None = None) -> int:
    """Runs the load. Returns 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=5.0, help="of load with faults (default: 5)")
    parser.add_argument("--requests", type=int, default=20_000, help="predictions without a fault (default: 20,000)")
    parser.add_argument("--workers", type=int, default=2, help="of the API (default: 2)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    namespace = parser.parse_args(arguments)
    seconds = namespace.minutes * 60
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = _copied_model(folder)
        database = folder / "audit.db"
        try:
            with (
                running_api(folder, namespace.workers, MODELS_DIR=str(models), LOG_FORMAT="json") as api,
                watching(api) as watch,
            ):
                note(f"{namespace.requests:,} predictions from {callers} callers.")
                before = steady(api, watch, folder, namespace.requests)
                note(f"All kinds of requests for {seconds:.0f} s, with faults.")
                lock_seconds = max(2 * busy_seconds, min(_max_lock_seconds, seconds * _lock_share))
                during = soak(Target(api, namespace.workers, models, database, lock_seconds), watch, folder, seconds)
        except RuntimeError as error:
            return failed(str(error))
        # After the stop: what was under way then is recorded too.
        recorded = _recorded(database)
        complaints = _complaints(api.log)
    lost = _lost((*before.asked, *during.asked), recorded)
    odd = [*unexplained(before.asked, ()), *unexplained(during.asked, during.faults)]
    figures = [
        Figure("1-minute load average of the machine before", f"{busy:.1f}"),
        *_steady_figures(before),
        *_soak_figures(during, watch, len(odd)),
        *_audit_figures(before, during, recorded, len(lost)),
        Figure("Errors in the log, but for killed workers and the locked database", str(len(complaints)), "0"),
    ]
    report(f"{namespace.workers} workers of the API under load and faults", figures, namespace.json)
    misses = [*_missed(before, during), *(f"lost: {each.request_id} ({each.name})" for each in lost[:_max_shown])]
    misses += [f"no fault explains {_shown(each, during)}" for each in odd[:_max_shown]]
    misses += [f"the log says: {complaint}" for complaint in complaints[:_max_shown]]
    return failed("\n".join(["Missed:", *misses])) if misses else 0


def _copied_model(folder: Path) -> Path:
    models = folder / "models"
    models.mkdir()
    source = settings().models_dir
    for each in (config_file, *listed_files(source)):
        shutil.copyfile(source / each, models / each)
    return models


def _recorded(database: Path) -> Mapping[str, int]:
    """How many predictions are recorded of each request."""
    with closing(sqlite3.connect(database)) as connection:
        return dict(connection.execute("SELECT request_id, count(*) FROM predictions GROUP BY request_id").fetchall())


def _complaints(log: Path) -> list[str]:
    """What the API calls an error: the event, and the kind of the exception where there is one."""
    lines = [json.loads(line) for line in log.read_bytes().splitlines() if line.startswith(b"{")]
    found = [line["event"] for line in lines if line["level"] in ("error", "critical")]
    return [each for each in found if not any(mark in each for mark in _our_own_doing)]


def _lost(asked: Sequence[Asked], recorded: Mapping[str, int]) -> list[Asked]:
    """Requests that were answered 200, and of which the audit does not hold all predictions."""
    return [each for each in asked if each.status == 200 and recorded.get(each.request_id, 0) < each.predictions]


def _steady_figures(phase: Phase) -> list[Figure]:
    figures = [
        Figure("Predictions a second, no fault", f"{_rate(phase):.0f}", f"> {_goal_rate:.0f}"),
        _latency(phase, "/predict", "no fault"),
    ]
    for trend in phase.trends:
        measured = f"{trend.growth:+.1f} MB, to {trend.now:.0f} MB"
        figures.append(Figure(f"Growth of a worker over {len(phase.asked):,} predictions", measured, _goal_growth()))
    return figures


def _soak_figures(phase: Phase, watch: Watch, odd: int) -> list[Figure]:
    statuses = Counter(each.status for each in phase.asked)
    ends = Counter(each.error for each in phase.asked if each.error)
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(ends.items()))
    refused = sum(count for status, count in statuses.items() if status >= 500)
    figures = [
        Figure("Length of the soak", f"{phase.seconds:.0f} s"),
        Figure("Requests a second, of all kinds", f"{len(phase.asked) / phase.seconds:.0f}"),
        *(_latency(phase, name, "soak") for name in sorted({each.name for each in phase.asked})),
        *(Figure(f"Answered {status}", f"{count:,}") for status, count in sorted(statuses.items()) if status),
        Figure("Connections that ended without an answer", f"{statuses[0]}{f' ({kinds})' if kinds else ''}"),
        Figure("Answers of 5xx that a fault explains", f"{refused - _server_errors(phase):,}"),
        Figure("Requests not answered 200 that no fault explains", str(odd), "0"),
    ]
    for fault in phase.faults:
        moment = fault.began - phase.began
        figures.append(Figure(f"Fault at {moment:.0f} s: {fault.name}", fault.missed or fault.said))
    sizes = " ".join(f"{size:.0f}" for size in watch.by_minute(phase.began, phase.seconds))
    figures.append(Figure("Memory of the workers together, minute by minute", f"{sizes} MB"))
    goal = f"< {_max_slope:g} MB a minute" if phase.seconds >= _min_seconds else ""
    for trend in phase.trends:
        measured = f"{trend.slope:+.2f} MB a minute, at {trend.now:.0f} MB"
        figures.append(Figure("Memory of a worker in the quiet last third", measured, goal))
    return figures


def _audit_figures(before: Phase, during: Phase, recorded: Mapping[str, int], lost: int) -> list[Figure]:
    asked = (*before.asked, *during.asked)
    answered = sum(each.predictions for each in asked if each.status == 200)
    unheard = sum(recorded.get(each.request_id, 0) for each in asked if each.status != 200)
    return [
        Figure("Predictions answered 200", f"{answered:,}"),
        Figure("Requests answered 200 whose audit rows are missing", str(lost), "0"),
        Figure("Audit rows of requests whose answer did not arrive", f"{unheard:,}"),
    ]


def _missed(before: Phase, during: Phase) -> list[str]:
    misses = [f"{fault.name}: {fault.missed}" for fault in during.faults if fault.missed]
    if _rate(before) <= _goal_rate:
        misses.append(f"{_rate(before):.0f} predictions a second")
    misses += [f"a worker grew by {trend.growth:.1f} MB" for trend in before.trends if trend.growth >= _max_growth]
    if during.seconds >= _min_seconds:
        steep = [trend.slope for trend in during.trends if trend.slope >= _max_slope]
        misses += [f"a worker grows {each:.1f} MB a minute" for each in steep]
    return misses


def _server_errors(phase: Phase) -> int:
    return sum(each.status >= 500 for each in unexplained(phase.asked, phase.faults))


def _rate(phase: Phase) -> float:
    return sum(each.status == 200 for each in phase.asked) / phase.seconds


def _latency(phase: Phase, name: str, when: str) -> Figure:
    taken = phase.milliseconds(name)
    half, most, nearly_all = np.percentile(taken, (50, 95, 99))
    measured = f"p50 {half:.0f} ms, p95 {most:.0f} ms, p99 {nearly_all:.0f} ms"
    return Figure(f"{name}, {when}, {callers} callers at once", measured)


def _goal_growth() -> str:
    return f"< {_max_growth:g} MB"


def _shown(asked: Asked, phase: Phase) -> str:
    what = asked.error or f"status {asked.status}"
    return f"{what} of {asked.name} at {asked.began - phase.began:.1f} s, after {asked.seconds:.2f} s"


if __name__ == "__main__":
    sys.exit(main())
