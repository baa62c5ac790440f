"""The API's gunicorn worker: the one of all services, with turns to compute, and refusals as JSON like ours."""

from __future__ import annotations

import sys
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, Final

from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from pydantic_core import to_json

from api.http.logs import formatter
from api.http.request_body import Turn, turn
from core.contract import problems
from core.settings import settings
from runtime.gunicorn_worker import threaded_worker

if TYPE_CHECKING:
    from http import HTTPStatus

    from runtime.gunicorn_worker.client_connection import Connection

# Threads that wait for a large body, or for who takes in a large answer, cost little; threads that compute take turns.
threads_per_turn: Final = 8


class ApiWorker(threaded_worker.ThreadedWorker):
    """One process of the API."""

    says_why_no_body = True

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._turns = BoundedSemaphore(max(1, self.cfg.threads // threads_per_turn))

    def handle_request(self, req: Any, conn: Connection) -> Any:
        """Answers a request, in a thread."""
        mine = Turn(self._turns)
        turn.set(mine)
        try:
            return super().handle_request(req, conn)
        finally:
            mine.leave()

    def refuse(self, connection: Connection, status: HTTPStatus, detail: str) -> None:
        """Says why a request is not answered, as all problems are said."""
        problem = {500: problems.internal_error, 408: problems.too_slow}.get(status, problems.bad_request)
        self._say(connection, status, "application/json", to_json(problems.content(problem, detail, status)))


class GunicornLog(Logger):  # type: ignore[misc]
    """gunicorn's own lines in the same form, and on the same stream, as those of the application."""

    def setup(self, cfg: Any) -> None:
        """Called by gunicorn when it starts, and when it reads its configuration anew."""
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                handler.setFormatter(formatter(settings().log_format, sys.stderr))
