"""Listening addresses: whether a server can be reached from other machines than this one."""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from typing import Final

this_machine: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""The names by which a browser on this machine asks for a service on it; IPv6 without brackets."""


def is_local(address: object) -> bool:
    """Whether only this machine reaches an address; False where it cannot be known.

    Args:
        address: what a server listens on: `(host, port, ...)`, the path of a socket, or a number of an open file.
    """
    if isinstance(address, str):
        # A socket in the file system.
        return True
    if not isinstance(address, tuple):
        return False
    return is_this_machine(str(address[0]))


def is_this_machine(host: str) -> bool:
    """Whether a name or an address, with or without the brackets of IPv6, is this machine's for itself."""
    with suppress(ValueError):
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    return host in this_machine
