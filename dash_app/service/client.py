"""Asks the scoring API over HTTP, and says what became of it in the errors of the dashboard."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final

import httpx

from core.application import FieldError
from dash_app.service.protocol import NotFound, Refused, Rejected, ServiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# To open a connection is quick or hopeless; to wait for an answer may take as long as the settings allow.
_connect_timeout: Final = 1.0


class ApiClient:
    """The API behind `base_url`, one pooled client a process.

    `key` is shown where the API asks for one; `transport` replaces the network in tests.
    """

    def __init__(
        self,
        base_url: str,
        timeout: float,
        transport: httpx.BaseTransport | None = None,
        key: str | None = None,
    ) -> None:
        headers = {"X-API-Key": key} if key else {}
        self._client = httpx.Client(
            base_url=base_url, timeout=_limits(timeout), transport=transport, trust_env=False, headers=headers
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
        patience = httpx.USE_CLIENT_DEFAULT if timeout is None else _limits(timeout)
        try:
            response = self._client.request(
                method, path, params=dict(params), json=json, content=content, headers=sent, timeout=patience
            )
        except httpx.TimeoutException as error:
            raise ServiceUnavailable("timeout") from error
        except httpx.HTTPError as error:
            raise ServiceUnavailable("unreachable") from error
        return _answered(response, path)

    def stream(self, path: str, timeout: float, **params: str | int) -> tuple[str, Iterator[bytes]]:
        """A file as it comes, so that none is ever held whole: its type and its parts; raises as `ask` does."""
        request = self._client.build_request("GET", path, params=dict(params), timeout=_limits(timeout))
        try:
            response = self._client.send(request, stream=True)
            if not response.is_success:
                response.read()
        except httpx.TimeoutException as error:
            raise ServiceUnavailable("timeout") from error
        except httpx.HTTPError as error:
            raise ServiceUnavailable("unreachable") from error
        if not response.is_success:
            _answered(response, path)
        return response.headers.get("Content-Type", "application/octet-stream"), _parts(response)

    def fetch(self, path: str, **params: str | int) -> bytes:
        """A file; raises as `ask` does."""
        try:
            response = self._client.get(path, params=dict(params))
        except httpx.TimeoutException as error:
            raise ServiceUnavailable("timeout") from error
        except httpx.HTTPError as error:
            raise ServiceUnavailable("unreachable") from error
        if not response.is_success:
            _answered(response, path)
        return response.content


@contextmanager
def understood() -> Iterator[None]:
    """Takes an answer of another shape for no answer: it comes from another version, or another server."""
    try:
        yield
    except (KeyError, TypeError, AttributeError) as error:
        raise ServiceUnavailable("http", httpx.codes.OK) from error


def _parts(response: httpx.Response) -> Iterator[bytes]:
    with closing(response):
        yield from response.iter_bytes()


def _limits(timeout: float) -> httpx.Timeout:
    return httpx.Timeout(timeout, connect=min(_connect_timeout, timeout))


def _answered(response: httpx.Response, path: str) -> Any:
    answer = _json(response)
    if response.is_success:
        return answer
    code, detail = response.status_code, answer.get("detail") if isinstance(answer, dict) else None
    if code == httpx.codes.BAD_REQUEST and isinstance(answer, dict) and answer.get("errors"):
        raise Rejected(tuple(FieldError(**each) for each in answer["errors"]))
    if code == httpx.codes.NOT_FOUND and path.startswith(("/clients/", "/jobs/", "/data/drift")):
        raise NotFound(path.split("/")[2])
    if code in _refusals and isinstance(detail, str):
        raise Refused(detail, code)
    if code == httpx.codes.SERVICE_UNAVAILABLE:
        if path.startswith("/decisions"):
            raise ServiceUnavailable("no_record", 503)
        raise ServiceUnavailable("no_portfolio" if path.startswith(("/clients", "/data")) else "no_model", 503)
    raise ServiceUnavailable("http", code)


# What the API says no to in a sentence that a reader can act upon.
_refusals: Final = (
    httpx.codes.CONFLICT,
    httpx.codes.REQUEST_ENTITY_TOO_LARGE,
    httpx.codes.UNSUPPORTED_MEDIA_TYPE,
    httpx.codes.UNPROCESSABLE_ENTITY,
    httpx.codes.INSUFFICIENT_STORAGE,
)


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        # A proxy's error page, or another server on that port.
        raise ServiceUnavailable("http", response.status_code) from None
