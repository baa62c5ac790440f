"""A file that a browser sends, part by part as it comes."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from flask import request
from werkzeug.exceptions import ClientDisconnected

if TYPE_CHECKING:
    from collections.abc import Iterator

_part_bytes: Final = 256 * 1024


def sent_parts() -> Iterator[bytes]:
    """The body of the current request.

    Raises:
        werkzeug.exceptions.ClientDisconnected: where the browser is gone, or sends too slowly. It is no `OSError`,
            which would be taken for one of the connection to the API by whatever passes the parts on.
    """
    try:
        while part := request.stream.read(_part_bytes):
            yield part
    except OSError as error:
        raise ClientDisconnected from error


def drain(parts: Iterator[bytes]) -> None:
    """Reads the rest of what nobody wants: a browser that is still sending would not see the answer."""
    with suppress(ClientDisconnected):
        for _ in parts:
            pass
