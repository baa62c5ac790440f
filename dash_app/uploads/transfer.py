"""Files between browser and API: streamed in part by part, and given out as downloads; none is held here."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from flask import Response, jsonify, request
from werkzeug.exceptions import ClientDisconnected

from dash_app.errors import why_unavailable
from dash_app.i18n import _
from dash_app.service import NotFound, Refused, Rejected, ServiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# Other sites cannot have a browser send it without asking first.
own_header: Final = "X-Workbench"
_part_bytes: Final = 256 * 1024


def received(send: Callable[[Iterator[bytes], str], Mapping[str, Any]]) -> tuple[Response, int]:
    """Passes the body of the current request on, and answers what `assets/js/upload.js` reads.

    Args:
        send: takes the parts and the name of the file; what it returns is the answer, with status 201.

    Returns:
        Else `detail`, for the reader, with 403 where the request is not from one of our pages, 408 where the browser
        is gone or too slow, 503 where the API cannot be reached, or what the API refused it with.
    """
    if own_header not in request.headers:
        return jsonify(detail=_("This request did not come from the page.")), 403
    name = unquote(request.headers.get("X-File-Name", ""))
    parts = _parts()
    try:
        answer = send(parts, name)
    except Refused as error:
        problem, status = error.detail, error.code
    except Rejected as error:
        problem, status = " ".join(field.message for field in error.errors), 400
    except (ServiceUnavailable, NotFound) as error:
        why = why_unavailable(error) if isinstance(error, ServiceUnavailable) else ""
        problem, status = _("The file could not be sent: {why}.", why=why), 503
    except ClientDisconnected:
        return jsonify(detail=_("The file takes too long to come.")), 408
    else:
        return jsonify(answer), 201
    # A browser that is still sending would not see the answer.
    with suppress(ClientDisconnected):
        for _part in parts:
            pass
    return jsonify(detail=problem), status


def attached(answer: Response, name: str) -> Response:
    """The answer as a download of that name, which no cache keeps."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "-" for letter in name)
    answer.headers["Content-Disposition"] = f'attachment; filename="{plain}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _parts() -> Iterator[bytes]:
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
