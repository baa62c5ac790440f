"""The recording of decisions on files: batch by batch, each row once however often its job is begun."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

import polars as pl

from core.audit.blocks.recording import record_block
from core.audit.engine import Database, database_url
from core.audit.entries import repeatable_ids
from core.audit.writing import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.batch.rows import Scored
    from core.jobs.job import Job
    from core.settings import Settings

_log = logging.getLogger(__name__)

# Rows of a block. One writes at a time: what answers requests is to have its turn in between, which SQLite gives to
# those who look; and to read one row of it, a block is read whole.
_stored_at_once: Final = 5000
# What the record takes for a row, rather more than less: of an application of 121 columns 500 bytes, and a number of
# its own in each of the history features 600 more.
recorded_bytes: Final = 1_200
_turn: Final = 0.02
_pauses: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)


class FileRecorder:
    """Stores the predictions of jobs; opens the audit database at the first of them."""

    def __init__(self, settings: Settings) -> None:
        """Connects to nothing yet. Raises `core.audit.engine.InvalidDatabaseUrl`."""
        self._url = database_url(settings)
        self._required = settings.audit_required
        self._database: Database | None = None

    def __call__(self, job: Job, scored: Scored) -> int:
        """Stores the decisions of a batch; those that are stored already stay as they are.

        Args:
            job: whose model version and threshold are known.

        Returns:
            How many could not be stored, where `AUDIT_REQUIRED` lets the job go on without.

        Raises:
            AuditUnavailable: they have to be stored, and could not be for half a minute.
        """
        unrecorded = 0
        for start in range(0, scored.decisions.height, _stored_at_once):
            part = slice(start, start + _stored_at_once)
            records, inputs = _records(job, scored.decisions[part]), _inputs(scored.applications[part])
            if scored.challenges is not None and scored.challenges.rows.height:
                records = records.hstack(scored.challenges.rows[part])
            try:
                self._store(job, records, inputs)
            except AuditUnavailable as error:
                if self._required:
                    raise
                details = {"job": job.id, "reason": error.reason, "cause": error.cause, "predictions": records.height}
                _log.error("not recorded", extra=details)
                unrecorded += records.height
        return unrecorded

    def close(self) -> None:
        """Closes the database; the next use opens it again."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _store(self, job: Job, records: pl.DataFrame, inputs: pl.DataFrame) -> None:
        # Without its record a whole file would be lost to somebody who writes for a few seconds.
        for pause in (*_pauses, None) if self._required else (None,):
            try:
                if self._database is None:
                    self._database = Database.open(self._url)
                record_block(self._database, job.created, records, inputs)
                if self._database.is_sqlite:
                    time.sleep(_turn)
            except AuditUnavailable:
                self.close()
                if pause is None:
                    raise
                time.sleep(pause)
            else:
                return


def prediction_ids(job: Job, rows: Sequence[int]) -> list[str]:
    """Under which the decisions on rows of a job's file are recorded, where they are.

    Args:
        job: whose model version and threshold are known: another model, threshold or history decides anew, and that is
            to be seen.
        rows: numbers of rows in the file.
    """
    name = " ".join(filter(None, (job.id, job.model_version, str(job.threshold), job.portfolio)))
    return repeatable_ids(job.created, name, rows)


def row_of(job: Job, prediction_id: str) -> int:
    """The number of the row whose decision is recorded under that id, of those that `prediction_ids` gives."""
    (first,) = prediction_ids(job, [0])
    number, start = (int(key.replace("-", "")[16:], 16) for key in (prediction_id, first))
    return number - start


def _records(job: Job, decisions: pl.DataFrame) -> pl.DataFrame:
    """The decisions of a batch, as `core.audit.blocks.content.PredictionBlock` has them but for the time."""
    return decisions.select(
        pl.Series("id", prediction_ids(job, decisions["row"].to_list()), pl.String),
        pl.lit("job").alias("kind"),
        pl.lit(job.id).alias("request_id"),
        pl.lit(job.owner).alias("caller"),
        pl.col("SK_ID_CURR").alias("client_id"),
        "probability",
        "threshold",
        "decision",
        pl.lit(job.model_version or "").alias("model_version"),
        "history",
        pl.when(pl.col("history") == "portfolio").then(pl.lit(job.portfolio, pl.String)).alias("portfolio"),
        pl.lit(job.person.subject if job.person else None, pl.String).alias("subject"),
        pl.lit(job.person.name if job.person else None, pl.String).alias("person"),
        # A row is an application of its own, whosever number it bears.
        pl.lit("sent").alias("application"),
        "fold_agreement",
        pl.col("referral_reasons").replace("", None).alias("referral"),
    )


def _inputs(applications: pl.DataFrame) -> pl.DataFrame:
    """What the model was given, without the columns of which it was given nothing."""
    inputs = applications.drop("SK_ID_CURR", "TARGET", strict=False)
    return inputs.select(column for column in inputs if column.null_count() < inputs.height)
