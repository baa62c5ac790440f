"""JSON as the audit stores it: numbers that it cannot say become null, which PostgreSQL would refuse."""

from __future__ import annotations

from pydantic_core import to_json


def json_text(content: object) -> str:
    """The JSON of `content`; five times as fast as the standard library's, which counts in each prediction."""
    return to_json(content, inf_nan_mode="null").decode()
