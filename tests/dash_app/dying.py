"""The API as it is deployed, whose process ends by SIGKILL at each step that a file names, one after the other."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api import audit
from api.wsgi import app
from core.audit.chain.appending import Appending
from core.audit.log import AuditLog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response

    from core.audit.chain.links import EntryTable

_plan = Path(os.environ["DYING_AT"])
_delivered = AuditLog.record_delivered
_put = Appending.put


def _dies(step: str) -> bool:
    """Whether this process ends here. The step is crossed out first: the next process is to come further."""
    planned = _plan.read_text(encoding="utf-8").split()
    if planned[:1] != [step]:
        return False
    _plan.write_text(" ".join(planned[1:]), encoding="utf-8")
    return True


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _received() -> None:
    if _dies("received"):
        _die()


def _putting(self: Appending, table: EntryTable, rows: Sequence[Sequence[Any]]) -> None:
    if _dies("between"):
        _put(self, table, rows[:1])
        _die()
    _put(self, table, rows)
    if _dies("uncommitted"):
        _die()


def _recorded(self: AuditLog, entries: Sequence[Any]) -> int:
    found = _delivered(self, entries)
    if _dies("written"):
        _die()
    return found


def _answered(response: Response) -> Response:
    if _dies("answered"):
        _die()
    return response


# Each process that is forked opens the record for itself.
audit.close(app)
app.before_request_funcs.setdefault(None, []).append(_received)
app.after_request_funcs.setdefault(None, []).append(_answered)
AuditLog.record_delivered = _recorded  # type: ignore[method-assign]
Appending.put = _putting  # type: ignore[method-assign]
