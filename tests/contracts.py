"""Answers of the contract for tests, of which only some fields matter."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel

_Answer = TypeVar("_Answer", bound=BaseModel)


def partly(kind: type[_Answer], **values: Any) -> _Answer:
    """An answer with these fields and no others; nothing is checked."""
    return kind.model_construct(**values)


def changed(answer: _Answer, **values: Any) -> _Answer:
    """The same answer with other values; nothing is checked."""
    return answer.model_copy(update=values)
