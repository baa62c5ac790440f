"""Uploads: a file that a request sends, part by part, as its whole body or as a part of a form."""

from __future__ import annotations

import errno
import shutil
from typing import TYPE_CHECKING, Final

from flask import g, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from api.http import request_body
from api.http.language import language
from api.http.messages import message
from api.http.problems import InvalidRequest, NoSpace, UnsupportedFile
from core.application import FieldError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.jobs.receiving import Upload

form_type: Final = "multipart/form-data"
file_types: Final = (
    "application/octet-stream",
    "text/csv",
    "application/gzip",
    "application/vnd.apache.parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.apache.arrow.file",
    "application/x-ndjson",
)
# What else browsers and tools call such files; "" is no name at all.
_also: Final = (
    "",
    "application/csv",
    "application/x-gzip",
    "application/zstd",
    "application/x-bzip",
    "application/x-bzip2",
    "application/x-xz",
    "application/zip",
    "application/x-zip-compressed",
    "application/json",
    "application/vnd.ms-excel",
    "application/x-parquet",
    "text/plain",
    "text/tab-separated-values",
    "application/vnd.apache.arrow.stream",
    # In small letters, as Werkzeug gives them.
    "application/vnd.ms-excel.sheet.binary.macroenabled.12",
    "application/x-sas-data",
    "application/x-spss-sav",
    "application/x-stata",
    "application/jsonl",
)
full: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# A form's headers, and a line of its file that looks like the end of it.
_max_held_bytes: Final = 1_000_000


def receive(upload: Upload, max_bytes: int) -> str | None:
    """Writes the file of the current request, which is of a `streamed` view.

    Args:
        upload: where to.
        max_bytes: how large the body may be.

    Returns:
        The name of the file, where a form gives one.

    Raises:
        UnsupportedFile: the body is not declared as a file.
        InvalidRequest: there is no file in the form, or more than one.
        NoSpace: the disk is full, or will be.
        werkzeug.exceptions.HTTPException: too large, too slow, or cut off.
    """
    if request.mimetype not in (*file_types, *_also, form_type):
        raise UnsupportedFile((*file_types, form_type))
    # The sentence of the refusal says this limit instead of that of other bodies.
    g.max_bytes = max_bytes
    declared = request.content_length or 0
    if declared > max_bytes:
        raise RequestEntityTooLarge
    if shutil.disk_usage(upload.folder).free < declared:
        raise NoSpace
    name: str | None = None
    try:
        if request.mimetype == form_type:
            name = _write_form(upload, max_bytes)
        else:
            for part in request_body.chunks(max_bytes):
                upload.write(part)
    except OSError as error:
        if error.errno in full:
            raise NoSpace from error
        raise
    return name


def _write_form(upload: Upload, max_bytes: int) -> str:
    names: list[str] = []
    current: File | Field | None = None
    try:
        for event in _events(max_bytes):
            if isinstance(event, File | Field):
                current = event
                names += [event.filename or ""] if isinstance(event, File) else []
            elif isinstance(event, Data) and isinstance(current, File) and len(names) == 1:
                upload.write(event.data)
    except ValueError:
        raise _no_file("unusable") from None
    if len(names) != 1:
        raise _no_file("missing" if not names else "wrong_length")
    return names[0]


def _events(max_bytes: int) -> Iterator[object]:
    boundary = request.mimetype_params.get("boundary", "")
    if not boundary:
        raise ValueError("no boundary")
    decoder = MultipartDecoder(boundary.encode("latin-1", "replace"), _max_held_bytes, max_parts=20)
    for part in request_body.chunks(max_bytes):
        decoder.receive_data(part)
        while not isinstance(event := decoder.next_event(), NeedData | Epilogue):
            yield event
    decoder.receive_data(None)
    # Raises `ValueError` where the form has no end.
    while not isinstance(event := decoder.next_event(), Epilogue):
        yield event


def _no_file(problem: str) -> InvalidRequest:
    lang = language()
    return InvalidRequest("invalid_body", FieldError("body", message(problem, lang), message("expected_file", lang)))
