"""Prometheus gauges of the jobs: how many there are in each state, and whether somebody works on them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, get_args

from api.operations.metrics import gauges
from core.batch.challenges import ChallengeState
from core.jobs.job import Status
from core.jobs.running.heartbeat import last_beat
from core.jobs.store import JobStore

if TYPE_CHECKING:
    from flask import Flask

    from core.settings import Settings


def register(app: Flask, settings: Settings) -> None:
    """Adds the gauges of the jobs in the folder of the settings to those of an application."""

    def jobs() -> dict[str, float]:
        counts = Counter(job.status for job in JobStore(settings.jobs_dir).jobs())
        return {status: counts[status] for status in get_args(Status)}

    def workers() -> dict[str, float]:
        beat = last_beat(settings.jobs_dir)
        return {"jobs": float(beat is not None and beat.is_fresh)}

    def challenged() -> dict[str, float]:
        counts: Counter[str] = Counter(dict.fromkeys(get_args(ChallengeState), 0))
        for job in JobStore(settings.jobs_dir).jobs():
            counts.update(job.tally.challenged)
        return dict(counts)

    gauges(app).add("scoring_jobs", "Jobs on file.", "status", jobs)
    gauges(app).add(
        "scoring_jobs_challenger",
        "Rows of the jobs on file by what became of asking the challenger, as scoring_challenger_total has requests.",
        "outcome",
        challenged,
    )
    gauges(app).add("scoring_worker_up", "1 where a worker was seen in the last seconds.", "queue", workers)
