"""Addresses of our own scripts and style sheets: they change with the content, so browsers keep what they fetched.

Dash gives them addresses with the time of the file, and has browsers ask about each with every page: 46 requests, and
what a browser compiled is gone. The time would not do for more: images and archives may set all times to the same.
"""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import request

from core.settings import root

if TYPE_CHECKING:
    from flask import Response

_one_year: Final = 365 * 24 * 3600
_one_day: Final = 24 * 3600
_folder: Final = root / "assets"
_given_by_dash: Final = re.compile(r"/assets/([^\"?]+)\?m=[\d.]+")
_version: Final = "v"
# The font and the icon, which the page and style sheets name without a digest.
_named_alone: Final = (".woff2", "favicon.svg")
_statuses: Final = (200, 304)


def of_content(tags: str) -> str:
    """The lines for scripts or style sheets with a digest of each file in its address.

    A file that is gone, as where the code is updated below a running service, keeps the address that Dash gave it: it
    is missing then, and the page is not.
    """
    return _given_by_dash.sub(_address, tags)


def keep(response: Response) -> Response:
    """Has browsers keep an asset: for a year under the address of its content, for a day what style sheets name.

    An address with another digest was given by another version, which may be running beside this one: nobody keeps
    what this one has for it.
    """
    name = (request.view_args or {}).get("filename", "")
    if not str(request.endpoint).endswith("dash_assets.static") or response.status_code not in _statuses:
        return response
    if name.endswith(_named_alone):
        _for(response, _one_day)
    elif (digest := _digest(name)) and request.args.get(_version) == digest:
        _for(response, _one_year)
        response.cache_control.immutable = True
    return response


def _for(response: Response, seconds: int) -> None:
    response.cache_control.no_cache = None
    response.cache_control.max_age = seconds


def _address(given: re.Match[str]) -> str:
    digest = _digest(given[1])
    return f"/assets/{given[1]}?{_version}={digest}" if digest else given[0]


def _digest(name: str) -> str | None:
    """Of the content of a file; None where it cannot be read."""
    path = _folder / name
    try:
        known = path.stat()
        return _digest_of(path, known.st_mtime_ns, known.st_size)
    except OSError:
        return None


@cache
def _digest_of(path: Path, _time: int, _size: int) -> str:
    return sha256(path.read_bytes()).hexdigest()[:16]
