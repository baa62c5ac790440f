"""Responses: JSON in UTF-8 that keeps accents readable, its keys in the order of the contract; files to be saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from flask import Response
from pydantic_core import to_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

    Content = BaseModel | Sequence[BaseModel] | dict[str, object]

_media_type: Final = "application/json"


def json_answer(content: Content, status: int = 200) -> Response:
    """An answer with `content` as its body; numbers that JSON cannot say (NaN, infinity) become null."""
    return json_response(to_json(content, inf_nan_mode="null"), status)


def json_response(text: bytes, status: int = 200) -> Response:
    """An answer with JSON as its body."""
    return Response(text, status, content_type=_media_type)


def attached(answer: Response, name: str) -> Response:
    """An answer that a browser saves as a file of that name, and does not keep."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_").replace("\\", "_")
    answer.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    # `send_file` would let browsers keep it.
    answer.headers["Cache-Control"] = "no-store"
    return answer
