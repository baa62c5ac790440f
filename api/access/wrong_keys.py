"""Wrong keys: counted, and answered with 429 where one address shows too many of them.

A key of 256 random bits is not guessed; what is limited is the work and the log that trying costs, and what is counted
shows that somebody tries. A right key from the same address goes on: behind one address there can be a whole bank, and
whoever holds a key has nothing to gain from a wrong one.
"""

from __future__ import annotations

import ipaddress
import logging
import math
import time
from functools import cached_property
from typing import TYPE_CHECKING, Final

from flask import request
from limits import parse
from limits.errors import StorageError
from limits.strategies import FixedWindowRateLimiter

from api.access.limits import TooManyRequests, storage_of
from api.operations.metrics import count_wrong_key

if TYPE_CHECKING:
    from core.settings import Settings

_log = logging.getLogger(__name__)

# A person who mistypes, or a program that starts with the wrong one, stays below.
_limit: Final = parse("20/minute")
# Of IPv6 one customer has at least that much.
_customer_bits: Final = 64


class WrongKeys:
    """The wrong keys of each address, counted by all workers together; a count is forgotten after a minute."""

    def __init__(self, settings: Settings) -> None:
        self._redis_url = settings.redis_url

    @cached_property
    def _limiter(self) -> FixedWindowRateLimiter:
        # Most installations never need it.
        return FixedWindowRateLimiter(storage_of(self._redis_url))

    def shown(self, *, to_no_effect: bool) -> None:
        """Counts a wrong key of the current request.

        Args:
            to_no_effect: whether the route is open to everybody, and is answered whatever key there is.

        Raises:
            TooManyRequests: the address has shown too many.
        """
        who = f"wrong keys of {_customer(request.remote_addr or '')}"
        try:
            allowed = self._limiter.hit(_limit, who)
            seconds = 0.0 if allowed else self._limiter.get_window_stats(_limit, who).reset_time - time.time()
        except StorageError as error:
            _log.error("wrong keys are not counted", extra={"error": type(error.storage_error).__name__})
            allowed, seconds = True, 0.0
        count_wrong_key("refused" if allowed or to_no_effect else "limited")
        if not allowed and not to_no_effect:
            raise TooManyRequests(max(1, math.ceil(seconds)))


def _customer(address: str) -> str:
    """What one customer of a network has: an address of IPv4, the first half of one of IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(parsed) if parsed.version == 4 else str(ipaddress.ip_network((parsed, _customer_bits), strict=False))
