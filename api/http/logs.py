"""The log of the API: that of every process of ours (`core.logs`), with the id of the request in each line."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flask import g, has_request_context

from core import logs
from core.logs import places

if TYPE_CHECKING:
    from typing import TextIO

    from core.logs import Form

__all__ = ["configure", "formatter", "places"]


def configure(level: str, form: Form | None = None, stream: TextIO | None = None) -> None:
    """Makes everything that this process logs go through one handler; arguments as of `core.logs.configure`."""
    logs.configure(level, form, stream, _request)


def formatter(form: Form | None, stream: TextIO) -> logging.Formatter:
    """What turns records of the standard library's `logging` into lines."""
    return logs.formatter(form, stream, _request)


def _request() -> dict[str, object]:
    return {"request_id": g.request_id} if has_request_context() and "request_id" in g else {}
