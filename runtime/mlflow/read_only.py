"""A read-only MLflow server: it has no login, and its page needs no more than to show what there is."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

_safe: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# What the page asks for with a body. MLflow's GraphQL has searches alone, also among what it calls mutations.
_searches: Final = re.compile(
    r"/graphql|/(?:ajax-)?api/[0-9]\.0/mlflow/(?:"
    r"(?:runs|experiments|logged-models|traces|datasets|issues)/search"
    r"|experiments/search-datasets|registered-models/get-latest-versions)"
)
_refusal: Final = json.dumps(
    {"error_code": "PERMISSION_DENIED", "message": "This MLflow server takes nothing (MLFLOW_READ_ONLY)."}
).encode()


class ReadOnly:
    """An ASGI application in front of another, which gets nothing that could change something."""

    def __init__(self, app: Asgi) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 403 in its place, and opens no WebSocket."""
        if scope["type"] == "lifespan" or (scope["type"] == "http" and _reads(scope["method"], scope["path"])):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        else:
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(_refusal)).encode())]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": _refusal})


def _reads(method: str, path: str) -> bool:
    return method in _safe or (method == "POST" and _searches.fullmatch(path) is not None)
