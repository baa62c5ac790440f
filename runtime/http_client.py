"""The HTTP client of everything that calls another service, and one mapping of what can go wrong on the way.

It stands on requests (timeouts for every call, urllib3's retries where a call may be made twice). Answers of any status
are answers; whatever keeps one from coming is an `HttpError`.
"""

from __future__ import annotations

import json as json_module
import time
from contextlib import contextmanager
from http.client import HTTPException, IncompleteRead, RemoteDisconnected
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, Final, Literal

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.exceptions import HTTPError as Urllib3Error
from urllib3.exceptions import IncompleteRead as Urllib3IncompleteRead
from urllib3.exceptions import LocationValueError, NewConnectionError, ReadTimeoutError
from urllib3.exceptions import TimeoutError as Urllib3Timeout
from urllib3.util.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType

Fault = Literal["unreachable", "timeout", "cut", "invalid", "address"]
"""What kept an answer from coming: nobody listens; nobody answers in time; the connection ended early; what came is no
HTTP, or too much of it; what was called is no address."""

Adapter = BaseAdapter
"""What carries requests; tests put one of their own in its place."""

agent: Final = "home-credit-workbench"
_block: Final = 1 << 16
# After how many bytes the clock is looked at.
_looked_at: Final = 512
_repeatable: Final = frozenset({"GET", "HEAD"})


class HttpError(Exception):
    """No answer, or none that can be read. Its words name no address, which may hold a secret.

    Attributes:
        fault: what kept it from coming.
        reason: the same in the words of the operating system, where it has some, else in one of ours.
    """

    def __init__(self, fault: Fault, reason: str = "") -> None:
        super().__init__(reason or fault)
        self.fault = fault
        self.reason = reason or fault


class Answer:
    """What a service answered: its status and headers at once, its body as it is read.

    A context manager, which gives the connection back.

    Attributes:
        status: of HTTP.
        headers: by name in any case.
    """

    def __init__(self, response: requests.Response) -> None:
        self._response = response
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers

    def __enter__(self) -> Answer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def succeeded(self) -> bool:
        """Whether the status is one of success."""
        return 200 <= self.status < 300

    def parts(self, size: int = _block, until: float | None = None) -> Iterator[bytes]:
        """The body as it comes.

        Args:
            size: bytes of a part at most.
            until: on the monotonic clock, when it has to be there. The usual timeout is that of each byte: a service
                that sends one now and then would keep who waits for ever.

        Raises:
            HttpError: where it ends early, or is not there in time.
        """
        with _mapped():
            for part in self._response.iter_content(size if until is None else min(size, _looked_at)):
                if until is not None and time.monotonic() > until:
                    raise HttpError("timeout", "the answer takes too long")
                yield part
            # urllib3 1.26 takes a body that ends early for a whole one.
            length = self.headers.get("Content-Length", "")
            if length.isdecimal() and self._response.raw.tell() < int(length):
                raise HttpError("cut", f"the connection ended after {self._response.raw.tell():,} of {length} bytes")

    def read(self, max_bytes: int | None = None, until: float | None = None) -> bytes:
        """The whole body. Raises `HttpError` as `parts` does, and where it has more than `max_bytes`."""
        body = bytearray()
        for part in self.parts(until=until):
            body += part
            if max_bytes is not None and len(body) > max_bytes:
                raise HttpError("invalid", f"an answer of more than {max_bytes:,} bytes")
        return bytes(body)

    def json(self, max_bytes: int | None = None, until: float | None = None) -> Any:
        """The body, which is JSON. Raises `HttpError` as `read` does, and where it is none."""
        try:
            return json_module.loads(self.read(max_bytes, until))
        except (RecursionError, ValueError):
            raise HttpError("invalid", "invalid JSON") from None

    def close(self) -> None:
        """Gives the connection back; what was not read of the body is lost."""
        self._response.close()


class HttpClient:
    """Calls services. Safe to share between threads; redirects are answers, and are followed by nobody.

    No cookie is kept, and no password looked up in `~/.netrc`, which requests would send in place of ours.
    """

    def __init__(
        self,
        base_url: str = "",
        *,
        timeout: float,
        connect_timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
        retries: int = 0,
        proxies: bool = False,
        adapter: Adapter | None = None,
    ) -> None:
        """Connects to nothing yet.

        Args:
            base_url: goes before every path.
            timeout: seconds for each part of an answer to come.
            connect_timeout: seconds for a connection; at most `timeout`, which it is where it is not given.
            headers: sent with each call.
            retries: how often a connection that fails or is cut is made again, after 0.2, 0.4, 0.8... s. What may
                change something is sent again only where it did not leave; what was waited for is not waited for again.
            proxies: whether those of the environment are used.
            adapter: takes the place of the network.
        """
        self._base_url = base_url
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        session = requests.Session()
        session.trust_env = proxies
        session.auth = _unchanged
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.headers.update({"User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "identity"})
        session.headers.update(headers or {})
        mounted = adapter or HTTPAdapter(max_retries=_retries(retries))
        for scheme in ("http://", "https://"):
            session.mount(scheme, mounted)
        self._session = session

    def open(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, object] | None = None,
        json: object = None,
        content: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Answer:
        """Asks, and returns as soon as status and headers are there; use the answer as a context manager.

        Args:
            path: is put behind `base_url`.
            json: to be sent as such.
            content: to be sent as it is or as it comes, in place of `json`; in chunks where it is not `Sized`.
            timeout: in place of the usual one.

        Raises:
            HttpError: there is no answer.
        """
        sent = dict(headers or {})
        if json is not None:
            content = json_module.dumps(json, ensure_ascii=False, allow_nan=False).encode()
            sent["Content-Type"] = "application/json"
        elif content is not None and not isinstance(content, bytes | Sized):
            # A list would be taken for a form.
            content = iter(content)
        wait = self._timeout if timeout is None else timeout
        with _mapped():
            response = self._session.request(
                method,
                self._base_url + path,
                params={name: str(value) for name, value in (params or {}).items()},
                data=content,
                headers=sent,
                timeout=(min(wait, self._connect_timeout or wait), wait),
                allow_redirects=False,
                stream=True,
            )
        return Answer(response)


class Sized:
    """A body of a known size in bytes that is sent as it comes: with a length, requests sends it without chunks."""

    def __init__(self, parts: Iterable[bytes], size: int) -> None:
        self._parts = parts
        self._size = size

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)


class _Retries(Retry):  # type: ignore[misc] # the dev lock holds urllib3 1.26, which is not typed
    """Retries of what failed at once. Who has waited once is told, rather than made to wait again."""

    def increment(self, *args: Any, **named: Any) -> Any:
        """As `Retry.increment`; `error` is passed by name."""
        error = named.get("error")
        if isinstance(error, ReadTimeoutError):
            raise error
        return super().increment(*args, **named)


def _retries(count: int) -> Retry:
    # The same in urllib3 1.26 and 2.
    return _Retries(
        total=count,
        connect=count,
        read=count or False,
        redirect=False,
        status=0,
        other=0,
        allowed_methods=_repeatable,
        backoff_factor=0.2,
    )


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


@contextmanager
def _mapped() -> Iterator[None]:
    """Turns whatever requests, urllib3 and `http.client` raise into `HttpError`."""
    try:
        yield
    except (
        requests.exceptions.InvalidURL,
        requests.exceptions.MissingSchema,
        requests.exceptions.InvalidSchema,
        LocationValueError,
        UnicodeError,
    ) as error:
        raise HttpError("address") from error
    except (requests.RequestException, Urllib3Error, HTTPException, OSError) as error:
        chain = list(_chain(error))
        raise HttpError(_fault(error, chain), _reason(chain)) from error


def _fault(error: Exception, chain: list[BaseException]) -> Fault:
    # urllib3 1.26 counts a connection that is refused among those that take too long.
    late = (cause for cause in chain if isinstance(cause, Urllib3Timeout) and not isinstance(cause, NewConnectionError))
    if isinstance(error, requests.Timeout) or next(late, None) is not None:
        return "timeout"
    cut = (RemoteDisconnected, IncompleteRead, Urllib3IncompleteRead, ConnectionResetError, BrokenPipeError)
    if any(isinstance(cause, cut) for cause in chain):
        return "cut"
    if isinstance(error, requests.ConnectionError) and not any(isinstance(cause, HTTPException) for cause in chain):
        return "unreachable"
    return "invalid"


def _reason(chain: list[BaseException]) -> str:
    reasons = [cause.strerror for cause in chain if isinstance(cause, OSError) and cause.strerror]
    return str(reasons[-1]) if reasons else type(chain[-1]).__name__


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and what it wraps: each library on the way keeps the one before in a place of its own."""
    waiting: list[object] = [error]
    known: set[int] = set()
    while waiting:
        cause = waiting.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in known:
            continue
        known.add(id(cause))
        yield cause
        waiting += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]
