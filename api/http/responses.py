"""JSON responses: UTF-8 that keeps accents readable, and keys in the order of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Response
from pydantic_core import to_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

    Content = BaseModel | Sequence[BaseModel] | dict[str, object]

_media_type: Final = "application/json"


def json_answer(content: Content, status: int = 200) -> Response:
    """An answer with `content` as its body; numbers that JSON cannot say (NaN, infinity) become null."""
    return Response(to_json(content, inf_nan_mode="null"), status, content_type=_media_type)
