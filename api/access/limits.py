"""Rate limits of callers: one count for all workers, in Redis or in the folder that they share.

By `limits`, the engine of Flask-Limiter, without the extension: there is one rule for all resources, and what the
extension (4.1) keeps for many took 70 us a request where this takes 12 (measured, both in memory).
"""

from __future__ import annotations

import logging
import math
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from flask import request
from limits import parse_many
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from api.access import persons
from api.access.roles import anonymous, caller, role_needed
from api.access.shared_counter import SharedCount, folder_variable
from core.settings import demo_visitors_of_address
from runtime.gunicorn_worker import admission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Flask
    from limits import RateLimitItem
    from limits.storage import Storage

    from core.settings import Settings

_log = logging.getLogger(__name__)

_extension: Final = "limits"
_off: Final = "off"
_with_keys: Final = "600/minute"
# Redis is asked at each request: where it does not answer, it is not waited for.
_redis_patience: Final = 0.5
_seconds_between_complaints: Final = 10.0


class InvalidLimit(ValueError):
    """A `RATE_LIMIT` that cannot be used."""


class TooManyRequests(Exception):
    """A caller who asks more often than is allowed; `seconds` says when to come back."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def limits_of(settings: Settings, keys: Sequence[object]) -> tuple[RateLimitItem, ...]:
    """The limits on each caller: those of `RATE_LIMIT`; by default 600 a minute where there are `keys`, else none.

    Without keys the only callers are on this machine, or the operator has said that they are trusted.

    Raises:
        InvalidLimit: not `off`, nor one or more of `COUNT/UNIT`, separated by `;`.
    """
    limits = settings.rate_limit or (_with_keys if keys else _off)
    if limits.strip().lower() == _off:
        return ()
    try:
        return tuple(parse_many(limits))
    except ValueError:
        raise InvalidLimit("RATE_LIMIT: expected such as 600/minute, 10/second;5000/hour, or off") from None


def delegating_of(settings: Settings) -> frozenset[str]:
    """The names of the keys whose callers ask for several people: `DELEGATING_KEYS`."""
    return frozenset(name.strip() for name in settings.delegating_keys.split(",") if name.strip())


def register(
    app: Flask,
    limits: Sequence[RateLimitItem],
    redis_url: str | None,
    delegating: frozenset[str] = frozenset(),
) -> None:
    """Makes an application refuse those who ask too often. What is open to everybody is not counted.

    Args:
        delegating: names of keys whose callers say with `X-On-Behalf-Of` for whom they ask; each of these is counted
            apart. What others say there is not believed.
    """
    app.extensions[_extension] = bool(limits)
    if not limits:
        return
    limiter = FixedWindowRateLimiter(storage_of(redis_url))
    of_address = [type(limit)(limit.amount * demo_visitors_of_address, limit.multiples) for limit in limits]
    complained = -math.inf

    def check() -> None:
        nonlocal complained
        if request.url_rule is None or role_needed(request.url_rule.rule) is None:
            return
        if admission.admitted in request.environ:
            # It was counted when only its head was there.
            return
        name = caller()
        who = f"address {request.remote_addr}" if name == anonymous else f"key {name}"
        if signed_in := persons.person():
            who = f"{who} for person {signed_in.subject}"
        elif name in delegating and not persons.are_known():
            # Where people sign in, who has the key alone makes up nobody.
            who = f"{who} for {named}" if (named := persons.word()) else who
        counts = [(limit, who) for limit in limits]
        if visitor := persons.visitor():
            # Visitors of a demonstration say themselves who they are: each has a count, and all of an address another.
            counts = [(limit, f"{who} for {visitor.subject}") for limit in limits]
            counts += [(limit, f"{who} for all") for limit in of_address]
        try:
            for limit, counted in counts:
                if not limiter.hit(limit, counted):
                    ends = limiter.get_window_stats(limit, counted).reset_time
                    raise TooManyRequests(max(1, math.ceil(ends - time.time())))
        except StorageError as error:
            # To score matters more than to count; that nobody counts is said, again and again.
            if time.monotonic() - complained > _seconds_between_complaints:
                complained = time.monotonic()
                _log.error("requests are not counted", extra={"error": type(error.storage_error).__name__})

    app.before_request(check)


def has_limits(app: Flask) -> bool:
    """Whether an application counts requests."""
    return bool(app.extensions[_extension])


def storage_of(redis_url: str | None) -> Storage:
    """Where all workers count together: Redis, the folder that they share, or the memory of a process that is alone."""
    if redis_url:
        patience = {"socket_timeout": _redis_patience, "socket_connect_timeout": _redis_patience}
        return cast("Storage", storage_from_string(redis_url, wrap_exceptions=True, **patience))
    folder = os.environ.get(folder_variable)
    # Without gunicorn there is one process, and its memory is all there is to share.
    return SharedCount(Path(folder) / "limits.db") if folder else MemoryStorage()
