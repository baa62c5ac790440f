"""Tells whether others than this machine reach an address that a server listens on."""

from __future__ import annotations

import ipaddress
from contextlib import suppress


def is_local(address: object) -> bool:
    """Whether only this machine reaches an address; False where it cannot be known.

    Args:
        address: what gunicorn listens on: `(host, port, ...)`, the path of a socket, or a number of an open file.
    """
    if isinstance(address, str):
        # A socket in the file system.
        return True
    if not isinstance(address, tuple):
        return False
    host = str(address[0])
    with suppress(ValueError):
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    return host == "localhost"
