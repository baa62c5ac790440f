"""A web server with one file, which can be told to misbehave as servers and networks do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


@dataclass
class FileServer:
    """What the server gives, to be changed while it runs.

    Attributes:
        data: the file.
        url: its address.
        tag: the `ETag` of the file; None for none.
        modified: its `Last-Modified`; None for none.
        ranges: whether a part can be asked for.
        says_length: whether the size is told beforehand.
        cuts: after how many bytes of the body each of the next requests is cut off.
        release: where given, the second half of the body is sent only when it is set.
        status: what every request is answered with, where not with the file.
        redirect: where every request for the file is sent, where not answered.
        asked: the `Range` of each request so far; None for those without.
    """

    data: bytes
    url: str = ""
    tag: str | None = '"one"'
    modified: str | None = None
    ranges: bool = True
    says_length: bool = True
    cuts: list[int] = field(default_factory=list)
    release: Event | None = None
    status: int | None = None
    redirect: str | None = None
    asked: list[str | None] = field(default_factory=list)


@contextmanager
def serving(data: bytes) -> Iterator[FileServer]:
    """Serves a file on a free port of this machine."""
    file = FileServer(data)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            """Keeps the output of the tests readable."""

        def do_GET(self) -> None:
            _answer(self, file)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    file.url = f"http://127.0.0.1:{server.server_address[1]}/data/tables.zip"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield file
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(request: BaseHTTPRequestHandler, file: FileServer) -> None:
    wanted = request.headers.get("Range")
    file.asked.append(wanted)
    if file.redirect and request.path.endswith("tables.zip"):
        request.send_response(302)
        request.send_header("Location", file.redirect)
        request.end_headers()
        return
    if file.status:
        request.send_error(file.status)
        return
    start = _start(request, file)
    if start is not None and start >= len(file.data):
        request.send_response(416)
        request.send_header("Content-Range", f"bytes */{len(file.data)}")
        request.end_headers()
        return
    body = file.data[start or 0 :]
    request.send_response(200 if start is None else 206)
    if start is not None:
        request.send_header("Content-Range", f"bytes {start}-{len(file.data) - 1}/{len(file.data)}")
    if file.says_length:
        request.send_header("Content-Length", str(len(body)))
    for name, value in (("ETag", file.tag), ("Last-Modified", file.modified)):
        if value is not None:
            request.send_header(name, value)
    request.end_headers()
    body = body[: file.cuts.pop(0)] if file.cuts else body
    # Who is told enough hangs up.
    with suppress(ConnectionError):
        if file.release:
            request.wfile.write(body[: len(body) // 2])
            file.release.wait()
            body = body[len(body) // 2 :]
        request.wfile.write(body)


def _start(request: BaseHTTPRequestHandler, file: FileServer) -> int | None:
    """The first byte asked for, where a part is to be sent."""
    given = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
    if not file.ranges or given is None:
        return None
    condition = request.headers.get("If-Range")
    return int(given[1]) if condition is None or condition in (file.tag, file.modified) else None
