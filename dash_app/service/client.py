"""Asks the scoring API over HTTP, and says what became of it in the errors of the dashboard."""

from __future__ import annotations

import json as json_module
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from core.application import FieldError
from core.http import Adapter, Answer, HttpClient, HttpError
from dash_app.service.protocol import NotFound, Refused, Rejected, ServiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# To open a connection is quick or hopeless; to wait for an answer may take as long as the settings allow.
_connect_timeout: Final = 1.0


class ApiClient:
    """The API behind `base_url`, one pooled client a process.

    `key` is shown where the API asks for one; `adapter` takes the place of the network in tests.
    """

    def __init__(
        self,
        base_url: str,
        timeout: float,
        adapter: Adapter | None = None,
        key: str | None = None,
    ) -> None:
        self._http = HttpClient(
            base_url,
            timeout=timeout,
            connect_timeout=_connect_timeout,
            headers={"X-API-Key": key} if key else {},
            adapter=adapter,
        )

    def get(self, path: str, **params: str | float) -> Any:
        """The JSON at a path; raises as `ask` does."""
        return self.ask("GET", path, params=params)

    def ask(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | float],
        json: object = None,
        lang: str | None = None,
        content: Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Any:
        """The JSON that the API answers.

        Args:
            lang: of the sentences in the answer.
            content: a body that is sent as it comes, in place of `json`.
            timeout: how long to wait for each part of the answer, where not as usual.

        Raises:
            ServiceUnavailable: it does not answer, or not as it should.
            Rejected: fields of what was sent are bad.
            NotFound: there is no such client, job or report.
            Refused: what was asked for cannot be done, which the API says in a sentence.
        """
        sent = dict(headers or {}) | ({"Accept-Language": lang} if lang else {})
        with (
            _reached(),
            self._http.open(
                method, path, params=params, json=json, content=content, headers=sent, timeout=timeout
            ) as answer,
        ):
            return _answered(answer, path)

    def stream(self, path: str, timeout: float, **params: str | int) -> tuple[str, Iterator[bytes]]:
        """A file as it comes, so that none is ever held whole: its type and its parts; raises as `ask` does."""
        with _reached():
            answer = self._http.open("GET", path, params=params, timeout=timeout)
            if not answer.succeeded:
                with answer:
                    _answered(answer, path)
        return answer.headers.get("Content-Type", "application/octet-stream"), _parts(answer)

    def fetch(self, path: str, **params: str | int) -> bytes:
        """A file; raises as `ask` does."""
        with _reached(), self._http.open("GET", path, params=params) as answer:
            if not answer.succeeded:
                _answered(answer, path)
            return answer.read()


@contextmanager
def understood() -> Iterator[None]:
    """Takes an answer of another shape for no answer: it comes from another version, or another server."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ServiceUnavailable("http", HTTPStatus.OK) from error


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except HttpError as error:
        raise ServiceUnavailable("timeout" if error.fault == "timeout" else "unreachable") from error


def _parts(answer: Answer) -> Iterator[bytes]:
    with answer:
        yield from answer.parts()


def _answered(response: Answer, path: str) -> Any:
    answer = _json(response)
    if response.succeeded:
        return answer
    code, detail = response.status, answer.get("detail") if isinstance(answer, dict) else None
    if code == HTTPStatus.BAD_REQUEST and isinstance(answer, dict) and answer.get("errors"):
        raise Rejected(tuple(FieldError(**each) for each in answer["errors"]))
    if code == HTTPStatus.NOT_FOUND and path.startswith(("/clients/", "/jobs/", "/data/drift")):
        raise NotFound(path.split("/")[2])
    if code in _refusals and isinstance(detail, str):
        raise Refused(detail, code)
    if code == HTTPStatus.SERVICE_UNAVAILABLE:
        if path.startswith("/decisions"):
            raise ServiceUnavailable("no_record", 503)
        raise ServiceUnavailable("no_portfolio" if path.startswith(("/clients", "/data")) else "no_model", 503)
    raise ServiceUnavailable("http", code)


# What the API says no to in a sentence that a reader can act upon.
_refusals: Final = (
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.INSUFFICIENT_STORAGE,
)


def _json(response: Answer) -> Any:
    content = response.read()
    try:
        return json_module.loads(content)
    except ValueError:
        # A proxy's error page, or another server on that port.
        raise ServiceUnavailable("http", response.status) from None
