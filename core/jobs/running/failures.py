"""Why a job ended without a result, as its owner is told."""

from __future__ import annotations

import errno
from typing import Final

from core.audit.writing import AuditUnavailable
from core.jobs.job import JobError
from core.jobs.running.scoring import NoPortfolio
from core.model.errors import ArtefactError
from core.tables.errors import UnusableFile

_full: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_reasons: Final[dict[type[Exception], str]] = {
    ArtefactError: "job_no_model",
    NoPortfolio: "job_no_portfolio",
    FileNotFoundError: "job_lost",
    AuditUnavailable: "job_no_record",
}


def reason_of(error: Exception) -> JobError:
    """What is said of an error; what nobody foresaw is said to be that, and nothing of it repeated."""
    if isinstance(error, UnusableFile):
        return JobError(error.key, error.parts)
    if isinstance(error, OSError) and error.errno in _full:
        return JobError("job_disk_full", {})
    key = next((key for kind, key in _reasons.items() if isinstance(error, kind)), "job_failed")
    return JobError(key, {})
