"""The client of the scoring API, which says what became of a call in the errors of the dashboard."""

from __future__ import annotations

import json as json_module
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from functools import cache, partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from pydantic import TypeAdapter

from core.application import FieldError
from core.contract import problems
from core.contract.problems import ProblemType
from dash_app.service.errors import Fault, NotFound, Refused, Rejected, ServiceUnavailable
from runtime.http_client import Adapter, Answer, HttpClient, HttpError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dash_app.service.asking import Asker

_Read = TypeVar("_Read")
# To open a connection is quick or hopeless; to wait for an answer may take as long as the settings allow.
_connect_timeout: Final = 1.0
# How a service is, is asked anew every five seconds: an answer that took longer would be dropped for the next one, and
# the page would never tell that nobody answers.
health_patience: Final = 3.0
# Who asks too often waits this long at most to be let in again, and is else told when.
max_seconds_busy: Final = 3


class ApiClient:
    """The API behind `base_url`, one pooled client a process.

    `key` is shown where the API asks for one; `asker` says who asks, so that each has what is theirs, and an allowance
    of requests of their own; `adapter` takes the place of the network in tests.
    """

    def __init__(
        self,
        base_url: str,
        timeout: float,
        adapter: Adapter | None = None,
        key: str | None = None,
        asker: Callable[[], Asker | None] | None = None,
    ) -> None:
        self._asker = asker
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

    def read(self, kind: type[_Read], path: str, **params: str | float) -> _Read:
        """The answer at a path as a type, without what it adds for others; raises as `ask` does."""
        return read(kind, self.get(path, **params))

    def read_or(self, kind: type[_Read], path: str, accepted: ProblemType, timeout: float) -> _Read:
        """The answer at a path as a type, or what a problem says that is an answer as well; raises as `ask` does."""
        with _reached(), self._http.open("GET", path, headers=self._on_behalf(), timeout=timeout) as answer:
            return read(kind, _answered(answer, accepted))

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

        Who asks too often waits for a moment where that is enough.

        Raises:
            ServiceUnavailable: it does not answer, not as it should, or not to us.
            Rejected: fields of what was sent are bad.
            NotFound: there is no such client, job or report.
            Refused: what was asked for cannot be done, which the API says in a sentence.
        """
        sent = dict(headers or {}) | ({"Accept-Language": lang} if lang else {})
        ask = partial(
            self._asked, method, path, params=params, json=json, content=content, headers=sent, timeout=timeout
        )
        try:
            return ask()
        except ServiceUnavailable as error:
            # What was sent as it came is gone.
            if error.fault != "busy" or content is not None or not 0 < error.seconds <= max_seconds_busy:
                raise
            time.sleep(error.seconds)
            return ask()

    def _asked(self, method: str, path: str, **request: Any) -> Any:
        request["headers"] = self._on_behalf() | (request["headers"] or {})
        with _reached(), self._http.open(method, path, **request) as answer:
            return _answered(answer)

    @property
    def asker(self) -> Asker | None:
        """Who asks now; None where nobody does, or it does not matter."""
        return self._asker() if self._asker else None

    def _on_behalf(self) -> dict[str, str]:
        return dict(who.headers) if (who := self.asker) else {}

    def stream(self, path: str, timeout: float, **params: str | int) -> tuple[str, Iterator[bytes]]:
        """A file as it comes, so that none is ever held whole: its type and its parts; raises as `ask` does."""
        with _reached():
            answer = self._http.open("GET", path, params=params, headers=self._on_behalf(), timeout=timeout)
            if not answer.succeeded:
                with answer:
                    _answered(answer)
        return answer.headers.get("Content-Type", "application/octet-stream"), _parts(answer)

    def fetch(self, path: str, **params: str | int) -> bytes:
        """A file; raises as `ask` does."""
        with _reached(), self._http.open("GET", path, params=params, headers=self._on_behalf()) as answer:
            if not answer.succeeded:
                _answered(answer)
            return answer.read()


# An address that is none is a fault of the configuration: nobody is away.
_unanswered: Final[Mapping[str, Fault]] = {"timeout": "timeout", "address": "http"}


@contextmanager
def understood() -> Iterator[None]:
    """Takes an answer of another shape for no answer: it comes from another version, or another server."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ServiceUnavailable("http", HTTPStatus.OK) from error


def read(kind: type[_Read], content: object) -> _Read:
    """What an answer says, without what it adds for others, or a later API.

    Args:
        kind: a model of `core.contract`, or a dataclass of `core` with the same names.

    Raises:
        ServiceUnavailable: as `understood`.
    """
    with understood():
        adapter: TypeAdapter[_Read] = _adapter(cast("Any", kind))
        # Not strict, as JSON has neither tuples nor dataclasses.
        return adapter.validate_python(content, strict=False, extra="ignore")


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except HttpError as error:
        raise ServiceUnavailable(_unanswered.get(error.fault, "unreachable")) from error


def _parts(answer: Answer) -> Iterator[bytes]:
    with answer:
        yield from answer.parts()


def _answered(response: Answer, accepted: ProblemType | None = None) -> Any:
    """The JSON of a success, or of a problem that is accepted; else raises what its problem says."""
    answer = _json(response)
    if response.succeeded:
        return answer
    body = answer if isinstance(answer, dict) else {}
    problem, detail = problems.named(body.get("type")), body.get("detail")
    if problem is None or not isinstance(detail, str):
        # A proxy's, another server's, or that of an older API.
        raise ServiceUnavailable("http", response.status)
    if problem is accepted:
        return body
    if body.get("errors"):
        raise Rejected(tuple(FieldError(**error) for error in body["errors"]))
    if problem in _faults:
        raise ServiceUnavailable(_faults[problem], response.status, retry_after(response))
    if problem.status == HTTPStatus.NOT_FOUND and problem is not problems.no_such_path:
        raise NotFound(problem.name)
    if problem.status in _refusals:
        raise Refused(detail, response.status)
    raise ServiceUnavailable("http", response.status)


_faults: Final[Mapping[ProblemType, Fault]] = {
    problems.unauthenticated: "key_unknown",
    problems.forbidden: "key_forbidden",
    problems.unknown_host: "host_unknown",
    problems.invalid_assertion: "person_unknown",
    problems.not_delegated: "person_unknown",
    problems.person_needed: "person_unknown",
    problems.too_many_requests: "busy",
    problems.model_unavailable: "no_model",
    problems.portfolio_unavailable: "no_portfolio",
    problems.audit_unavailable: "record_closed",
    problems.still_counting: "counting",
}
# What the API says no to in a sentence that a reader can act upon.
_refusals: Final = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INSUFFICIENT_STORAGE,
)


def retry_after(response: Answer) -> int:
    """After how many seconds an answer says to ask again; 0 where it does not say."""
    seconds = response.headers.get("Retry-After", "")
    return int(seconds) if seconds.isdecimal() else 0


def _json(response: Answer) -> Any:
    content = response.read()
    try:
        return json_module.loads(content)
    except ValueError:
        # A proxy's error page, or another server on that port.
        raise ServiceUnavailable("http", response.status) from None


class HttpProbe:
    """Tells whether a service answers at all, such as MLflow's `/health`."""

    def __init__(self, url: str, timeout: float, adapter: Adapter | None = None) -> None:
        self._url = url
        self._http = HttpClient(timeout=min(timeout, health_patience), adapter=adapter)

    def check(self) -> None:
        """Returns where it answers with success. Raises `ServiceUnavailable`."""
        try:
            with self._http.open("GET", self._url) as answer:
                if not answer.succeeded:
                    raise ServiceUnavailable("http", answer.status)
        except HttpError as error:
            raise ServiceUnavailable("timeout" if error.fault == "timeout" else "unreachable") from error
